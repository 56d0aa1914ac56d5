"""File formats: what a file is by its first bytes, and what the suffix of a name promises.

A model saved here is an HDF5 file. Under a name such as `model.keras` or `model.onnx` no program could read
it, as all of them choose the reader by the suffix. A suffix that means no format (`.weights`, `.model`, the
`.23` of `w.05-0.23`) may stand at the end of a name.

References:
    Keras 3, saving/saving_lib.py: the entries of a `.keras` archive. safetensors, README: "Format". ONNX,
    onnx.proto: ModelProto. TensorFlow Lite, schema.fbs: file_identifier "TFL3". Git LFS, docs/spec.md.
"""

import os
import re

from .._base.types import FilePath

_PICKLED = "to store the weights alone, pickle the list model.get_weights()"
_TEXT = "for the graph alone, write model.to_json() or model.to_yaml() to the file"
_PACK = "save a .h5 file and pack that"
_TENSORFLOW = "a converter of TensorFlow makes it from a .h5 file"
_TORCH = "to hand over the weights, pass the arrays of model.get_weights() to PyTorch"

_CONVERTED = "`python -m keras convert` makes"

#: (suffixes, the format that they mean, how to get such a file).
_SUFFIXES = (
    (".keras", "the zip archive of Keras 3", f"{_CONVERTED} it from a .h5 file"),
    (".json .yaml .yml", "text", _TEXT),
    (".npz", "arrays of NumPy", f"{_CONVERTED} it from a .h5 file"),
    (".npy", "an array of NumPy", "for the weights alone, numpy.savez('name.npz', *model.get_weights())"),
    (".pkl .pickle .joblib", "a pickle", _PICKLED),
    (".safetensors", "safetensors", f"{_CONVERTED} it from a .h5 file"),
    (".onnx", "ONNX", "model.export({name!r}) writes it"),
    (".stablehlo", "StableHLO", "model.export({name!r}) writes it"),
    (".pb .tflite", "TensorFlow", _TENSORFLOW),
    (".pt .pth", "PyTorch", _TORCH),
    (".mlmodel .mlpackage", "Core ML", "coremltools makes it from a .h5 file"),
    (".zip .tar .tgz .gz .bz2 .xz", "an archive", _PACK),
    (".csv", "a table", "numpy.savetxt writes one array"),
)
_MEANINGS = {suffix: rest for suffixes, *rest in _SUFFIXES for suffix in suffixes.split()}


def refuse_other_suffix(path: FilePath, owner: str) -> None:
    """Refuses the name of a file that is to be written as HDF5, if its suffix means another format.

    Args:
        path: the name; it may be the pattern of a `ModelCheckpoint`.
        owner: str, who writes the file, for the message.

    Raises:
        ValueError: the suffix means another format.

    Example:
        >>> refuse_other_suffix("w.05-0.23", "save_weights")
        >>> refuse_other_suffix("model.onnx", "save")
        Traceback (most recent call last):
          ...
        ValueError: save: 'model.onnx' would be an HDF5 file, but .onnx means ONNX. Wanted a name such as \
'model.h5'; model.export('model.onnx') writes it.
    """
    name = os.fsdecode(path)
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in _MEANINGS:
        meaning, way = _MEANINGS[suffix.lower()]
        raise ValueError(
            f"{owner}: {name!r} would be an HDF5 file, but {suffix} means {meaning}. Wanted a name such as "
            f"{stem + '.h5'!r}; {way.format(name=name)}."
        )


_BUILD = "model_from_{}(open(path).read()) builds the model, and load_weights reads its weights from HDF5"
_ARRAYS = "{} reads it; pass the arrays to model.set_weights"
_CONVERT = "load it with the library that wrote it, and pass its arrays to model.set_weights"
_UNPACK = "unpack it first"
_LOAD = "keras.convert.load(path) reads it, and `python -m keras convert` makes a .h5 file of it"
_PROGRAM = (
    "it holds a program for predictions and no layers; `python -m keras run` predicts with it, and "
    "training goes on from the .h5 file it was made from"
)

#: (what the first bytes match, what such a file is, what to do with it).
_BEGINNINGS = (
    (
        rb"PK\x03\x04.{26}(metadata\.json|config\.json|model\.weights\.h5)",
        "a .keras file of Keras 3",
        _LOAD,
    ),
    (rb"PK\x03\x04.{26}[^/]{1,200}\.npy", "a .npz file of NumPy", _ARRAYS.format("numpy.load")),
    (rb"PK\x03\x04.{26}[^/]{1,200}/(data\.pkl|version|byteorder|\.format)", "a file of PyTorch", _CONVERT),
    (rb"PK(\x03\x04|\x05\x06)", "a zip archive", _UNPACK),
    (rb"\x93NUMPY", "a .npy file of NumPy", _ARRAYS.format("numpy.load")),
    (rb"\x80[\x02-\x05]", "a pickle", "it may run code, so read it only if you trust its author"),
    (rb".{4}TFL3", "a model of TensorFlow Lite", _CONVERT),
    (rb".{5}\0\0\0\s*\{", "a safetensors file", _LOAD),
    (rb"\x1f\x8b", "packed with gzip", _UNPACK),
    (rb"BZh[1-9]1AY&SY", "packed with bzip2", _UNPACK),
    (rb"\xfd7zXZ\0", "packed with xz", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "packed with zstd", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb".{257}ustar", "a tar archive", _UNPACK),
    (
        rb"version https://git-lfs",
        "a pointer of Git LFS and not the file itself",
        "fetch it with git lfs pull",
    ),
    (rb"\s*<(!doctype|html|\?xml)", "a web page or XML, as of a failed download", "download the file again"),
    (rb"MATLAB [57]", "a file of MATLAB", _ARRAYS.format("scipy.io.loadmat")),
    (rb"\x08[\x01-\x14][\x12\x1a\x22\x3a\x42]", "probably an ONNX model", _PROGRAM),
    (rb"[0-\x7f]\0\0\0.{0,500}(samples\0|ML\xefR)", "a StableHLO program of JAX", _PROGRAM),
    (
        rb"\s*[{\[].*\"(class_name|config|keras_version|layers)\"\s*:",
        "the JSON text of a model",
        _BUILD.format("json"),
    ),
    (rb"\s*(\{\s*\"|\[\s*[\[{\"\d])", "JSON text", "wanted a file of model.save or model.save_weights"),
    (
        rb"\s*(---\s+)?(backend|class_name|config|keras_version)\s*:",
        "the YAML text of a model",
        _BUILD.format("yaml"),
    ),
)


def what_it_is(beginning: bytes) -> str | None:
    """Says what a file is, and what to do with it, by its first bytes; None if they do not tell.

    Args:
        beginning: the first 512 bytes.

    Example:
        >>> what_it_is(b"\\x93NUMPY\\x01\\x00v\\x00{'descr': '<f4'")
        'but a .npy file of NumPy: numpy.load reads it; pass the arrays to model.set_weights'
    """
    for pattern, what, remedy in _BEGINNINGS:
        if re.match(pattern, beginning, re.DOTALL | re.IGNORECASE):
            return f"but {what}: {remedy}"
    return None
