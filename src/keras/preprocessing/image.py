"""Images: random transformations, batches from arrays and folders, Pillow images and arrays.

Image files need Pillow; rotations, shifts, shears and zooms need scipy: pip install keras-classic[image].
Both are imported on first use.
"""

from .. import backend as K  # noqa: F401 - Keras 1 programs import it from here
from ._directory_iterator import DirectoryIterator as DirectoryIterator
from ._image_files import array_to_img as array_to_img
from ._image_files import img_to_array as img_to_array
from ._image_files import list_pictures as list_pictures
from ._image_files import load_img as load_img
from ._image_generator import ImageDataGenerator as ImageDataGenerator
from ._image_iterators import NumpyArrayIterator as NumpyArrayIterator
from ._image_transforms import apply_transform as apply_transform
from ._image_transforms import flip_axis as flip_axis
from ._image_transforms import random_channel_shift as random_channel_shift
from ._image_transforms import random_rotation as random_rotation
from ._image_transforms import random_shear as random_shear
from ._image_transforms import random_shift as random_shift
from ._image_transforms import random_zoom as random_zoom
from ._image_transforms import transform_matrix_offset_center as transform_matrix_offset_center
from ._iterator import Iterator as Iterator
