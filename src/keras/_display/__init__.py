"""What notebooks show of models, layers, tensors, histories and optimizers: HTML and SVG, without scripts.

Nothing imports this package but `_base.displayed`, when a notebook asks an object for its HTML.
"""

from .everything import html_of as html_of
from .everything import svg_of as svg_of
