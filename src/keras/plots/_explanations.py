"""Which parts of an input a model looks at: saliency and Grad-CAM."""

from typing import Any

import numpy as np

from .. import backend as K
from .._graph import Tensor, samples_placeholder
from ..engine.container import Container
from ..engine.layer import Layer
from ._figures import as_pictures, channels_axis, grid, show
from ._paths import path_of, paths, traced

#: Ops at the end of a model whose input is the score of a class.
_LAST_OPS = ("softmax", "sigmoid")


def saliency(
    model: Container,
    images: Any,
    index: int | None = None,
    layer: str | Layer | None = None,
    input: int = 0,
) -> np.ndarray:
    """Computes how much a score changes with each value of the input: the absolute gradient.

    Args:
        model: the model.
        images: array of samples, or a list of arrays, one for each input.
        index: int, the class (with `layer`: the channel or unit) whose score is looked at; None takes for
            each sample the largest one.
        layer: a layer in place of the output: its name, a path into models inside such as "vgg[1]/conv5",
            or the layer itself.
        input: int, the input whose gradient is wanted.

    Returns:
        float array, (samples, height, width) for images, where the largest of the channels is taken; the
        shape of the input for other data.

    Raises:
        ValueError: the path leads nowhere, or the score does not depend on the input in a way that has a
            gradient.

    Reference:
        Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034. As there, the score of a class is the value
        before a softmax or sigmoid that ends the model.
    """
    inputs, arrays = _inputs(model, images)
    if layer is None:
        score = _score(_call(model, inputs), index)
    else:
        _, tensor, found = traced(model, inputs, path_of(model, layer))
        score = _score(_channels_last(tensor, found, model), index)
    (gradient,) = K.gradients(K.sum(score), [inputs[input]])
    if gradient is None:
        raise ValueError(f"saliency: the score has no gradient for input {model.input_names[input]!r}.")
    (values,) = K.function(inputs, [K.abs(gradient)])(arrays)
    if values.ndim == 4:
        return values.max(axis=channels_axis(values.shape, _ordering(model)))
    return values


def grad_cam(
    model: Container, images: Any, layer: str | Layer | None = None, index: int | None = None
) -> np.ndarray:
    """Computes where a layer of feature maps sees what speaks for a class (Grad-CAM).

    Args:
        model: a model with one output, or several: the first one is looked at.
        images: array of samples, or a list of arrays, one for each input.
        layer: the layer of feature maps: its name, a path into models inside such as "vgg[1]/conv5", or the
            layer itself. None takes the last one.
        index: int, the class; None takes for each sample the most probable one.

    Returns:
        float array in [0, 1], (samples, height, width) of the feature maps.

    Raises:
        ValueError: the path leads nowhere, or the layer has no feature maps.

    Reference:
        Selvaraju et al. 2016, arXiv:1610.02391: ReLU of the sum of the feature maps, weighted by the means
        of the gradients of the score before the softmax.
    """
    inputs, arrays = _inputs(model, images)
    path = _last_maps(model) if layer is None else path_of(model, layer)
    outputs, tensor, found = traced(model, inputs, path)
    if tensor.ndim != 4:
        raise ValueError(
            f"grad_cam: layer {found.name!r} has outputs of shape {tensor.shape}; wanted feature maps, "
            "such as those of a Convolution2D."
        )
    (gradient,) = K.gradients(K.sum(_score(outputs[0], index)), [tensor])
    maps, slopes = K.function(inputs, [tensor, gradient])(arrays)
    if channels_axis((0, 0, 0, 0), _ordering(model, found)) == 1:
        maps, slopes = np.moveaxis(maps, 1, -1), np.moveaxis(slopes, 1, -1)
    heat = np.maximum((maps * slopes.mean(axis=(1, 2), keepdims=True)).sum(axis=-1), 0)
    largest = heat.max(axis=(1, 2), keepdims=True)
    return heat / np.where(largest > 0, largest, 1)


