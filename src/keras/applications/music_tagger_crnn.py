"""MusicTaggerCRNN: convolutions over a spectrogram, then recurrent layers over time.

Reference:
    Choi, Fazekas, Sandler and Cho 2016, arXiv:1609.04243, section 2.2.
"""

from typing import Any

from .. import backend as K
from .._base.types import TensorLike
from ..engine.model import Model
from ..layers import (
    ELU,
    GRU,
    BatchNormalization,
    Convolution2D,
    Dense,
    MaxPooling2D,
    Permute,
    Reshape,
    ZeroPadding2D,
)
from ._pretrained import address, channel_axis, check_weights, fetch, input_for, model_between
from .audio_conv_utils import decode_predictions as decode_predictions
from .audio_conv_utils import preprocess_input as preprocess_input

#: Filters and pooling of each convolution.
_CONVOLUTIONS = ((64, (2, 2)), (128, (3, 3)), (128, (4, 4)), (128, (4, 4)))
_BANDS, _FRAMES = 96, 1366
_RELEASE = "v0.3"
_FILES = {
    ordering: f"music_tagger_crnn_weights_tf_kernels_{ordering}_dim_ordering.h5" for ordering in ("th", "tf")
}
TH_WEIGHTS_PATH, TF_WEIGHTS_PATH = (address(_RELEASE, file) for file in _FILES.values())


def _body(spectrograms: TensorLike) -> TensorLike:
    th = K.image_dim_ordering() == "th"
    x = ZeroPadding2D(padding=(0, 37))(spectrograms)
    # Named after frequencies, but over the time axis: the weight files hold 1440 numbers, one per frame.
    x = BatchNormalization(axis=3 if th else 2, name="bn_0_freq")(x)
    for i, (filters, pool) in enumerate(_CONVOLUTIONS, 1):
        x = Convolution2D(filters, 3, 3, border_mode="same", name=f"conv{i}")(x)
        x = BatchNormalization(axis=channel_axis(), name=f"bn{i}")(x)
        x = MaxPooling2D(pool_size=pool, strides=pool, name=f"pool{i}")(ELU()(x))
    if th:
        x = Permute((3, 1, 2))(x)
    x = Reshape((15, 128))(x)  # time steps, channels
    x = GRU(32, return_sequences=True, name="gru1")(x)
    return GRU(32, name="gru2")(x)


def MusicTaggerCRNN(
    weights: str | None = "msd", input_tensor: Any = None, include_top: bool = True, classes: int = 50
) -> Model:
    """Builds MusicTaggerCRNN in the current image ordering.

    Args:
        weights: "msd" for the published weights, trained on the Million Song Dataset (1.6 MB, downloaded to
            `~/.keras/models` on first use), or None for random ones.
        input_tensor: tensor of spectrograms to use instead of a new input.
        include_top: whether to include the dense layer at the end.
        classes: number of outputs of that layer; 50 with published weights.

    Returns:
        Model from spectrograms, computed by `preprocess_input` and with an axis of samples in front, to
        probabilities of shape (samples, classes), one independent of the other; or without the top to
        features of shape (samples, 32).

    Raises:
        ValueError: an argument is invalid.
        OSError: the weights cannot be downloaded; the message says where to put the file by hand.

    Reference:
        Choi, Fazekas, Sandler and Cho 2016, arXiv:1609.04243.
    """
    name, ordering = "music_tagger_crnn", K.image_dim_ordering()
    check_weights(name, weights, "msd", include_top, classes, 50)
    path = fetch(name, _RELEASE, _FILES[ordering]) if weights else None
    shape = (1, _BANDS, _FRAMES) if ordering == "th" else (_BANDS, _FRAMES, 1)
    spectrograms = input_for(input_tensor, shape)
    output = _body(spectrograms)
    if include_top:
        output = Dense(classes, activation="sigmoid", name="output")(output)
    model = model_between(spectrograms, output, name)
    if path:
        model.load_weights(path, by_name=True)  # one file, with and without the top
    return model
