"""Which layers a file of weights belongs to, guessed from the names and shapes of its arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .contents import Arrays

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Guess:
    """A layer that may have been the owner of arrays.

    Attributes:
        class_name: str of Keras 1, or "?".
        options: dict of the arguments that the shapes tell.
    """

    class_name: str
    options: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.class_name}({', '.join(f'{k}={v}' for k, v in self.options.items())})"


def guess_layer(name: str, arrays: Arrays) -> Guess:
    """Returns the layer that arrays most likely belong to.

    Args:
        name: name of the layer in the file, which decides where shapes fit several classes.
        arrays: list of (name, array).

    Example:
        >>> from keras._inspect.contents import LazyArray
        >>> import numpy as np
        >>> shapes = {"kernel:0": (21, 256), "recurrent_kernel:0": (64, 256), "bias:0": (256,)}
        >>> arrays = [(n, LazyArray(s, np.dtype("f4"), np.array)) for n, s in shapes.items()]
        >>> print(guess_layer("x", arrays))
        LSTM(output_dim=64, input_dim=21)
    """
    shapes = [array.shape for _, array in arrays]
    if not shapes:
        return _named(name)
    words = [weight.rpartition("/")[2].removesuffix(":0").lower() for weight, _ in arrays]
    found = [guess for rule in _RULES if (guess := rule(shapes, words)) is not None]
    by_name = [guess for guess in found if guess.class_name.lower() in name.lower().replace("_", "")]
    return (by_name or found or [Guess("?", {})])[0]


_WITHOUT_WEIGHTS = (
    "Activation Dropout Flatten Masking MaxPooling1D MaxPooling2D AveragePooling2D GlobalAveragePooling2D "
    "GlobalMaxPooling2D Merge Reshape RepeatVector Permute ZeroPadding2D UpSampling2D Cropping2D "
    "GaussianNoise GaussianDropout LeakyReLU ELU Lambda InputLayer ZeroPadding1D UpSampling1D "
    "GlobalMaxPooling1D"
).split()


def _named(name: str) -> Guess:
    """Guesses a layer without arrays from its automatic name, such as "max_pooling2d_1"."""
    stem = name.rstrip("0123456789").replace("_", "").lower()
    fitting = [known for known in _WITHOUT_WEIGHTS if known.lower() == stem]
    return Guess(fitting[0] if fitting else "InputLayer" if stem == "input" else "?", {})


def _gates(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    """Recurrent layers: 3 arrays for each gate in Keras 1, 3 for all in Keras 2."""
    classes = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
    ranks = [len(shape) for shape in shapes]
    if len(shapes) in (2, 3) and ranks[:2] == [2, 2]:
        (inputs, width), (units, same) = shapes[:2]
        if width == same and units and width % units == 0 and width // units in classes:
            return Guess(classes[width // units], {"output_dim": units, "input_dim": inputs})
    if len(shapes) in (9, 12) and ranks == [2, 2, 1] * (len(shapes) // 3):
        inputs, units = shapes[0]
        return Guess(classes[len(shapes) // 3], {"output_dim": units, "input_dim": inputs})
    return None


def _bidirectional(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    half = len(shapes) // 2
    if len(shapes) % 2 or not half or list(shapes[:half]) != list(shapes[half:]):
        return None
    inner = _gates(shapes[:half], words[:half])
    return inner and Guess("Bidirectional", {"layer": str(inner)})


def _dense(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    if len(shapes) > 2 or len(shapes[0]) != 2 or (len(shapes) == 2 and shapes[1] != shapes[0][1:]):
        return None
    if len(shapes) == 1 and words[0].endswith(("embeddings", "_w")) and "embed" in words[0]:
        return Guess("Embedding", {"input_dim": shapes[0][0], "output_dim": shapes[0][1]})
    options = {"output_dim": shapes[0][1], "input_dim": shapes[0][0]}
    return Guess("Dense", {**options, **({} if len(shapes) == 2 else {"bias": False})})


def _embedding(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    if len(shapes) != 1 or len(shapes[0]) != 2:
        return None
    return Guess("Embedding", {"input_dim": shapes[0][0], "output_dim": shapes[0][1]})


def _convolution(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    kernel = shapes[0]
    if len(shapes) > 2 or len(kernel) not in (3, 4, 5) or (len(shapes) == 2 and len(shapes[1]) != 1):
        return None
    filters = shapes[1][0] if len(shapes) == 2 else None
    if len(kernel) == 3:
        return Guess("Convolution1D", {"nb_filter": kernel[2], "filter_length": kernel[0]})
    first = filters == kernel[0] and filters != kernel[-1]
    sizes = kernel[2:] if first else kernel[:-2]
    options: dict[str, Any] = {"nb_filter": kernel[0] if first else kernel[-1]}
    options["dim_ordering"] = "th" if first else "tf"
    if len(kernel) == 4 and not first and kernel[1] == 1 and kernel[0] > 1:
        return Guess("Convolution1D", {"nb_filter": kernel[-1], "filter_length": kernel[0]})
    names = ("nb_row", "nb_col") if len(kernel) == 4 else ("kernel_dim1", "kernel_dim2", "kernel_dim3")
    return Guess(f"Convolution{len(kernel) - 2}D", {**options, **dict(zip(names, sizes, strict=True))})


def _separable(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    if len(shapes) not in (2, 3) or [len(shape) for shape in shapes[:2]] != [4, 4]:
        return None
    return Guess("SeparableConvolution2D", {"nb_filter": max(shapes[1][0], shapes[1][-1])})


def _normalization(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    if len(shapes) in (2, 3, 4) and len(set(shapes)) == 1 and len(shapes[0]) == 1:
        return Guess("BatchNormalization", {"features": shapes[0][0]})
    return None


def _highway(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    if len(shapes) == 4 and any("carry" in word for word in words):
        return Guess("Highway", {"features": shapes[0][0]})
    return None


def _prelu(shapes: Sequence[Shape], words: Sequence[str]) -> Guess | None:
    return Guess("PReLU", {"shape": shapes[0]}) if len(shapes) == 1 and "alpha" in words[0] else None


_RULES: tuple[Callable[[Sequence[Shape], Sequence[str]], Guess | None], ...] = (
    _highway, _prelu, _gates, _bidirectional, _dense, _embedding, _convolution, _separable, _normalization,
)  # fmt: skip
