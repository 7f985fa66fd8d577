"""TCP connections from a host's namespace, as byte streams for the harness (its ssh2 client, its own checks)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import socket
from typing import TYPE_CHECKING

from .client_socket import as_namespace_root, family_of
from .held_tasks import HeldTasks
from .protocol import Refused

if TYPE_CHECKING:
    from .namespaces import Namespaces
    from .protocol import Channel


class Streams:
    def __init__(self, namespaces: Namespaces, channel: Channel) -> None:
        self._namespaces, self._channel = namespaces, channel
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._next, self._relays = 1, HeldTasks()

    async def dial(self, name: str, address: str, port: int, seconds: float) -> int:
        connection = as_namespace_root(self._namespaces, name, family_of(address))
        try:
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().sock_connect(connection, (address, port))
        except OSError as error:  # TimeoutError is one.
            connection.close()
            code = errno.errorcode.get(error.errno or 0, "ETIMEDOUT")
            raise Refused(f"{name} cannot connect to {address} port {port}: {code}", code) from None
        # asyncio does so itself only for a socket that was made with the protocol's number.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader, writer = await asyncio.open_connection(sock=connection)
        number, self._next = self._next, self._next + 1
        self._writers[number] = writer
        self._relays.start(self._relay(number, reader))
        return number

    async def _relay(self, number: int, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self._channel.event("data", stream=number, data=base64.b64encode(data).decode())
        self._channel.event("end", stream=number)

    async def write(self, number: int, data: str) -> None:
        writer = self._writers.get(number)
        if writer:
            writer.write(base64.b64decode(data))
            with contextlib.suppress(OSError):
                await writer.drain()

    def half_close(self, number: int) -> None:
        writer = self._writers.get(number)
        if writer and writer.can_write_eof():
            with contextlib.suppress(OSError):
                writer.write_eof()

    def close(self, number: int) -> None:
        writer = self._writers.pop(number, None)
        if writer:
            writer.close()
