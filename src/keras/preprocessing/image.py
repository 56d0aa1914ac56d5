"""Images: random changes, batches from arrays and folders, Pillow images and arrays.

Files need Pillow, turning and the like needs scipy: pip install keras-classic[image]. Both are imported
when they are first needed.
"""

import warnings

import numpy as np

from .. import backend as K
from . import _image_transforms as transforms
from ._image_files import array_to_img as array_to_img
from ._image_files import img_to_array as img_to_array
from ._image_files import list_pictures as list_pictures
from ._image_files import load_img as load_img
from ._image_iterators import DirectoryIterator as DirectoryIterator
from ._image_iterators import Iterator as Iterator
from ._image_iterators import NumpyArrayIterator as NumpyArrayIterator
from ._image_iterators import image_batch
from ._image_transforms import apply_transform as apply_transform
from ._image_transforms import flip_axis as flip_axis
from ._image_transforms import random_channel_shift as random_channel_shift
from ._image_transforms import random_rotation as random_rotation
from ._image_transforms import random_shear as random_shear
from ._image_transforms import random_shift as random_shift
from ._image_transforms import random_zoom as random_zoom
from ._image_transforms import transform_matrix_offset_center as transform_matrix_offset_center

# Added to a standard deviation before dividing by it, and to the variances of ZCA.
_TINY_DEVIATION = 1e-7
_TINY_VARIANCE = 1e-6


