"""ONNX, written from the nodes of a model's graph.

`translate` walks the graph and calls the rule of each op; the rules of a family of ops are in a file of
their own. They build a `Graph` (`graph`), which `write_onnx` writes with the `onnx` library.
"""

from .writing import write_onnx as write_onnx
