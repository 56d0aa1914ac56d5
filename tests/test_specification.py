"""The 21 code blocks of the Keras 1 guide run as printed, in order, in one namespace.

The arrays that the guide assumes are provided, and are small, since blocks train for up to 50 epochs.
Models that are not trained keep the guide's sizes.
"""

import re

import numpy as np
import pytest
from markdown_code import Run, read_blocks
from recorded import GOLDEN

from keras import backend as K

PATH = GOLDEN / "specification_blocks.md"
BLOCKS = read_blocks(PATH)
SAMPLES = 32


def give_data(number, namespace):
    """Puts the variables that the guide assumes into the namespace before block `number`, counted from 0."""
    draw = np.random.RandomState(number)
    if number == 0:
        namespace["data"] = draw.random_sample((SAMPLES, 784))
        namespace["labels"] = np.eye(10)[draw.randint(10, size=SAMPLES)]
    if number == 8:
        namespace["headline_data"] = draw.randint(1, 10000, size=(SAMPLES, 100))
        namespace["additional_data"] = draw.random_sample((SAMPLES, 5))
        namespace["labels"] = draw.randint(2, size=(SAMPLES, 1))
    if number == 11:
        characters = draw.randint(256, size=(2, SAMPLES, 140))
        namespace["data_a"], namespace["data_b"] = np.eye(256, dtype="float32")[characters]
        namespace["labels"] = draw.randint(2, size=(SAMPLES, 1))
    if number == 15:  # the guide forgot to import it
        exec("from keras.layers import Convolution2D", namespace)


@pytest.fixture(scope="module", autouse=True)
def fresh_keras():
    """Replaces the fixture of this name for each test: the numbering of layers continues over blocks."""
    np.random.seed(0)
    yield
    K.clear_session()


@pytest.fixture(scope="module")
def guide(tmp_path_factory):
    return Run(PATH, tmp_path_factory.mktemp("guide"), give_data)


def test_there_are_21_blocks():
    assert len(BLOCKS) == 21
    assert [number for number, block in enumerate(BLOCKS, 1) if block.raises] == [14]


# The last two build models of more than 100 million weights.
@pytest.mark.parametrize(
    "number", [*range(1, 20), *(pytest.param(n, marks=pytest.mark.slow) for n in (20, 21))]
)
def test_block_runs_as_printed(guide, number):
    outcome = guide.outcome(number - 1)
    if not BLOCKS[number - 1].raises:
        if outcome.error is not None:
            raise outcome.error
        return
    # The guide prints an AssertionError; Keras 1.2.2 raises an AttributeError. It is both.
    assert isinstance(outcome.error, AssertionError)
    assert isinstance(outcome.error, AttributeError)
    # In the guide's program this is another LSTM than the first, for all that the guide prints.
    name = guide.namespace["lstm"].name
    printed = BLOCKS[number - 1].text.replace("lstm_1", name)
    assert f">> AssertionError: {outcome.error}".split() == printed.split()


def test_models_have_the_shapes_in_the_text(guide):
    """The guide's text states these shapes."""
    guide.outcome(18)
    shapes = {
        "processed_sequences": (None, 20, 10),
        "lstm_out": (None, 32),
        "merged_vector": (None, 128),
        "z": (None, 3, 256, 256),
    }
    assert {name: K.int_shape(guide.namespace[name]) for name in shapes} == shapes
    assert guide.namespace["classification_model"].output_shape == (None, 1)


@pytest.mark.slow
def test_last_models_have_the_shapes_in_the_text(guide):
    guide.outcome(20)
    video_model, image_model = guide.namespace["video_qa_model"], guide.namespace["vqa_model"]
    assert video_model.input_shape == [(None, 100, 3, 224, 224), (None, 100)]
    assert image_model.input_shape == [(None, 3, 224, 224), (None, 100)]
    assert video_model.output_shape == image_model.output_shape == (None, 1000)
    assert guide.namespace["encoded_frame_sequence"].shape == (None, 100, 160000)
    # The question's encoder and the image's are used again, weights and all.
    shared = {w for layer in image_model.layers for w in layer.trainable_weights}
    assert len(shared & set(video_model.trainable_weights)) == len(shared) - 2


def test_continuation_lines_keep_their_tabs():
    assert re.findall(r"^\t+", BLOCKS[0].code, re.MULTILINE)
