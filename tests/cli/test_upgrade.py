"""`upgrade`: programs of Keras 1 in the names of Keras 3, and what Keras 3.15 makes of them, as recorded."""

import ast
import json
import re
from pathlib import Path

import pytest
from markdown_code import read_blocks

from keras._cli import main
from keras._upgrade import upgrade
from keras._upgrade.names import hint, new_path

GOLDEN = Path(__file__).parents[1] / "golden"
RECORD = json.loads((GOLDEN / "keras3" / "upgrade.json").read_text("utf-8"))
SURFACE = json.loads((GOLDEN / "surface.json").read_text("utf-8"))
NAMES = {f"{module}.{name}" for module, names in RECORD["names"].items() for name in names}
MERGE = ("layers.merge", "engine.merge", "engine.topology.merge")


def guide():
    """The 21 blocks as one program, with small images and one epoch."""
    code = "\n".join(block.code for block in read_blocks(GOLDEN / "specification_blocks.md"))
    code = re.sub(r"nb_epoch=\d+", "nb_epoch=1", code.replace("224, 224", "64, 64"))
    code = code.replace("model.fit(data, labels)", "model.fit(data, labels, nb_epoch=1)")
    raising = "encoded_b = lstm(b)\n\nlstm.output\n"
    assert raising in code  # the guide's example of an error
    code = code.replace(raising, raising.replace("lstm.output\n", ""))
    return "from keras.layers import Convolution2D\n" + code


def test_the_upgraded_guide_is_the_program_that_ran_under_keras_3():
    recorded = (GOLDEN / "keras3" / "guide_upgraded.txt").read_text("utf-8")
    made = upgrade(guide(), image_ordering="th")
    assert made.code == recorded
    assert made.lost == []


def test_shapes_and_numbers_of_weights_under_keras_3_are_those_of_here():
    """The training blocks are left out: they change no shape."""
    from keras import backend as K

    K.set_image_dim_ordering("th")
    code = re.sub(r"model\.(fit|compile)\((?:[^()]|\([^()]*\))*\)", "pass", guide())
    namespace = {}
    exec(compile(code, "guide", "exec"), namespace)
    for name, recorded in RECORD["shapes"].items():
        value = namespace[name]
        if isinstance(recorded[0], list):
            ours = [value.input_shape, value.output_shape, value.count_params()]
            assert json.loads(json.dumps(ours)) == recorded, name
        else:
            assert list(K.int_shape(value)) == recorded, name


def test_each_name_of_keras_1_is_in_keras_3_or_has_a_hint():
    missing = []
    for module, names in SURFACE.items():
        for name, record in names.items():
            path = f"{module}.{name}".removeprefix("keras.")
            if record["kind"] == "value" or path in MERGE or path.startswith("keras"):
                continue
            new = new_path(path)
            if f"keras.{new}" not in NAMES and hint(new) is None:
                missing.append((path, new))
    assert missing == []


def upgraded(lines):
    head = "from keras.layers import *\nfrom keras.models import *\nfrom keras.optimizers import *\n"
    return upgrade(head + "from keras import backend as K\n" + lines, image_ordering="tf")


@pytest.mark.parametrize(
    "old, new",
    [
        ("Dense(4, init='he_normal')", "scale=2.0, mode='fan_in', distribution='untruncated_normal'"),
        ("LSTM(4, forget_bias_init='one', inner_activation='tanh')", "unit_forget_bias=True"),
        ("GRU(4)", "reset_after=False"),
        ("Convolution1D(8, 3, subsample_length=2)", "keras.layers.Conv1D(8, 3, strides=2)"),
        ("AtrousConvolution2D(8, 3, 3, atrous_rate=(2, 2))", "Conv2D(8, (3, 3), dilation_rate=(2, 2))"),
        ("Convolution2D(nb_col=5, nb_row=3, nb_filter=8)", "filters=8"),
        ("Convolution2D(nb_col=5, nb_row=3, nb_filter=8)", "kernel_size=(3, 5)"),
        ("LSTM(4, input_dim=3, input_length=7)", "input_shape=(7, 3)"),
        ("LeakyReLU(alpha=0.1)", "LeakyReLU(negative_slope=0.1)"),
        ("BatchNormalization(mode=0, axis=1)", "BatchNormalization(axis=1)"),
        ("SGD(lr=0.1, decay=1e-6)", "InverseTimeDecay(0.1, 1, 1e-06)"),
        ("SGD(clipnorm=1.)", "global_clipnorm=1."),
        ("Adagrad()", "Adagrad(learning_rate=0.01, epsilon=1e-08, initial_accumulator_value=0.0)"),
        ("merge([a, b], mode='mul')", "keras.layers.multiply([a, b])"),
        ("K.argmax(x)", "keras.ops.argmax(x, axis=-1)"),
        ("K.concatenate([x, x])", "keras.ops.concatenate([x, x], axis=-1)"),
        ("K.cumsum(x)", "keras.ops.cumsum(x, axis=0)"),
        ("K.permute_dimensions(x, (1, 0))", "keras.ops.transpose(x, (1, 0))"),
        ("K.epsilon()", "K.epsilon()"),
        ("model.fit(x, y, nb_epoch=3)", "model.fit(x, y, epochs=3)"),
        ("layer.get_output_at(1)", "layer._inbound_nodes[1].output_tensors[0]"),
    ],
)
def test_calls(old, new):
    made = upgraded(f"r = {old}\n")
    assert new in made.code
    assert made.lost == []
    ast.parse(made.code)


