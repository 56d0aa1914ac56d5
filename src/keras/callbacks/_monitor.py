"""Which of two values of a monitored log is better."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ._base import warn

_MODES = ("auto", "min", "max")

#: What names of logs are made of, in lower case. Words of a few letters count only as whole words.
_LARGER = re.compile(
    r"acc|precision|recall|sensitivity|specificity|f_?(1|beta|measure|score)|fbeta|score|auroc|auprc|"
    r"(^|_)(pr_?|roc_?)?auc|(^|_)iou($|_|\d)|jaccard|dice|top_?(k|\d)|(^|_)r_?(2|squared?)($|_)|r_square|coef_det|determination|"
    r"explained_variance|correlation|pearson|spearman|matthews|(^|_)(mcc|kappa|m?ap|ndcg|mrr|snr|psnr|m?ssim|bleu|"
    r"rouge|auc|roc|tpr|tnr|ppv|npv)($|_)|likelihood|similarity|reward|true_(positive|negative)|hit_?(rate|ratio)"
)
_SMALLER = re.compile(
    r"loss|err(or)?s?($|_|\d)|error|(^|_)(n?r?mse|rmsle|m?ae|m?ape|mse|mae|mape|msle|smape|nll|elbo_loss|bce|cce|kld?|eer|"
    r"wer|cer|fpr|fnr|ppl|lr)($|_)|entropy|divergence|hinge|poisson|proximity|perplexity|brier|distance|"
    r"hausdorff|deviation|regret|false_(positive|negative)|penalty|residual"
)


def known_mode(mode: str, owner: str) -> str:
    """Returns `mode`, or warns and returns 'auto' if it is unknown."""
    if mode in _MODES:
        return mode
    warn(f"{owner} mode {mode} is unknown, fallback to auto mode.")
    return "auto"


def larger_is_better(monitor: str) -> bool | None:
    """Returns whether larger values of a log are better, by its name; None if the name does not tell.

    In names such as "val_dice_loss", and "val_loss_head_acc" of an output named "loss_head", the last known
    word decides.

    Example:
        >>> larger_is_better("val_precision"), larger_is_better("dice_loss"), larger_is_better("val_wobble")
        (True, False, None)
    """
    words = re.sub("IoU|iou(?![a-z])", "_iou", monitor)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", words).lower()
    words = words.replace("log_likelihood", "likelihood").replace("negative_likelihood", "loss")
    larger, smaller = (
        max((match.end() for match in pattern.finditer(words)), default=-1) for pattern in (_LARGER, _SMALLER)
    )
    return None if larger == smaller else larger > smaller


def comparison(mode: str, monitor: str, owner: str | None) -> Callable[[Any, Any], Any]:
    """Returns the NumPy function for 'is better than'. It is False for NaN, which is therefore never best.

    Args:
        mode: 'min', 'max' or 'auto'.
        monitor: str, name of the log.
        owner: str, the callback, for a warning if the mode is 'auto' and the name of the log does not tell
            its direction; None for no warning.
    """
    if mode == "auto":
        larger = larger_is_better(monitor)
        if larger is None and owner is not None:
            warn(
                f"{owner}: mode='auto' cannot tell from the name {monitor!r} whether larger values are "
                "better, and takes smaller ones as better. Pass mode='max' or mode='min'."
            )
        return np.greater if larger else np.less
    return np.greater if mode == "max" else np.less


def worst(comparison: Callable[[Any, Any], Any]) -> float:
    """Returns the value that any other value is better than."""
    return -np.inf if comparison is np.greater else np.inf
