"""Spectrograms for MusicTaggerCRNN, and the names of its tags."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import backend as K
from .._base.types import ArrayLike, FilePath

#: The tags, in the order of the model's outputs.
TAGS = [
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock"),
    *("soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental"),
    *("punk", "oldies", "blues", "hard rock", "ambient", "acoustic", "experimental"),
    *("female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy"),
    *("catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad"),
    *("House", "happy"),
]

_SAMPLES_PER_SECOND = 12_000
_WINDOW, _STEP = 512, 256  # samples
_BANDS = 96
_SAMPLES = 349_440  # 29.12 seconds


def preprocess_input(audio_path: FilePath, dim_ordering: str = "default") -> NDArray[Any]:
    """Computes the mel spectrogram, in decibels, of the middle 29.12 seconds of a recording.

    Needs librosa (`pip install librosa`). The recording is resampled to 12 kHz; a short one is padded with
    zeros at the end.

    Args:
        audio_path: path of an audio file.
        dim_ordering: "th", "tf", or "default" for `K.image_dim_ordering()`.

    Returns:
        float array of shape (1, 96, 1366) for "th", (96, 1366, 1) for "tf": bands, then frames. The model
        needs an axis of samples in front.

    Raises:
        ImportError: librosa is not installed.
        ValueError: `dim_ordering` is invalid.

    Reference:
        Choi, Fazekas, Sandler and Cho 2016, arXiv:1609.04243, section 2. The power spectrum is
        squared, as in the authors' code.
    """
    ordering = K.image_dim_ordering() if dim_ordering == "default" else dim_ordering
    if ordering not in ("th", "tf"):
        raise ValueError(f"preprocess_input: dim_ordering is 'th', 'tf' or 'default'; got {dim_ordering!r}.")
    try:
        import librosa
    except ImportError as error:
        raise ImportError(
            "preprocess_input reads audio files with librosa, which is not installed: pip install librosa"
        ) from error

    sound, rate = librosa.load(audio_path, sr=_SAMPLES_PER_SECOND)
    powers = librosa.feature.melspectrogram(
        y=_middle(sound), sr=rate, hop_length=_STEP, n_fft=_WINDOW, n_mels=_BANDS
    )
    decibels = librosa.power_to_db(powers**2, ref=1.0)
    return np.expand_dims(decibels, 0 if ordering == "th" else 2)


def _middle(sound: NDArray[Any]) -> NDArray[Any]:
    """Returns the middle of a recording, or all of it followed by zeros."""
    missing = _SAMPLES - len(sound)
    if missing > 0:
        return np.hstack([sound, np.zeros(missing)])
    start = -missing // 2
    return sound[start : start + _SAMPLES]


def decode_predictions(preds: ArrayLike, top_n: int = 5) -> list[list[tuple[str, float]]]:
    """Returns the names of the most probable tags.

    Args:
        preds: the model's output, shape (samples, 50).
        top_n: number of tags to return.

    Returns:
        For each sample, `top_n` tuples (tag, probability), the most probable first.

    Raises:
        ValueError: `preds` has another shape.

    Example:
        >>> decode_predictions(np.eye(50)[:1], top_n=2)
        [[('rock', 1.0), ('pop', 0.0)]]
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != len(TAGS):
        raise ValueError(
            f"decode_predictions: wanted an array of shape (samples, {len(TAGS)}); got {preds.shape}."
        )
    return [
        sorted(zip(TAGS, row.tolist(), strict=True), key=lambda pair: pair[1], reverse=True)[:top_n]
        for row in preds
    ]
