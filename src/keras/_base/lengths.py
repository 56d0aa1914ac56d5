"""The arithmetic of lengths in convolution and pooling."""

_BORDER_MODES = ("valid", "same", "full")


def conv_output_length(input_length, filter_size, border_mode, stride, dilation=1):
    """Number of outputs of a convolution or pooling along one direction.

    Args:
        input_length: int or None (unknown).
        filter_size: int, taps of the filter.
        border_mode: 'valid' (no padding), 'same' or 'full'.
        stride: int, step between two outputs.
        dilation: int, step between two taps.

    Returns:
        int, or None if `input_length` is None.

    Raises:
        ValueError: another border mode.

    Example:
        >>> conv_output_length(28, 3, 'valid', 1)
        26
    """
    if input_length is None:
        return None
    _check_border_mode("conv_output_length", border_mode)
    reach = (filter_size - 1) * dilation
    growth = {"valid": -reach, "same": 0, "full": reach}[border_mode]
    return (input_length + growth + stride - 1) // stride


def conv_input_length(output_length, filter_size, border_mode, stride):
    """Shortest input that gives `output_length` outputs; the reverse of `conv_output_length`.

    Args:
        output_length: int or None (unknown).
        filter_size: int, taps of the filter.
        border_mode: 'valid', 'same' or 'full'.
        stride: int, step between two outputs.

    Returns:
        int, or None if `output_length` is None.

    Raises:
        ValueError: another border mode.
    """
    if output_length is None:
        return None
    _check_border_mode("conv_input_length", border_mode)
    padding = {"valid": 0, "same": filter_size // 2, "full": filter_size - 1}[border_mode]
    return (output_length - 1) * stride - 2 * padding + filter_size


def _check_border_mode(who, border_mode):
    if border_mode not in _BORDER_MODES:
        raise ValueError(f"{who}: border_mode is one of {_BORDER_MODES}; got {border_mode!r}.")
