"""Reading strips of glyphs with CTC: the loss is a Lambda layer, a callback decodes by argmax."""

import itertools

import numpy as np

from keras import backend as K
from keras.callbacks import Callback
from keras.layers import GRU, Activation, Dense, Input, Lambda, Reshape, merge
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.models import Model
from keras.optimizers import SGD

alphabet = "abc"
height, width, max_string_len = 6, 24, 4
downsample_width = width // 2


def paint_text(text):
    """Each letter lights two rows of its own for four columns; two dark columns between letters."""
    a = np.zeros((height, width))
    for i, char in enumerate(text):
        row = 2 * alphabet.index(char)
        a[row : row + 2, 6 * i : 6 * i + 4] = 1
    return a + 0.1 * np.random.normal(size=a.shape)


def text_image_generator(minibatch_size):
    while 1:
        if K.image_dim_ordering() == "th":
            X_data = np.ones([minibatch_size, 1, height, width])
        else:
            X_data = np.ones([minibatch_size, height, width, 1])
        labels = -np.ones([minibatch_size, max_string_len])
        input_length = np.zeros([minibatch_size, 1])
        label_length = np.zeros([minibatch_size, 1])
        source_str = []
        for i in range(minibatch_size):
            word = "".join(np.random.choice(list(alphabet), np.random.randint(2, max_string_len + 1)))
            if K.image_dim_ordering() == "th":
                X_data[i, 0, :, :] = paint_text(word)
            else:
                X_data[i, :, :, 0] = paint_text(word)
            labels[i, : len(word)] = [alphabet.index(c) for c in word]
            input_length[i] = downsample_width - 2
            label_length[i] = len(word)
            source_str.append(word)
        inputs = {
            "the_input": X_data,
            "the_labels": labels,
            "input_length": input_length,
            "label_length": label_length,
            "source_str": source_str,  # used for visualization only
        }
        outputs = {"ctc": np.zeros([minibatch_size])}  # dummy data for dummy loss function
        yield (inputs, outputs)


# the actual loss calc occurs here despite it not being an internal Keras loss function
def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    # the 2 is critical here since the first couple outputs of the RNN tend to be garbage
    y_pred = y_pred[:, 2:, :]
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)


def decode_batch(test_func, word_batch):
    out = test_func([word_batch])[0]
    ret = []
    for j in range(out.shape[0]):
        out_best = list(np.argmax(out[j, 2:], 1))
        out_best = [k for k, g in itertools.groupby(out_best)]
        ret.append("".join(alphabet[c] for c in out_best if c < len(alphabet)))
    return ret


class VizCallback(Callback):
    def __init__(self, test_func, text_img_gen):
        self.test_func = test_func
        self.text_img_gen = text_img_gen
        self.accuracies = []

    def on_epoch_end(self, epoch, logs={}):
        word_batch = next(self.text_img_gen)[0]
        decoded_res = decode_batch(self.test_func, word_batch["the_input"])
        right = [a == b for a, b in zip(decoded_res, word_batch["source_str"])]
        self.accuracies.append(np.mean(right))
        print("epoch", epoch, "whole words read:", self.accuracies[-1])


def main(folder):
    np.random.seed(1337)
    if K.image_dim_ordering() == "th":
        input_shape = (1, height, width)
    else:
        input_shape = (height, width, 1)
    input_data = Input(name="the_input", shape=input_shape, dtype="float32")
    inner = Convolution2D(6, 3, 3, border_mode="same", activation="relu", name="conv1")(input_data)
    inner = MaxPooling2D(pool_size=(1, 2), name="max1")(inner)
    conv_to_rnn_dims = (downsample_width, height * 6)
    inner = Reshape(target_shape=conv_to_rnn_dims, name="reshape")(inner)
    inner = Dense(16, activation="relu", name="dense1")(inner)
    gru_1 = GRU(16, return_sequences=True, name="gru1")(inner)
    gru_1b = GRU(16, return_sequences=True, go_backwards=True, name="gru1_b")(inner)
    gru1_merged = merge([gru_1, gru_1b], mode="sum")
    inner = Dense(len(alphabet) + 1, name="dense2")(gru1_merged)
    y_pred = Activation("softmax", name="softmax")(inner)

    labels = Input(name="the_labels", shape=[max_string_len], dtype="float32")
    input_length = Input(name="input_length", shape=[1], dtype="int64")
    label_length = Input(name="label_length", shape=[1], dtype="int64")
    # losses take no further arguments, so CTC is a Lambda layer
    loss_out = Lambda(ctc_lambda_func, output_shape=(1,), name="ctc")(
        [y_pred, labels, input_length, label_length]
    )
    sgd = SGD(lr=0.05, decay=1e-6, momentum=0.9, nesterov=True, clipnorm=5)
    model = Model(input=[input_data, labels, input_length, label_length], output=[loss_out])
    # the loss calc occurs elsewhere, so use a dummy lambda func for the loss
    model.compile(loss={"ctc": lambda y_true, y_pred: y_pred}, optimizer=sgd)

    # captures output of softmax so we can decode the output during visualization
    test_func = K.function([input_data], [y_pred])
    viz_cb = VizCallback(test_func, text_image_generator(60))
    history = model.fit_generator(
        generator=text_image_generator(32),
        samples_per_epoch=640,
        nb_epoch=5,
        verbose=0,
        validation_data=text_image_generator(32),
        nb_val_samples=64,
        callbacks=[viz_cb],
    )
    assert history.history["val_loss"][-1] < 0.25 * history.history["loss"][0], history.history
    assert viz_cb.accuracies[-1] > 0.6, viz_cb.accuracies  # one word in 117 by chance
    return {}
