"""Endless batches of images from a folder."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.types import FilePath
from ._image_files import img_to_array, load_img
from ._image_iterators import ImageIterator

if TYPE_CHECKING:
    from ._image_generator import ImageDataGenerator

_EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp")
_CHANNELS = {"rgb": 3, "grayscale": 1}
_CLASS_MODES = ("categorical", "binary", "sparse", None)


class DirectoryIterator(ImageIterator):
    """Batches of images from a folder that has one subfolder per class.

    `ImageDataGenerator.flow_from_directory` creates one. PNG, JPEG and BMP files are read as they are used,
    also from folders inside those of the classes, in the order of their sorted paths.

    Args:
        directory: path of the folder.
        image_data_generator: transforms the images.
        target_size: (rows, columns) in pixels to which images are resized.
        color_mode: "rgb" or "grayscale".
        dim_ordering: "th", "tf" or "default".
        classes: names of the subfolders, class 0 first; None uses all, sorted by name.
        class_mode: form of the labels: "categorical" one-hot rows, "binary" floats 0 and 1, "sparse" class
            numbers, None no labels.
        batch_size: images in a batch.
        shuffle: whether images come in random order; see `Iterator`.
        seed: seed of the random choices; see `Iterator`.
        save_to_dir: folder to which the transformed images are written; None writes none.
        save_prefix: beginning of the names of these files.
        save_format: "jpeg", "png", ...
        follow_links: whether to follow links to folders inside those of the classes.

    Attributes:
        filenames: paths of the images, relative to `directory`.
        classes: int32 array, the class number of each image.
        class_indices: name of the class -> its number.
        nb_class: number of classes.
        nb_sample: number of images.

    Raises:
        ValueError: `color_mode` or `class_mode` is invalid, or a class has no folder.
        OSError: there is no such folder.
    """

    def __init__(
        self,
        directory: FilePath,
        image_data_generator: "ImageDataGenerator",
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        dim_ordering: str = "default",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "jpeg",
        follow_links: bool = False,
    ) -> None:
        dim_ordering = K.common.check_dim_ordering(dim_ordering)
        _check_choice("color_mode", color_mode, tuple(_CHANNELS))
        _check_choice("class_mode", class_mode, _CLASS_MODES)
        self.directory = directory
        self.target_size = tuple(target_size)
        self.color_mode = color_mode
        self.class_mode = class_mode
        names = _class_folders(directory) if classes is None else list(classes)
        self.nb_class = len(names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        found = [_images(directory, name, follow_links) for name in names]
        self.filenames = [path for paths in found for path in paths]
        self.classes = np.repeat(np.arange(self.nb_class), [len(paths) for paths in found]).astype("int32")
        self.nb_sample = len(self.filenames)
        print(f"Found {self.nb_sample} images belonging to {self.nb_class} classes.")

        channels = _CHANNELS[color_mode]
        super().__init__(
            self.nb_sample,
            (channels, *self.target_size) if dim_ordering == "th" else (*self.target_size, channels),
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
        path = os.path.join(self.directory, self.filenames[index])
        image = load_img(path, self.color_mode == "grayscale", self.target_size)
        return img_to_array(image, self.dim_ordering)

    def _labels(self, chosen: NDArray[np.integer]) -> NDArray[Any] | None:
        if self.class_mode is None:
            return None
        numbers = self.classes[chosen]
        if self.class_mode == "sparse":
            return numbers
        if self.class_mode == "binary":
            return numbers.astype("float32")
        return np.eye(self.nb_class, dtype="float32")[numbers]


def _check_choice(name: str, value: Any, known: Sequence[Any]) -> None:
    if value not in known:
        wanted = ", ".join(map(repr, known))
        raise ValueError(f"DirectoryIterator: got {name}={value!r}; wanted one of {wanted}.")


def _class_folders(directory: FilePath) -> list[str]:
    return sorted(name for name in os.listdir(directory) if os.path.isdir(os.path.join(directory, name)))


def _images(directory: FilePath, name: str, follow_links: bool) -> list[str]:
    """Returns the paths of the images of one class, relative to `directory`, sorted."""
    folder = os.path.join(directory, name)
    if not os.path.isdir(folder):
        raise ValueError(f"DirectoryIterator: class {name!r} has no folder {folder}.")
    return [
        os.path.relpath(os.path.join(root, file), directory)
        for root, _, files in sorted(os.walk(folder, followlinks=follow_links))
        for file in sorted(files)
        if file.lower().endswith(_EXTENSIONS)
    ]
