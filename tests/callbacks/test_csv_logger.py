"""`CSVLogger`, driven by hand.

"1.2.2" marks an answer of Keras 1.2.2 to the same calls.
"""

import numpy as np

from keras.callbacks import CSVLogger


def write_csv(path, **kwargs):
    logger = CSVLogger(str(path), **kwargs)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5, "acc": np.float32(0.25), "size": [1, 2]})
    logger.on_epoch_end(1, {"loss": 0.5, "acc": np.array(0.125), "size": (3,), "new": 1})
    logger.on_train_end()


CSV_ROWS = ['0,0.25,0.5,"""[1, 2]"""', '1,0.125,0.5,"""[3]"""']


def test_csv_columns_are_those_of_the_first_epoch(tmp_path):  # 1.2.2: sorted; sequences in brackets
    write_csv(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,acc,loss,size", *CSV_ROWS]


def test_csv_appends_without_a_second_header(tmp_path):  # 1.2.2
    for _ in range(2):
        write_csv(tmp_path / "log.csv", append=True)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines == ["epoch,acc,loss,size", *CSV_ROWS, *CSV_ROWS]


def test_csv_without_append_replaces_the_file(tmp_path):
    for _ in range(2):
        write_csv(tmp_path / "log.csv", separator=";")
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert len(lines) == 3 and lines[0] == "epoch;acc;loss;size"


def test_csv_line_is_flushed_at_the_end_of_an_epoch(tmp_path):
    logger = CSVLogger(str(tmp_path / "log.csv"))
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    assert (tmp_path / "log.csv").read_text().splitlines()[1] == "0,0.5"
    logger.on_train_end()


def test_csv_logger_can_be_reused(tmp_path):  # 1.2.2 wrote to the closed file
    logger = CSVLogger(str(tmp_path / "log.csv"), append=True)
    for _ in range(2):
        logger.on_train_begin()
        logger.on_epoch_end(0, {"loss": 0.5})
        logger.on_train_end()
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,loss", "0,0.5", "0,0.5"]
