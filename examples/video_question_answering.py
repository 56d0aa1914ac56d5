"""Answer questions about short clips, with the parts that visual_question_answering.py has trained.

A clip is four pictures, one after the other. The trained vision model is laid over its frames by
TimeDistributed, an LSTM reads the four vectors that come out, and the trained question encoder is
reused as a model of its own. Only what is new starts from scratch: the LSTM over the frames and the
layers above. The vision model is frozen; the question encoder may learn on, since it has to learn
three words: comes, first, last.

Questions are of two kinds: about any frame ("is there a red shape?") and about the order ("what shape
comes last?"). Half of the yes/no questions are true.

The trained parts are read from `--out`. If they are not there, they are trained first, for a few epochs.

    python examples/visual_question_answering.py
    python examples/video_question_answering.py
"""

import argparse
import os
import time

import data
import numpy as np
from visual_question_answering import SIZE, train

from keras import backend as K
from keras.layers import LSTM, Dense, Input, TimeDistributed, merge
from keras.models import Model, Sequential, load_model
from keras.optimizers import Adam
from keras.utils.np_utils import to_categorical

FRAMES = 4


def build_model(vqa_model, nb_answers):
    # The trained vision model, out of the model that it was trained in. It is not asked for by its
    # name: as in Keras 1, a saved Sequential has none.
    vision_model = next(layer for layer in vqa_model.layers if isinstance(layer, Sequential))
    vision_model.trainable = False

    video_input = Input(shape=(FRAMES, 3, SIZE, SIZE), name="video")
    # The same vision model on each frame: a sequence of four vectors.
    encoded_frame_sequence = TimeDistributed(vision_model)(video_input)  # (None, 4, 64)
    encoded_video = LSTM(128)(encoded_frame_sequence)  # (None, 128)

    # The trained question encoder, as a model: all that lies between the question and its vector.
    question_encoder = Model(
        input=vqa_model.get_layer("question").output,
        output=vqa_model.get_layer("encoded_question").output,
    )
    video_question_input = Input(shape=(data.QUESTION_LENGTH,), dtype="int32", name="video_question")
    encoded_video_question = question_encoder(video_question_input)  # (None, 64)

    merged = merge([encoded_video, encoded_video_question], mode="concat")  # (None, 192)
    x = Dense(128, activation="relu")(merged)
    x = Dense(128, activation="relu")(x)
    output = Dense(nb_answers, activation="softmax")(x)  # (None, 13)

    model = Model(input=[video_input, video_question_input], output=output)
    model.compile(optimizer=Adam(lr=0.002), loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def make_clips(part, nb_clips, random):
    """Make clips of easy-VQA's pictures, with one question each.

    Args:
        part: "train" or "test", the part of easy-VQA that the pictures are taken from.
        nb_clips: number of clips.
        random: a numpy RandomState.
    Returns:
        frames, int of shape (nb_clips, 4): rows of `data.easy_vqa_images(part)`.
        questions, answers: lists of str of length nb_clips.
    """
    shapes, colors = data.easy_vqa_contents(part)
    known = np.flatnonzero((shapes != "") & (colors != ""))
    frames, questions, answers = [], [], []
    for _ in range(nb_clips):
        clip = random.choice(known, FRAMES, replace=False)
        kind = ["shape", "color"][random.randint(2)]
        values, names = (shapes, data.SHAPES) if kind == "shape" else (colors, data.COLORS)
        if random.randint(2):
            place = random.randint(2)
            questions.append(f"what {kind} comes {['first', 'last'][place]}?")
            answers.append(values[clip[-place]])  # clip[0] or clip[-1]
        else:
            # First the answer, then a clip to it: otherwise most clips of four hold any one shape.
            name, answer = names[random.randint(len(names))], ["no", "yes"][random.randint(2)]
            clip = random.choice(known[values[known] != name], FRAMES, replace=False)
            if answer == "yes":
                clip[random.randint(FRAMES)] = random.choice(known[values[known] == name])
            thing = name if kind == "shape" else f"{name} shape"
            questions.append([f"is there a {thing}?", f"is a {thing} present?"][random.randint(2)])
            answers.append(answer)
        frames.append(clip)
    return np.array(frames), questions, answers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fast", action="store_true", help="5 epochs")
    parser.add_argument("--out", default="out", help="folder with the trained vqa_model.h5")
    arguments = parser.parse_args()
    np.random.seed(0)
    K.set_image_dim_ordering("th")  # channels first, whatever ~/.keras/keras.json says
    started = time.time()

    path = os.path.join(arguments.out, "vqa_model.h5")
    if os.path.exists(path):
        vqa_model = load_model(path)
    else:
        print(f"There is no {path} yet: training its parts first.")
        vqa_model, _, _ = train(epochs=6)

    answers = data.easy_vqa_answers()
    random = np.random.RandomState(0)

    def load(part, nb_clips):
        frames, questions, replies = make_clips(part, nb_clips, random)
        clips = data.easy_vqa_images(part, SIZE)[frames]  # (nb_clips, 4, 3, 32, 32)
        targets = to_categorical([answers.index(reply) for reply in replies], len(answers))
        return (
            [clips, data.word_numbers(questions, data.VOCABULARY, data.QUESTION_LENGTH)],
            targets,
            questions,
            replies,
        )

    # The test clips are made of test pictures, which no part of the model has ever been trained on.
    inputs, targets, _, _ = load("train", 10000)
    test_inputs, test_targets, test_questions, test_replies = load("test", 2000)

    model = build_model(vqa_model, len(answers))
    model.summary()
    model.fit(inputs, targets, nb_epoch=5 if arguments.fast else arguments.epochs, batch_size=64)

    _, accuracy = model.evaluate(test_inputs, test_targets, verbose=0)
    constant = max(np.mean([reply == answer for reply in test_replies]) for answer in answers)
    order = np.array([question.startswith("what") for question in test_questions])
    right = model.predict(test_inputs).argmax(axis=1) == test_targets.argmax(axis=1)
    print(f"yes or no: {right[~order].mean():.3f}; first and last: {right[order].mean():.3f}")
    print(
        f"Held-out accuracy: {accuracy:.3f} on {len(test_replies)} clips "
        f"(best constant answer: {constant:.3f}), after {time.time() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
