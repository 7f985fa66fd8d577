"""Services of the lab that prove who answered: a nonce sent to one comes back with the service's own identity and the peer it saw.

    nonce   one line `forwardlab NONCE`, answered by `forwardlab IDENTITY NONCE PEER`
    http    GET any path, header or path with the nonce, answered by the same line as the body
One listener speaks both: an HTTP request is told by its first word. It has an address and a port, or a path.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from .answer import answer_line, endpoint
from .protocol import Refused
from .sockets import bind, unlink

if TYPE_CHECKING:
    from .namespaces import Namespaces


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


class Services:
    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._servers: dict[tuple[str, str | int] | tuple[str, str, int], asyncio.Server] = {}

    async def listen(self, name: str, address: str, port: int, identity: str) -> None:
        """Listens on one address (`0.0.0.0` and `::` are two) in a namespace."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self._namespaces.inside(name):
            listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            listener.close()
            raise Refused(f"cannot listen on {endpoint((address, port))} in {name}: {error.strerror}", "listen") from None
        key = (name, address, port)
        self._servers[key] = await asyncio.get_running_loop().create_server(lambda: Visit(identity), sock=listener)

    async def listen_on_path(self, name: str, path: str, mode: int, identity: str) -> None:
        """Listens on a path of a host, open to whom the file mode lets in."""
        with self._namespaces.inside(name) as host:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        failure = bind(host, listener, path, mode)
        if failure:
            listener.close()
            raise Refused(f"cannot listen on {path} in {name}: {failure}", "listen")
        self._servers[(name, path)] = await asyncio.get_running_loop().create_unix_server(lambda: Visit(identity), sock=listener)

    async def close_path(self, name: str, path: str) -> None:
        server = self._servers.pop((name, path), None)
        if server:
            server.close()
            unlink(self._namespaces.get(name), path)

    async def close(self, name: str, address: str, port: int) -> None:
        server = self._servers.pop((name, address, port), None)
        if server:
            server.close()
