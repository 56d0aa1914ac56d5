"""Endless batches of images: what all iterators of images share, and the iterator over an array."""

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.types import ArrayLike, FilePath
from ..engine import image_order
from ._image_files import array_to_img, float_type
from ._iterator import Iterator

if TYPE_CHECKING:
    from ._image_generator import ImageDataGenerator

# Iterators with a seed set the global generator of NumPy for each batch: no two may do so at once.
_drawing = threading.Lock()


class ImageIterator(Iterator):
    """The batches of an ImageDataGenerator: randomly transformed images, with or without labels.

    `next` may be called from several threads. Without a seed the threads run at the same time. With a seed
    they run one after the other, because all of them draw from NumPy's global generator.

    Args:
        n: number of images.
        image_shape: shape of one image.
        image_data_generator: transforms the images.
        dim_ordering: "th" or "tf".
        batch_size: images in a batch; as in `Iterator`, like `shuffle` and `seed`.
        shuffle: whether images come in random order.
        seed: seed of the random choices, or None.
        save_to_dir: folder to which the transformed images are written; None writes none.
        save_prefix: beginning of the names of these files.
        save_format: file name extension from which Pillow infers the format.

    Raises:
        ValueError: `save_prefix` names another folder, or `batch_size` is not positive.
    """

    def __init__(
        self,
        n: int,
        image_shape: tuple[int, ...],
        image_data_generator: "ImageDataGenerator",
        dim_ordering: str,
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        save_to_dir: FilePath | None,
        save_prefix: str,
        save_format: str,
    ) -> None:
        if os.path.basename(save_prefix) != save_prefix or "\\" in save_prefix:
            raise ValueError(
                f"save_prefix: got {save_prefix!r}; it is the beginning of file names and may not name "
                "another folder. Pass the folder as save_to_dir."
            )
        self.image_shape = image_shape
        self.image_data_generator = image_data_generator
        self.dim_ordering = dim_ordering
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self._one_at_a_time = seed is not None
        super().__init__(n, batch_size, shuffle, seed)

    def next(self) -> NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]:
        """Returns the next batch.

        Returns:
            Tuple (images, labels), or the images alone if there are no labels. Images are an array of
            `K.floatx()`, shape (samples, channels, rows, columns) for "th", (samples, rows, columns,
            channels) for "tf".
        """
        if self._one_at_a_time:
            with _drawing:
                chosen, first, _ = next(self.index_generator)
                return self._batch(chosen, first)
        with self.lock:
            chosen, first, _ = next(self.index_generator)
        return self._batch(chosen, first)

    def _batch(
        self, chosen: NDArray[np.integer], first: int
    ) -> NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]:
        generator = self.image_data_generator
        images = np.empty((len(chosen), *self.image_shape), float_type())
        for position, index in enumerate(chosen):
            images[position] = generator.standardize(generator.random_transform(self._image(index)))
        if self.save_to_dir:
            self._save(self.save_to_dir, images, first)
        labels = self._labels(chosen)
        return images if labels is None else (images, labels)

    def _save(self, folder: FilePath, images: NDArray[Any], first: int) -> None:
        for number, x in enumerate(images, first):
            # The random number separates epochs; it is drawn as in Keras 1.2.2.
            name = f"{self.save_prefix}_{number}_{np.random.randint(10000)}.{self.save_format}"
            array_to_img(x, self.dim_ordering).save(os.path.join(folder, name))

    def _image(self, index: int) -> NDArray[Any]:
        """Returns image number `index` as a new array of `K.floatx()`, which the caller may change."""
        raise NotImplementedError

    def _labels(self, chosen: NDArray[np.integer]) -> NDArray[Any] | None:
        """Returns the labels of the chosen images, or None if there are no labels."""
        raise NotImplementedError


class NumpyArrayIterator(ImageIterator):
    """Batches of images from an array; `ImageDataGenerator.flow` creates one.

    Args:
        x: images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels) for "tf", with
            1, 3 or 4 channels.
        y: labels, shape (n, ...); None for none.
        image_data_generator: transforms the images.
        batch_size: images in a batch.
        shuffle: whether images come in random order; see `Iterator`.
        seed: seed of the random choices; see `Iterator`.
        dim_ordering: "th", "tf" or "default".
        save_to_dir: folder to which the transformed images are written; None writes none.
        save_prefix: beginning of the names of these files.
        save_format: "jpeg", "png", ...

    Raises:
        ValueError: `x` is not an array of images, or `y` has another length.
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike | None,
        image_data_generator: "ImageDataGenerator",
        batch_size: int = 32,
        shuffle: bool = False,
        seed: int | None = None,
        dim_ordering: str = "default",
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "jpeg",
    ) -> None:
        dim_ordering = K.common.check_dim_ordering(dim_ordering)
        self.x = image_batch(x, 1 if dim_ordering == "th" else 3, type(self).__name__)
        self.y = None if y is None else np.asarray(y)
        if self.y is not None and len(self.y) != len(self.x):
            raise ValueError(
                f"{type(self).__name__}: {len(self.x)} images, shape {self.x.shape}, but {len(self.y)} "
                f"labels, shape {self.y.shape}; wanted one label for each image."
            )
        super().__init__(
            len(self.x),
            self.x.shape[1:],
            image_data_generator,
            dim_ordering,
            batch_size,
            shuffle,
            seed,
            save_to_dir,
            save_prefix,
            save_format,
        )

    def _image(self, index: int) -> NDArray[Any]:
        return self.x[index].copy()

    def _labels(self, chosen: NDArray[np.integer]) -> NDArray[Any] | None:
        return None if self.y is None else self.y[chosen]


def image_batch(x: ArrayLike, channel_axis: int, owner: str) -> NDArray[Any]:
    """Returns images as an array of `K.floatx()`.

    Args:
        x: images.
        channel_axis: axis of channels, 1 or 3.
        owner: name of the caller, for the message.

    Returns:
        Array of rank 4 with 1, 3 or 4 channels; `x` itself if it is such an array of that type.

    Raises:
        ValueError: `x` has another shape.
    """
    x = np.asarray(x, dtype=float_type())
    if x.ndim != 4:
        raise ValueError(f"{owner}: got an array of shape {x.shape}; wanted a batch of images, of rank 4.")
    if x.shape[channel_axis] not in (1, 3, 4):
        ordering = "th" if channel_axis == 1 else "tf"
        raise ValueError(
            f"{owner}: got an array of shape {x.shape}; dim_ordering {ordering!r} has channels on axis "
            f"{channel_axis}, and their number must be 1, 3 or 4. "
            f"{image_order.advice(ordering, 'ImageDataGenerator')}"
        )
    return x
