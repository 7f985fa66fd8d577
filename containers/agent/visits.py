"""One connection to a service of the lab.

    nonce   one line `forwardlab NONCE`, answered by `forwardlab IDENTITY NONCE PEER`
    http    GET any path, header or path with the nonce, answered by the same line as the body
One listener speaks both: an HTTP request is told by its first word.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from .answer import answer_line, endpoint

# Of what somebody says, before the answer.
MOST = 65_536


def peer_of(transport: asyncio.Transport) -> str:
    """Address and port; of a process that came by a path, the account that it runs as."""
    connection = transport.get_extra_info("socket")
    if connection.family != socket.AF_UNIX:
        return endpoint(transport.get_extra_info("peername"))
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return f"uid:{uid}"


class Visit(asyncio.Protocol):
    """One connection: answers as soon as all has been said that the answer needs."""

    def __init__(self, identity: str) -> None:
        self._identity, self._said = identity, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._said += data
        self._hear(over=len(self._said) > MOST)

    def eof_received(self) -> bool:
        self._hear(over=True)
        return True  # Closed by this side, once the answer is out.

    def _hear(self, *, over: bool) -> None:
        transport = self._transport
        if not transport or transport.is_closing():
            return
        first, newline, further = self._said.partition(b"\n")
        word, _, rest = first.decode(errors="replace").strip().partition(" ")
        if not (newline or over):
            return
        if word == "forwardlab":
            transport.write(answer_line(self._identity, rest, peer_of(transport)))
        elif word in ("GET", "HEAD"):
            if not (over or any(not line.strip() for line in further.split(b"\n")[:-1])):
                return
            body = answer_line(self._identity, rest.split(" ")[0].lstrip("/"), peer_of(transport))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            transport.write(head.encode() + (body if word == "GET" else b""))
        transport.close()
