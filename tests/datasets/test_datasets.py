"""The data sets, from small files in the original formats on a local server.

"1.2.2" marks an answer of Keras 1.2.2 (Python 3.6, NumPy 1.16) to the same files.
"""

import gzip
import hashlib
import io
import pickle
import tarfile

import numpy as np
import pytest
from loopback import serve
from numpy.testing import assert_array_equal

from keras import backend as K
from keras.datasets import cifar, cifar10, cifar100, imdb, mnist, reuters


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Returns a function that serves a file and redirects a module to it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    answers = {}

    with serve(answers) as (url, _):

        def publish(module, data, origin="_ORIGIN", md5="_MD5"):
            answers[f"/{module.__name__}{origin}"] = data
            monkeypatch.setattr(module, origin, f"{url}/{module.__name__}{origin}")
            if hasattr(module, md5):
                monkeypatch.setattr(module, md5, hashlib.md5(data).hexdigest())

        yield publish


def test_origins_are_those_of_keras_1():  # 1.2.2
    s3 = "https://s3.amazonaws.com"
    assert f"{s3}/img-datasets/mnist.pkl.gz" == mnist._ORIGIN
    assert f"{s3}/text-datasets/imdb_full.pkl" == imdb._ORIGIN
    assert imdb._MD5 == "d091312047c43cf9e4e38fef92437263"
    assert f"{s3}/text-datasets/imdb_word_index.pkl" == imdb._INDEX_ORIGIN
    assert imdb._INDEX_MD5 == "72d94b01291be4ff843198d3b0e1e4d7"
    assert f"{s3}/text-datasets/reuters.pkl" == reuters._ORIGIN
    assert f"{s3}/text-datasets/reuters_word_index.pkl" == reuters._INDEX_ORIGIN
    toronto = "http://www.cs.toronto.edu/~kriz"
    assert f"{toronto}/cifar-10-python.tar.gz" == cifar10._ORIGIN
    assert f"{toronto}/cifar-100-python.tar.gz" == cifar100._ORIGIN


# --- images -------------------------------------------------------------------------------------


def test_mnist_returns_the_arrays_of_the_file(publish):
    sets = tuple((np.full((n, 28, 28), n, "uint8"), np.arange(n, dtype="uint8")) for n in (3, 2))
    publish(mnist, gzip.compress(pickle.dumps(sets, 2)))
    for found, stored in zip(mnist.load_data(), sets):
        for ours, theirs in zip(found, stored):
            assert_array_equal(ours, theirs)
            assert type(ours) is np.ndarray and ours.dtype == "uint8"


def test_mnist_refuses_another_file(publish):
    publish(mnist, gzip.compress(pickle.dumps([1, 2, 3])))
    with pytest.raises(ValueError, match="two pairs"):
        mnist.load_data()


def batch(first, size, **labels):
    """Returns a CIFAR file, in which pixel p of image i is (first + i + p) % 256."""
    data = (first + np.add.outer(np.arange(size), np.arange(3072))) % 256
    return pickle.dumps({b"data": data.astype("uint8"), **{k.encode(): v for k, v in labels.items()}}, 2)


def tar(folder, batches):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in batches.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def publish_cifar10(publish):
    batches = {f"data_batch_{n}": batch(10 * n, 2, labels=[n, n + 1]) for n in range(1, 6)}
    batches["test_batch"] = batch(100, 3, labels=[7, 8, 9])
    publish(cifar10, tar("cifar-10-batches-py", batches))


def test_cifar10_joins_its_batches(publish):  # shapes and types as in 1.2.2
    publish_cifar10(publish)
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    assert x_train.shape == (10, 3, 32, 32) and x_train.dtype == "uint8"
    assert x_train[2, 0, 0, :3].tolist() == [20, 21, 22] and x_train[2, 1, 0, 0] == (20 + 1024) % 256
    assert y_train.tolist() == [[1], [2], [2], [3], [3], [4], [4], [5], [5], [6]]
    assert y_train.dtype == "uint8" and y_test.dtype == "int64"
    assert x_test.shape == (3, 3, 32, 32) and y_test.tolist() == [[7], [8], [9]]


