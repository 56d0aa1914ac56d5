"""Models to and from files and configs.

The work is done in `engine.files.saving`, which is below `Model` and so cannot name it in its annotations.
"""

from .._base.types import Config, CustomObjects, FilePath
from ..engine.files import saving
from ..engine.model import Model


def save_model(model: Model, filepath: FilePath, overwrite: bool = True) -> None:
    """Writes the graph, weights, compile arguments and optimizer state of a model to one HDF5 file.

    Args:
        model: a `Model` or `Sequential`.
        filepath: path of the file. An existing file is replaced only when the new one is complete.
        overwrite: whether to replace an existing file without asking on the terminal.

    Raises:
        OSError: the file cannot be written.
    """
    saving.save_model(model, filepath, overwrite)


def load_model(
    filepath: FilePath,
    custom_objects: CustomObjects | None = None,
    allow_code: bool = False,
    compile: bool = True,
) -> Model:
    """Loads a model that `save_model` wrote, here or in Keras 1. It is compiled if the saved model was.

    No code from the file is run, unless `allow_code` is True. Memory and the number of layers are limited by
    the weights in the file.

    Args:
        filepath: path of the file.
        custom_objects: name -> class or function, for names in the file that Keras does not know.
        allow_code: True runs byte code from the file (of a Lambda layer). Use it only for files that you
            trust.
        compile: False leaves the model uncompiled, so that the file's loss and metrics need not be known.

    Returns:
        A `Model`, or a `Sequential` if the file holds one.

    Raises:
        OSError: the file does not exist or is damaged.
        ValueError: the file does not hold a model, names an unknown class, or contradicts itself.

    Example:
        >>> import os, tempfile
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential, load_model
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.h5")
        ...     Sequential([Dense(3, input_dim=2)]).save(path)
        ...     load_model(path).output_shape
        (None, 3)
    """
    return saving.load_model(filepath, custom_objects, allow_code, compile)


def model_from_config(
    config: Config, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Model:
    """Builds a model from {"class_name": ..., "config": ...}, with new weights.

    Args:
        config: class name and config of the model.
        custom_objects: name -> class or function, for names in the config that Keras does not know.
        allow_code: True runs byte code from the config (of a Lambda layer). Use it only for configs that
            you trust.

    Raises:
        TypeError: `config` is the list of a Sequential.
        ValueError: the config is invalid or names an unknown class.
    """
    return saving.model_from_config(config, custom_objects, allow_code)


def model_from_json(
    json_string: str | bytes, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Model:
    """Builds a model from the JSON text of `model.to_json()`, of this package or of Keras 1.

    Args:
        json_string: the text, a str or UTF-8 bytes.
        custom_objects, allow_code: as in `model_from_config`.

    Raises:
        ValueError: the text is not valid JSON, or its config is invalid.

    Example:
        >>> from keras.layers import Dense
        >>> from keras.models import Sequential, model_from_json
        >>> model_from_json(Sequential([Dense(3, input_dim=2)]).to_json()).output_shape
        (None, 3)
    """
    return saving.model_from_json(json_string, custom_objects, allow_code)


def model_from_yaml(
    yaml_string: str | bytes, custom_objects: CustomObjects | None = None, allow_code: bool = False
) -> Model:
    """Builds a model from the YAML text of `model.to_yaml()`, of this package or of Keras 1.

    Args:
        yaml_string: the text, a str or UTF-8 bytes.
        custom_objects, allow_code: as in `model_from_config`.

    Raises:
        ValueError: the text is not valid YAML, or its config is invalid.
    """
    return saving.model_from_yaml(yaml_string, custom_objects, allow_code)
