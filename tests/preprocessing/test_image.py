"""Images; "1.2.2" marks a result of Keras 1.2.2 (Python 3.6, NumPy 1.16, scipy 1.2, Pillow 6.2)."""

import concurrent.futures
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from keras import backend as K
from keras.preprocessing import image
from keras.preprocessing.image import ImageDataGenerator

X = np.arange(16.0).reshape(1, 4, 4)
XS = np.arange(48.0).reshape(3, 1, 4, 4)
COLOURS = np.random.RandomState(0).rand(4, 3, 2, 2).astype("float32")


# --- one image ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, arguments, options, expected",
    [
        (image.random_rotation, (90,), {}, [1, 2, 3, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15]),
        (
            image.random_rotation,
            (90,),
            {"fill_mode": "constant", "cval": 7.0},
            [7, 7, 7, 7, 0, 5, 6, 7, 4, 9, 10, 7, 7, 13, 14, 7],
        ),
        (image.random_shift, (0.4, 0.3), {}, [1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15]),
        (
            image.random_shift,
            (0.9, 0.9),
            {"fill_mode": "wrap"},
            [10, 11, 9, 10, 2, 3, 1, 2, 6, 7, 5, 6, 10, 11, 9, 10],
        ),
        (
            image.random_zoom,
            ((0.5, 2.0),),
            {"fill_mode": "wrap"},
            [14, 12, 14, 12, 6, 4, 6, 4, 10, 8, 10, 8, 2, 0, 2, 0],
        ),
        (image.random_shear, (1.0,), {}, list(range(16))),
        (
            image.random_channel_shift,
            (4.0,),
            {},
            [0, 0.3362, 1.3362, 2.3362, 3.3362, 4.3362, 5.3362, 6.3362]
            + [7.3362, 8.3362, 9.3362, 10.3362, 11.3362, 12.3362, 13.3362, 14.3362],
        ),
    ],
)
def test_random_transformations_under_a_seed(function, arguments, options, expected):  # 1.2.2
    np.random.seed(1)
    changed = function(X, *arguments, **options)
    assert_allclose(changed.ravel(), expected, atol=5e-5)
    assert changed.shape == X.shape


def test_fill_mode_reflect_mirrors_the_border():
    # By hand: 2.7 columns to the right, a b c d | d c. Keras 1.2.2 with scipy before 1.6 gives 3 2 2 1.
    matrix = image.transform_matrix_offset_center(np.eye(3), 1, 4) + [[0, 0, 0], [0, 0, 2.7], [0, 0, 0]]
    moved = image.apply_transform(np.arange(4.0).reshape(1, 1, 4), matrix, fill_mode="reflect")
    assert_array_equal(moved, [[[3, 3, 2, 1]]])


def test_zoom_of_one_is_not_drawn():  # 1.2.2
    state = np.random.get_state()[2]
    assert_array_equal(image.random_zoom(X, (1, 1)), X)
    assert np.random.get_state()[2] == state


@pytest.mark.parametrize("zoom_range", [0.5, (1,), (1, 2, 3), None])
def test_zoom_range_must_be_two_numbers(zoom_range):
    with pytest.raises(ValueError, match="two numbers"):
        image.random_zoom(X, zoom_range)


def test_transform_matrix_is_moved_to_the_center():  # 1.2.2
    matrix = image.transform_matrix_offset_center(np.array([[1, 0.5, 1], [0, 2, 3], [0, 0, 1]]), 6, 5)
    assert_array_equal(matrix, [[1, 0.5, -0.5], [0, 2, 0], [0, 0, 1]])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flip_axis_reverses_an_axis(axis):
    assert_array_equal(image.flip_axis(COLOURS[0], axis), np.flip(COLOURS[0], axis))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_apply_transform_keeps_dtype(dtype):  # 1.2.2
    assert image.apply_transform(X.astype(dtype), np.eye(3)).dtype == dtype


# --- files --------------------------------------------------------------------------------------


def test_array_to_img_scales_to_255():  # 1.2.2
    given = np.arange(-4, 8).reshape(3, 2, 2) * 1.5
    expected = [[[0, 92, 185], [23, 115, 208]], [[46, 139, 231], [69, 162, 255]]]
    assert_array_equal(np.asarray(image.array_to_img(given)), expected)
    assert given[0, 0, 0] == -6  # not changed


@pytest.mark.parametrize("ordering, shape", [("th", (3, 5, 4)), ("th", (1, 5, 4)), ("tf", (5, 4, 3))])
def test_images_survive_a_round_trip_to_arrays(ordering, shape):
    given = np.random.RandomState(0).randint(0, 256, shape)
    picture = image.array_to_img(given, ordering, scale=False)
    assert picture.size == (4, 5)
    back = image.img_to_array(picture, ordering)
    assert_array_equal(back, given)
    assert back.dtype == "float32"


