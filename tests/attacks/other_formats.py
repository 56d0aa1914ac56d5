"""Attacks on the readers of `_inspect` and `convert`: `.keras`, safetensors, `.npz` and `.npy`.

Each file is described, and then loaded, which must be refused.
"""

import io
import json
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from attacks.corpus import Case

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "keras3"


def layer(class_name, name, *nodes, module="keras.layers", **config):
    entry = {"module": module, "class_name": class_name, "config": {"name": name, **config}}
    return {**entry, "registered_name": None, "name": name, "inbound_nodes": list(nodes)}


def tensor(name, node=0, index=0):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, node, index]}}


def call(*args, **kwargs):
    return {"args": list(args), "kwargs": kwargs}


INPUT = layer("InputLayer", "x", batch_shape=[None, 4], dtype="float32")
DENSE = layer("Dense", "d", call(tensor("x")), units=2)


def model(*layers, inputs=("x", 0, 0), outputs=("d", 0, 0)):
    config = {"name": "m", "layers": list(layers), "input_layers": inputs, "output_layers": outputs}
    return {"module": "keras", "class_name": "Functional", "config": config}


def weights(write=None):
    """Returns the bytes of the HDF5 file of the model of INPUT and DENSE, after `write(file)`."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        group = file.create_group("layers/dense/vars")
        if write is None:
            _numbers(group)
        else:
            write(file, group)
    return memory.getvalue()


def archive(config=None, stored=None, metadata=None, method=zipfile.ZIP_DEFLATED, more=()):
    """Returns the bytes of a `.keras` file; texts that are not bytes become JSON."""
    memory = io.BytesIO()
    parts = {
        "metadata.json": {"keras_version": "3.15.1"} if metadata is None else metadata,
        "config.json": model(INPUT, DENSE) if config is None else config,
        "model.weights.h5": weights() if stored is None else stored,
    }
    with zipfile.ZipFile(memory, "w", method) as file:
        for name, part in [*parts.items(), *more]:
            file.writestr(name, part if isinstance(part, bytes) else json.dumps(part))
    return memory.getvalue()


def cases(outside):
    yield from _configs()
    yield from _stored()
    yield from _archives(outside)
    yield from _safetensors()
    yield from _arrays()


def good():
    """Files that must load."""
    yield Case("small.keras", "keras 3", "other", archive())
    yield Case("small.safetensors", "other formats", "arrays", safetensors(a=("F32", [2, 3], [0, 24])))
    yield Case("small.npz", "other formats", "arrays", npz({"a.npy": npy("<f4", (2, 3), bytes(24))}))
    for name in ("functional", "images"):
        yield Case(f"{name}.keras", "keras 3", "other", (GOLDEN / f"{name}.keras").read_bytes())


def _configs():
    """Configs of `.keras` files that lie."""
    deep = tensor("x")
    for _ in range(80):
        deep = [deep]
    chain = [layer("Dense", f"d{i}", call(tensor(f"d{i - 1}" if i else "x")), units=1) for i in range(11_000)]
    nested = model(INPUT, DENSE)
    for i in range(40):
        nested = model(INPUT, {**nested, "name": f"m{i}", "inbound_nodes": [call(tensor("x"))]})
    configs = {
        "list": [],
        "number": 3,
        "no_class": {"config": {}},
        "class_is_a_list": {"class_name": ["Dense"], "config": {}},
        "config_is_a_text": {"module": "keras", "class_name": "Functional", "config": "layers"},
        "layers_are_a_text": model() | {"config": {"layers": "abc"}},
        "layers_are_numbers": model(1, 2),
        "no_layers": {"module": "keras", "class_name": "Functional", "config": {}},
        "layer_without_config": model(INPUT, {"class_name": "Dense", "name": "d", "inbound_nodes": []}),
        "module_os": model(INPUT, layer("system", "d", call(tensor("x")), module="os", command="touch x")),
        "class_is_a_path": model(INPUT, layer("os.system", "d", call(tensor("x")))),
        "get_file": model(INPUT, layer("get_file", "d", call(tensor("x")), module="keras.utils", origin="x")),
        "lambda": model(
            INPUT, layer("Lambda", "d", call(tensor("x")), function={"class_name": "__lambda__"})
        ),
        "nodes_are_a_number": model(INPUT, {**DENSE, "inbound_nodes": 7}),
        "node_without_arguments": model(INPUT, {**DENSE, "inbound_nodes": [{}]}),
        "call_on_a_text": model(INPUT, layer("Dense", "d", call("x"), units=2)),
        "call_on_nobody": model(INPUT, layer("Dense", "d", call(tensor("nobody")), units=2)),
        "call_on_itself": model(INPUT, layer("Dense", "d", call(tensor("d")), units=2)),
        "node_minus_one": model(INPUT, layer("Dense", "d", call(tensor("x", -1)), units=2)),
        "node_of_a_billion": model(INPUT, layer("Dense", "d", call(tensor("x", 10**9)), units=2)),
        "node_is_a_text": model(INPUT, layer("Dense", "d", call(tensor("x", "0")), units=2)),
        "call_nested_deep": model(INPUT, layer("Dense", "d", call(deep), units=2)),
        "unknown_argument": model(INPUT, layer("Dense", "d", call(tensor("x"), code="import os"), units=2)),
        "two_of_one_name": model(INPUT, DENSE, DENSE),
        "no_output": model(INPUT, DENSE, outputs=()),
        "output_is_a_dict_of_numbers": model(INPUT, DENSE, outputs={"a": 1}),
        "units_of_a_billion": model(INPUT, layer("Dense", "d", call(tensor("x")), units=10**9)),
        "units_negative": model(INPUT, layer("Dense", "d", call(tensor("x")), units=-2)),
        "units_2_63": model(INPUT, layer("Dense", "d", call(tensor("x")), units=2**63)),
        "units_are_a_list": model(INPUT, layer("Dense", "d", call(tensor("x")), units=[2])),
        "input_of_terabytes": model(layer("InputLayer", "x", batch_shape=[None, 10**12]), DENSE),
        "input_shape_is_a_text": model(layer("InputLayer", "x", batch_shape="large"), DENSE),
        "input_dtype": model(layer("InputLayer", "x", batch_shape=[None, 4], dtype="object"), DENSE),
        "11000_layers": model(INPUT, *chain, outputs=("d10999", 0, 0)),
        "models_in_models": nested,
        "mask_of_nobody": model(INPUT, layer("LSTM", "d", call(tensor("x"), mask=tensor("nobody")), units=2)),
    }
    for name, config in configs.items():
        yield Case(name, "keras 3", "other", archive(config))
    text = json.dumps(model(INPUT, DENSE))
    yield Case("key_twice", "keras 3", "other", archive(text.replace("{", '{"module": "x", ', 1).encode()))
    yield Case("nested_deep", "keras 3", "other", archive(b"[" * 200_000))
    yield Case("not_utf_8", "keras 3", "other", archive(b"\xff\xfe{}"))
    yield Case("metadata_list", "keras 3", "other", archive(metadata=[1]))


def _numbers(group, kernel=(4, 2)):
    group["0"], group["1"] = np.ones(kernel, "float32"), np.zeros(2, "float32")


def _shape_without_data(file, group):
    group.create_dataset("0", (4, 10**9), "float32", chunks=(4, 10**6))


def _bomb(file, group):
    """1.4 GB in chunks of which one is stored."""
    zeros = group.create_dataset("0", (4, 90_000_000), "float32", chunks=(4, 10**6), compression="gzip")
    zeros.id.write_direct_chunk((0, 0), zlib.compress(bytes(16_000_000)))


def _texts(file, group):
    group["0"], group["1"] = np.array([b"a"] * 8).reshape(4, 2), np.array([b"a"] * 2)


def _group_for_array(file, group):
    group.create_group("0")
    group["1"] = np.zeros(2, "float32")


def _array_for_group(file, group):
    del file["layers"]
    file["layers"] = np.zeros(2)


def _circle(file, group):
    _numbers(group)
    file["layers/dense/a"] = file["layers"]
    file["layers/dense/b"] = file["layers"]


def _many(file, group):
    for i in range(1_500):
        file.create_group(f"layers/x{i}/y/z/vars")


def _stored():
    """HDF5 files inside that lie."""
    large = model(INPUT, layer("Dense", "d", call(tensor("x")), units=90_000_000))
    for write in (_shape_without_data, _texts, _group_for_array, _array_for_group, _circle, _many):
        yield Case(write.__name__.strip("_"), "keras 3 arrays", "other", archive(stored=weights(write)))
    other = weights(lambda file, group: _numbers(group, (2, 4)))
    yield Case("other_shape", "keras 3 arrays", "other", archive(stored=other))
    yield Case("bomb", "keras 3 arrays", "other", archive(large, weights(_bomb)))
    yield Case("no_hdf5", "keras 3 arrays", "other", archive(stored=b"\x89HDF\r\n\x1a\n" + bytes(200)))


def _archives(outside):
    """Archives that are damaged or bombs."""
    whole = archive()
    stored = archive(method=zipfile.ZIP_STORED)
    end = whole.rindex(b"PK\x05\x06")
    central = whole.index(b"PK\x01\x02")

    def changed(data, place, value):
        return data[:place] + value + data[place + len(value) :]

    deflated = whole.index(b"model.weights.h5") + len("model.weights.h5")
    yield Case("cut_off", "zip", "other", whole[: len(whole) // 2])
    yield Case("directory_beyond_the_end", "zip", "other", changed(whole, end + 16, b"\xff\xff\xff\x7f"))
    yield Case("size_too_small", "zip", "other", changed(whole, central + 24, struct.pack("<I", 3)))
    yield Case("size_of_4_gb", "zip", "other", changed(whole, central + 24, struct.pack("<I", 0xFFFFFFFE)))
    yield Case("password", "zip", "other", changed(whole, central + 8, b"\x01\x00"))
    yield Case("unknown_method", "zip", "other", changed(whole, central + 10, b"\x63\x00"))
    yield Case("damaged_deflate", "zip", "other", changed(whole, deflated, b"\xff" * 40))
    yield Case("damaged_data", "zip", "other", changed(stored, stored.index(b"keras_version"), b"KERAS"))
    for name, method in (("lzma", zipfile.ZIP_LZMA), ("bzip2", zipfile.ZIP_BZIP2)):
        data = archive(method=method)
        place = data.index(b"model.weights.h5") + 30
        yield Case(f"damaged_{name}", "zip", "other", changed(data, place, b"\x5a" * 60))
    more = [("../outside/marker", b"x"), (outside + "/marker", b"x")]
    yield Case("names_outside", "zip", "other", archive(model(INPUT), more=more))
    yield Case("5000_entries", "zip", "other", archive(more=[(f"a{i}", b"") for i in range(5_000)]))
    yield Case("spaces", "bombs", "other", archive(b" " * 260_000_000))


def safetensors(length=None, metadata=None, data=bytes(24), **arrays):
    """Returns the bytes of a safetensors file; an array is (dtype, shape, offsets) or any other value."""
    header = {
        name: dict(zip(("dtype", "shape", "data_offsets"), value, strict=True))
        if isinstance(value, tuple)
        else value
        for name, value in arrays.items()
    }
    text = json.dumps(header if metadata is None else {**header, "__metadata__": metadata}).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def _safetensors():
    right = ("F32", [2, 3], [0, 24])
    config = json.dumps({"class_name": "Sequential", "config": [_dense(10**9)]})
    for name, content in {
        "header_of_2_63": safetensors(2**63 - 1, a=right),
        "header_of_2_64": safetensors(2**64 - 1 - 2**56, a=right),
        "header_beyond_the_end": safetensors(4_000, a=right),
        "header_cut": safetensors(20, a=right),
        "beyond_the_end": safetensors(a=("F32", [2, 30], [0, 240])),
        "gap": safetensors(a=("F32", [2, 2], [8, 24])),
        "rest": safetensors(a=("F32", [2, 2], [0, 16])),
        "overlap": safetensors(a=right, b=("F32", [2, 3], [0, 24])),
        "overlap_by_half": safetensors(a=("F32", [4], [0, 16]), b=("F32", [4], [8, 24])),
        "negative": safetensors(a=("F32", [2, 3], [-24, 0])),
        "negative_shape": safetensors(a=("F32", [-2, -3], [0, 24])),
        "backwards": safetensors(a=("F32", [2, 3], [24, 0])),
        "offset_2_63": safetensors(a=("F32", [2, 3], [2**63, 2**63 + 24])),
        "shape_2_64": safetensors(a=("U8", [2**32, 2**32], [0, 24])),
        "shape_of_halves": safetensors(a=("F32", [1.5, 4], [0, 24])),
        "offsets_are_texts": safetensors(a=("F32", [2, 3], ["0", "24"])),
        "100_axes": safetensors(a=("F32", [1] * 100 + [6], [0, 24])),
        "unknown_type": safetensors(a=("O", [2, 3], [0, 24])),
        "type_is_a_list": safetensors(a=(["F32"], [2, 3], [0, 24])),
        "no_shape": safetensors(a={"dtype": "F32", "data_offsets": [0, 24]}),
        "array_is_a_number": safetensors(a=3),
        "metadata_of_numbers": safetensors(a=right, metadata={"format": 1}),
        "metadata_is_a_text": safetensors(a=right, metadata="pt"),
        "model_of_a_billion": safetensors(a=right, metadata={"model_config": config}),
        "model_is_a_list": safetensors(a=right, metadata={"model_config": "[1, 2]"}),
        "order_nested_deep": safetensors(a=right, metadata={"weight_order": "[" * 100_000}),
        "key_twice": struct.pack("<Q", 12) + b'{"a":1,"a":1',
        "nested_deep": struct.pack("<Q", 60_000) + b'{"a":' + b"[" * 59_995,
    }.items():
        yield Case(name, "safetensors", "arrays", content)


def _dense(units):
    return {"class_name": "Dense", "config": {"output_dim": units, "batch_input_shape": [None, 4]}}


def npy(dtype, shape, data, version=b"\x01\x00", header=None):
    """Returns the bytes of a `.npy` file."""
    text = header or repr({"descr": dtype, "fortran_order": False, "shape": shape})
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text) + 1)
    return b"\x93NUMPY" + version + size + text.encode() + b"\n" + data


def npz(entries):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return memory.getvalue()


class _Prints:
    def __reduce__(self):
        return print, ("run",)


def _arrays():
    objects = io.BytesIO()
    np.save(objects, np.array([_Prints()], dtype=object), allow_pickle=True)
    arrays = {
        "objects": objects.getvalue(),
        "pickle_alone": pickle.dumps(_Prints()),
        "objects_as_numbers": npy("|O", (3,), bytes(24)),
        "shape_2_40": npy("<f8", (2**40,), bytes(24)),
        "shape_2_64": npy("<f8", (2**32, 2**32), bytes(24)),
        "shape_negative": npy("<f8", (-3,), bytes(24)),
        "shape_too_small": npy("<f8", (1,), bytes(24)),
        "records": npy([("a", "<f8"), ("b", "|O")], (1,), bytes(16)),
        "texts": npy("<U6", (1,), bytes(24)),
        "raw_of_a_gigabyte": npy("|V1000000000", (1,), bytes(24)),
        "version_9": npy("<f8", (3,), bytes(24), version=b"\x09\x00"),
        "header_of_4_gb": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
        "header_nested": npy("", (), b"", header="(" * 9_000),
        "header_of_minuses": npy("", (), b"", header="-" * 9_000 + "1"),
        "header_runs": npy("", (), b"", header="__import__('os').system('x')"),
        "header_of_lists": npy("", (), b"", header=repr({"descr": "<f8", "fortran_order": 0, "shape": [3]})),
    }
    for name, content in arrays.items():
        # The first bytes tell the format; a pickle is none.
        yield Case(name, "npy", "arrays", content)
        if name != "pickle_alone":
            yield Case(name, "npz", "arrays", npz({"a.npy": content}))
    right = npy("<f4", (2, 3), bytes(24))
    config = npy("|u1", (6,), b"[1, 2]")
    for name, content in {
        "config_is_a_list": npz({"a.npy": right, "model_config.json.npy": config}),
        "config_of_floats": npz({"a.npy": right, "model_config.json.npy": right}),
        "no_array": npz({"a.npy": b"text"}),
        "zeros": npz({"a.npy": npy("<f4", (65_000_000,), bytes(260_000_000))}),
        "20000_entries": npz({f"{i}.npy": b"" for i in range(20_000)}),
        "damaged": npz({"a.npy": right}).replace(zlib.compress(right)[2:12], b"\xff" * 10),
    }.items():
        yield Case(name, "npz", "arrays", content)
