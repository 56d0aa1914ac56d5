"""The command line: what each command prints, writes and returns; bad input is one line and exit code 2."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

import keras
from keras._cli import main
from keras._cli.commands import COMMANDS
from keras._cli.console import Console, Tree, printable
from keras.callbacks import TrainingCheckpoint
from keras.layers import Dense
from keras.models import Sequential

FILES = Path(__file__).parents[1] / "golden" / "files"
KERAS_2 = Path(__file__).parents[1] / "golden" / "keras2"
KERAS_3 = Path(__file__).parents[1] / "golden" / "keras3"


@pytest.fixture
def model_file(tmp_path):
    model = Sequential([Dense(2, input_dim=3, name="d")])
    model.save(tmp_path / "m.h5")
    return str(tmp_path / "m.h5")


def said(capsys, *arguments):
    """Returns (exit code, what the command prints as JSON)."""
    code = main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


# --- inspect


@pytest.mark.parametrize("path", [FILES / f"{n}.model.h5" for n in ("sequential", "video", "lambda_model")])
def test_inspect_counts_the_weights_of_recorded_files(path, capsys):
    """The numbers are counted by h5py."""
    with h5py.File(path) as file:
        sizes = []
        file["model_weights"].visititems(
            lambda _, item: sizes.append(item.size) if isinstance(item, h5py.Dataset) else None
        )
    code, found = said(capsys, "inspect", path)
    assert (code, found["parameters"]) == (0, sum(sizes))
    assert found["writer"] == "Keras 1.2.2"
    assert found["backend"] == "tensorflow"
    assert found["training"]["optimizer_config"]["class_name"]


def test_inspect_shows_nested_and_shared_layers(capsys):
    assert main(["inspect", str(FILES / "nested_shared.model.h5")]) == 0
    text = capsys.readouterr().out
    assert "convolution2d_1 (Convolution2D) (None, 3, 6, 6), 30 parameters" in text
    assert "called 2 times" in text
    assert "th (channels first)" in text


def test_inspect_tells_of_byte_code_and_runs_none(capsys):
    _, found = said(capsys, "inspect", FILES / "lambda_model.model.h5")
    assert "byte code" in found["suspicious"][0]
    assert "<lambda>" in found["suspicious"][0]


def test_inspect_guesses_the_layers_of_weights(capsys):
    _, found = said(capsys, "inspect", FILES / "video.weights.h5")
    guesses = " ".join(layer["guess"] for layer in found["layers"])
    assert found["kind"] == "weights"
    assert "Bidirectional" in guesses


@pytest.mark.parametrize(
    "path, writer",
    [
        (KERAS_2 / "keras231_tensorflow" / "lstm.h5", "Keras 2.3.1"),
        (KERAS_2 / "keras224_theano" / "images_first.h5", "Keras 2.2.4"),
        (KERAS_3 / "functional.keras", "Keras 3.15.1"),
        (FILES / "two_outputs.json", "Keras 1.2.2"),
        (FILES / "two_outputs.yaml", "Keras 1.2.2"),
    ],
)
def test_inspect_names_the_writer(path, writer, capsys):
    code, found = said(capsys, "inspect", path)
    assert (code, found["writer"], found["notes"]) == (0, writer, [])


def test_inspect_reads_a_training_state(tmp_path, capsys):
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    path = tmp_path / "state.h5"
    model.fit(
        np.ones((4, 2)), np.ones((4, 1)), nb_epoch=2, verbose=0, callbacks=[TrainingCheckpoint(str(path))]
    )
    _, found = said(capsys, "inspect", path)
    assert (found["kind"], found["state"]["epoch"], found["state"]["optimizer"]) == (
        "a training state",
        2,
        "SGD",
    )


def test_inspect_finds_numbers_that_are_none(tmp_path, capsys):
    np.savez(tmp_path / "w.npz", **{"d/W": np.array([[1.0, np.nan]])})
    _, found = said(capsys, "inspect", tmp_path / "w.npz")
    assert "NaN" in found["suspicious"][0]


def test_page_is_self_contained_and_has_each_model_and_layer(tmp_path, capsys):
    """What a browser makes of it is the next test."""
    assert said(capsys, "inspect", FILES / "nested_shared.model.h5", "--html", tmp_path / "p.html")[0] == 0
    page = (tmp_path / "p.html").read_text("utf-8")
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert set(data["graphs"]) == {"", "model_2"}
    assert "maxpooling2d_1" in data["graphs"]["model_2"]
    assert "maxpooling2d_1" not in data["graphs"][""]
    kernel = data["arrays"]["model_2"][0]
    with h5py.File(FILES / "nested_shared.model.h5") as file:
        values = file["model_weights/model_2"][kernel["name"]][()]
    assert kernel["mean"] == pytest.approx(float(values.mean()), rel=1e-5)
    assert sum(kernel["histogram"]) == values.size
    assert [len(picture["pixels"]) for picture in kernel["pictures"]] == [9, 9, 9]
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_VISIT = """
<script>
const said = [], see = () => said.push([shown, $('h2').textContent, $('aside').querySelectorAll('h3').length,
  $('aside').querySelectorAll('canvas').length, document.querySelectorAll('rect.chosen').length]);
