"""Options of layers: signature, fields and config agree; layers written for Keras 1.x go on working."""

import copy
import inspect
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from catalog import LAYERS

from keras import backend as K
from keras import layers as L
from keras import regularizers
from keras.engine.files.registry import layer_from_config
from keras.layers._options import (
    LayerWithOptions,
    Option,
    PositiveInt,
    UnlessDefault,
    _fields,
    as_plain_data,
    options_of,
)
from keras.models import Model, model_from_json
from keras.utils.generic_utils import custom_object_scope

#: Their objects are of another class: `LSTM` and `GRU`.
_CHANGE = (L.CuDNNLSTM, L.CuDNNGRU)
CLASSES = {cls for cls in L.LAYERS.values() if issubclass(cls, LayerWithOptions) and cls not in _CHANGE}

#: Parameters that are not options: their names cannot be attributes, or Keras 1 leaves them to other classes.
NOT_OPTIONS = {
    L.Deconvolution2D: {"output_shape"},
    L.ConvRecurrent2D: {"nb_row", "nb_col", "nb_filter", "dim_ordering"},
}

#: Keys that every config may have.
COMMON = {"name", "trainable", "batch_input_shape", "input_dtype", "policy"}

#: A value that is not the default, for the options that are in a config only then.
CHANGED = {
    "Convolution3D.atrous_rate": (2, 1, 1),
    "image_ordering": "th",
    "noise_shape": (1, 4),
    "seed": 3,
    "shared_axes": [1],
    "beta_init": "one",
    "gamma_init": "zero",
    "subsample": (2, 1),
    "dropout_W": 0.5,
    "dropout_U": 0.5,
    "frozen": True,
    "W_regularizer": "l1",
    "U_regularizer": "l1",
    "b_regularizer": "l1",
    "activity_regularizer": "l1",
    **{f"{part}_regularizer": "l1" for part in ("alpha",)},
    **{f"{part}_constraint": "nonneg" for part in ("W", "U", "b", "alpha", "gamma", "beta")},
    **{f"{name}": False for name in ("use_bias", "center", "scale")},
    **{f"{name}": "one" for name in ("bias_init", "running_mean_init")},
    "running_std_init": "zero",
    "return_state": True,
    "atrous_rate": (2, 1),
    "interpolation": "bilinear",
    "output_padding": (1, 0),
    "reset_after": True,
}
#: What else an option of that name needs.
NEEDS = {"reset_after": {"consume_less": "gpu"}}


def required(cls):
    """Arguments for the parameters without a default."""
    row = next(row for row in LAYERS if issubclass(row.cls, cls) or cls is row.cls)
    parameters = inspect.signature(cls.__init__).parameters
    return {
        name: row.kwargs[name]
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty and name in row.kwargs
    }


each_class = pytest.mark.parametrize("cls", sorted(CLASSES, key=str), ids=lambda cls: cls.__name__)
each_row = pytest.mark.parametrize("row", [row for row in LAYERS if row.cls in CLASSES], ids=str)


@each_class
def test_every_parameter_has_a_field(cls):
    parameters = set(inspect.signature(cls.__init__).parameters) - {"self", "kwargs", "weights"}
    not_options = set().union(*(NOT_OPTIONS.get(base, set()) for base in cls.__mro__))
    assert parameters - not_options <= set(_fields(cls))


@each_class
def test_every_field_is_a_parameter(cls):
    assert set(_fields(cls)) == {name for name, _, _ in options_of(cls)}


@each_row
def test_every_option_is_in_the_config(row):
    layer = row.layer()
    config = layer.get_config()
    always = [name for name, field, _ in options_of(row.cls) if field.always]
    assert [key for key in config if key in always] == always
    others = set(config) - set(always) - COMMON
    assert others <= {name for name, _, _ in options_of(row.cls)} | NOT_OPTIONS.get(row.cls, set())


@each_row
def test_config_round_trip_is_the_identity(row):
    def of_options(layer):
        """The values of all options as JSON has them, also of those that the config leaves out."""
        values = {name: as_plain_data(getattr(layer, name)) for name, _, _ in options_of(row.cls)}
        return json.loads(json.dumps(values))

    with custom_object_scope(row.outside):
        layer = row.layer()
        config = json.loads(json.dumps(layer.get_config()))
        again = row.cls.from_config(config)
    back = json.loads(json.dumps(again.get_config()))
    assert back == {**back, **config}
    assert of_options(again) == of_options(layer)


def changed_value(cls, name):
    return CHANGED.get(f"{cls.__name__}.{name}", CHANGED.get(name))


