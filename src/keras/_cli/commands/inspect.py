"""Shows what a file holds: who wrote it, its layers as a tree, its weights, and what is suspicious.

Reads HDF5 of Keras 0 to 3 (models, weights, training states), .keras, .npz, .npy, safetensors, JSON and
YAML. Nothing in the file is run. For weights alone, the layers are guessed from names and shapes.

examples:
  keras-classic inspect model.h5
  keras-classic inspect weights.h5 --json
  keras-classic inspect model.h5 --html model.html
"""

import argparse
from typing import Any

from ..._inspect import describe
from ..console import Console, Tree
from ..page import write_page

NAME = "inspect"
HELP = "show what a file holds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("file", help="the file")
    parser.add_argument("--weights", action="store_true", help="list each array under its layer")
    parser.add_argument("--html", metavar="OUT.html", help="write one page with the graph and the weights")


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the command."""
    found = describe(args.file)
    if args.html:
        write_page(args.file, found, args.html)
    console.result(found)
    _print(found, console, args.weights)
    if args.html:
        console.line(f"written: {args.html}")
    return 0


def _print(found: dict[str, Any], console: Console, weights: bool) -> None:
    console.line(f"{found['file']}: {found['kind']}, {found['format']}", style="bold")
    console.facts(
        [
            ("written by", found["writer"] or "unknown"),
            ("engine", found["backend"]),
            ("image ordering", _ORDERINGS.get(found["image_ordering"])),
            ("size", f"{found['bytes']:,} bytes"),
            ("sha256", found["sha256"]),
            ("sealed", "yes, and its contents match" if found["sealed"] else None),
            ("parameters", f"{found['parameters']:,}"),
        ]
    )
    _print_training(found, console)
    console.line()
    if "model" in found:
        console.tree(_tree(found["model"], weights))
    else:
        console.tree(Tree(f"layers, guessed from {len(found['layers'])} names", _guesses(found, weights)))
    for note in found["notes"]:
        console.line(f"note: {note}", style="yellow")
    for line in found["suspicious"]:
        console.line(f"suspicious: {line}", style="bold red")


_ORDERINGS = {"th": "th (channels first)", "tf": "tf (channels last)", "mixed": "mixed"}


def _print_training(found: dict[str, Any], console: Console) -> None:
    training = found["training"] or {}
    optimizer = training.get("optimizer_config") or training.get("optimizer")
    state = found["optimizer_state"]
    size = sum(_product(array["shape"]) for array in state)
    console.facts(
        [
            ("optimizer", _optimizer(optimizer) if isinstance(optimizer, dict) else optimizer),
            ("its state", f"{len(state)} arrays, {size:,} numbers" if state else None),
            ("loss", training.get("loss")),
            ("metrics", training.get("metrics") or None),
            ("loss weights", training.get("loss_weights")),
            *((name, value) for name, value in found["state"].items()),
        ]
    )


def _optimizer(config: dict[str, Any]) -> str:
    options = config.get("config")
    shown = options.items() if isinstance(options, dict) else ()
    return f"{config.get('class_name')}({', '.join(f'{k}={_short(v)}' for k, v in shown)})"


def _tree(node: dict[str, Any], weights: bool) -> Tree:
    children = [_tree(child, weights) for child in node.get("layers", [])]
    if weights:
        children += [_array(array) for array in node.get("weights", [])]
    return Tree(_label(node), children)


def _guesses(found: dict[str, Any], weights: bool) -> list[Tree]:
    return [
        Tree(
            f"{layer['name'] or '(no layer)'}: {layer['guess']}" + _params(layer["parameters"]),
            [_array(array) for array in layer["weights"]] if weights or layer["guess"] == "?" else [],
        )
        for layer in found["layers"]
    ]


def _array(array: dict[str, Any]) -> Tree:
    return Tree(f"{array['name']} {tuple(array['shape'])} {array['dtype']}")


def _label(node: dict[str, Any]) -> str:
    parts = [f"{node['name']} ({node['class']})" if node["name"] else str(node["class"])]
    if "output_shape" in node:
        parts.append(f" {node['output_shape']}")
    parts.append(_params(node.get("parameters", 0)))
    if node.get("trainable") is False:
        parts.append(", frozen")
    if node.get("calls"):
        parts.append(f", called {node['calls']} times")
    sources = list(dict.fromkeys(name for call in node.get("inputs", []) for name in call))
    if sources:
        parts.append(f"  <- {', '.join(sources)}")
    return "".join(parts)


def _params(count: int) -> str:
    return f", {count:,} parameters" if count else ""


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _product(shape: list[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
