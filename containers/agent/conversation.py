"""What is said over a connection that stands, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import errno
from typing import TYPE_CHECKING, Any

from .waiting import FirstOf

if TYPE_CHECKING:
    import socket

MOST = 4096
DEADLINE_MS = 4000


def deadline_of(request: dict[str, Any]) -> float:
    """Seconds."""
    return float(request.get("deadlineMs", DEADLINE_MS)) / 1000


class Conversation:
    """`received`, `end`, and `socksReply` where a proxy is asked first."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._send = base64.b64decode(request.get("send", ""))
        self._until = base64.b64decode(request.get("until", ""))
        self._socks: dict[str, Any] | None = request.get("socks")
        self._deadline = deadline_of(request)
        self._received = bytearray()
        self._socks_reply: int | None = None

    async def hold(self, connection: socket.socket, lost: asyncio.Future[None] | None = None) -> dict[str, Any]:
        """The connection is non-blocking, and stays open. When `lost` settles there is nothing more to wait for."""
        talk = asyncio.create_task(self._talk(connection))
        first = FirstOf(self._deadline, talk, *([lost] if lost else []))
        try:
            await first.over
            end = talk.result() if talk.done() else "silent"
        finally:
            first.close()
            if not talk.done():
                talk.cancel()
                # Until it has ended, it still waits for the descriptor, whose number the next socket may get.
                await asyncio.wait([talk])
        return {
            "received": base64.b64encode(bytes(self._received)).decode(),
            "end": end,
            **({} if self._socks_reply is None else {"socksReply": self._socks_reply}),
        }

    async def _talk(self, connection: socket.socket) -> str:
        loop = asyncio.get_running_loop()
        try:
            if self._socks:
                await self._socks_greeting(connection, self._socks)
            await loop.sock_sendall(connection, self._send)
            while len(self._received) < MOST and not (self._until and self._until in self._received):
                data = await loop.sock_recv(connection, MOST)
                if not data:
                    return "eof"
                self._received += data
        except EOFError:
            return "eof"
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, "error")
        return "answered"

    async def _socks_greeting(self, connection: socket.socket, socks: dict[str, Any]) -> None:
        """SOCKS5 without authentication (RFC 1928), name resolved at the far end.

        What answers otherwise is no proxy: its words are kept as `received`, for they tell that something else is there.
        """
        loop = asyncio.get_running_loop()

        async def exactly(count: int) -> bytes:
            data = b""
            while len(data) < count:
                more = await loop.sock_recv(connection, count - len(data))
                if not more:
                    raise EOFError
                data += more
            return data

        host = str(socks["host"]).encode()
        await loop.sock_sendall(connection, b"\x05\x01\x00")
        choice = await exactly(2)
        if choice != b"\x05\x00":
            self._received += choice
            raise EOFError
        await loop.sock_sendall(connection, b"\x05\x01\x00\x03" + bytes([len(host)]) + host + int(socks["port"]).to_bytes(2, "big"))
        reply = await exactly(4)
        self._socks_reply = reply[1]
        rest = {1: 4, 4: 16}.get(reply[3])
        if rest is None:
            rest = (await exactly(1))[0]
        await exactly(rest + 2)
        if reply[1] != 0:
            raise EOFError
