"""The wrappers alone ("1.2.2" marks a result of Keras 1.2.2), and with current scikit-learn."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from keras.layers import Dense, Input, Lambda
from keras.models import Model, Sequential
from keras.wrappers.scikit_learn import BaseWrapper, KerasClassifier, KerasRegressor, NotFitted

QUIET = {"nb_epoch": 1, "verbose": 0}
X = np.random.RandomState(0).randn(30, 4).astype("float32")
LABELS = np.argmax(X[:, :3], axis=1)
NUMBERS = X @ np.array([1.0, -2.0, 0.5, 0.0], "float32")


def classes(hidden=3, outputs=3, loss="categorical_crossentropy", metrics=("accuracy",)):
    last = "softmax" if outputs > 1 else "sigmoid"
    model = Sequential(
        [Dense(hidden, input_dim=4, activation="tanh"), Dense(outputs, activation=last)],
    )
    model.compile("adam", loss, metrics=list(metrics))
    return model


def functional(hidden=3):
    images = Input((4,))
    model = Model(images, Dense(3, activation="softmax")(Dense(hidden)(images)))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def numbers(hidden=3, outputs=1, metrics=()):
    model = Sequential([Dense(hidden, input_dim=4), Dense(outputs)])
    model.compile("sgd", "mse", metrics=list(metrics))
    return model


class Maker:
    def __call__(self, hidden=3):
        return classes(hidden)

    def make(self, hidden=3):
        return classes(hidden)


class Own(KerasClassifier):
    def __call__(self, hidden=3):
        return classes(hidden)


# --- build_fn ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrapper, build_fn",
    [
        (KerasClassifier, classes),
        (KerasClassifier, Maker()),
        (KerasClassifier, Maker().make),
        (KerasClassifier, lambda hidden: classes(hidden)),
        (Own, None),
    ],
)
def test_build_fn_may_be_a_function_or_an_object(wrapper, build_fn):  # 1.2.2
    estimator = wrapper(build_fn, hidden=5, **QUIET)
    history = estimator.fit(X, LABELS)
    assert estimator.model.layers[0].output_dim == 5
    assert sorted(history.history) == ["acc", "loss"]  # Keras 1 returns the History
    assert estimator.get_params() == {"hidden": 5, "build_fn": build_fn, **QUIET}


@pytest.mark.parametrize("build_fn", [None, 3])
def test_missing_build_fn_is_refused(build_fn):
    with pytest.raises(TypeError, match="KerasClassifier: build_fn is .*wanted a function"):
        KerasClassifier(build_fn)


# --- parameters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["top_k", "build_fn", "kwargs"])
def test_unknown_parameter_is_refused(name):  # 1.2.2
    with pytest.raises(ValueError, match=f"KerasClassifier: {name} is not a legal parameter"):
        KerasClassifier(classes).set_params(**{name: 1})


def test_var_keywords_of_build_fn_add_no_parameters():  # 1.2.2
    with pytest.raises(ValueError, match="hidden is not a legal parameter"):
        KerasClassifier(lambda **options: classes(**options), hidden=3)


@pytest.mark.parametrize("name", ["hidden", "nb_epoch", "batch_size", "verbose", "shuffle", "sample_weight"])
def test_parameters_of_build_fn_and_fit_are_legal(name):  # 1.2.2
    estimator = KerasClassifier(classes)
    assert estimator.set_params(**{name: 2}) is estimator
    assert estimator.get_params()[name] == 2


def test_filter_sk_params_selects_the_arguments_of_a_function():  # 1.2.2
    estimator = KerasClassifier(classes, nb_epoch=3, verbose=0, hidden=4)
    assert estimator.filter_sk_params(classes) == {"hidden": 4}
    expected = {"nb_epoch": 3, "verbose": 0, "batch_size": 3, "other": 1}
    assert estimator.filter_sk_params(Sequential.fit, {"batch_size": 3, "other": 1}) == expected


def test_arguments_of_a_call_apply_to_that_call():  # 1.2.2
    estimator = KerasClassifier(classes, **QUIET)
    assert len(estimator.fit(X, LABELS, nb_epoch=2).epoch) == 2
    assert estimator.get_params()["nb_epoch"] == 1
    with pytest.raises(TypeError, match="foo"):
        estimator.fit(X, LABELS, foo=1)


# --- classifiers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [LABELS, LABELS.tolist(), np.eye(3)[LABELS]])
def test_classifier_returns_classes_and_probabilities(y):  # 1.2.2
    estimator = KerasClassifier(classes, **QUIET)
    estimator.fit(X, y)
    probabilities = estimator.predict_proba(X)
    assert probabilities.shape == (30, 3) and probabilities.dtype == "float32"
    assert estimator.predict(X).tolist() == probabilities.argmax(axis=1).tolist()
    assert estimator.score(X, y) == pytest.approx(np.mean(estimator.predict(X) == LABELS))
    assert estimator.classes_.tolist() == [0, 1, 2]


def test_classifier_with_one_output_returns_two_probabilities():  # 1.2.2
    estimator = KerasClassifier(classes, outputs=1, loss="binary_crossentropy", **QUIET)
    estimator.fit(X, LABELS == 1)
    predicted, probabilities = estimator.predict(X), estimator.predict_proba(X)
    assert predicted.shape == (30, 1) and predicted.dtype == "int32"
    assert probabilities.shape == (30, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert predicted.ravel().tolist() == (probabilities[:, 1] > 0.5).tolist()
    assert estimator.classes_.tolist() == [0, 1]


def test_sparse_categorical_targets_are_passed_as_classes():  # 1.2.2
    estimator = KerasClassifier(classes, loss="sparse_categorical_crossentropy", **QUIET)
    estimator.fit(X, LABELS[:, None])
    assert 0 <= estimator.score(X, LABELS[:, None]) <= 1


def test_subset_without_the_last_class():
    estimator = KerasClassifier(classes, **QUIET)
    part = LABELS < 2
    estimator.fit(X[part], LABELS[part])
    assert estimator.predict_proba(X).shape == (30, 3)
    assert 0 <= estimator.score(X[part], LABELS[part]) <= 1


def test_class_labels_may_be_strings():
    names = ["cat", "dog", "emu"]
    y = np.array(names)[LABELS]
    estimator = KerasClassifier(classes, nb_epoch=60, verbose=0, batch_size=10, hidden=8)
    estimator.fit(X, y)
    assert estimator.classes_.tolist() == names
    predicted = estimator.predict(X)
    assert set(predicted) <= set(names)
    assert estimator.score(X, y) == pytest.approx(np.mean(predicted == y))
    assert np.mean(predicted == y) > 0.6  # 60 epochs reach 0.9; numbered in a wrong order, a third


def test_labels_of_hinge_losses_are_kept():  # 1.2.2
    estimator = KerasRegressor(lambda: classes(outputs=1, loss="hinge"), **QUIET)
    classifier = KerasClassifier(classes, outputs=1, loss="hinge", **QUIET)
    y = np.where(LABELS == 1, 1, -1)
    for each in (estimator, classifier):
        np.random.seed(0)
        each.fit(X, y, shuffle=False)
    np.testing.assert_allclose(classifier.predict_proba(X)[:, 1], estimator.predict(X), rtol=1e-6)


def test_mismatched_class_names_are_refused():
    y = np.array(["cat", "dog", "emu"])[LABELS]
    estimator = KerasClassifier(classes, **QUIET)
    with pytest.raises(ValueError, match="the model has 3 classes; y has the 2 labels"):
        estimator.fit(X[LABELS < 2], y[LABELS < 2])
    estimator.fit(X, y)
    with pytest.raises(ValueError, match="label 'ant' did not occur in fit"):
        estimator.score(X[:2], ["cat", "ant"])


def test_functional_models_are_supported():
    estimator = KerasClassifier(functional, **QUIET)
    estimator.fit([X], LABELS)
    assert estimator.predict(X).shape == (30,)


def test_sparse_data_are_supported():
    def build():
        words = Input((4,), sparse=True)
        model = Model(words, Dense(3, activation="softmax")(words))
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        return model

    estimator = KerasClassifier(build, **QUIET)
    estimator.fit(scipy.sparse.csr_matrix(X), LABELS)
    dense = estimator.predict_proba(scipy.sparse.csr_matrix(X))
    np.testing.assert_allclose(dense.sum(axis=1), 1, rtol=1e-5)


def test_score_without_accuracy_is_refused():  # 1.2.2
    estimator = KerasClassifier(classes, metrics=(), **QUIET)
    estimator.fit(X, LABELS)
    with pytest.raises(ValueError, match="not configured to compute accuracy.*metrics="):
        estimator.score(X, LABELS)


# --- regressors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("outputs, samples, shape", [(1, 30, (30,)), (1, 1, (1,)), (2, 30, (30, 2))])
def test_regressor_returns_one_value_per_sample(outputs, samples, shape):  # 1.2.2, but for one sample: ()
    estimator = KerasRegressor(numbers, outputs=outputs, **QUIET)
    estimator.fit(X, NUMBERS if outputs == 1 else X[:, :2])
    assert estimator.predict(X[:samples]).shape == shape


@pytest.mark.parametrize("metrics", [(), ("mae",)])
def test_regressor_score_is_its_loss(metrics):  # 1.2.2
    estimator = KerasRegressor(numbers, metrics=metrics, **QUIET)
    estimator.fit(X, NUMBERS)
    loss = np.mean((estimator.predict(X) - NUMBERS) ** 2)
    assert estimator.score(X, NUMBERS) == pytest.approx(loss, rel=1e-5)


# --- scikit-learn's protocol ------------------------------------------------------------------------


def test_module_does_not_import_scikit_learn():
    code = "import sys, keras.wrappers.scikit_learn; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("make", [lambda: KerasClassifier(classes), lambda: KerasRegressor(numbers)])
def test_unfitted_wrapper_raises(make):
    estimator = make()
    for method in ("predict", "score"):
        with pytest.raises(NotFitted, match="call fit") as caught:
            getattr(estimator, method)(*[X, LABELS][: 1 + (method == "score")])
        assert isinstance(caught.value, AttributeError)  # 1.2.2
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)


def test_estimator_types():
    classifier, regressor = KerasClassifier(classes), KerasRegressor(numbers)
    assert is_classifier(classifier) and not is_regressor(classifier)
    assert is_regressor(regressor) and not is_classifier(regressor)
    assert issubclass(KerasClassifier, BaseWrapper)


def test_clone_keeps_the_parameters():
    weights = {0: 1.0, 1: 2.0, 2: 1.0}
    estimator = KerasClassifier(classes, class_weight=weights, **QUIET)
    estimator.fit(X, LABELS)
    again = clone(estimator)
    assert again.get_params() == estimator.get_params() and not hasattr(again, "model")
    assert again.get_params()["class_weight"] is not weights


def test_cross_validation_scores():
    estimator = KerasClassifier(classes, **QUIET)
    scores = cross_val_score(estimator, X, LABELS, cv=2)
    assert scores.shape == (2,) and np.all((scores >= 0) & (scores <= 1))
    probabilities = cross_val_predict(estimator, X, LABELS, cv=2, method="predict_proba")
    assert probabilities.shape == (30, 3)
    names = np.array(["no", "yes"])[(LABELS == 1).astype(int)]
    binary = KerasClassifier(classes, outputs=1, loss="binary_crossentropy", **QUIET)
    assert cross_val_score(binary, X, names, cv=2, scoring="roc_auc").shape == (2,)


def test_grid_search_finds_the_best_parameters():
    search = GridSearchCV(KerasClassifier(classes, verbose=0), {"hidden": [2, 6], "nb_epoch": [1]}, cv=2)
    search.fit(X, LABELS)
    assert set(search.best_params_) == {"hidden", "nb_epoch"}
    assert search.best_estimator_.model.layers[0].output_dim == search.best_params_["hidden"]
    assert search.predict(X).shape == (30,)


def test_grid_search_of_a_regressor_minimizes_loss():
    grid = {"nb_epoch": [0, 80]}
    estimator = KerasRegressor(numbers, verbose=0, batch_size=5)
    search = GridSearchCV(estimator, grid, cv=2, scoring="neg_mean_squared_error")
    assert search.fit(X, NUMBERS).best_params_ == {"nb_epoch": 80}


def test_wrapper_works_in_a_pipeline():
    estimator = KerasClassifier(classes, **QUIET)
    pipeline = Pipeline([("scale", StandardScaler()), ("model", estimator)])
    pipeline.set_params(model__hidden=7)
    assert pipeline.fit(X, LABELS, model__batch_size=10).predict(X).shape == (30,)
    assert pipeline["model"].model.layers[0].output_dim == 7
    assert 0 <= pipeline.score(X, LABELS) <= 1


# --- copies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda estimator: pickle.loads(pickle.dumps(estimator))])
def test_fitted_wrapper_can_be_copied(copied):
    estimator = KerasClassifier(classes, **QUIET)
    estimator.fit(X, np.array(["a", "b", "c"])[LABELS])
    again = copied(estimator)
    np.testing.assert_array_equal(again.predict_proba(X), estimator.predict_proba(X))
    assert again.predict(X).tolist() == estimator.predict(X).tolist()
    # The optimizer's state is included, so both continue identically.
    for each in (estimator, again):
        each.model.fit(X, np.eye(3)[LABELS], nb_epoch=1, verbose=0, shuffle=False)
    np.testing.assert_allclose(again.predict_proba(X), estimator.predict_proba(X), rtol=1e-6)


def test_pickle_contains_no_code_of_the_model():
    def build():
        model = Sequential([Lambda(lambda x: x * 2, input_shape=(4,)), Dense(1)])
        model.compile("sgd", "mse")
        return model

    estimator = KerasRegressor(build, **QUIET)
    estimator.fit(X, NUMBERS)
    with pytest.raises(ValueError, match="allow_code"):
        copy.deepcopy(estimator)
