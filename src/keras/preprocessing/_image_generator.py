"""`ImageDataGenerator`: random transformations and a common scale for images."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.callers import levels_to_caller
from .._base.types import ArrayLike, FilePath
from . import _image_transforms as transforms
from ._directory_iterator import DirectoryIterator
from ._image_iterators import NumpyArrayIterator, image_batch

# Added to a standard deviation before dividing by it, and to the variances of ZCA.
_TINY_DEVIATION = 1e-7
_TINY_VARIANCE = 1e-6


class ImageDataGenerator:
    """Generates batches of images that are randomly transformed and brought to a common scale.

    Each image is transformed by one random map that combines rotation, shift, shear and zoom. Then its
    channels are shifted and it is flipped, and `standardize` is applied. `fit` computes the statistics of
    all images that some options need.

    Random choices come from NumPy's global generator, drawn in the order of Keras 1.2.2.

    Args:
        featurewise_center: subtract the mean of each channel over all images; needs `fit`.
        samplewise_center: subtract from each pixel the mean of its channels.
        featurewise_std_normalization: divide by the standard deviation of each channel over all images;
            needs `fit`.
        samplewise_std_normalization: divide each pixel by the standard deviation of its channels.
        zca_whitening: remove the correlations between pixels; needs `fit`, and memory for
            (pixels * channels) squared numbers.
        rotation_range: degrees; angles are from -rotation_range to rotation_range.
        width_shift_range: fraction of the width, 0 to 1.
        height_shift_range: fraction of the height, 0 to 1.
        shear_range: radians.
        zoom_range: float z, factors are from 1 - z to 1 + z; or two floats, (smallest, largest).
        channel_shift_range: in units of the images.
        fill_mode: values outside of an image: "constant", "nearest", "reflect" or "wrap".
        cval: value outside of an image for "constant".
        horizontal_flip: flip left and right with probability 1/2.
        vertical_flip: flip up and down with probability 1/2.
        rescale: factor by which `standardize` multiplies the values first; None or 0 for none.
        preprocessing_function: function image -> image of the same shape, called before `rescale`.
        dim_ordering: "th", "tf" or "default".

    Attributes:
        mean, std: statistics of `fit`, shape (channels, 1, 1) for "th", (1, 1, channels) for "tf"; None
            before.
        principal_components: square array with a row for each pixel and channel; None before `fit`.

    Raises:
        ValueError: an argument is invalid.

    Example:
        >>> images = np.arange(24.0).reshape(2, 3, 2, 2)
        >>> batches = ImageDataGenerator(rescale=0.5).flow(images, [0, 1], batch_size=2, shuffle=False)
        >>> x, y = next(batches)
        >>> x.shape, y, float(x[0, 0, 1, 1])
        ((2, 3, 2, 2), array([0, 1]), 1.5)
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        rotation_range: float = 0.0,
        width_shift_range: float = 0.0,
        height_shift_range: float = 0.0,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
        dim_ordering: str = "default",
    ) -> None:
        transforms.check_fill_mode(fill_mode)
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.shear_range = shear_range
        self.zoom_range = _zoom_range(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.dim_ordering = K.common.check_dim_ordering(dim_ordering)
        # Axes of a batch of images.
        self.channel_axis, self.row_axis, self.col_axis = (
            (1, 2, 3) if self.dim_ordering == "th" else (3, 1, 2)
        )
        self.mean: NDArray[Any] | None = None
        self.std: NDArray[Any] | None = None
        self.principal_components: NDArray[Any] | None = None

    def flow(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "jpeg",
    ) -> NumpyArrayIterator:
        """Generates batches of images from an array, indefinitely.

        Args:
            X: images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels) for "tf",
                with 1, 3 or 4 channels.
            y: labels, shape (n, ...); None for none.
            batch_size: images in a batch.
            shuffle: whether images come in random order.
            seed: seed of the random choices; None leaves NumPy's generator alone.
            save_to_dir: folder to which the transformed images are written; None writes none.
            save_prefix: beginning of the names of these files.
            save_format: "jpeg", "png", ...

        Returns:
            Iterator whose batches are (images, labels), or the images alone without `y`.

        Raises:
            ValueError: `X` is not an array of images, or `y` has another length.
        """
        return NumpyArrayIterator(
            X,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            dim_ordering=self.dim_ordering,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
        )

    def flow_from_directory(
        self,
        directory: FilePath,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "jpeg",
        follow_links: bool = False,
    ) -> DirectoryIterator:
        """Generates batches of images from a folder that has one subfolder per class, indefinitely.

        Args:
            directory: path of the folder; PNG, JPEG and BMP files are read.
            target_size: (rows, columns) in pixels to which images are resized.
            color_mode: "rgb" or "grayscale".
            classes: names of the subfolders, class 0 first; None uses all, sorted by name.
            class_mode: form of the labels: "categorical" one-hot rows, "binary" floats 0 and 1, "sparse"
                class numbers, None no labels.
            batch_size: images in a batch.
            shuffle: whether images come in random order.
            seed: seed of the random choices; None leaves NumPy's generator alone.
            save_to_dir: folder to which the transformed images are written; None writes none.
            save_prefix: beginning of the names of these files.
            save_format: "jpeg", "png", ...
            follow_links: whether to follow links to folders inside those of the classes.

        Returns:
            Iterator whose batches are (images, labels), or the images alone for `class_mode=None`.

        Raises:
            ValueError: an argument is invalid, or a class has no folder.
            OSError: there is no such folder.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            dim_ordering=self.dim_ordering,
            classes=classes,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
        )

    def standardize(self, x: NDArray[Any]) -> NDArray[Any]:
        """Brings one image to the common scale, in place unless an option needs a new array.

        Args:
            x: float array of rank 3, one image; may be changed.

        Returns:
            Array with the shape of `x`.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        # Over channels, not over the image: models were trained on what Keras 1.2.2 computes.
        channel_axis = self.channel_axis - 1
        if self.samplewise_center:
            x -= np.mean(x, axis=channel_axis, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, axis=channel_axis, keepdims=True) + _TINY_DEVIATION
        return self._apply_statistics(x)

    def _apply_statistics(self, x: NDArray[Any]) -> NDArray[Any]:
        if self.featurewise_center:
            mean = self._statistic("mean", "featurewise_center")
            if mean is not None:
                x -= mean
        if self.featurewise_std_normalization:
            std = self._statistic("std", "featurewise_std_normalization")
            if std is not None:
                x /= std + _TINY_DEVIATION
        if self.zca_whitening:
            components = self._statistic("principal_components", "zca_whitening")
            if components is not None:
                x = np.reshape(x.ravel() @ components, x.shape)
        return x

    def _statistic(self, name: str, option: str) -> NDArray[Any] | None:
        """Returns a statistic of `fit`; warns if there is none."""
        found = getattr(self, name)
        if found is None:
            warnings.warn(
                f"ImageDataGenerator: {option} is skipped, because `fit` was not called; pass training "
                "images to .fit(images).",
                stacklevel=levels_to_caller(),
            )
        return found

    def random_transform(self, x: NDArray[Any]) -> NDArray[Any]:
        """Transforms one image at random.

        Args:
            x: array of rank 3, one image; not changed.

        Returns:
            Array with the shape of `x`.
        """
        row_axis, col_axis, channel_axis = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        matrix = self._random_matrix(x.shape[row_axis], x.shape[col_axis])
        if matrix is None:
            x = np.array(x)
        else:
            x = transforms.apply_transform(x, matrix, channel_axis, self.fill_mode, self.cval)
        if self.channel_shift_range:
            x = transforms.random_channel_shift(x, self.channel_shift_range, channel_axis)
        if self.horizontal_flip and np.random.random() < 0.5:
            x = transforms.flip_axis(x, col_axis)
        if self.vertical_flip and np.random.random() < 0.5:
            x = transforms.flip_axis(x, row_axis)
        return x

    def _random_matrix(self, rows: int, columns: int) -> NDArray[np.float64] | None:
        """Draws one map for all options that move pixels, shape (3, 3); None if none of them does."""
        maps = []
        if self.rotation_range:
            maps.append(transforms.rotation(np.random.uniform(-self.rotation_range, self.rotation_range)))
        down = rows * _between(self.height_shift_range)
        right = columns * _between(self.width_shift_range)
        if down or right:
            maps.append(transforms.translation(down, right))
        if self.shear_range:
            maps.append(transforms.shear(_between(self.shear_range)))
        zoom = transforms.draw_zoom(self.zoom_range)
        if tuple(zoom) != (1, 1):
            maps.append(transforms.zoom(*zoom))
        if not maps:
            return None
        matrix = maps[0]
        for following in maps[1:]:
            matrix = matrix @ following
        return transforms.transform_matrix_offset_center(matrix, rows, columns)

    def fit(self, x: ArrayLike, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Computes the statistics that featurewise options and ZCA whitening need.

        Args:
            x: images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels) for "tf",
                with 1, 3 or 4 channels. `preprocessing_function` and `rescale` are not applied to them, as
                in Keras 1.2.2.
            augment: whether to use randomly transformed images.
            rounds: how often each image is transformed, with `augment`.
            seed: seed for NumPy's generator; None leaves it alone.

        Raises:
            ValueError: `x` is not an array of images.

        Reference:
            ZCA: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images", appendix A.
        """
        x = np.array(image_batch(x, self.channel_axis, "ImageDataGenerator.fit"))
        if seed is not None:
            np.random.seed(seed)
        if augment:
            x = np.stack([self.random_transform(image) for _ in range(rounds) for image in x])
        pixels = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=pixels, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            std = self.std = np.std(x, axis=pixels, keepdims=True)[0]
            x /= std + K.epsilon()
        if self.zca_whitening:
            self.principal_components = _zca(x.reshape(len(x), -1))


def _zoom_range(given: Any) -> list[float]:
    """Returns [smallest, largest] for the argument `zoom_range`."""
    numbers = np.asarray(given)
    if numbers.dtype.kind in "iuf" and numbers.shape == ():
        return [1 - given, 1 + given]
    if numbers.dtype.kind in "iuf" and numbers.shape == (2,):
        return list(given)
    raise ValueError(f"zoom_range: got {given!r}; wanted a number or two numbers, (smallest, largest).")


def _between(limit: float) -> float:
    """Draws a number from -limit to limit; 0 is not drawn."""
    return np.random.uniform(-limit, limit) if limit else 0


def _zca(x: NDArray[Any]) -> NDArray[Any]:
    """Returns the ZCA whitening matrix, shape (numbers, numbers), for x of shape (images, numbers)."""
    u, variances, _ = np.linalg.svd(x.T @ x / len(x))
    return u / np.sqrt(variances + _TINY_VARIANCE) @ u.T
