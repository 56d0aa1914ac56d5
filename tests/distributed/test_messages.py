"""Messages between processes over a socket."""

import socket
import threading

import pytest

from keras.distributed._messages import receive, send


def test_messages_are_received_whole_or_refused():
    one, other = socket.socketpair()
    with one, other:
        big = bytes(10**6)
        thread = threading.Thread(target=send, args=[one, "é", big])
        thread.start()
        assert receive(other) == ("é", bytearray(big))
        thread.join()
        one.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ValueError, match="not a message"):
            receive(other)
        one.close()
        with pytest.raises(OSError):
            receive(other)
            receive(other)
