"""Waits for whatever comes first."""

from __future__ import annotations

import asyncio
from typing import Any


class FirstOf:
    """Over with the first of these futures, after `seconds`, or when it is settled. `asyncio.wait` does more, and takes a probe's time for it."""

    def __init__(self, seconds: float, *futures: asyncio.Future[Any]) -> None:
        loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = loop.create_future()
        self._futures = futures
        self._timer = loop.call_later(seconds, self.settle)
        for future in futures:
            future.add_done_callback(self.settle)

    def settle(self, _: object = None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def close(self) -> None:
        self._timer.cancel()
        for future in self._futures:
            future.remove_done_callback(self.settle)