@pytest.mark.parametrize(
    "shape, ordering, message",
    [((4, 4), "th", "rank 3"), ((2, 4, 4), "th", "2 channels"), ((3, 4, 4), "x", "x")],
)
def test_array_to_img_refuses(shape, ordering, message):
    with pytest.raises(ValueError, match=message):
        image.array_to_img(np.zeros(shape), ordering)


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.array_to_img(pixels, "tf", scale=False).save(path)


def test_load_img_resizes(tmp_path):
    pixels = np.random.RandomState(0).randint(0, 256, (4, 6, 3))
    write(tmp_path / "a.png", pixels)
    assert_array_equal(np.asarray(image.load_img(tmp_path / "a.png")), pixels)
    assert image.load_img(tmp_path / "a.png", grayscale=True).mode == "L"
    small = image.load_img(tmp_path / "a.png", target_size=(2, 3))  # rows, columns
    assert_array_equal(np.asarray(small), pixels[1::2, 1::2])  # 1.2.2: no interpolation


def test_load_img_of_a_grayscale_file(tmp_path):  # 1.2.2
    write(tmp_path / "a.png", np.full((2, 2, 1), 9))
    assert_array_equal(np.asarray(image.load_img(tmp_path / "a.png")), np.full((2, 2, 3), 9))


def test_list_pictures_finds_files_by_extension(tmp_path):  # 1.2.2
    for name in ["a.png", "b.PNG", "c-1.png", "d/e.bmp", "f.gif", "g.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert image.list_pictures(str(tmp_path)) == [str(tmp_path / "a.png"), str(tmp_path / "d" / "e.bmp")]
    assert image.list_pictures(str(tmp_path), ext="gif") == [str(tmp_path / "f.gif")]


@pytest.mark.parametrize(
    "missing, work",
    [
        ("PIL", lambda: image.load_img("a.png")),
        ("PIL", lambda: image.array_to_img(X)),
        ("scipy.ndimage", lambda: image.random_rotation(X, 20)),
    ],
)
def test_missing_library_is_named(monkeypatch, missing, work):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"pip install keras-classic\[image\]"):
        work()


def test_import_does_not_load_pillow_or_scipy_ndimage():
    path = [p for p in sys.path if p]
    code = "import keras, keras.preprocessing.image, keras.datasets.mnist"
    program = (
        f"import sys; sys.path[:0] = {path!r}; {code}; print({{'PIL', 'scipy.ndimage'}} & {{*sys.modules}})"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


# --- batches from an array ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ((5, 2, False, None), [[0, 1], [2, 3], [4], [0, 1], [2, 3], [4], [0, 1]]),
        ((5, 2, True, 3), [[3, 4], [1, 0], [2], [3, 4], [0, 1], [2], [3, 0]]),
        ((5, 8, True, None), [[4, 0, 1, 2, 3], [3, 2, 4, 1, 0], [1, 4, 2, 0, 3], [0, 2, 1, 3, 4]]),
        # no reshuffling if batch_size divides n
        ((6, 2, True, None), [[5, 2], [4, 1], [0, 3], [5, 2], [4, 1], [0, 3], [5, 2]]),
    ],
)
def test_order_of_samples_is_that_of_1_2_2(arguments, expected):  # 1.2.2
    iterator = image.Iterator(*arguments)
    np.random.seed(5)
    assert [next(iterator.index_generator)[0].tolist() for _ in expected] == expected


def test_reset_starts_an_epoch():  # 1.2.2
    iterator = image.Iterator(5, 2, False, None)
    next(iterator.index_generator)
    iterator.reset()
    chosen, first, size = next(iterator.index_generator)
    assert chosen.tolist() == [0, 1] and (first, size) == (0, 2) and iterator.total_batches_seen == 2


GEOMETRY = {
    "rotation_range": 90,
    "width_shift_range": 0.3,
    "height_shift_range": 0.3,
    "shear_range": 0.5,
    "zoom_range": 0.4,
    "horizontal_flip": True,
    "vertical_flip": True,
}


def test_batches_under_a_seed():  # 1.2.2
    batches = ImageDataGenerator(**GEOMETRY).flow(XS, [0, 1, 2], batch_size=2, seed=7)
    x, y = batches.next()
    assert y.tolist() == [2, 1] and x.dtype == "float32"
    first = [46, 45, 45, 44, 46, 46, 41, 41, 47, 42, 42, 37, 43, 39, 38, 38]
    second = [28, 29, 30, 31, 28, 28, 30, 31, 24, 24, 25, 27, 20, 20, 21, 22]
    assert_array_equal(x.reshape(2, -1), [first, second])
    x, y = next(batches)
    assert y.tolist() == [0]
    assert_array_equal(x.ravel(), [11, 15, 15, 15, 11, 11, 15, 15, 7, 11, 14, 14, 6, 10, 10, 14])


