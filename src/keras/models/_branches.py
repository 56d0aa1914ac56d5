"""The Merge with which a `Sequential` of branches begins, as an entry of its config."""

from typing import Any

from .._base.types import Config, CustomObjects
from ..engine.files.entries import restored
from ..engine.files.places import checked, errors_at
from ..engine.files.registry import layer_from_config
from ..engine.layer import Layer
from ..engine.merge import Merge


def check_outputs_of_branches(merge: Any) -> None:
    """Refuses a Merge of other outputs than the first of each branch, of which a config has no record."""
    for indices in (merge.node_indices, merge.tensor_indices):
        if any(indices or ()):
            raise ValueError(
                f"Merge {merge.name!r} cannot be saved in a Sequential: its node_indices are "
                f"{merge.node_indices} and its tensor_indices {merge.tensor_indices}, which would be all 0 "
                "when it is loaded. Use Model(input, output) and merge([...])."
            )


def layer_of(entry: Config, custom_objects: CustomObjects | None) -> Layer:
    """Builds a layer from its config; the branches of a Merge are built first."""
    config = checked(entry, dict, "the entry of a layer").get("config")
    if entry.get("class_name") == "Merge" and isinstance(config, dict) and config.get("layers"):
        return restored(entry, lambda: _merge_of(dict(config), custom_objects))
    return layer_from_config(entry, custom_objects)


def _merge_of(config: Config, custom_objects: CustomObjects | None) -> Merge:
    with errors_at(f"Merge {config.get('name')!r:.80}"):
        given = checked(config.pop("layers"), list, "'layers'")
        branches = [layer_from_config(branch, custom_objects) for branch in given]
        template = Merge.from_config(config)
        options: dict[str, Any] = {
            "mode": template.mode,
            "concat_axis": template.concat_axis,
            "dot_axes": tuple(template.dot_axes),
            "output_shape": template._output_shape,
            "output_mask": template._output_mask,
            "arguments": template.arguments,
            "name": template.name,
        }
        return Merge(branches, **options)
