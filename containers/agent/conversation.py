"""What is said over a connection that stands, and what comes back."""

from __future__ import annotations

import base64
import errno
from typing import TYPE_CHECKING, Any

from .waiting import Patience

if TYPE_CHECKING:
    import asyncio
    import socket

MOST = 4096
DEADLINE_MS = 4000


def deadline_of(request: dict[str, Any]) -> float:
    """Seconds."""
    return float(request.get("deadlineMs", DEADLINE_MS)) / 1000


class Silent(Exception):
    """Nothing more came while there was patience."""


class Conversation:
    """`received`, `end`, and `socksReply` where a proxy is asked first."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._send = base64.b64decode(request.get("send", ""))
        self._until = base64.b64decode(request.get("until", ""))
        self._socks: dict[str, Any] | None = request.get("socks")
        self._deadline = deadline_of(request)
        self._received = b""
        self._socks_reply: int | None = None

    async def hold(self, connection: socket.socket, lost: asyncio.Future[None] | None = None) -> dict[str, Any]:
        """The connection is non-blocking, and stays open. When `lost` settles there is nothing more to wait for."""
        patience = Patience(self._deadline, lost)
        try:
            end = await self._talk(Line(connection, patience))
        except Silent:
            end = "silent"
        except EOFError:
            end = "eof"
        except OSError as error:
            end = errno.errorcode.get(error.errno or 0, "error")
        finally:
            patience.close()
        return {
            "received": base64.b64encode(self._received).decode(),
            "end": end,
            **({} if self._socks_reply is None else {"socksReply": self._socks_reply}),
        }

    async def _talk(self, line: Line) -> str:
        if self._socks:
            await self._socks_greeting(line, self._socks)
        await line.send(self._send)
        while len(self._received) < MOST and not (self._until and self._until in self._received):
            self._received += await line.receive(MOST)
        return "answered"

    async def _socks_greeting(self, line: Line, socks: dict[str, Any]) -> None:
        """SOCKS5 without authentication (RFC 1928), name resolved at the far end.

        What answers otherwise is no proxy: its words are kept as `received`, for they tell that something else is there.
        """

        async def exactly(count: int) -> bytes:
            data = b""
            while len(data) < count:
                data += await line.receive(count - len(data))
            return data

        host = str(socks["host"]).encode()
        await line.send(b"\x05\x01\x00")
        choice = await exactly(2)
        if choice != b"\x05\x00":
            self._received += choice
            raise EOFError
        await line.send(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + int(socks["port"]).to_bytes(2, "big"))
        reply = await exactly(4)
        self._socks_reply = reply[1]
        rest = {1: 4, 4: 16}.get(reply[3])
        if rest is None:
            rest = (await exactly(1))[0]
        await exactly(rest + 2)
        if reply[1] != 0:
            raise EOFError


class Line:
    """The connection, as long as there is patience. Raises Silent, EOFError, and what the kernel says."""

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._connection, self._patience = connection, patience

    async def send(self, data: bytes) -> None:
        while data:
            try:
                data = data[self._connection.send(data) :]
            except BlockingIOError:
                self._require_patience()
                await self._patience.writable(self._connection)

    async def receive(self, most: int) -> bytes:
        while True:
            try:
                data = self._connection.recv(most)
            except BlockingIOError:
                self._require_patience()
                await self._patience.readable(self._connection)
            else:
                if not data:
                    raise EOFError
                return data

    def _require_patience(self) -> None:
        if self._patience.over:
            raise Silent
