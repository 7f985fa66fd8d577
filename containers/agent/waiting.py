"""Waits for a connection, but not for ever. `asyncio.timeout` and the loop's own socket operations do more, and take a probe's time for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class Patience:
    """Ends after `seconds`, or when `lost` settles: there is nothing more to wait for then."""

    def __init__(self, seconds: float, lost: asyncio.Future[Any] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._turn: asyncio.Future[None] | None = None
        self._lost = lost
        self._timer = self._loop.call_later(seconds, self._end)
        self.over = False
        if lost:
            lost.add_done_callback(self._end)

    async def readable(self, connection: socket.socket) -> None:
        """Returns as soon as there is something to read, or the end or a failure to hear of; or when this patience is over."""
        if not self.over:
            await self._until(self._loop.add_reader, self._loop.remove_reader, connection)

    async def writable(self, connection: socket.socket) -> None:
        """The same, for room to write, or a connection that stands."""
        if not self.over:
            await self._until(self._loop.add_writer, self._loop.remove_writer, connection)

    def close(self) -> None:
        self._timer.cancel()
        if self._lost:
            self._lost.remove_done_callback(self._end)

    async def _until(self, begin: Callable[..., Any], end: Callable[..., Any], connection: socket.socket) -> None:
        self._turn = self._loop.create_future()
        begin(connection, self._settle)
        try:
            await self._turn
        finally:
            # The next socket may get the same number.
            end(connection)

    def _settle(self) -> None:
        if self._turn and not self._turn.done():
            self._turn.set_result(None)

    def _end(self, _: object = None) -> None:
        self.over = True
        self._settle()
