"""The value of a sparse tensor inside a program: a matrix that stores only the elements in use."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

#: The smallest number of places in a matrix.
_LEAST = 16


@jax.tree_util.register_pytree_node_class
class SparseMatrix:
    """A matrix as a list of its elements, sorted by row.

    The arrays may have more places than there are elements, so that programs need not be compiled for each
    number of elements. Unused places have the value 0 and a row number after the last row.

    Args:
        values: array (places,).
        rows, columns: int32 arrays (places,).
        shape: (number of rows, number of columns), ints.
    """

    def __init__(self, values: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> None:
        self.values = values
        self.rows = rows
        self.columns = columns
        self.shape = shape

    def tree_flatten(self) -> tuple[tuple[Any, Any, Any], tuple[int, int]]:
        return (self.values, self.rows, self.columns), self.shape

    @classmethod
    def tree_unflatten(cls, shape: tuple[int, int], arrays: Sequence[Any]) -> "SparseMatrix":
        values, rows, columns = arrays
        return cls(values, rows, columns, shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    def __matmul__(self, dense: Any) -> jax.Array:
        if isinstance(dense, SparseMatrix) or dense.ndim != 2 or dense.shape[0] != self.shape[1]:
            raise TypeError(
                f"A sparse matrix of shape {self.shape} can be multiplied by a dense one with "
                f"{self.shape[1]} rows; got {type(dense).__name__} of shape {dense.shape}."
            )
        parts = self.values[:, None] * dense[self.columns]
        return jax.ops.segment_sum(parts, self.rows, self.shape[0], indices_are_sorted=True)

    @classmethod
    def concatenate(cls, matrices: Sequence["SparseMatrix"], axis: int) -> "SparseMatrix":
        """Joins matrices along the rows (axis 0) or the columns (axis 1 or -1).

        Raises:
            ValueError: if their shapes differ along the other axis.
        """
        axis = axis % 2
        offsets = np.cumsum([0, *(matrix.shape[axis] for matrix in matrices)]).tolist()
        height = offsets[-1] if axis == 0 else matrices[0].shape[0]
        width = offsets[-1] if axis == 1 else matrices[0].shape[1]
        if any(matrix.shape[1 - axis] != matrices[0].shape[1 - axis] for matrix in matrices):
            raise ValueError(
                f"concatenate: the shapes {[m.shape for m in matrices]} may differ only along axis {axis}."
            )
        pairs = list(zip(matrices, offsets, strict=False))
        rows = [
            jnp.where(m.rows < m.shape[0], m.rows + (start if axis == 0 else 0), height) for m, start in pairs
        ]
        columns = [m.columns + (start if axis == 1 else 0) for m, start in pairs]
        rows, columns = jnp.concatenate(rows), jnp.concatenate(columns)
        values = jnp.concatenate([m.values for m in matrices])
        order = jnp.argsort(rows)
        return cls(values[order], rows[order], columns[order], (height, width))

    def todense(self) -> jax.Array:
        """The matrix as an array."""
        return jnp.zeros(self.shape, self.dtype).at[self.rows, self.columns].add(self.values, mode="drop")

    def tocoo(self) -> Any:
        """The matrix on the host, a `scipy.sparse.coo_matrix`."""
        from scipy.sparse import coo_matrix

        rows = np.asarray(self.rows)
        used = rows < self.shape[0]
        places = (rows[used], np.asarray(self.columns)[used])
        return coo_matrix((np.asarray(self.values)[used], places), self.shape)


def is_sparse(value: Any) -> bool:
    """Whether a value is a sparse matrix: a `SparseMatrix`, or one of SciPy's."""
    return hasattr(value, "tocoo")


def as_sparse(value: Any, dtype: npt.DTypeLike | None) -> SparseMatrix:
    """Makes a `SparseMatrix` of a SciPy matrix (anything with `tocoo`).

    The number of places is a power of two, so batches have few sizes, and few programs are compiled.
    """
    coo = value.tocoo()
    size = max(_LEAST, 1 << (coo.nnz - 1).bit_length()) if coo.nnz else _LEAST
    order = np.argsort(coo.row, kind="stable")
    values, columns = np.zeros(size, dtype), np.zeros(size, "int32")
    rows = np.full(size, coo.shape[0], "int32")
    values[: coo.nnz], columns[: coo.nnz] = coo.data[order], coo.col[order]
    rows[: coo.nnz] = coo.row[order]
    height, width = (int(n) for n in coo.shape)
    return SparseMatrix(values, rows, columns, (height, width))


def abstract_sparse(shape: tuple[int, ...], dtype: npt.DTypeLike) -> SparseMatrix:
    """A sparse matrix of a shape (rows, columns), without values: for inferring shapes."""
    values = jax.ShapeDtypeStruct((_LEAST,), dtype)
    places = jax.ShapeDtypeStruct((_LEAST,), "int32")
    rows, columns = shape
    return SparseMatrix(values, places, places, (rows, columns))


def densify(value: Any) -> Any:
    """Returns a sparse matrix as an array; anything else unchanged."""
    return value.todense() if isinstance(value, SparseMatrix) else value


def flatten(result: Any) -> tuple[list[Any], Any]:
    """(leaves, structure) of a rule's result; a sparse matrix is one leaf."""
    return jax.tree.flatten(result, is_leaf=lambda value: isinstance(value, SparseMatrix))
