"""Messages over a connection: a line of text and bytes."""

import socket
import struct
from typing import TypeAlias

Bytes: TypeAlias = bytes | bytearray | memoryview

_SIZES = struct.Struct("!IQ")
#: No text is longer (bytes).
_LONGEST_TEXT = 2**16
#: Nor are there more bytes after it.
_LARGEST = 2**26


def send(link: socket.socket, text: str, payload: Bytes = b"") -> None:
    """Sends a text and some bytes over a socket."""
    encoded = text.encode()
    link.sendall(_SIZES.pack(len(encoded), len(payload)) + encoded)
    link.sendall(payload)


def receive(link: socket.socket, largest: int = _LARGEST) -> tuple[str, bytearray]:
    """Receives what `send` sent.

    Args:
        link: the socket.
        largest: the most bytes that may follow the text; 0 for a peer that has not been identified yet.

    Returns:
        Tuple (text, bytes).

    Raises:
        OSError: the connection is closed.
        ValueError: the data is not a message.
    """
    text_size, size = _SIZES.unpack(_receive_bytes(link, _SIZES.size))
    if text_size > _LONGEST_TEXT or size > largest:
        raise ValueError("received data that is not a message")
    return _receive_bytes(link, text_size).decode(), _receive_bytes(link, size)


def _receive_bytes(link: socket.socket, size: int) -> bytearray:
    received = bytearray(size)
    rest = memoryview(received)
    while rest:
        count = link.recv_into(rest)
        if not count:
            raise ConnectionError("the connection is closed")
        rest = rest[count:]
    return received
