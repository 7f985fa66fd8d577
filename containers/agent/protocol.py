"""Newline-delimited JSON over standard input and output.

Request   {"id": 7, "op": "run", ...}
Answer    {"id": 7, "ok": {...}}  or  {"id": 7, "error": "...", "kind": "..."}
Event     {"event": "output", ...}           (not the answer to a request)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Of one message.
MOST_BYTES = 64 * 1024 * 1024
# At a time: for much more than that Python's memory would come from the kernel anew each time.
READ_BYTES = 64 * 1024
# Each write costs the engine's and the harness's processes a turn to pass it on. With this many requests under way, the answers of a few
# milliseconds share one write: nobody waits for a single answer.
MANY = 16
GATHER_SECONDS = 0.008
encode = json.JSONEncoder(separators=(",", ":")).encode


class Refused(Exception):
    """A request that cannot be carried out; `kind` tells the harness which."""

    def __init__(self, message: str, kind: str = "failed", **details: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.details = details


class Channel:
    """Standard input and output as a stream of messages."""

    def __init__(self, before_writing: Callable[[], None] = lambda: None, heard: Callable[[], None] = lambda: None) -> None:
        """
        @param before_writing: may send what the harness has to hear before anything that is written now
        @param heard: called for each line of the harness's; an empty one is no more than a sign of life
        """
        self._before_writing, self._heard = before_writing, heard
        self._reader: asyncio.StreamReader | None = None
        # Messages of this turn of the loop, or of a few milliseconds, which share one write.
        self._outgoing: list[bytes] = []
        self._unanswered = 0

    def open(self) -> None:
        # A reader belongs to the loop that it was made in.
        reader, loop, descriptor = asyncio.StreamReader(limit=MOST_BYTES), asyncio.get_running_loop(), sys.stdin.fileno()

        def read() -> None:
            try:
                data = os.read(descriptor, READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                reader.feed_data(data)
            else:
                loop.remove_reader(descriptor)
                reader.feed_eof()

        os.set_blocking(descriptor, False)
        loop.add_reader(descriptor, read)
        self._reader = reader

    async def receive(self) -> dict[str, Any] | None:
        """The next request, or None at the end of input."""
        if self._reader is None:
            raise RuntimeError("the channel is not open")
        line = b"\n"
        while line == b"\n":
            line = await self._reader.readline()
            self._heard()
        if not line.endswith(b"\n"):
            return None
        message = json.loads(line)
        if not isinstance(message, dict):
            raise Refused(f"a request is an object, not {line[:80]!r}", "protocol")
        self._unanswered += 1
        return message

    def send(self, message: dict[str, Any], *, first: bool = False) -> None:
        self._outgoing.insert(0 if first else len(self._outgoing), encode(message).encode() + b"\n")
        if "id" in message:
            self._unanswered -= 1
        if len(self._outgoing) == 1:
            loop = asyncio.get_running_loop()
            if self._unanswered >= MANY:
                loop.call_later(GATHER_SECONDS, self._flush)
            else:
                loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._before_writing()
        view = memoryview(b"".join(self._outgoing))
        self._outgoing.clear()
        try:
            while view:
                view = view[os.write(1, view) :]
        except OSError:
            pass  # The harness is gone: the end of input tells the rest.

    def event(self, name: str, **fields: Any) -> None:
        self.send({"event": name, **fields})
