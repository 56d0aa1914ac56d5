"""Sparse matrices that users give to fit, evaluate and predict."""

from typing import Any

import numpy as np


class SparseRows:
    """A SciPy matrix as the loops see arrays: it has a length, and rows can be taken from it.

    The matrix is kept in compressed rows; only the rows that are asked for are touched.

    Args:
        matrix: a sparse matrix or array of SciPy, of any format.
    """

    def __init__(self, matrix):
        self.matrix = matrix.tocsr()
        self.shape = self.matrix.shape
        self.ndim = len(self.shape)
        self.dtype = self.matrix.dtype

    @classmethod
    def of(cls, matrix) -> Any:
        """A matrix in this form; itself, if it has it."""
        return matrix if isinstance(matrix, cls) else cls(matrix)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return SparseRows(self.matrix[rows])

    def tocoo(self):
        return self.matrix.tocoo()

    def rows_with(self, wrong):
        """The rows of the elements that `wrong`, a function of an array of values, says True of."""
        elements = np.flatnonzero(wrong(self.matrix.data))
        return np.unique(np.searchsorted(self.matrix.indptr, elements, side="right") - 1)
