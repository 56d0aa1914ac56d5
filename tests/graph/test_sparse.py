"""Sparse tensors in functions of K; every number is compared with the dense form's."""

import numpy as np
import pytest
from scipy import sparse

from keras import backend as K

A = np.array([[0, 2, 0, 0], [1, 0, 0, 3], [0, 0, 0, 0]], "float32")
B = np.arange(8, dtype="float32").reshape(4, 2)


def test_sparse_placeholder_has_shape_and_type():
    x = K.placeholder((None, 4), sparse=True)
    assert K.is_sparse(x) and not K.is_sparse(K.placeholder((None, 4)))
    assert (K.int_shape(x), K.ndim(x), K.dtype(x)) == ((None, 4), 2, "float32")
    with pytest.raises(ValueError, match="must have rank 2; got shape"):
        K.placeholder((None, 4, 5), sparse=True)


def test_sparse_variable_holds_a_scipy_matrix():
    v = K.variable(sparse.csr_matrix(A))
    assert K.is_sparse(v) and K.int_shape(v) == (3, 4)
    assert sparse.issparse(K.get_value(v))
    np.testing.assert_array_equal(K.get_value(v).toarray(), A)
    np.testing.assert_array_equal(K.eval(v), A)
    K.set_value(v, sparse.csr_matrix(2 * A))
    np.testing.assert_array_equal(K.eval(v), 2 * A)
    with pytest.raises(TypeError, match="is sparse; got a dense value. Give a SciPy matrix"):
        K.set_value(v, A)
    with pytest.raises(TypeError, match=r"is dense; got a sparse value. Give value.toarray\(\)"):
        K.set_value(K.zeros((3, 4)), sparse.csr_matrix(A))


def test_to_dense_returns_a_dense_tensor():
    v = K.to_dense(K.variable(sparse.csr_matrix(A)))
    assert not K.is_sparse(v)
    np.testing.assert_array_equal(K.eval(v + 1), A + 1)
    dense = K.variable(A)
    assert K.to_dense(dense) is dense


def test_sparse_dot_and_its_gradient_equal_the_dense_ones():
    x, w = K.placeholder((None, 4), sparse=True), K.variable(B)
    y = K.dot(x, w)
    assert not K.is_sparse(y) and K.int_shape(y) == (None, 2)
    f = K.function([x], [y, *K.gradients(K.sum(y * y), [w])])
    product, gradient = f([sparse.csr_matrix(A)])
    np.testing.assert_allclose(product, A @ B)
    np.testing.assert_allclose(gradient, 2 * A.T @ (A @ B))


@pytest.mark.parametrize("axis, join", [(0, np.vstack), (1, np.hstack), (-1, np.hstack)])
def test_concatenation_of_sparse_tensors_is_sparse(axis, join):
    x = K.placeholder((None, 4), sparse=True)
    joined = K.concatenate([x, x, x], axis)
    assert K.is_sparse(joined)
    weights = np.random.RandomState(0).standard_normal((joined.shape[1], 2)).astype("float32")
    outputs = [K.to_dense(joined), K.dot(joined, K.variable(weights))]
    dense, product = K.function([x], outputs)([sparse.csr_matrix(A)])
    np.testing.assert_array_equal(dense, join([A, A, A]))
    np.testing.assert_allclose(product, dense @ weights, rtol=1e-6)


def test_concatenate_with_a_dense_tensor_is_dense():
    joined = K.concatenate([K.variable(sparse.csr_matrix(A)), K.variable(A)])
    assert not K.is_sparse(joined)
    np.testing.assert_array_equal(K.eval(joined), np.hstack([A, A]))


def test_incompatible_shapes_are_refused():
    x = K.placeholder((None, 4), sparse=True)
    with pytest.raises(TypeError, match="can be multiplied by a dense one with 4 rows"):
        K.dot(x, K.variable(A))
    with pytest.raises(ValueError, match="concatenate: the shapes"):
        K.concatenate([x, K.placeholder((None, 3), sparse=True)], axis=0)


def test_ops_without_sparse_support_refuse_sparse_tensors():
    x = K.placeholder((None, 4), sparse=True)
    for step in (lambda: x + 1, lambda: K.sum(x), lambda: K.dot(K.variable(B.T), x), lambda: K.tanh(x)):
        with pytest.raises(TypeError, match=r"sparse.*K.to_dense\(x\)"):
            step()
    with pytest.raises(TypeError, match="no gradients of, or with respect to, a sparse tensor"):
        K.gradients(K.sum(K.dot(x, K.variable(B))), [x])


def test_function_error_names_the_kind_of_array_wanted():
    x, d = K.placeholder((None, 4), sparse=True), K.placeholder((None, 4))
    with pytest.raises(TypeError, match="needs a SciPy matrix.*got ndarray"):
        K.function([x], [K.to_dense(x)])([A])
    with pytest.raises(TypeError, match=r"needs an array: x.toarray\(\); got csr_matrix"):
        K.function([d], [d])([sparse.csr_matrix(A)])
    with pytest.raises(ValueError, match=r"got an array of shape \(3, 3\)"):
        K.function([x], [K.to_dense(x)])([sparse.csr_matrix(A[:, :3])])


def test_matrix_of_10_8_columns_is_never_made_dense():
    # As an array of floats it would need 400 GB.
    columns = np.arange(1000) * 99_991
    wide = sparse.csr_matrix((np.ones(1000), columns, np.arange(1001)), shape=(1000, 10**8))
    x = K.placeholder((None, 10**8), sparse=True)
    empty = K.variable(sparse.csr_matrix((3, 10**8)))
    joined = K.concatenate([x, empty], axis=0)
    assert K.function([x], [K.shape(joined)[0]])([wide]) == [1003]
    narrow = K.concatenate([K.placeholder((None, 2), sparse=True), x])
    assert K.int_shape(narrow) == (None, 10**8 + 2)