def test_cifar10_follows_the_image_ordering(publish):
    publish_cifar10(publish)
    first = cifar10.load_data()[0][0]
    K.set_image_dim_ordering("tf")
    assert_array_equal(cifar10.load_data()[0][0], first.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("mode, train, test", [("fine", [[50], [60]], [[70]]), ("coarse", [[5], [6]], [[7]])])
def test_cifar100_returns_fine_or_coarse_labels(publish, mode, train, test):
    batches = {
        "train": batch(0, 2, fine_labels=[50, 60], coarse_labels=[5, 6]),
        "test": batch(9, 1, fine_labels=[70], coarse_labels=[7]),
    }
    publish(cifar100, tar("cifar-100-python", batches))
    (x_train, y_train), (x_test, y_test) = cifar100.load_data(mode)
    assert x_train.shape == (2, 3, 32, 32) and x_test[0, 0, 0, 0] == 9
    assert y_train.tolist() == train and y_test.tolist() == test


def test_cifar100_refuses_an_unknown_mode():
    with pytest.raises(ValueError, match="label_mode='x'"):
        cifar100.load_data("x")


def test_load_batch_reads_one_file(tmp_path):
    (tmp_path / "a").write_bytes(batch(0, 2, labels=[1, 2]))
    data, labels = cifar.load_batch(tmp_path / "a")
    assert data.shape == (2, 3, 32, 32) and labels == [1, 2]
    with pytest.raises(ValueError, match="has no .'fine_labels'.*'labels'"):
        cifar.load_batch(tmp_path / "a", label_key="fine_labels")


# --- texts --------------------------------------------------------------------------------------

TRAIN = [[24, 7, 25], [1, 11], [20, 6, 16, 16, 3]], [0, 1, 1]
TEST = [[18, 20], [19, 4, 2, 28]], [1, 0]


def lists(sets):
    return [[list(part) for part in pair] for pair in sets]


IMDB = [
    (
        {},
        [
            [[[1, 23, 9, 19, 19, 6], [1, 27, 10, 28], [1, 4, 14]], [1, 0, 1]],
            [[[1, 22, 7, 5, 2], [1, 21, 23]], [0, 1]],
        ],
    ),
    (
        {"nb_words": 15, "skip_top": 5},
        [
            [[[2, 2, 9, 2, 2, 6], [2, 2, 10, 2], [2, 2, 14]], [1, 0, 1]],
            [[[2, 2, 7, 5, 2], [2, 2, 2]], [0, 1]],
        ],
    ),
    (
        {"seed": 1, "start_char": None, "index_from": 0, "nb_words": 99},
        [[[[24, 7, 25], [20, 6, 16, 16, 3], [1, 11]], [0, 1, 1]], [[[19, 4, 2, 28], [18, 20]], [0, 1]]],
    ),
    (
        {"oov_char": 0, "nb_words": 12, "start_char": 7},
        [[[[7, 0, 9, 0, 0, 6], [7, 0, 10, 0], [7, 4, 0]], [1, 0, 1]], [[[7, 0, 7, 5, 0], [7, 0, 0]], [0, 1]]],
    ),
]

REUTERS = [
    (
        {},
        [
            [[[1, 4, 14], [1, 27, 10, 28], [1, 21, 23], [1, 23, 9, 19, 19, 6]], [1, 0, 1, 1]],
            [[[1, 22, 7, 5, 2]], [0]],
        ],
    ),
    ({"maxlen": 5, "test_split": 0.5}, [[[[1, 4, 14]], [1]], [[[1, 27, 10, 2], [1, 21, 23]], [0, 1]]]),
    (
        {"seed": 1, "start_char": None, "index_from": None, "nb_words": 99, "test_split": 0.0},
        [[[[20, 6, 16, 16, 3], [1, 11], [19, 4, 2, 28], [24, 7, 25], [18, 20]], [1, 1, 0, 0, 1]], [[], []]],
    ),
    (
        {"skip_top": 10},
        [
            [[[2, 2, 14], [2, 27, 10, 28], [2, 21, 23], [2, 23, 2, 19, 19, 2]], [1, 0, 1, 1]],
            [[[2, 22, 2, 2, 2]], [0]],
        ],
    ),
]


@pytest.mark.parametrize("options, expected", IMDB)
def test_imdb_equals_the_original(publish, options, expected):  # 1.2.2
    publish(imdb, pickle.dumps((TRAIN, TEST), 2))
    found = imdb.load_data(**options)
    assert lists(found) == expected
    assert [part.dtype for pair in found for part in pair] == [object, int] * 2


@pytest.mark.parametrize("options, expected", REUTERS)
def test_reuters_equals_the_original(publish, options, expected):  # 1.2.2
    publish(reuters, pickle.dumps((TRAIN[0] + TEST[0], TRAIN[1] + TEST[1]), 2))
    found = reuters.load_data(**options)
    assert found == tuple(tuple(pair) for pair in expected)


def test_imdb_generator_state_afterwards(publish):  # 1.2.2
    publish(imdb, pickle.dumps((TRAIN, TEST), 2))
    imdb.load_data()
    assert np.random.rand() == 0.2671273078384012


def test_words_are_dropped_without_oov_char(publish):
    # 1.2.2 drops all other words instead
    publish(imdb, pickle.dumps((TRAIN, TEST), 2))
    (_, _), (x_test, _) = imdb.load_data(
        nb_words=20, skip_top=5, oov_char=None, index_from=0, start_char=None
    )
    assert sorted(map(list, x_test)) == [[18], [19]]


def test_maxlen_keeps_training_and_test_sets_separate(publish):
    # in 1.2.2, test reviews move into the training set
    publish(imdb, pickle.dumps((TRAIN, TEST), 2))
    (x_train, y_train), (x_test, y_test) = imdb.load_data(maxlen=4, nb_words=99)
    assert list(x_train) == [[1, 4, 14]] and y_train.tolist() == [1]
    assert list(x_test) == [[1, 21, 23]] and y_test.tolist() == [1]


@pytest.mark.parametrize("module, data", [(imdb, (TRAIN, TEST)), (reuters, TRAIN)])
def test_maxlen_that_drops_every_text_is_refused(publish, module, data):
    publish(module, pickle.dumps(data, 2))
    with pytest.raises(ValueError, match="maxlen=2"):
        module.load_data(maxlen=2)


@pytest.mark.parametrize("module", [imdb, reuters])
def test_texts_refuse_another_file(publish, module):
    publish(module, pickle.dumps(([1, 2], [3])))
    with pytest.raises(ValueError, match="wanted a pair"):
        module.load_data()


@pytest.mark.parametrize("module", [imdb, reuters])
def test_word_index_is_read(publish, module):
    publish(module, pickle.dumps({"the": 1, "café": 2}, 2), "_INDEX_ORIGIN", "_INDEX_MD5")
    assert module.get_word_index() == {"the": 1, "café": 2}
