"""Pictures for teaching and for daily work, drawn by matplotlib (`pip install keras-classic[plot]`).

Each function returns a `matplotlib.figure.Figure`: a notebook shows it, `figure.savefig("name.png")` writes
it to a file. `saliency` and `grad_cam` return the arrays behind their pictures.
"""

from ._explanations import grad_cam as grad_cam
from ._explanations import plot_grad_cam as plot_grad_cam
from ._explanations import plot_saliency as plot_saliency
from ._explanations import saliency as saliency
from ._history import plot_history as plot_history
from ._predictions import plot_confusion as plot_confusion
from ._predictions import show_predictions as show_predictions
from ._weights import plot_weights as plot_weights
