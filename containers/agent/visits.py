"""One connection to a service of the lab.

    nonce   one line `forwardlab NONCE`, answered by `forwardlab IDENTITY NONCE PEER`
    http    GET any path, header or path with the nonce, answered by the same line as the body
One listener speaks both: an HTTP request is told by its first word.

By the loop's readers and writers alone: asyncio's servers and transports do much more, and take a visit three times as long.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from .answer import answer_line, endpoint

# Of what somebody says, before the answer.
MOST = 65_536
READ_BYTES = 65_536
WAITING = 100
# Seconds to wait when the process or the machine has no descriptor left for another visitor.
FULL_SECONDS = 1.0


def peer_of(connection: socket.socket, address: Any) -> str:
    """Address and port; of a process that came by a path, the account that it runs as."""
    if connection.family != socket.AF_UNIX:
        return endpoint(address)
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return f"uid:{uid}"


class Visits:
    """Answers visitors of a bound socket, from now on until it is closed. Visitors who are already there still get their answer."""

    def __init__(self, listener: socket.socket, identity: str) -> None:
        self._listener, self._identity = listener, identity
        self._loop = asyncio.get_running_loop()
        self._full: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        listener.listen(WAITING)
        self._listen()

    def close(self) -> None:
        if self._full:
            self._full.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _listen(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(WAITING):
            try:
                connection, address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                # The socket stays readable: retrying at once would starve the other readers.
                self._loop.remove_reader(self._listener)
                self._full = self._loop.call_later(FULL_SECONDS, self._listen)
                return
            Visit(connection, address, self._identity)


class Visit:
    """One connection, answered as soon as the visitor has sent all that the answer depends on."""

    def __init__(self, connection: socket.socket, address: Any, identity: str) -> None:
        self._connection, self._address, self._identity = connection, address, identity
        self._said, self._answer = b"", b""
        self._loop = asyncio.get_running_loop()
        connection.setblocking(False)
        self._loop.add_reader(connection, self._read)

    def _read(self) -> None:
        try:
            data = self._connection.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # Nothing more can come.
        self._said += data
        self._hear(over=not data or len(self._said) > MOST)

    def _hear(self, *, over: bool) -> None:
        first, newline, further = self._said.partition(b"\n")
        word, _, rest = first.decode(errors="replace").strip().partition(" ")
        if not (newline or over):
            return
        if word == "forwardlab":
            self._answer = self._line(rest)
        elif word in ("GET", "HEAD"):
            if not (over or any(not line.strip() for line in further.split(b"\n")[:-1])):
                return
            body = self._line(rest.split(" ")[0].lstrip("/"))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            self._answer = head.encode() + (body if word == "GET" else b"")
        self._loop.remove_reader(self._connection)
        self._write()

    def _line(self, nonce: str) -> bytes:
        return answer_line(self._identity, nonce, peer_of(self._connection, self._address))

    def _write(self) -> None:
        """Ends the connection once the answer is sent; most answers fit into the socket's buffer."""
        try:
            while self._answer:
                self._answer = self._answer[self._connection.send(self._answer) :]
        except BlockingIOError:
            self._loop.add_writer(self._connection, self._write)
            return
        except OSError:
            pass  # The visitor is gone.
        self._loop.remove_writer(self._connection)
        self._connection.close()
