"""Spectrograms for MusicTaggerCRNN, and the names of its tags."""

import numpy as np

from .. import backend as K

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


def preprocess_input(audio_path, dim_ordering="default"):
    """Turns the middle 29.12 seconds of a recording into a mel spectrogram in decibels.

    Needs librosa (`pip install librosa`). The recording is resampled to 12 kHz; zeros follow a short one.

    Args:
        audio_path: str, path of an audio file.
        dim_ordering: "th", "tf", or "default" for `K.image_dim_ordering()`.

    Returns:
        float array of shape (1, 96, 1366) for "th", (96, 1366, 1) for "tf": bands, then frames. The model
        wants an axis of samples in front.

    Raises:
        ImportError: librosa is not installed.
        ValueError: `dim_ordering` is something else.

    Reference:
        Choi, Fazekas, Sandler and Cho 2016, arXiv:1609.04243, section 2; whose authors square the powers.
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


def _middle(sound):
    missing = _SAMPLES - len(sound)
    if missing > 0:
        return np.hstack([sound, np.zeros(missing)])
    start = -missing // 2
    return sound[start : start + _SAMPLES]


def decode_predictions(preds, top_n=5):
    """Names the most probable tags.

    Args:
        preds: array of shape (samples, 50), the model's output.
        top_n: int, how many tags to name.

    Returns:
        For each sample a list of `top_n` tuples (tag, probability), the most probable first.

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
