"""`BeyondKeras1`: the methods of models that Keras 1 does not have."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._base.rooms import room
from .._base.types import ArrayLike, FilePath

if TYPE_CHECKING:
    from ..callbacks import History

#: Nested dicts of arrays, by the names of layers and weights.
_Tree = dict[str, Any]


class BeyondKeras1:
    """Methods of a model that hand on to packages above the core, which are imported by their first call."""

    def export(self, path: FilePath, format: str | None = None) -> None:
        """Writes the prediction of the model as one file, weights included, that runs without this library.

        Args:
            path: path of the file to create or replace. Its suffix is the format, unless `format` is given.
            format: "stablehlo": a program of JAX for CPU, CUDA and TPU; `jax.export.deserialize` loads it.
                "onnx": a file for onnxruntime and others, needs `pip install keras-classic[onnx]`.
        Raises:
            ValueError: the format is unknown, or the model cannot be written in it. Nothing is written then.
            ImportError: the library for the format is not installed.
            OSError: the file cannot be written.

        Example:
            >>> from keras.layers import Dense
            >>> from keras.models import Sequential
            >>> model = Sequential([Dense(2, input_dim=3)])
            >>> model.export("model.stablehlo")  # doctest: +SKIP
        """
        room("export").export_model(self, path, format)

    def as_function(self) -> tuple[Callable[..., Any], _Tree, _Tree]:
        """Returns (apply, params, state): the model as a pure function; see `keras.training.as_function`."""
        return room("training").as_function(self)

    def set_params(self, params: _Tree, state: _Tree | None = None) -> None:
        """Sets the weights of the model to those in trees; see `keras.training.set_params`."""
        room("training").set_params(self, params, state)

    def fit_many(
        self,
        x: ArrayLike,
        y: ArrayLike,
        seeds: int | Sequence[int] | None = None,
        settings: Mapping[str, Sequence[float]] | None = None,
        **options: Any,
    ) -> "list[History]":
        """Trains copies of the model at once, one for each seed or setting; see `keras.training.fit_many`."""
        return room("training").fit_many(self, x, y, seeds, settings, **options)
