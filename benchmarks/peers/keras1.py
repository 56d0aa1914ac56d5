"""The models as the guide of 2016 writes them: run by keras-classic and by the original alike."""

import workloads

from keras import backend as K
from keras.layers import (
    LSTM,
    Convolution2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    TimeDistributed,
    merge,
)
from keras.models import Model, Sequential


def mlp(sizes):
    inputs = x = Input(shape=(784,))
    for _ in range(sizes["depth"]):
        x = Dense(sizes["width"], activation="relu")(x)
    return Model(input=inputs, output=Dense(10, activation="softmax")(x)), "categorical_crossentropy"


def headline(sizes):
    words = Input(shape=(sizes["steps"],), dtype="int32")
    x = LSTM(32)(Embedding(output_dim=512, input_dim=10000, input_length=sizes["steps"])(words))
    aside = Dense(1, activation="sigmoid")(x)
    numbers = Input(shape=(5,))
    x = merge([x, numbers], mode="concat")
    for _ in range(3):
        x = Dense(64, activation="relu")(x)
    main = Dense(1, activation="sigmoid")(x)
    return Model(input=[words, numbers], output=[main, aside]), "binary_crossentropy"


def tweets(sizes):
    both = [Input(shape=(sizes["steps"], 256)) for _ in range(2)]
    shared = LSTM(64)
    x = merge([shared(tweet) for tweet in both], mode="concat", concat_axis=-1)
    return Model(input=both, output=Dense(1, activation="sigmoid")(x)), "binary_crossentropy"


def inception(sizes):
    image = Input(shape=image_shape(3, sizes["side"]))
    options = {"border_mode": "same", "activation": "relu"}
    one = Convolution2D(64, 1, 1, **options)(image)
    one = Convolution2D(64, 3, 3, **options)(one)
    two = Convolution2D(64, 1, 1, **options)(image)
    two = Convolution2D(64, 5, 5, **options)(two)
    three = MaxPooling2D((3, 3), strides=(1, 1), border_mode="same")(image)
    three = Convolution2D(64, 1, 1, **options)(three)
    axis = 1 if K.image_dim_ordering() == "th" else 3
    x = GlobalAveragePooling2D()(merge([one, two, three], mode="concat", concat_axis=axis))
    return Model(input=image, output=Dense(10, activation="softmax")(x)), "categorical_crossentropy"


def shared_vision(sizes):
    digit = Input(shape=image_shape(1, 27))
    x = Convolution2D(64, 3, 3)(digit)
    x = Convolution2D(64, 3, 3)(x)
    vision = Model(digit, Flatten()(MaxPooling2D((2, 2))(x)))
    both = [Input(shape=image_shape(1, 27)) for _ in range(2)]
    x = merge([vision(one) for one in both], mode="concat")
    return Model(both, Dense(1, activation="sigmoid")(x)), "binary_crossentropy"


def vqa(sizes):
    image = Input(shape=image_shape(3, sizes["side"]))
    question, encoded = question_encoder(sizes)
    x = merge([encoded, vision_model(sizes["side"])(image)], mode="concat")
    output = Dense(workloads.ANSWERS, activation="softmax")(x)
    return Model(input=[image, question], output=output), "categorical_crossentropy"


def video_qa(sizes):
    video = Input(shape=(sizes["frames"],) + image_shape(3, sizes["side"]))
    question, encoded = question_encoder(sizes)
    x = LSTM(256)(TimeDistributed(vision_model(sizes["side"]))(video))
    output = Dense(workloads.ANSWERS, activation="softmax")(merge([x, encoded], mode="concat"))
    return Model(input=[video, question], output=output), "categorical_crossentropy"


def vgg16(sizes):
    return application("VGG16", sizes)


def resnet50(sizes):
    return application("ResNet50", sizes)


def application(name, sizes):
    from keras import applications

    model = getattr(applications, name)(weights=None)
    return model, "categorical_crossentropy"


def image_shape(channels, side):
    return (channels, side, side) if K.image_dim_ordering() == "th" else (side, side, channels)


def vision_model(side):
    model = Sequential()
    first = {"input_shape": image_shape(3, side)}
    for filters, count in ((64, 2), (128, 2), (256, 3)):
        model.add(Convolution2D(filters, 3, 3, activation="relu", border_mode="same", **first))
        for _ in range(count - 1):
            model.add(Convolution2D(filters, 3, 3, activation="relu"))
        model.add(MaxPooling2D((2, 2)))
        first = {}
    model.add(Flatten())
    return model


def question_encoder(sizes):
    question = Input(shape=(sizes["steps"],), dtype="int32")
    x = Embedding(input_dim=10000, output_dim=256, input_length=sizes["steps"])(question)
    return question, LSTM(256)(x)


class Trainer:
    def __init__(self, peer, workload, sizes):
        # The original on TensorFlow is faster with channels last.
        K.set_image_dim_ordering("tf" if peer == "original" else "th")
        self.model, loss = globals()[workload](sizes)
        weights = [1.0, 0.2] if workload == "headline" else None
        self.model.compile(optimizer="rmsprop", loss=loss, loss_weights=weights)
        self.x, self.y = workloads.data_of(workload, sizes, channels_last=peer == "original")
        self.batch = sizes["batch"]
        self.parameters = self.model.count_params()

    def epoch(self):
        self.model.fit(self.x, self.y, nb_epoch=1, batch_size=self.batch, verbose=0)

    def predict(self, rows):
        return self.model.predict([x[:rows] for x in self.x], batch_size=rows)


trainer = Trainer
