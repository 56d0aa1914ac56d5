"""Input and output lengths of convolution and pooling."""

_BORDER_MODES = ("valid", "same", "full")


def conv_output_length(
    input_length: int | None, filter_size: int, border_mode: str, stride: int, dilation: int = 1
) -> int | None:
    """Returns the number of outputs of a convolution or pooling along one axis.

    Args:
        input_length: int or None (unknown).
        filter_size: int, number of taps of the filter.
        border_mode: 'valid' (no padding), 'same' or 'full'.
        stride: int, distance between the windows of two outputs.
        dilation: int, distance between two taps.

    Returns:
        int, or None if `input_length` is None.

    Raises:
        ValueError: the border mode is unknown.

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


def conv_input_length(
    output_length: int | None, filter_size: int, border_mode: str, stride: int
) -> int | None:
    """Returns the length of the shortest input with `output_length` outputs; inverts `conv_output_length`.

    Args:
        output_length: int or None (unknown).
        filter_size: int, number of taps of the filter.
        border_mode: 'valid', 'same' or 'full'.
        stride: int, distance between the windows of two outputs.

    Returns:
        int, or None if `output_length` is None.

    Raises:
        ValueError: the border mode is unknown.
    """
    if output_length is None:
        return None
    _check_border_mode("conv_input_length", border_mode)
    padding = {"valid": 0, "same": filter_size // 2, "full": filter_size - 1}[border_mode]
    return (output_length - 1) * stride - 2 * padding + filter_size


def _check_border_mode(who: str, border_mode: str) -> None:
    if border_mode not in _BORDER_MODES:
        raise ValueError(f"{who}: border_mode must be one of {_BORDER_MODES}; got {border_mode!r}.")