@pytest.mark.parametrize(
    "cls, name",
    [
        (cls, name)
        for cls in sorted(CLASSES, key=str)
        for name, field, _ in options_of(cls)
        # The layers without these parameters set noise_shape themselves, and pass seed on.
        if not field.always and not (name == "noise_shape" and cls is not L.Dropout)
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_options_that_the_original_lacks_are_in_the_config_if_changed(cls, name):
    more = NEEDS.get(name, {})
    plain, changed = cls(**required(cls)), cls(**required(cls), **more, **{name: changed_value(cls, name)})
    assert name not in plain.get_config()
    config = changed.get_config()
    assert name in config
    assert cls.from_config(config).get_config() == config


@pytest.mark.parametrize("name", ["nested_shared", "sequential", "two_outputs", "video"])
def test_config_keys_are_in_the_order_of_the_original(name):
    """The files were written by Keras 1.2.2 on Python 3.6."""
    text = (Path(__file__).parents[1] / "golden" / "files" / f"{name}.json").read_text()

    def orders(config):
        for layer in config["config"]["layers"] if isinstance(config["config"], dict) else config["config"]:
            if layer["class_name"] in ("Model", "Sequential"):
                yield from orders(layer)
            else:
                yield layer["class_name"], [key for key in layer["config"] if key not in COMMON]

    assert list(orders(json.loads(model_from_json(text).to_json()))) == list(orders(json.loads(text)))


@pytest.mark.parametrize(
    "cls, first",
    [
        (L.Embedding, "input_dim output_dim init input_length mask_zero activity_regularizer W_regularizer"),
        (L.BatchNormalization, "epsilon mode axis gamma_regularizer beta_regularizer momentum"),
        (
            L.Convolution1D,
            "nb_filter filter_length init activation border_mode subsample_length W_regularizer",
        ),
        (L.Convolution3D, "nb_filter kernel_dim1 kernel_dim2 kernel_dim3 dim_ordering init activation"),
        (L.MaxPooling1D, "stride pool_length border_mode"),
        (L.AveragePooling3D, "pool_size border_mode strides dim_ordering"),
        (L.TimeDistributedDense, "output_dim init activation W_regularizer b_regularizer"),
        (
            L.LSTM,
            "return_sequences go_backwards stateful unroll consume_less input_dim input_length output_dim",
        ),
        (L.ConvLSTM2D, "return_sequences go_backwards stateful nb_filter nb_row nb_col init inner_init"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_order_of_keys(cls, first):
    """From `get_config` of Keras 1.2.2."""
    keys = [key for key in cls(**required(cls)).get_config() if key not in COMMON]
    assert keys[: len(first.split())] == first.split()


@pytest.mark.parametrize("make", [L.LSTM, L.GRU])
def test_stateful_layers_have_the_batch_shape_before_their_own_options(make):
    layer = make(3, stateful=True)
    layer(L.Input(batch_shape=(2, 3, 4)))
    keys = list(layer.get_config())
    assert keys[keys.index("consume_less") + 1 : keys.index("output_dim")] == ["batch_input_shape"]
    assert layer.get_config()["batch_input_shape"] == (2, 3, 4)


@each_row
def test_layers_survive_pickle_and_copy(row):
    layer = row.layer()
    for again in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert again.get_config() == layer.get_config()


# --- layers written for Keras 1.x ----------------------------------------------------------------


class Scaled(L.Dense):
    """Adds an option, and merges its config into that of the base."""

    scale: float  # an annotation of the user's is not an option

    def __init__(self, output_dim, scale=2.0, **kwargs):
        self.scale = scale
        super(Scaled, self).__init__(output_dim, **kwargs)  # noqa: UP008, as in 2016

    def call(self, x, mask=None):
        return self.scale * super().call(x)

    def get_config(self):
        config = {"scale": self.scale}
        base_config = super(Scaled, self).get_config()  # noqa: UP008
        return dict(list(base_config.items()) + list(config.items()))


class Halved(L.LSTM):
    """Passes all arguments on, and takes one of them from another."""

    def __init__(self, units, **kwargs):
        super().__init__(units // 2, **kwargs)

    def get_config(self):
        config = super().get_config()
        config["units"] = 2 * config.pop("output_dim")
        return config


class OwnConfig(L.Convolution2D):
    """Has a config of its own, without that of the base."""

    def __init__(self, nb_filter, name=None):
        super().__init__(nb_filter, 3, 3, border_mode="same", dim_ordering="tf", name=name)

    def get_config(self):
        return {"nb_filter": self.nb_filter, "name": self.name}


class Twice(L.Wrapper):
    """A wrapper with an option of its own."""

    def __init__(self, layer, times=2, **kwargs):
        self.times = times
        super().__init__(layer, **kwargs)

    def build(self, input_shape):
        self.layer.build(input_shape)
        self.built = True

    def call(self, x, mask=None):
        return self.times * self.layer.call(x)

    def get_output_shape_for(self, input_shape):
        return self.layer.get_output_shape_for(input_shape)

    def get_config(self):
        return {**super().get_config(), "times": self.times}


class Leaky(L.Recurrent):
    """A recurrent layer with nothing but `build` and `step`, as Keras 1's `Recurrent` allows."""

    def __init__(self, output_dim, rate=0.5, **kwargs):
        self.output_dim = output_dim
        self.rate = rate
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [L.InputSpec(shape=input_shape)]
        self.states = [None]
        self.W = self.add_weight((input_shape[2], self.output_dim), "one", name=f"{self.name}_W")
        super().build(input_shape)

    def step(self, x, states):
        h = self.rate * states[0] + K.dot(x, self.W)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "output_dim": self.output_dim, "rate": self.rate}


USERS = [
    (Scaled(3, scale=4.0, activation="tanh", W_regularizer="l2"), (5,), {"scale": 4.0, "output_dim": 3}),
    (Scaled(3, name="mine", trainable=False), (5,), {"scale": 2.0, "name": "mine", "trainable": False}),
    (Halved(6, return_sequences=True, dropout_W=0.2), (4, 5), {"units": 6, "dropout_W": 0.2}),
    (OwnConfig(2), (6, 6, 3), {"nb_filter": 2}),
    (Twice(L.Dense(3, activation="relu"), times=3), (5,), {"times": 3}),
    (Leaky(3, rate=0.25, return_sequences=True), (4, 5), {"rate": 0.25, "return_sequences": True}),
]


@pytest.mark.parametrize("layer, shape, options", USERS, ids=lambda value: type(value).__name__)
def test_layers_of_users_come_back_from_their_configs(layer, shape, options):
    config = layer.get_config()
    assert options.items() <= config.items()
    x = L.Input(shape)
    model = Model(x, layer(x))
    again = model_from_json(model.to_json(), custom_objects={type(layer).__name__: type(layer)})
    again.set_weights(model.get_weights())
    data = np.random.RandomState(0).standard_normal((2, *shape)).astype("float32")
    np.testing.assert_array_equal(again.predict(data), model.predict(data))


def test_a_config_is_read_by_the_layer_that_wrote_it():
    config = {"class_name": "Scaled", "config": Scaled(3, W_regularizer="l2").get_config()}
    layer = layer_from_config(config, {"Scaled": Scaled})
    assert type(layer) is Scaled
    assert isinstance(layer.W_regularizer, regularizers.Regularizer)


def test_parameters_of_a_user_may_have_the_names_of_options():
    class Fixed(L.Dropout):
        def __init__(self, seed=7, **kwargs):
            super().__init__(0.5, seed=seed, **kwargs)

        def get_config(self):
            config = super().get_config()
            config.pop("p")
            return config

    assert Fixed().get_config()["seed"] == 7
    assert Fixed.from_config(Fixed(8).get_config()).seed == 8


def test_attributes_may_be_set_after_construction():
    layer = L.Dense(3)
    layer.W_regularizer = regularizers.l2(0.5)
    layer.output_dim = 4
    config = layer.get_config()
    assert config["output_dim"] == 4
    assert config["W_regularizer"]["l2"] == 0.5


# --- the mechanism -------------------------------------------------------------------------------


class Example(LayerWithOptions):
    size: PositiveInt
    axis: Option[int]
    mode: UnlessDefault[Option[str]]

    def __init__(self, size, axis=-1, mode="a", weights=None, **kwargs):
        self._store_options(locals())
        super().__init__(**kwargs)


def test_options_are_checked_stored_and_saved():
    layer = Example(np.int64(3), weights=[np.ones(3)])
    assert type(layer.size) is int and layer.axis == -1 and layer.mode == "a"
    assert len(layer.initial_weights) == 1
    assert list(layer.get_config())[2:] == ["size", "axis"]
    assert Example(3, mode="b").get_config()["mode"] == "b"
    with pytest.raises(ValueError, match="Example: size must be a positive int, got 0"):
        Example(0)


def test_options_of_a_base_class_come_first_in_the_config():
    class Derived(Example):
        rate: Option[float]

        def __init__(self, rate, size, **kwargs):
            self._store_options(locals())
            super().__init__(size, **kwargs)

    assert list(Derived(0.5, 3, axis=1).get_config())[2:] == ["size", "axis", "rate"]
    assert Derived.from_config(Derived(0.5, 3, axis=1).get_config()).axis == 1