@pytest.mark.parametrize(
    "code, said",
    [
        ("Highway()", "write it as a layer"),
        ("Embedding(3, 4, dropout=0.2)", "dropout=0.2"),
        ("BatchNormalization(mode=2)", "mode=2"),
        ("Dense(*sizes)", "their names are not known"),
        ("merge([a, b], mode=f)", "mode=f"),
        ("K.function([x], [y])", "no such function"),
        ("model.fit_generator(g, samples_per_epoch=100, nb_epoch=2)", "counts samples"),
        ("Convolution2D(2, 3, 3, border_mode='full')", "'full'"),
    ],
)
def test_what_cannot_be_translated_is_marked_above_its_statement(code, said):
    made = upgraded(f"if True:\n    r = {code}\n")
    ((line, text),) = made.lost
    assert line == 6
    assert said in text
    assert f"    # NOT TRANSLATED: {text}\n    r = " in made.code


@pytest.mark.parametrize(
    "line", ["a = 1; b = Highway()", "if a: b = Highway()", "a = (1,\n  2); b = Highway()"]
)
def test_a_comment_stands_above_the_line_of_its_statement(line):
    made = upgraded(f"class A:\n    {line}\n")
    assert f"    # NOT TRANSLATED: {made.lost[0][1]}\n    {line}" in made.code


def test_comments_tabs_and_all_other_text_stay():
    code = "from keras.layers import Dense  # é\n\nx = [\n\tDense(2),  # first\n\tf'{Dense}',\n]\n"
    code += "\n@x\ndef f(): pass\n"
    assert upgrade(code).code == code


def test_a_form_feed_and_an_encoding_of_its_own(tmp_path):
    lines = "# coding: latin-1\nfrom keras.layers import Dense\n\x0c\nx = ['é', Dense(2, init='one')]\n"
    (tmp_path / "old.py").write_bytes(lines.encode("latin-1"))
    assert main(["upgrade", str(tmp_path / "old.py"), str(tmp_path / "new.py")]) == 0
    made = (tmp_path / "new.py").read_bytes().decode("latin-1")
    assert "\x0c\nx = ['é', Dense(2, kernel_initializer='ones')]" in made


def test_own_layers_and_logs():
    made = upgraded(
        "class Own(Layer):\n    def get_output_shape_for(self, shape):\n        return shape\n"
        "m = Sequential()\nm.compile('sgd', 'mse', metrics=['accuracy'])\nh = m.fit(x, y)\n"
        "h.history['val_acc']\n"
    )
    assert "def compute_output_shape(self, shape)" in made.code
    assert "m.fit(x, y, epochs=10)" in made.code
    assert "h.history['val_accuracy']" in made.code


def test_command_writes_lists_and_returns_1_for_what_is_lost(tmp_path, capsys):
    (tmp_path / "old.py").write_text("from keras.layers import Highway, Dense\nDense(2, init='zero')\n")
    assert main(["upgrade", str(tmp_path / "old.py"), str(tmp_path / "new.py")]) == 1
    assert "line 1: not translated: layers.Highway" in capsys.readouterr().err
    assert "Dense(2, kernel_initializer='zeros')" in (tmp_path / "new.py").read_text()
    (tmp_path / "good.py").write_text("from keras.layers import Dense\n")
    assert main(["upgrade", str(tmp_path / "good.py")]) == 0
    assert capsys.readouterr().out == "from keras.layers import Dense\n"


def test_python_2_is_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "old.py").write_text("print 'x'\n")
    assert main(["upgrade", str(tmp_path / "old.py")]) == 2
    said = capsys.readouterr().err
    assert "line 1" in said and "2to3" in said and said.count("\n") == 1