def test_random_transform_supports_channels_last():  # 1.2.2
    generator = ImageDataGenerator(
        rotation_range=30, channel_shift_range=9.0, horizontal_flip=True, dim_ordering="tf"
    )
    np.random.seed(2)
    changed = generator.random_transform(np.arange(12.0).reshape(2, 2, 3))
    expected = [0, 4.8939, 3.8358, 0, 1.8939, 0.8358, 0.4667, 10.8939, 9.8358, 0, 7.8939, 6.8358]
    assert_allclose(changed.ravel(), expected, atol=5e-5)


@pytest.mark.parametrize(
    "options, expected",
    [
        (
            {"samplewise_center": True, "samplewise_std_normalization": True},
            [-0.41841, 0.9356, -0.0548, -0.65882, -0.96071, 0.45062]
            + [-1.19642, 1.41314, 1.37912, -1.38622, 1.25122, -0.75432],
        ),
        (
            {"featurewise_center": True, "featurewise_std_normalization": True},
            [0.00366, 0.58479, 0.1921, -0.01007, -0.38959, 0.44941]
            + [-0.33699, 1.37766, 1.4726, -0.6657, 0.83895, -0.12966],
        ),
        (
            {"preprocessing_function": lambda x: x + 1, "rescale": 2.0},
            [3.09763, 3.43038, 3.20553, 3.08977, 2.84731, 3.29179]
            + [2.87517, 3.78355, 3.92733, 2.76688, 3.58345, 3.05779],
        ),
    ],
)
def test_standardize_applies_each_option(options, expected):  # 1.2.2
    generator = ImageDataGenerator(**options)
    generator.fit(COLOURS)
    assert_allclose(generator.standardize(COLOURS[0].copy()).ravel(), expected, atol=1e-5)


def test_zca_whitening_decorrelates():  # 1.2.2
    state = np.random.RandomState(0)
    state.rand(48)
    x = state.rand(50, 1, 2, 2).astype("float32")
    generator = ImageDataGenerator(zca_whitening=True, featurewise_center=True)
    generator.fit(x)
    assert_allclose(generator.principal_components[0], [3.5254, 0.0461, 0.0516, -0.0074], atol=1e-4)
    whitened = np.stack([generator.standardize(image) for image in x.copy()]).reshape(50, -1)
    assert_allclose(whitened[0], [-0.5853, -0.3908, 0.2898, -0.0748], atol=1e-4)
    assert_allclose(whitened.T @ whitened / 50, np.eye(4), atol=1e-4)  # the definition of whitening


def test_fit_can_augment():  # 1.2.2
    generator = ImageDataGenerator(featurewise_center=True, rotation_range=90)
    generator.fit(XS, augment=True, rounds=2, seed=3)
    assert_array_equal(generator.mean, [[[25.09375]]])


def test_input_images_are_not_changed():
    given = COLOURS.copy()
    generator = ImageDataGenerator(rescale=2.0, featurewise_center=True)
    generator.fit(given)
    next(generator.flow(given))
    assert_array_equal(given, COLOURS)


def test_statistics_without_fit_warn():  # 1.2.2
    with pytest.warns(UserWarning, match=r"featurewise_center.*\.fit") as caught:
        x = next(ImageDataGenerator(featurewise_center=True).flow(COLOURS, shuffle=False))
    assert caught[0].filename == __file__
    assert_array_equal(x, COLOURS)


def test_seeded_batches_do_not_depend_on_threads():
    def batches():
        return ImageDataGenerator(**GEOMETRY).flow(XS, [0, 1, 2], batch_size=1, seed=7)

    one, many = batches(), batches()
    expected = sorted(next(one)[0].tobytes() for _ in range(40))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(lambda _: next(many)[0].tobytes(), range(40)))
    assert found == expected


def test_unseeded_threads_miss_no_sample():
    batches = ImageDataGenerator(rotation_range=20).flow(XS, [0, 1, 2], batch_size=2)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        labels = [label for _, y in pool.map(lambda _: next(batches), range(40)) for label in y]
    assert sorted(labels) == [0] * 20 + [1] * 20 + [2] * 20


@pytest.mark.parametrize(
    "options, message",
    [
        ({"dim_ordering": "x"}, "dim_ordering"),
        ({"zoom_range": (1, 2, 3)}, "zoom_range"),
        ({"zoom_range": None}, "zoom_range"),
        ({"fill_mode": "mirror-like"}, "fill_mode"),
    ],
)
def test_invalid_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ImageDataGenerator(**options)


