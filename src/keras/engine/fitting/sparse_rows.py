"""Sparse matrices that users pass to fit, evaluate and predict."""

from collections.abc import Callable
from typing import Any

import numpy as np


class SparseRows:
    """A SciPy matrix with the part of the array interface that the loops use: a length, and indexing by rows.

    The matrix is stored in compressed rows; indexing reads only the selected rows.

    Args:
        matrix: a sparse matrix or array of SciPy, of any format.

    Attributes:
        matrix: SciPy matrix in CSR format.
        shape: (rows, columns).
        ndim: 2.
        dtype: NumPy dtype.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix.tocsr()
        self.shape = self.matrix.shape
        self.ndim = len(self.shape)
        self.dtype = self.matrix.dtype

    @classmethod
    def of(cls, matrix: Any) -> "SparseRows":
        """Returns a matrix as `SparseRows`; one that is a `SparseRows` already is returned unchanged."""
        return matrix if isinstance(matrix, cls) else cls(matrix)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> "SparseRows":
        return SparseRows(self.matrix[rows])

    def tocoo(self) -> Any:
        """Returns a SciPy matrix in COO format."""
        return self.matrix.tocoo()

    def rows_with(self, condition: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Returns the numbers of the rows with a stored element that meets a condition, an int array.

        Args:
            condition: function from an array of values to an array of bool.
        """
        elements = np.flatnonzero(condition(self.matrix.data))
        return np.unique(np.searchsorted(self.matrix.indptr, elements, side="right") - 1)
