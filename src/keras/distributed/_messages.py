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


def receive(link):
    """What `send` sent, as (text, bytearray).

    Raises:
        OSError: the connection is closed.
        ValueError: what came is no message.
    """
    text_size, size = _SIZES.unpack(_receive_bytes(link, _SIZES.size))
    if text_size > _LONGEST_TEXT:
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
