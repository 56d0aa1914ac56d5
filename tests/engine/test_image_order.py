"""Images whose channels are on another axis than a layer reads: warnings, and the advice of errors."""

import warnings

import numpy as np
import pytest

from keras import backend as K
from keras.applications import VGG16
from keras.engine.image_order import in_other_order
from keras.layers import (
    Activation,
    AveragePooling2D,
    ConvLSTM2D,
    Convolution2D,
    Convolution3D,
    Cropping2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Lambda,
    MaxPooling2D,
    Permute,
    Reshape,
    SpatialDropout2D,
    TimeDistributed,
    UpSampling2D,
    ZeroPadding2D,
)
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator

LAYERS = [
    lambda **options: Convolution2D(2, 1, 1, **options),
    lambda **options: MaxPooling2D((1, 1), **options),
    lambda **options: AveragePooling2D((1, 1), **options),
    GlobalAveragePooling2D,
    ZeroPadding2D,
    UpSampling2D,
    Cropping2D,
    lambda **options: SpatialDropout2D(0.5, **options),
]


def warnings_of(make):
    """Returns the texts of the warnings that `make()` causes, and the files that they name."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


def test_the_rule():
    for shape in [(28, 28, 1), (224, 320, 3), (16, 16, 4), (None, None, 3), (16, 112, 112, 3)]:
        assert in_other_order(shape, "th") and in_other_order((shape[-1], *shape[:-1]), "tf")
        assert not in_other_order(shape, "tf") and not in_other_order((shape[-1], *shape[:-1]), "th")
    for shape in [(3, 4, 3), (1, 28, 28), (512, 7, 3), (64, 1, 1), (2048, 1, 1), (8, 8, 1), (20, 64, 2)]:
        assert not in_other_order(shape, "th")
    for shape in [(3, 4, 3), (3, 3, 512), (1, 1, 2048), (4, 8, 8), (None, None, None), (1, 9, 300)]:
        assert not in_other_order(shape, "tf")


@pytest.mark.parametrize("make", LAYERS)
@pytest.mark.parametrize("ordering, shape", [("th", (28, 32, 3)), ("tf", (3, 28, 32))])
def test_a_layer_that_reads_an_image_in_the_wrong_order_warns_once(make, ordering, shape):
    K.set_image_dim_ordering(ordering)
    layer, (first, second) = make(), (Input(shape=shape), Input(shape=shape))
    (text,) = warnings_of(lambda: (layer(first), layer(second)))
    other = {"th": "tf", "tf": "th"}[ordering]
    for part in (layer.name, f"dim_ordering {ordering!r}", str((None, *shape)), f"dim_ordering={other!r}"):
        assert part in text
    for way in (f"K.set_image_dim_ordering('{other}')", f"KERAS_IMAGE_DIM_ORDERING={other}", "keras.json"):
        assert way in text
    assert not warnings_of(lambda: make(dim_ordering=other)(Input(shape=shape)))


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: TimeDistributed(Convolution2D(2, 3, 3)), (5, 64, 64, 3)),
        (lambda: ConvLSTM2D(2, 3, 3), (5, 64, 64, 3)),
        (lambda: Convolution3D(2, 3, 3, 3), (16, 32, 32, 3)),
    ],
)
def test_sequences_of_images_and_volumes_are_read_in_the_same_way(make, shape):
    assert len(warnings_of(lambda: make()(Input(shape=shape)))) == 1
    moved = (shape[0], 3, *shape[1:3]) if len(shape) == 4 and shape[0] == 5 else (3, *shape[:3])
    assert not warnings_of(lambda: make()(Input(shape=moved)))


def test_images_that_are_rescaled_or_reshaped_first_are_data_as_well():
    def scaled():
        x = Lambda(lambda x: x / 127.5 - 1.0)(Input(shape=(64, 64, 3)))
        Convolution2D(2, 3, 3)(Activation("relu")(x))

    def reshaped():
        Convolution2D(2, 3, 1)(Reshape((28, 28, 1))(Input(shape=(784,))))

    assert len(warnings_of(scaled)) == 1 and len(warnings_of(reshaped)) == 1


def test_feature_maps_and_moved_axes_are_not_taken_for_images():
    def columns():  # after the first layer, channels first: 100 filters, 56 steps, one column
        x = Convolution2D(100, 5, 300)(Input(shape=(1, 60, 300)))
        assert K.int_shape(x) == (None, 100, 56, 1)
        MaxPooling2D((56, 1))(Convolution2D(20, 1, 1)(x))

    def moved():
        Convolution2D(2, 3, 3)(Permute((3, 1, 2))(Input(shape=(64, 64, 3))))

    assert not warnings_of(columns) and not warnings_of(moved)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: Convolution2D(8, 3, 3), (28, 28, 1)),
        (lambda: Convolution2D(8, 3, 3), (8, 8, 1)),
        (lambda: MaxPooling2D(), (28, 28, 1)),
        (lambda: Convolution2D(8, 3, 3), (None, None, 3)),
        (lambda: Convolution2D(8, 3, 3, dim_ordering="th"), (None, None, 3)),
        (lambda: Cropping2D(((2, 2), (2, 2))), (32, 32, 3)),
        (lambda: TimeDistributed(Convolution2D(8, 3, 3)), (4, 28, 28, 1)),
    ],
)
@pytest.mark.filterwarnings("ignore:.*reads channels first")
def test_an_error_about_sizes_names_the_ordering_and_the_ways_to_set_it(make, shape):
    layer = make()
    with pytest.raises(ValueError) as error:
        layer(Input(shape=shape))
    for part in ("channels first (dim_ordering 'th')", "dim_ordering='tf'", "KERAS_IMAGE_DIM_ORDERING=tf"):
        assert part in str(error.value)


def test_an_error_about_sizes_gives_no_advice_where_the_order_is_right():
    with pytest.raises(ValueError, match=r"channels first \(dim_ordering 'th'\)\.$"):
        Convolution2D(8, 5, 5)(Input(shape=(3, 4, 4)))
    with pytest.raises(ValueError, match="number of channels must be known.*'tf'"):
        Convolution2D(8, 5, 5, dim_ordering="tf")(Input(shape=(None, None, None)))


@pytest.mark.parametrize(
    "ordering, wanted, found", [("th", (1, 8, 9), (8, 9, 1)), ("tf", (8, 9, 3), (3, 8, 9))]
)
def test_fit_says_where_the_channels_of_the_data_should_be(ordering, wanted, found):
    model = Sequential(
        [Convolution2D(2, 3, 3, input_shape=wanted, dim_ordering=ordering), Flatten(), Dense(1)]
    )
    model.compile("sgd", "mse")
    x = np.zeros((4, *found))
    with pytest.raises(ValueError, match=r"pass numpy\.moveaxis\(x, (-1, 1|1, -1)\)") as error:
        model.fit(x, np.zeros((4, 1)), verbose=0)
    source, target = (-1, 1) if "(x, -1, 1)" in str(error.value) else (1, -1)
    assert np.moveaxis(x, source, target).shape[1:] == wanted


def test_generators_and_applications_name_the_ordering():
    with pytest.raises(ValueError, match="axis 1.*dim_ordering='tf' to ImageDataGenerator"):
        ImageDataGenerator().flow(np.zeros((2, 28, 28, 1)), np.zeros(2))
    with pytest.raises(ValueError, match=r"got \(64, 64, 3\)\..*K\.set_image_dim_ordering\('tf'\)"):
        VGG16(weights=None, include_top=False, input_shape=(64, 64, 3))