@pytest.mark.parametrize(
    "x, y, options, message",
    [
        (XS[0], None, {}, "rank 4"),
        (np.zeros((3, 2, 4, 4)), None, {}, "1, 3 or 4"),
        (XS, [0, 1], {}, "3 images"),
        (XS, None, {"batch_size": 0}, "batch_size=0"),
        (XS, None, {"save_to_dir": ".", "save_prefix": "../a"}, "save_prefix"),
    ],
)
def test_flow_refuses(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        ImageDataGenerator().flow(x, y, **options)


def test_empty_folder_is_refused():
    with pytest.raises(ValueError, match="no samples"):
        next(ImageDataGenerator().flow(XS[:0]))


def test_save_to_dir_writes_the_batches(tmp_path):  # 1.2.2
    batches = ImageDataGenerator().flow(
        COLOURS, batch_size=3, seed=3, save_to_dir=str(tmp_path), save_prefix="p", save_format="png"
    )
    x = [next(batches) for _ in range(2)]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name.split("_")[:2] for name in names] == [["p", str(n)] for n in range(4)]
    assert_array_equal(image.load_img(tmp_path / names[0]), image.array_to_img(x[0][0]))


def test_batches_have_the_type_of_floatx():
    K.set_floatx("float64")
    assert next(ImageDataGenerator(rotation_range=3).flow(XS)).dtype == "float64"


# --- batches from a folder ----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Five images of one color each, 0 to 4, in two folders, with other files beside them."""
    names = ["cats/a.png", "cats/b.PNG", "cats/more/c-1.bmp", "dogs/d.png", "dogs/e.png"]
    for number, name in enumerate(names):
        write(tmp_path / "data" / name, np.full((4, 6, 3), number))
    (tmp_path / "data" / "dogs" / "n.txt").write_text("no image")
    write(tmp_path / "data" / "top.png", np.zeros((2, 2, 3)))
    return tmp_path / "data"


def flow(folder, **options):
    options = {"target_size": (2, 3), "shuffle": False, **options}
    return ImageDataGenerator().flow_from_directory(str(folder), **options)


def test_flow_from_directory_labels_by_folder(folder, capsys):  # 1.2.2
    batches = flow(folder, batch_size=4)
    assert capsys.readouterr().out == "Found 5 images belonging to 2 classes.\n"
    assert batches.class_indices == {"cats": 0, "dogs": 1}
    assert batches.classes.tolist() == [0, 0, 0, 1, 1] and batches.classes.dtype == "int32"
    assert batches.filenames[2:4] == [os.path.join("cats", "more", "c-1.bmp"), os.path.join("dogs", "d.png")]
    x, y = next(batches)
    assert x.shape == (4, 3, 2, 3) and x[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    assert_array_equal(y, [[1, 0], [1, 0], [1, 0], [0, 1]])
    assert next(batches)[0].shape == (1, 3, 2, 3)


@pytest.mark.parametrize(
    "class_mode, dtype, labels",
    [("sparse", "int32", [1, 1, 1, 0, 0]), ("binary", "float32", [1, 1, 1, 0, 0])],
)
def test_class_modes_and_class_names(folder, class_mode, dtype, labels):  # 1.2.2
    batches = flow(folder, class_mode=class_mode, classes=["dogs", "cats"])
    _, y = next(batches)
    assert sorted(y.tolist()) == sorted(labels) and y.dtype == dtype
    assert batches.class_indices == {"dogs": 0, "cats": 1}


def test_grayscale_without_labels(folder):  # 1.2.2
    assert next(flow(folder, class_mode=None, color_mode="grayscale")).shape == (5, 1, 2, 3)


def test_flow_from_directory_supports_channels_last(folder):
    K.set_image_dim_ordering("tf")
    assert next(flow(folder))[0].shape == (5, 2, 3, 3)


def test_follow_links(folder, tmp_path):  # 1.2.2
    write(tmp_path / "other" / "z.png", np.zeros((2, 2, 3)))
    (folder / "cats" / "link").symlink_to(tmp_path / "other")
    assert flow(folder).nb_sample == 5
    assert flow(folder, follow_links=True).nb_sample == 6


@pytest.mark.parametrize(
    "options, message",
    [
        ({"class_mode": "x"}, "class_mode"),
        ({"color_mode": "x"}, "color_mode"),
        ({"classes": ["birds"]}, "class 'birds' has no folder"),
        ({"save_prefix": "a/b"}, "save_prefix"),
    ],
)
def test_flow_from_directory_refuses(folder, options, message):
    with pytest.raises(ValueError, match=message):
        flow(folder, **options)


@pytest.mark.parametrize("batch_size", [4, 5])
def test_the_position_in_any_epoch_can_be_restored(batch_size):
    def iterator():
        return ImageDataGenerator().flow(np.zeros((8, 4, 4, 3)), batch_size=batch_size, seed=1)

    first, again = iterator(), iterator()
    for _ in range(7):
        next(first)
    again.set_state(first.get_state())
    assert again.get_state()["batches"] == 7
