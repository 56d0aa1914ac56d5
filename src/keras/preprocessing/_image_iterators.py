"""Endless batches of images, from an array or from a folder."""

import os
import threading

import numpy as np

from .. import backend as K
from ._image_files import array_to_img, float_type, img_to_array, load_img

_EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp")
_CHANNELS = {"rgb": 3, "grayscale": 1}
_CLASS_MODES = ("categorical", "binary", "sparse", None)
# Iterators with a seed seed the one generator of NumPy for each batch: no two may do so at one time.
_drawing = threading.Lock()


class Iterator:
    """Says which samples are in the next batch, for ever. Subclasses make the batch in `next`.

    Random choices come from NumPy's global generator, as in Keras 1.2.2. The samples are shuffled anew
    after a batch that is not full; when `batch_size` divides `n`, 1.2.2 keeps the first order for ever,
    and so does this, since results under a seed depend on it.

    Args:
        n: int, number of samples.
        batch_size: int, samples in a batch; the last batch of an epoch may have fewer.
        shuffle: bool, whether samples come in random order.
        seed: int, with which NumPy's generator is seeded anew for each batch (plus the number of
            batches before); None leaves the generator alone.

    Attributes:
        batch_index: int, number of the batch in this epoch.
        total_batches_seen: int.
        lock: held while the next batch is chosen.
        index_generator: yields (indices of the samples, place of the first one in the epoch, their
            number).

    Raises:
        ValueError: `batch_size` is not positive.
    """

    def __init__(self, n, batch_size, shuffle, seed):
        if batch_size < 1:
            raise ValueError(f"{type(self).__name__}: got batch_size={batch_size}; wanted 1 or more.")
        self.n = n
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self._seed = seed
        self._order = None
        self._start()

    def _start(self):
        self.lock = threading.Lock()
        self.index_generator = self._flow_index(self.n, self.batch_size, self.shuffle, self._seed)

    def __getstate__(self):
        # What cannot be sent to a worker process is made anew there.
        return {k: v for k, v in self.__dict__.items() if k not in ("lock", "index_generator")}

    def __setstate__(self, attributes):
        self.__dict__.update(attributes)
        self._start()

    def get_state(self):
        """Where the iterator is, a dict of plain data; NumPy's generator is not in it."""
        order = None if self._order is None else self._order.copy()
        return {"batch_index": self.batch_index, "batches": self.total_batches_seen, "order": order}

    def set_state(self, state):
        """Goes to where `get_state` said that it was."""
        self.batch_index, self.total_batches_seen = state["batch_index"], state["batches"]
        self._order = state["order"]

    def skip(self):
        """Goes past the next batch without making it."""
        with self.lock:
            next(self.index_generator)

    def reset(self):
        """Begins a new epoch with the next batch."""
        self.batch_index = 0

    def _flow_index(self, n, batch_size=32, shuffle=False, seed=None):
        if not n:
            raise ValueError(f"{type(self).__name__}: there are no samples to take a batch from.")
        while True:
            if seed is not None:
                np.random.seed(seed + self.total_batches_seen)
            if self.batch_index == 0:
                self._order = np.random.permutation(n) if shuffle else np.arange(n)
            first = self.batch_index * batch_size % n
            size = min(batch_size, n - first)
            self.batch_index = self.batch_index + 1 if size == batch_size else 0
            self.total_batches_seen += 1
            yield self._order[first : first + size], first, size

    def __iter__(self):
        return self

    def __next__(self):
        return self.next()

    def next(self):
        """Makes the next batch."""
        raise NotImplementedError(f"{type(self).__name__} must define next().")


class _ImageIterator(Iterator):
    """The batches of an ImageDataGenerator: images changed at random, with or without labels.

    `next` may be called from several threads. Without a seed they work at one time; with a seed one
    works after the other, since all draw from the one generator of NumPy.

    Args:
        n: int, number of images.
        image_shape: shape of one image.
        image_data_generator: ImageDataGenerator.
        dim_ordering: "th" or "tf".
        batch_size: int; this, `shuffle` and `seed` as in `Iterator`.
        shuffle: bool.
        seed: int or None.
        save_to_dir: path of a folder to which images are written as they are used; None writes none.
        save_prefix: str, with which the names of these files begin.
        save_format: str, file name extension by which Pillow knows the format.
    """

    def __init__(
        self,
        n,
        image_shape,
        image_data_generator,
        dim_ordering,
        batch_size,
        shuffle,
        seed,
        save_to_dir,
        save_prefix,
        save_format,
    ):
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

    def next(self):
        """Makes the next batch.

        Returns:
            Tuple (images, labels), or images alone where there are no labels. Images are an array of
            `K.floatx()` of shape (samples, channels, rows, columns) for "th", (samples, rows, columns,
            channels) for "tf".
        """
        if self._one_at_a_time:
            with _drawing:
                chosen, first, _ = next(self.index_generator)
                return self._batch(chosen, first)
        with self.lock:
            chosen, first, _ = next(self.index_generator)
        return self._batch(chosen, first)

    def _batch(self, chosen, first):
        generator = self.image_data_generator
        images = np.empty((len(chosen), *self.image_shape), float_type())
        for place, index in enumerate(chosen):
            images[place] = generator.standardize(generator.random_transform(self._image(index)))
        if self.save_to_dir:
            self._save(images, first)
        labels = self._labels(chosen)
        return images if labels is None else (images, labels)

    def _save(self, images, first):
        for number, x in enumerate(images, first):
            # The random number keeps epochs apart; it is drawn as in Keras 1.2.2.
            name = f"{self.save_prefix}_{number}_{np.random.randint(10000)}.{self.save_format}"
            array_to_img(x, self.dim_ordering).save(os.path.join(self.save_to_dir, name))

    def _image(self, index):
        """A fresh array of K.floatx() with image number `index`, which may be changed."""
        raise NotImplementedError

    def _labels(self, chosen):
        """The labels of images, an array; None where there are none."""
        raise NotImplementedError


