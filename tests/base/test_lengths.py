"""Lengths of convolutions; numbers marked "1.2.2" are answers of Keras 1.2.2 (Python 3.6, NumPy 1.16)."""

import pytest

from keras._base import lengths as sizes


@pytest.mark.parametrize(
    "border_mode, dilation, expected",
    [
        ("valid", 1, [6, 3, 2]),
        ("same", 1, [8, 4, 3]),
        ("full", 1, [10, 5, 4]),
        ("valid", 2, [4, 2, 2]),
        ("same", 2, [8, 4, 3]),
        ("full", 2, [12, 6, 4]),
    ],
)
def test_conv_output_length_value(border_mode, dilation, expected):  # 1.2.2: length 8, filter 3
    lengths = [sizes.conv_output_length(8, 3, border_mode, stride, dilation) for stride in (1, 2, 3)]
    assert lengths == expected


@pytest.mark.parametrize(
    "border_mode, filter_size, expected",
    [("valid", 3, [10, 17, 24]), ("same", 3, [8, 15, 22]), ("full", 3, [6, 13, 20])]
    + [("valid", 4, [11, 18, 25]), ("same", 4, [7, 14, 21]), ("full", 4, [5, 12, 19])],
)
def test_conv_input_length_value(border_mode, filter_size, expected):  # 1.2.2: output length 8
    lengths = [sizes.conv_input_length(8, filter_size, border_mode, s) for s in (1, 2, 3)]
    assert lengths == expected


def test_unknown_length_stays_unknown():
    assert sizes.conv_output_length(None, 3, "valid", 1) is None
    assert sizes.conv_input_length(None, 3, "valid", 1) is None


@pytest.mark.parametrize("function", ["conv_output_length", "conv_input_length"])
def test_unknown_border_modes_are_refused(function):
    with pytest.raises(ValueError, match="'valid', 'same', 'full'.*got 'vaild'"):
        getattr(sizes, function)(5, 3, "vaild", 1)