const click = name => [...graph.querySelectorAll('rect')].find(box => box.dataset.layer === name)
  .dispatchEvent(new MouseEvent('click', {bubbles: true}));
click('dense_5'); see();
click('model_2'); see();
click('model_2/convolution2d_1'); see();
buttons.get('input_2').click(); see();
said.push(document.documentElement.scrollWidth <= innerWidth);
document.title = JSON.stringify(said);
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("size", ["1300,800", "420,900"])
def test_a_click_in_the_graph_opens_models_and_shows_options_and_weights(tmp_path, capsys, size):
    """Rows: the model shown, the layer, its arrays, their canvases (histograms, kernels), chosen boxes."""
    said(capsys, "inspect", FILES / "nested_shared.model.h5", "--html", tmp_path / "p.html")
    page = (tmp_path / "p.html").read_text("utf-8")
    (tmp_path / "p.html").write_text(page.replace("</html>", _VISIT + "</html>"), "utf-8")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update --dump-dom"
    )
    made = subprocess.run(
        [str(CHROMIUM), *options.split(), f"--window-size={size}", f"--user-data-dir={tmp_path / 'profile'}",
         (tmp_path / "p.html").as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    title = made.stdout.split("<title>")[1].split("</title>")[0]
    assert json.loads(title) == [
        ["", "dense_5 (Dense)", 2, 2, 1],
        ["model_2", "model_2 (Model)", 2, 5, 0],
        ["model_2", "convolution2d_1 (Convolution2D)", 2, 5, 1],
        ["", "input_2 (InputLayer)", 0, 0, 1],
        True,
    ]


def test_text_of_a_file_does_not_become_a_part_of_the_page(tmp_path, capsys):
    model = Sequential([Dense(1, input_dim=1, name="a<b></script><script>alert(1)")])
    (tmp_path / "m.json").write_text(model.to_json())
    assert said(capsys, "inspect", tmp_path / "m.json", "--html", tmp_path / "p.html")[0] == 0
    assert "<script>alert" not in (tmp_path / "p.html").read_text("utf-8")


# --- diff, verify, run


def test_diff_lists_options_and_norms(model_file, tmp_path, capsys):
    other = Sequential([Dense(2, input_dim=3, name="d", activation="relu")])
    other.save(tmp_path / "o.h5")
    assert said(capsys, "diff", model_file, model_file) == (0, {"equal": True, "changes": [], "weights": []})
    code, found = said(capsys, "diff", model_file, tmp_path / "o.h5")
    assert code == 1
    assert [(c["where"], c["what"], c["b"]) for c in found["changes"]] == [("model/d", "activation", "relu")]
    with h5py.File(model_file) as a, h5py.File(tmp_path / "o.h5") as b:
        norm = np.linalg.norm(a["model_weights/d/d_W:0"][()] - b["model_weights/d/d_W:0"][()])
    assert found["weights"][0]["difference"] == pytest.approx(norm, rel=1e-6)


def test_verify_compares_and_run_predicts(model_file, tmp_path, capsys):
    x = np.arange(6, dtype="float32").reshape(2, 3)
    np.save(tmp_path / "x.npy", x)
    arguments = ["--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"]
    assert said(capsys, "run", model_file, *arguments)[0] == 0
    with h5py.File(model_file) as file:
        W, b = (file[f"model_weights/d/d_{name}:0"][()] for name in "Wb")
    y = np.load(tmp_path / "y.npy")
    np.testing.assert_allclose(y, x @ W + b, rtol=1e-5)
    assert said(capsys, "verify", model_file, tmp_path / "y.npy", "--data", tmp_path / "x.npy")[0] == 0
    np.save(tmp_path / "y.npy", y + 1)
    code, found = said(capsys, "verify", model_file, tmp_path / "y.npy", "--data", tmp_path / "x.npy")
    assert (code, found["equal"]) == (1, False)
    assert found["outputs"][0]["difference"] == pytest.approx(1, rel=1e-4)


# --- convert, plot, repair, doctor


def test_convert_lists_what_is_lost_and_writes_nothing(tmp_path, capsys):
    code, found = said(capsys, "convert", FILES / "sequential.model.h5", tmp_path / "m.keras")
    assert (code, found["written"]) == (1, False)
    assert any("mode=2" in item["what"] for item in found["lost"])
    assert list(tmp_path.iterdir()) == []


def test_convert_strict_refuses_what_would_be_left_out(tmp_path, capsys):
    source = FILES / "two_outputs.model.h5"
    assert said(capsys, "convert", source, tmp_path / "m.keras", "--strict")[0] == 1
    assert list(tmp_path.iterdir()) == []


def test_plot_writes_a_picture(model_file, tmp_path, capsys):
    assert said(capsys, "plot", model_file, tmp_path / "m.svg")[0] == 0
    assert "<svg" in (tmp_path / "m.svg").read_text()


def test_repair_seals_a_changed_file(model_file, capsys):
    with h5py.File(model_file, "r+") as file:
        file["model_weights/d/d_b:0"][0] = 5.0
    assert main(["inspect", model_file]) == 2
    capsys.readouterr()
    assert said(capsys, "repair", model_file)[0] == 0
    code, found = said(capsys, "inspect", model_file)
    assert (code, found["sealed"]) == (0, True)


def test_repair_seals_a_file_without_seal_on_demand(tmp_path, capsys):
    source = FILES / "two_outputs.model.h5"
    assert said(capsys, "repair", source)[1]["written"] is None
    target = tmp_path / "sealed.h5"
    assert said(capsys, "repair", source, "--seal", "--output", target)[0] == 0
    assert said(capsys, "diff", source, target)[0] == 0
    assert said(capsys, "inspect", target)[1]["sealed"] is True


def test_doctor_tells_versions_and_finds_the_other_keras(capsys, monkeypatch):
    code, found = said(capsys, "doctor")
    assert found["numpy"] == np.__version__
    from keras._cli.commands import doctor

    monkeypatch.setattr(doctor, "_version", lambda name: "3.15.1")
    code, found = said(capsys, "doctor")
    assert code == 1
    assert "pip uninstall keras" in found["problems"][0]


# --- bad input


@pytest.mark.parametrize("command", [module.NAME for module in COMMANDS])
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"keras-classic {command}" in capsys.readouterr().out


def _commands(path, folder):
    return {
        "inspect": ["inspect", path],
        "diff": ["diff", path, path],
        "verify": ["verify", path, path],
        "run": ["run", path, "--input", path, "--output", folder / "y.npy"],
        "convert": ["convert", path, folder / "y.npz"],
        "plot": ["plot", path, folder / "y.svg"],
        "repair": ["repair", path],
    }


CONTENTS = {
    "missing": None,
    "empty": b"",
    "text": b"hello, world\n" * 50,
    "damaged HDF5": b"\x89HDF\r\n\x1a\n" + b"\x07" * 500,
    "damaged zip": b"PK\x03\x04" + b"\0" * 26 + b"config.json" + b"\0" * 200,
    "damaged json": b'{"class_name": "Model", "config": ',
    "pickle": b"\x80\x04\x95" + b"\0" * 100,
}


@pytest.mark.parametrize("contents", CONTENTS)
@pytest.mark.parametrize("command", _commands("", Path()))
def test_bad_input_is_one_line_and_exit_code_2(command, contents, tmp_path, capsys):
    path = tmp_path / "file.h5"
    if CONTENTS[contents] is not None:
        path.write_bytes(CONTENTS[contents])
    assert main([str(word) for word in _commands(path, tmp_path)[command]]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"keras-classic {command}: ")
    assert error.count("\n") == 1
    assert "file.h5" in error
    assert "Error:" not in error  # no names of classes


@pytest.mark.parametrize(
    "words", [[], ["inspekt", "x"], ["inspect"], ["convert", "a.h5", "b.h5", "--to", "keras9"]]
)
def test_wrong_words_are_one_line_and_exit_code_2(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_suffix_is_said(model_file, tmp_path, capsys):
    assert main(["convert", model_file, str(tmp_path / "x.abc")]) == 2
    assert ".safetensors" in capsys.readouterr().err


def test_the_module_is_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "keras", "inspect", "no.h5"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(keras.__file__).parents[1])},
    )
    assert (done.returncode, done.stderr) == (2, "keras-classic inspect: no.h5: there is no such file.\n")


# --- the console


def test_text_of_files_does_not_control_the_terminal(capsys):
    console = Console()
    console.tree(Tree("a", [Tree("\x1b[31mred", [Tree("b")]), Tree("c")]))
    assert capsys.readouterr().out.splitlines() == ["a", "├── ?[31mred", "│   └── b", "└── c"]
    assert printable("x\ty") == "x?y"