class NumpyArrayIterator(_ImageIterator):
    """Batches of images from an array; `ImageDataGenerator.flow` makes one.

    Args:
        x: array of images, shape (n, channels, rows, columns) for "th", (n, rows, columns, channels)
            for "tf", with 1, 3 or 4 channels.
        y: array of labels, shape (n, ...); None for none.
        image_data_generator: ImageDataGenerator that changes the images.
        batch_size: int, images in a batch.
        shuffle: bool, whether images come in random order; see `Iterator`.
        seed: int, seed of the random choices; see `Iterator`.
        dim_ordering: "th", "tf" or "default".
        save_to_dir: path of a folder to which images are written as they are used; None writes none.
        save_prefix: str, with which the names of these files begin.
        save_format: str, "jpeg", "png", ...

    Raises:
        ValueError: `x` is no array of images, or `y` has another length.
    """

    def __init__(
        self,
        x,
        y,
        image_data_generator,
        batch_size=32,
        shuffle=False,
        seed=None,
        dim_ordering="default",
        save_to_dir=None,
        save_prefix="",
        save_format="jpeg",
    ):
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

    def _image(self, index):
        return self.x[index].copy()

    def _labels(self, chosen):
        return None if self.y is None else self.y[chosen]


def image_batch(x, channel_axis, who):
    """`x` as an array of K.floatx().

    Args:
        x: array-like of images.
        channel_axis: int, axis of channels, 1 or 3.
        who: str, for the message.

    Returns:
        Array of rank 4 with 1, 3 or 4 channels; `x` itself where that is one of this type.

    Raises:
        ValueError: `x` has another shape.
    """
    x = np.asarray(x, dtype=float_type())
    if x.ndim != 4:
        raise ValueError(f"{who}: got an array of shape {x.shape}; wanted a batch of images, of rank 4.")
    if x.shape[channel_axis] not in (1, 3, 4):
        ordering = "th" if channel_axis == 1 else "tf"
        raise ValueError(
            f"{who}: got an array of shape {x.shape}; dim_ordering {ordering!r} has channels on axis "
            f"{channel_axis}, and their number must be 1, 3 or 4."
        )
    return x


class DirectoryIterator(_ImageIterator):
    """Batches of images from a folder with one folder for each class.

    `ImageDataGenerator.flow_from_directory` makes one. Files are read as they are used: PNG, JPEG and BMP
    files, also in folders inside those of the classes. Their order is that of their sorted paths.

    Args:
        directory: path of the folder.
        image_data_generator: ImageDataGenerator that changes the images.
        target_size: (rows, columns) in pixels, the size images are brought to.
        color_mode: "rgb" or "grayscale".
        dim_ordering: "th", "tf" or "default".
        classes: list of names of folders, class 0 first; None takes all, sorted by name.
        class_mode: what labels are: "categorical" one-hot rows, "binary" floats 0 and 1, "sparse" class
            numbers, None no labels.
        batch_size: int, images in a batch.
        shuffle: bool, whether images come in random order; see `Iterator`.
        seed: int, seed of the random choices; see `Iterator`.
        save_to_dir: path of a folder to which images are written as they are used; None writes none.
        save_prefix: str, with which the names of these files begin.
        save_format: str, "jpeg", "png", ...
        follow_links: bool, whether links to folders inside those of the classes are followed.

    Attributes:
        filenames: list of the paths of the images, from `directory` on.
        classes: int32 array, the class number of each image.
        class_indices: dict name of class -> its number.
        nb_class: int, number of classes.
        nb_sample: int, number of images.

    Raises:
        ValueError: `color_mode` or `class_mode` is something else, or a class has no folder.
        OSError: there is no such folder.
    """

    def __init__(
        self,
        directory,
        image_data_generator,
        target_size=(256, 256),
        color_mode="rgb",
        dim_ordering="default",
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

    def _image(self, index):
        path = os.path.join(self.directory, self.filenames[index])
        image = load_img(path, self.color_mode == "grayscale", self.target_size)
        return img_to_array(image, self.dim_ordering)

    def _labels(self, chosen):
        if self.class_mode is None:
            return None
        numbers = self.classes[chosen]
        if self.class_mode == "sparse":
            return numbers
        if self.class_mode == "binary":
            return numbers.astype("float32")
        return np.eye(self.nb_class, dtype="float32")[numbers]


def _check_choice(name, value, known):
    if value not in known:
        wanted = ", ".join(map(repr, known))
        raise ValueError(f"DirectoryIterator: got {name}={value!r}; wanted one of {wanted}.")


def _class_folders(directory):
    return sorted(name for name in os.listdir(directory) if os.path.isdir(os.path.join(directory, name)))


def _images(directory, name, follow_links):
    """Paths of the images of one class, from `directory` on, sorted."""
    folder = os.path.join(directory, name)
    if not os.path.isdir(folder):
        raise ValueError(f"DirectoryIterator: class {name!r} has no folder {folder}.")
    return [
        os.path.relpath(os.path.join(root, file), directory)
        for root, _, files in sorted(os.walk(folder, followlinks=follow_links))
        for file in sorted(files)
        if file.lower().endswith(_EXTENSIONS)
    ]
