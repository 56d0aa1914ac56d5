"""The same models in Keras 3, with its own defaults: channels last, `fit`, jit_compile="auto"."""

import workloads

from keras import Input, Model, Sequential, applications
from keras.layers import (
    LSTM,
    Concatenate,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    TimeDistributed,
)


def mlp(sizes):
    inputs = x = Input(shape=(784,))
    for _ in range(sizes["depth"]):
        x = Dense(sizes["width"], activation="relu")(x)
    return Model(inputs, Dense(10, activation="softmax")(x)), "categorical_crossentropy"


def headline(sizes):
    words = Input(shape=(sizes["steps"],), dtype="int32")
    x = LSTM(32)(Embedding(10000, 512)(words))
    aside = Dense(1, activation="sigmoid")(x)
    numbers = Input(shape=(5,))
    x = Concatenate()([x, numbers])
    for _ in range(3):
        x = Dense(64, activation="relu")(x)
    return Model([words, numbers], [Dense(1, activation="sigmoid")(x), aside]), ["binary_crossentropy"] * 2


def tweets(sizes):
    both = [Input(shape=(sizes["steps"], 256)) for _ in range(2)]
    shared = LSTM(64)
    x = Concatenate()([shared(tweet) for tweet in both])
    return Model(both, Dense(1, activation="sigmoid")(x)), "binary_crossentropy"


def inception(sizes):
    image = Input(shape=(sizes["side"], sizes["side"], 3))
    options = {"padding": "same", "activation": "relu"}
    one = Conv2D(64, (3, 3), **options)(Conv2D(64, (1, 1), **options)(image))
    two = Conv2D(64, (5, 5), **options)(Conv2D(64, (1, 1), **options)(image))
    three = Conv2D(64, (1, 1), **options)(MaxPooling2D((3, 3), strides=(1, 1), padding="same")(image))
    x = GlobalAveragePooling2D()(Concatenate()([one, two, three]))
    return Model(image, Dense(10, activation="softmax")(x)), "categorical_crossentropy"


def shared_vision(sizes):
    digit = Input(shape=(27, 27, 1))
    x = Conv2D(64, (3, 3))(Conv2D(64, (3, 3))(digit))
    vision = Model(digit, Flatten()(MaxPooling2D((2, 2))(x)))
    both = [Input(shape=(27, 27, 1)) for _ in range(2)]
    x = Concatenate()([vision(one) for one in both])
    return Model(both, Dense(1, activation="sigmoid")(x)), "binary_crossentropy"


def vqa(sizes):
    image = Input(shape=(sizes["side"], sizes["side"], 3))
    question, encoded = question_encoder(sizes)
    x = Concatenate()([encoded, vision_model(sizes["side"])(image)])
    output = Dense(workloads.ANSWERS, activation="softmax")(x)
    return Model([image, question], output), "categorical_crossentropy"


def video_qa(sizes):
    video = Input(shape=(sizes["frames"], sizes["side"], sizes["side"], 3))
    question, encoded = question_encoder(sizes)
    x = LSTM(256)(TimeDistributed(vision_model(sizes["side"]))(video))
    output = Dense(workloads.ANSWERS, activation="softmax")(Concatenate()([x, encoded]))
    return Model([video, question], output), "categorical_crossentropy"


def vgg16(sizes):
    return applications.VGG16(weights=None), "categorical_crossentropy"


def resnet50(sizes):
    return applications.ResNet50(weights=None), "categorical_crossentropy"


def vision_model(side):
    model = Sequential([Input(shape=(side, side, 3))])
    for filters, count in ((64, 2), (128, 2), (256, 3)):
        model.add(Conv2D(filters, (3, 3), activation="relu", padding="same"))
        for _ in range(count - 1):
            model.add(Conv2D(filters, (3, 3), activation="relu"))
        model.add(MaxPooling2D((2, 2)))
    model.add(Flatten())
    return model


def question_encoder(sizes):
    question = Input(shape=(sizes["steps"],), dtype="int32")
    return question, LSTM(256)(Embedding(10000, 256)(question))


class Trainer:
    def __init__(self, peer, workload, sizes):
        self.model, loss = globals()[workload](sizes)
        weights = [1.0, 0.2] if workload == "headline" else None
        self.model.compile(optimizer="rmsprop", loss=loss, loss_weights=weights)
        self.x, self.y = workloads.data_of(workload, sizes, channels_last=True)
        self.batch = sizes["batch"]
        self.parameters = self.model.count_params()

    def epoch(self):
        x = self.x if len(self.x) > 1 else self.x[0]
        y = self.y if len(self.y) > 1 else self.y[0]
        self.model.fit(x, y, epochs=1, batch_size=self.batch, verbose=0)

    def predict(self, rows):
        x = [x[:rows] for x in self.x]
        return self.model.predict(x if len(x) > 1 else x[0], batch_size=rows, verbose=0)


trainer = Trainer
