"""Small models that are made alike with the original and with this project (Keras 1 code).

`record_training_options.py` trains them with the original; `check_files.py` takes them from one to the other
as files. Layers are made when a model is made, since a config that was read may be used up.
"""

import copy

from keras import backend as K
from keras import layers as L
from keras import regularizers
from keras.models import Model, Sequential


def dense(**kwargs):
    """The model of training.json; the options go to its first layer."""
    return lambda: Sequential(
        [L.Dense(4, input_dim=5, activation="tanh", **copy.deepcopy(kwargs)), L.Dense(2)]
    )


def embedding():
    return Sequential([L.Embedding(6, 3, input_length=4), L.Flatten(), L.Dense(2)])


def recurrent():
    return Sequential([L.LSTM(3, input_shape=(4, 2)), L.Dense(2)])


def image(layer):
    return lambda: Sequential([layer(), L.Flatten(), L.Dense(2)])


def two_outputs(activation="softmax"):
    x = L.Input((5,), name="x_in")
    shared = L.Dense(4, activation="tanh", W_regularizer=regularizers.l2(0.05), name="shared")(x)
    one = L.Dense(3, activation=activation, name="one")(shared)
    two = L.Dense(1, activation="sigmoid", name="two")(shared)
    return Model(x, [one, two])


def flat_and_steps():
    x = L.Input((4, 3))
    steps = L.LSTM(3, return_sequences=True, name="steps")(L.Masking(0.0)(x))
    return Model(x, [steps, L.Dense(2, name="flat")(L.LSTM(2)(steps))])


def merged(mode, shapes=((4,), (4,)), **kwargs):
    def make():
        inputs = [L.Input(shape) for shape in shapes]
        hidden = [
            L.TimeDistributed(L.Dense(3))(x) if len(s) == 2 else L.Dense(3)(x) for x, s in zip(inputs, shapes)
        ]
        joined = L.merge(hidden, mode=mode, **kwargs)
        joined = joined if len(K.int_shape(joined)) == 2 else L.Flatten()(joined)
        return Model(inputs, L.Dense(2)(joined))

    return make


def merged_masks(mode, **kwargs):
    def make():
        a, b = L.Input((4, 3)), L.Input((4, 3))
        one = L.LSTM(2, return_sequences=True)(L.Masking(0.0)(a))
        two = L.LSTM(2, return_sequences=True)(L.Masking(0.0)(b))
        return Model([a, b], L.LSTM(2)(L.merge([one, two], mode=mode, **kwargs)))

    return make


def shared_twice():
    a, b = L.Input((4,)), L.Input((4,))
    first = Sequential(
        [
            L.Dense(3, input_dim=4, W_regularizer=regularizers.l2(0.05), activation="tanh"),
            L.BatchNormalization(),
        ]
    )
    return Model([a, b], L.Dense(2)(L.merge([first(a), first(b)], mode="concat")))


def nested_twice():
    inner_input = L.Input((4,))
    hidden = L.Dense(3, activation="tanh", W_regularizer=regularizers.l1(0.02))(inner_input)
    inner = Model(inner_input, [hidden, L.Dense(2)(hidden)])
    middle_input = L.Input((4,))
    middle = Model(middle_input, L.merge(inner(middle_input), mode="concat"))
    x = L.Input((4,))
    return Model(x, L.Dense(2)(middle(x)))


def shared_normalization():
    a, b = L.Input((4,)), L.Input((4,))
    normalize = L.BatchNormalization(mode=0)
    return Model([a, b], L.Dense(2)(L.merge([normalize(a), normalize(b)], mode="concat")))


def mode_two():
    a, b = L.Input((4,)), L.Input((4,))
    normalize = L.BatchNormalization(mode=2)
    return Model([a, b], L.Dense(2)(L.merge([normalize(a), normalize(b)], mode="concat")))


def normalized(**kwargs):
    return lambda: Sequential(
        [L.Dense(4, input_dim=5, name="first"), L.BatchNormalization(name="normalize", **kwargs), L.Dense(2)]
    )


def distributed_model():
    inner = Sequential(
        [L.Convolution2D(2, 2, 2, input_shape=(2, 4, 4), dim_ordering="th"), L.Flatten(), L.Dense(2)]
    )
    return Sequential([L.TimeDistributed(inner, input_shape=(3, 2, 4, 4)), L.LSTM(2)])


def distributed_sequence():
    return Sequential(
        [
            L.Masking(0.0, input_shape=(4, 3)),
            L.TimeDistributed(L.Dense(3, activation="tanh")),
            L.TimeDistributed(L.Dropout(0.0)),
            L.LSTM(2),
        ]
    )


def shared_tower():
    a, b = L.Input((4, 2)), L.Input((4, 2))
    tower = L.LSTM(3)
    one, two = tower(a), tower(b)
    return Model([a, b], [L.Dense(1)(L.merge([one, two], mode="concat")), one])


def without_drop():
    return Sequential(
        [
            L.Embedding(6, 3, dropout=0.0, input_length=4),
            L.LSTM(3, dropout_W=0.0, dropout_U=0.0),
            L.Dropout(0.0),
            L.Dense(2),
        ]
    )


def deep_activity():
    inner = Sequential([L.Dense(3, input_dim=4), L.ActivityRegularization(l2=0.1)])
    return Sequential([inner, L.Dense(2)])


def masked_embedding():
    return Sequential(
        [
            L.Embedding(6, 3, mask_zero=True, input_length=4),
            L.GRU(3, return_sequences=True),
            L.TimeDistributed(L.Dense(2)),
        ]
    )


def residual():
    x = L.Input((2, 6, 6))
    y = L.Convolution2D(2, 3, 3, border_mode="same", dim_ordering="th", activation="relu")(x)
    z = L.merge([x, y], mode="sum")
    z = L.AveragePooling2D((2, 2), dim_ordering="th")(z)
    return Model(x, L.Dense(3, activation="softmax")(L.Flatten()(z)))


def branches():
    x = L.Input((6, 6, 2))
    towers = [
        L.Convolution2D(2, n, n, border_mode="same", dim_ordering="tf", activation="relu")(x)
        for n in (1, 3, 5)
    ]
    towers.append(L.MaxPooling2D((3, 3), strides=(1, 1), border_mode="same", dim_ordering="tf")(x))
    joined = L.merge(towers, mode="concat", concat_axis=3)
    return Model(x, L.Dense(2)(L.GlobalAveragePooling2D(dim_ordering="tf")(joined)))


def merged_sequential():
    parts = [Sequential([L.Dense(3, input_dim=size)]) for size in (4, 5)]
    return Sequential([L.Merge(parts, mode="concat"), L.Dense(2)])


#: Name -> function, for the models to take from one library to the other.
MAKERS = {
    "regularized": dense(W_regularizer="l2", b_constraint="maxnorm"),
    "normalized": normalized(),
}
for _maker in (
    *(embedding, recurrent, two_outputs, flat_and_steps, shared_twice, nested_twice, mode_two),
    *(distributed_model, distributed_sequence, shared_tower, without_drop, deep_activity),
    *(masked_embedding, residual, branches, merged_sequential),
):
    MAKERS[_maker.__name__] = _maker
