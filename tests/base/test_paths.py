"""The folder in which Keras keeps its files."""

from pathlib import Path

from keras._base.paths import keras_home


def test_environment_variable_names_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert keras_home() == tmp_path


def test_default_home_is_in_the_users_folder(monkeypatch):
    monkeypatch.delenv("KERAS_HOME")
    assert keras_home() == Path.home() / ".keras"
