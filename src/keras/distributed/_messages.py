"""Messages over a connection: a line of text and bytes."""

import struct

_SIZES = struct.Struct("!IQ")
#: Nothing that is said is longer (bytes).
_LONGEST_TEXT = 2**16


def send(link, text, payload=b""):
    """Sends a text and some bytes over a socket."""
    encoded = text.encode()
    link.sendall(_SIZES.pack(len(encoded), len(payload)) + encoded)
    link.sendall(payload)


def receive(link, largest=2**62):
    """What `send` sent, as (text, bytearray).

    Args:
        largest: int, the most bytes that may come with the text; 0 for somebody who is not known yet.
    Raises:
        OSError: the connection is closed.
        ValueError: what came is no message.
    """
    text_size, size = _SIZES.unpack(_receive_bytes(link, _SIZES.size))
    if text_size > _LONGEST_TEXT or size > largest:
        raise ValueError("what came over the connection is no message")
    return _receive_bytes(link, text_size).decode(), _receive_bytes(link, size)


def _receive_bytes(link, size):
    received = bytearray(size)
    rest = memoryview(received)
    while rest:
        count = link.recv_into(rest)
        if not count:
            raise ConnectionError("the connection is closed")
        rest = rest[count:]
    return received