def plot_saliency(
    model: Container,
    images: Any,
    index: int | None = None,
    layer: str | Layer | None = None,
    dim_ordering: str | None = None,
) -> Any:
    """Draws images, and below them how much the score changes with each pixel; see `saliency`.

    Args:
        model, images, index, layer: as in `saliency`; a list of arrays draws the images of the first input.
        dim_ordering: "th" or "tf"; None tells from the shape.

    Returns:
        `matplotlib.figure.Figure`.
    """
    pictures = as_pictures(_first(images), dim_ordering or _ordering(model))
    heats = saliency(model, images, index, layer).reshape(pictures.shape[:3])
    heats = heats / np.maximum(heats.max(axis=(1, 2), keepdims=True), 1e-12)
    figure, axes = grid(2 * len(pictures), len(pictures))
    for picture, heat, upper, lower in zip(
        pictures, heats, axes[: len(pictures)], axes[len(pictures) :], strict=True
    ):
        show(upper, picture)
        lower.imshow(heat, cmap="inferno", vmin=0, vmax=1)
    return figure


def plot_grad_cam(
    model: Container,
    images: Any,
    layer: str | Layer | None = None,
    index: int | None = None,
    dim_ordering: str | None = None,
) -> Any:
    """Draws images, and below them where the layer sees what speaks for the class; see `grad_cam`.

    Args:
        model, images, layer, index: as in `grad_cam`; a list of arrays draws the images of the first input.
        dim_ordering: "th" or "tf"; None tells from the shape.

    Returns:
        `matplotlib.figure.Figure`.
    """
    pictures = as_pictures(_first(images), dim_ordering or _ordering(model))
    heats = grad_cam(model, images, layer, index)
    figure, axes = grid(2 * len(pictures), len(pictures))
    height, width = pictures.shape[1:3]
    for picture, heat, upper, lower in zip(
        pictures, heats, axes[: len(pictures)], axes[len(pictures) :], strict=True
    ):
        show(upper, picture)
        show(lower, picture)
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        lower.imshow(heat, cmap="jet", vmin=0, vmax=1, alpha=0.5, extent=extent, interpolation="bilinear")
    return figure


def _first(images: Any) -> Any:
    return images[0] if isinstance(images, list | tuple) else images


def _inputs(model: Container, images: Any) -> tuple[list[Tensor], list[Any]]:
    """Returns new placeholders like the inputs of a model, and their arrays."""
    arrays = list(images) if isinstance(images, list | tuple) else [images]
    if len(arrays) != len(model.inputs):
        raise ValueError(
            f"Model {model.name!r} has {len(model.inputs)} inputs ({', '.join(model.input_names)}); got "
            f"{len(arrays)} arrays of images."
        )
    inputs = [samples_placeholder(x.shape, x.dtype, x.name, x.sparse) for x in model.inputs]
    return inputs, [array if x.sparse else np.asarray(array) for x, array in zip(inputs, arrays, strict=True)]


def _call(model: Container, inputs: list[Tensor]) -> Tensor:
    return model.run_internal_graph(inputs)[0][0]


def _score(tensor: Tensor, index: int | None) -> Tensor:
    """Returns the score of a class, (samples,): the value before a final softmax or sigmoid."""
    if tensor.node.name in _LAST_OPS:
        tensor = tensor.node.inputs[0]
    if index is not None:
        size = tensor.shape[-1]
        if size is not None and not -size <= index < size:
            raise ValueError(f"index {index} is outside of the {size} classes or units.")
        return tensor[..., index]
    return K.max(tensor, axis=-1)


def _channels_last(tensor: Tensor, layer: Layer, model: Container) -> Tensor:
    if tensor.ndim == 4 and channels_axis(tensor.shape, _ordering(model, layer)) == 1:
        return K.permute_dimensions(tensor, (0, 2, 3, 1))
    return tensor


def _ordering(model: Container, layer: Layer | None = None) -> str:
    """Returns the image ordering of a layer, or else of the first layer of a model that has one."""
    candidates = [layer, *(node.outbound_layer for _, node in paths(model))]
    orderings = [each._image_ordering for each in candidates if each is not None]
    return next(filter(None, orderings), K.image_dim_ordering())


def _last_maps(model: Container) -> str:
    """Returns the path of the last layer whose outputs are feature maps."""
    found = [
        path
        for path, node in paths(model)
        if node.inbound_layers
        and node.output_tensors[0].ndim == 4
        and not isinstance(node.outbound_layer, Container)
    ]
    if not found:
        raise ValueError(
            f"grad_cam: model {model.name!r} has no layer of feature maps, which have four axes."
        )
    return found[-1]
