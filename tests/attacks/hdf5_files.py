"""Attacks by HDF5 files: links, numbers kept elsewhere, sizes and names.

None has the digest of keras-classic: an attacker could write one, and so it must not matter.
"""

import json
import os

import h5py
import numpy as np

from attacks.configs import SMALL, SMALL_WEIGHTS
from attacks.corpus import Case
from keras._files import hdf5_format

# Where in a model file something of the attacker's is put in place of what should be there.
PLACES = {
    "all_weights": "model_weights",
    "layer": "model_weights/dense",
    "on_the_way": "model_weights/way",
    "array": "model_weights/dense/W",
    "optimizer": "optimizer_weights/lr",
}


def write_secret(path):
    """A good file outside of the corpus, for others to link to."""
    _write_plain(path)
    with h5py.File(path, "r+") as file:
        file["secret"] = np.ones((4, 3), "f4")


def _write_plain(path):
    with h5py.File(path, "w") as file:
        optimizer = {"class_name": "SGD", "config": {"lr": 0.1}}
        training = {"optimizer_config": optimizer, "loss": "mse", "metrics": []}
        hdf5_format.write_model_parts(file, SMALL, SMALL_WEIGHTS, training, [("lr", np.float32(1))])


def _changed(change):
    """A function that writes a model file in which something was changed."""

    def write(path):
        _write_plain(path)
        with h5py.File(path, "r+") as file:
            change(file)

    return write


def _putting(place, put):
    def change(file):
        parent, name = os.path.split(place)
        group = file[parent] if parent else file
        if name == "way":
            file["model_weights"].attrs["layer_names"] = [b"x", b"way/dense"]
        else:
            del group[name]
        put(group, name)

    return _changed(change)


def _soft_link(group, name):
    group[name] = h5py.SoftLink("/model_weights/x")


def _references(group, name):
    group.create_dataset(name, (4, 3), dtype=h5py.ref_dtype)


def cases(outside):
    secret_h5, secret = os.path.join(outside, "secret.h5"), os.path.join(outside, "secret")

    def external_link(group, name):
        group[name] = h5py.ExternalLink(secret_h5, group.name.rstrip("/") + "/" + name)

    def stored_elsewhere(group, name):
        group.create_dataset(name, (4, 3), "f4", external=[(secret, 0, 48)])

    def virtual(group, name):
        layout = h5py.VirtualLayout((4, 3), "f4")
        layout[:] = h5py.VirtualSource(secret_h5, "secret", (4, 3))
        group.create_virtual_dataset(name, layout)

    for place, path in PLACES.items():
        for put in (_soft_link, external_link, stored_elsewhere, virtual, _references):
            yield Case(f"{place}_{put.__name__.strip('_')}", "hdf5", "model", _putting(path, put))
    yield from _sizes()
    yield from _names(outside)


def _sizes():
    def huge(shape, **options):
        def put(group, name):
            dataset = group.create_dataset(name, shape, "f4", chunks=(2**10,), compression="gzip", **options)
            dataset[0] = 1

        return _putting(PLACES["array"], put)

    def many_names(file):
        group = file["model_weights/dense"]
        group.attrs["weight_names"] = [f"w{i}".encode() for i in range(2_000)]
        del group["W"]
        group["w0"] = np.ones(100_000, "f4")
        for i in range(1, 2_000):
            group[f"w{i}"] = group["w0"]

    def packed(file):
        del file["model_weights/dense/W"]
        fits = dict(compression="gzip", compression_opts=9, chunks=(2**20, 1))
        file["model_weights/dense"].create_dataset("W", data=np.zeros((2**24, 3), "f4"), **fits)
        file.attrs["model_config"] = json.dumps(SMALL).replace("[null, 4]", f"[null, {2**24}]").encode()

    yield Case("huge", "bombs", "model", huge((2**50,)))
    yield Case("just_below_4_GiB", "bombs", "model", huge((2**30 - 2**20,)))
    yield Case("one_array_under_many_names", "bombs", "model", _changed(many_names))
    yield Case("packed_well", "bombs", "model", _changed(packed))


def _names(outside):
    names = [
        b"../../dense",
        b"/model_weights/dense",
        b"a\\..\\dense",
        b"dense/../dense",
        b"",
        b"dense\x01",
        b"d" * 10_000,
        os.path.join(outside, "marker").encode(),
    ]
    for i, name in enumerate(names):

        def rename(file, name=name):
            file["model_weights"].attrs["layer_names"] = np.array([b"x", name])

        yield Case(f"name_{i}", "names and paths", "model", _changed(rename))