class ImageDataGenerator:
    """Makes batches of images, each changed at random and brought to a common scale.

    For each image one random map is made of the rotation, shift, shear and zoom asked for; then channels
    are shifted and the image flipped; then comes what `standardize` does. Statistics over all images are
    taken by `fit`.

    Random choices come from NumPy's global generator, drawn in the order of Keras 1.2.2.

    Args:
        featurewise_center: bool, subtract the mean of each channel over all images; needs `fit`.
        samplewise_center: bool, subtract from each pixel the mean of its channels.
        featurewise_std_normalization: bool, divide by the standard deviation of each channel over all
            images; needs `fit`.
        samplewise_std_normalization: bool, divide each pixel by the standard deviation of its channels.
        zca_whitening: bool, remove the correlations between pixels; needs `fit`, and memory for
            (pixels * channels) squared numbers.
        rotation_range: float, degrees; angles are from -rotation_range to rotation_range.
        width_shift_range: float, part of the width, 0 to 1.
        height_shift_range: float, part of the height, 0 to 1.
        shear_range: float, radians.
        zoom_range: float z, factors are from 1 - z to 1 + z; or two floats, (least, most).
        channel_shift_range: float, in units of the images.
        fill_mode: what stands outside of an image: "constant", "nearest", "reflect" or "wrap".
        cval: float, the value outside for "constant".
        horizontal_flip: bool, flip left and right in half of all cases.
        vertical_flip: bool, flip up and down in half of all cases.
        rescale: float, with which values are multiplied before anything else in `standardize`; None or 0
            leaves them.
        preprocessing_function: function, image -> image of the same shape, called before `rescale`.
        dim_ordering: "th", "tf" or "default".

    Attributes:
        mean, std: statistics of `fit`, arrays of shape (channels, 1, 1) for "th", (1, 1, channels) for
            "tf"; None before.
        principal_components: square array with a row for each pixel and channel; None before `fit`.

    Raises:
        ValueError: an argument is none of those named.

    Example:
        >>> images = np.arange(24.0).reshape(2, 3, 2, 2)
        >>> batches = ImageDataGenerator(rescale=0.5).flow(images, [0, 1], batch_size=2, shuffle=False)
        >>> x, y = next(batches)
        >>> x.shape, y, float(x[0, 0, 1, 1])
        ((2, 3, 2, 2), array([0, 1]), 1.5)
    """

    def __init__(
        self,
        featurewise_center=False,
        samplewise_center=False,
        featurewise_std_normalization=False,
        samplewise_std_normalization=False,
        zca_whitening=False,
        rotation_range=0.0,
        width_shift_range=0.0,
        height_shift_range=0.0,
        shear_range=0.0,
        zoom_range=0.0,
        channel_shift_range=0.0,
        fill_mode="nearest",
        cval=0.0,
        horizontal_flip=False,
        vertical_flip=False,
        rescale=None,
        preprocessing_function=None,
        dim_ordering="default",
    ):
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
        self.mean = None
        self.std = None
        self.principal_components = None

    def flow(
        self,
        X,
        y=None,
        batch_size=32,
        shuffle=True,
        seed=None,
        save_to_dir=None,
        save_prefix="",
        save_format="jpeg",
    ):
        """Makes batches of images from an array, for ever.

        Args:
            X: array of images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels)
                for "tf", with 1, 3 or 4 channels.
            y: array of labels, shape (n, ...); None for none.
            batch_size: int, images in a batch.
            shuffle: bool, whether images come in random order.
            seed: int, seed of the random choices; None leaves NumPy's generator alone.
            save_to_dir: path of a folder to which images are written as they are used; None writes none.
            save_prefix: str, with which the names of these files begin.
            save_format: str, "jpeg", "png", ...

        Returns:
            NumpyArrayIterator; each batch is (images, labels), or images alone without `y`.

        Raises:
            ValueError: `X` is no array of images, or `y` has another length.
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
        directory,
        target_size=(256, 256),
        color_mode="rgb",
        classes=None,
        class_mode="categorical",
        batch_size=32,
        shuffle=True,
        seed=None,
        save_to_dir=None,
        save_prefix="",
        save_format="jpeg",
        follow_links=False,
    ):
        """Makes batches of images from a folder with one folder for each class, for ever.

        Args:
            directory: path of the folder; PNG, JPEG and BMP files count.
            target_size: (rows, columns) in pixels, the size images are brought to.
            color_mode: "rgb" or "grayscale".
            classes: list of names of folders, class 0 first; None takes all, sorted by name.
            class_mode: what labels are: "categorical" one-hot rows, "binary" floats 0 and 1, "sparse"
                class numbers, None no labels.
            batch_size: int, images in a batch.
            shuffle: bool, whether images come in random order.
            seed: int, seed of the random choices; None leaves NumPy's generator alone.
            save_to_dir: path of a folder to which images are written as they are used; None writes none.
            save_prefix: str, with which the names of these files begin.
            save_format: str, "jpeg", "png", ...
            follow_links: bool, whether links to folders inside those of the classes are followed.

        Returns:
            DirectoryIterator; each batch is (images, labels), or images alone for `class_mode=None`.

        Raises:
            ValueError: an argument is none of those named, or a class has no folder.
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

    def standardize(self, x):
        """Brings one image to the common scale; `x` itself is changed, where nothing makes a new array.

        Args:
            x: float array of rank 3, one image.

        Returns:
            Array with the shape of `x`.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        # Over channels, not over the image: Keras 1.2.2 does so, and models were trained on it.
        channel_axis = self.channel_axis - 1
        if self.samplewise_center:
            x -= np.mean(x, axis=channel_axis, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, axis=channel_axis, keepdims=True) + _TINY_DEVIATION
        if self.featurewise_center and self._has("mean", "featurewise_center"):
            x -= self.mean
        if self.featurewise_std_normalization and self._has("std", "featurewise_std_normalization"):
            x /= self.std + _TINY_DEVIATION
        if self.zca_whitening and self._has("principal_components", "zca_whitening"):
            x = np.reshape(x.ravel() @ self.principal_components, x.shape)
        return x

    def _has(self, statistic, option):
        if getattr(self, statistic) is not None:
            return True
        warnings.warn(
            f"ImageDataGenerator: {option} is left out, because `fit` was not called; pass training images "
            "to .fit(images).",
            stacklevel=3,
        )
        return False

    def random_transform(self, x):
        """Changes one image at random.

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
            x = apply_transform(x, matrix, channel_axis, self.fill_mode, self.cval)
        if self.channel_shift_range:
            x = random_channel_shift(x, self.channel_shift_range, channel_axis)
        if self.horizontal_flip and np.random.random() < 0.5:
            x = flip_axis(x, col_axis)
        if self.vertical_flip and np.random.random() < 0.5:
            x = flip_axis(x, row_axis)
        return x

    def _random_matrix(self, rows, columns):
        """One map of all that moves pixels, array of shape (3, 3); None where nothing does."""
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
        return transform_matrix_offset_center(matrix, rows, columns)

    def fit(self, x, augment=False, rounds=1, seed=None):
        """Takes the statistics that featurewise options and ZCA whitening need.

        Args:
            x: array of images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels)
                for "tf", with 1, 3 or 4 channels. `preprocessing_function` and `rescale` are not used on
                them, as in Keras 1.2.2.
            augment: bool, whether statistics are those of randomly changed images.
            rounds: int, how often each image is changed, with `augment`.
            seed: int, with which NumPy's generator is seeded; None leaves it alone.

        Raises:
            ValueError: `x` is no array of images.

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
            self.std = np.std(x, axis=pixels, keepdims=True)[0]
            x /= self.std + K.epsilon()
        if self.zca_whitening:
            self.principal_components = _zca(x.reshape(len(x), -1))


def _zoom_range(given):
    """[least, most] of the argument `zoom_range`."""
    numbers = np.asarray(given)
    if numbers.dtype.kind in "iuf" and numbers.shape == ():
        return [1 - given, 1 + given]
    if numbers.dtype.kind in "iuf" and numbers.shape == (2,):
        return list(given)
    raise ValueError(f"zoom_range: got {given!r}; wanted a number or two numbers, (least, most).")


def _between(limit):
    """A random number from -limit to limit; for 0 nothing is drawn."""
    return np.random.uniform(-limit, limit) if limit else 0


def _zca(x):
    """The matrix of a whitening that changes images least, for x of shape (images, numbers)."""
    u, variances, _ = np.linalg.svd(x.T @ x / len(x))
    return u / np.sqrt(variances + _TINY_VARIANCE) @ u.T
