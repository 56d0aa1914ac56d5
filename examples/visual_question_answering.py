"""Answer questions about pictures: the guide's visual question answering model, on easy-VQA.

A picture of one coloured shape and a question in plain words go in; one of 13 answers comes out. A
vision model, written as a Sequential, turns the picture into a vector; an LSTM turns the question into
another; the two are set side by side, and the layers above choose the answer.

The guide's sizes are for photographs of 224 x 224 and ten thousand words. Here they are smaller, its
structure is kept, and two layers are added: one that ends the vision model with a short vector, and a
hidden one between the vectors and the softmax. Without the latter each answer's score would be a sum,
a number from the picture plus a number from the question, and no such sum tells when the colour asked
for is the colour shown.

Into the folder `--out` go learning_curve.png, model.png, answers.png, and the trained model,
vqa_model.h5, which video_question_answering.py builds upon.

    python examples/visual_question_answering.py
"""

import argparse
import os
import time

import data
import numpy as np

from keras import backend as K
from keras.layers import LSTM, Convolution2D, Dense, Embedding, Flatten, Input, MaxPooling2D, merge
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras.utils.np_utils import to_categorical

SIZE = 32  # the pictures' height and width: half of what easy-VQA draws, still clear, and four times faster


def build_model(nb_answers):
    # First a vision model, as a Sequential: a picture in, a vector out.
    vision_model = Sequential(name="vision_model")
    vision_model.add(
        Convolution2D(8, 3, 3, activation="relu", border_mode="same", input_shape=(3, SIZE, SIZE))
    )  # (None, 8, 32, 32)
    vision_model.add(MaxPooling2D((2, 2)))  # (None, 8, 16, 16)
    vision_model.add(Convolution2D(16, 3, 3, activation="relu", border_mode="same"))
    vision_model.add(MaxPooling2D((2, 2)))  # (None, 16, 8, 8)
    vision_model.add(Convolution2D(32, 3, 3, activation="relu", border_mode="same"))
    vision_model.add(MaxPooling2D((2, 2)))  # (None, 32, 4, 4)
    vision_model.add(Flatten())  # (None, 512)
    vision_model.add(Dense(64, activation="relu"))  # (None, 64): what is there, wherever it stands

    # A model is called on a tensor, like a layer.
    image_input = Input(shape=(3, SIZE, SIZE), name="image")
    encoded_image = vision_model(image_input)  # (None, 64)

    # Next a language model: the question as up to 9 numbers of words, read by an LSTM.
    question_input = Input(shape=(data.QUESTION_LENGTH,), dtype="int32", name="question")
    embedded_question = Embedding(
        input_dim=len(data.VOCABULARY) + 1,  # and 0, which fills up short questions
        output_dim=32,
        input_length=data.QUESTION_LENGTH,
    )(question_input)  # (None, 9, 32)
    encoded_question = LSTM(64, name="encoded_question")(embedded_question)  # (None, 64)

    # The two vectors side by side, and the answer.
    merged = merge([encoded_question, encoded_image], mode="concat")  # (None, 128)
    x = Dense(128, activation="relu")(merged)
    output = Dense(nb_answers, activation="softmax", name="answer")(x)  # (None, 13)

    model = Model(input=[image_input, question_input], output=output)
    model.compile(optimizer=Adam(lr=0.003), loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def load(part, answers):
    """Load the "train" or "test" part: images, questions and one-hot answers, a row for each question.

    Returns:
        images, float32 of shape (questions, 3, 32, 32): each picture as often as it is asked about.
        questions, int32 of shape (questions, 9).
        targets, of shape (questions, number of answers).
    """
    texts, replies, picture = data.easy_vqa_questions(part)
    targets = to_categorical([answers.index(reply) for reply in replies], len(answers))
    return (
        data.easy_vqa_images(part, SIZE)[picture],
        data.word_numbers(texts, data.VOCABULARY, data.QUESTION_LENGTH),
        targets,
    )


def train(epochs):
    """Train the model for `epochs` epochs.

    Returns:
        The model, the History of its training, and its accuracy on the test part.
    """
    answers = data.easy_vqa_answers()
    images, questions, targets = load("train", answers)
    test_images, test_questions, test_targets = load("test", answers)
    model = build_model(len(answers))
    model.summary()
    # The test part is looked at after each epoch, to draw the learning curve; training ignores it.
    history = model.fit(
        [images, questions],
        targets,
        batch_size=64,
        nb_epoch=epochs,
        validation_data=([test_images, test_questions], test_targets),
    )
    _, accuracy = model.evaluate([test_images, test_questions], test_targets, batch_size=256, verbose=0)
    return model, history, accuracy


def blind_accuracy():
    """Return how often one is right who never looks at the picture.

    That is: who gives each question the answer that it most often has in the training part.
    """
    counts = {}
    for question, answer, _ in zip(*data.easy_vqa_questions("train")):
        replies = counts.setdefault(question, {})
        replies[answer] = replies.get(answer, 0) + 1
    guess = {question: max(replies, key=replies.get) for question, replies in counts.items()}
    questions, answers, _ = data.easy_vqa_questions("test")
    return np.mean([guess[question] == answer for question, answer in zip(questions, answers)])


def draw_learning_curve(history, path):
    """Draw the accuracy on both parts, epoch by epoch, into a PNG file."""
    from matplotlib.figure import Figure

    epochs = np.arange(1, len(history.history["acc"]) + 1)
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    curves = [
        ("acc", "#8fa9c0", "training questions,\nmean over the epoch"),
        ("val_acc", "#1f5f8b", "test questions,\nafter the epoch"),
    ]
    ends = [history.history[key][-1] for key, _, _ in curves]
    lower = min(min(ends), max(ends) - 0.08)  # so that the two labels never touch
    for key, color, label in curves:
        values = history.history[key]
        axes.plot(epochs, values, color=color, linewidth=2, marker="o", markersize=5)
        axes.annotate(
            f"{label}: {values[-1]:.3f}",
            (epochs[-1], max(ends) if values[-1] == max(ends) else lower),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=color,
        )
    axes.set(xlabel="epoch", ylabel="accuracy", xticks=epochs)
    axes.set_ylim(min(history.history["acc"]) - 0.05, 1.02)
    axes.set_title("Visual question answering: learning curve", loc="left", pad=12)
    axes.grid(axis="y", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def draw_answers(model, path, rows=3, columns=5):
    """Draw some test pictures into a PNG file, each with a question, the model's answer and the truth."""
    from matplotlib.figure import Figure

    answers = data.easy_vqa_answers()
    texts, truths, picture = data.easy_vqa_questions("test")
    # Other pictures, and as many questions of each kind as of any other: yes or no, shape, colour.
    kinds = [["yes", "no"], data.SHAPES, data.COLORS]
    random, chosen = np.random.RandomState(4), []
    for position in range(rows * columns):
        kind = kinds[position % len(kinds)]
        asked = [i for i, truth in enumerate(truths) if truth in kind]
        chosen.append(asked[random.randint(len(asked))])

    images = data.easy_vqa_images("test", SIZE)[picture[chosen]]
    questions = data.word_numbers([texts[i] for i in chosen], data.VOCABULARY, data.QUESTION_LENGTH)
    predicted = [answers[k] for k in model.predict([images, questions]).argmax(axis=1)]

    figure = Figure(figsize=(2.6 * columns, 3.5 * rows), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.15)
    drawn = data.easy_vqa_images("test", 64)  # as they are; the model sees them at half the size
    for axes, row, answer in zip(figure.subplots(rows, columns).flat, chosen, predicted):
        axes.imshow(drawn[picture[row]].transpose(1, 2, 0) + 0.5)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color("#bbbbbb")
        axes.set_title("\n".join(wrapped(texts[row])), fontsize=10)
        right = answer == truths[row]
        axes.set_xlabel(
            f"answer: {answer}\ntruth: {truths[row]}", fontsize=11, color="#1b7837" if right else "#b2182b"
        )
    figure.savefig(path, dpi=110)


def wrapped(question, width=28):
    """Split a question into two lines, so that all titles are equally high."""
    import textwrap

    return (textwrap.wrap(question, width) + [" "])[:2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fast", action="store_true", help="6 epochs")
    parser.add_argument("--out", default="out", help="folder for the pictures and the trained model")
    arguments = parser.parse_args()
    np.random.seed(0)
    K.set_image_dim_ordering("th")  # channels first, whatever ~/.keras/keras.json says
    os.makedirs(arguments.out, exist_ok=True)

    def out(name):
        return os.path.join(arguments.out, name)

    started = time.time()
    model, history, accuracy = train(6 if arguments.fast else arguments.epochs)
    model.save(out("vqa_model.h5"))

    from keras.utils.visualize_util import plot

    plot(model, to_file=out("model.png"), show_shapes=True)
    draw_learning_curve(history, out("learning_curve.png"))
    draw_answers(model, out("answers.png"))
    print(f"Wrote learning_curve.png, model.png, answers.png and vqa_model.h5 into {arguments.out}/")
    print(
        f"Test accuracy: {accuracy:.3f} on {len(data.easy_vqa_questions('test')[0])} questions "
        f"(without looking at the picture: {blind_accuracy():.3f}), after {time.time() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
