"""Newline-delimited JSON over standard input and output.

Request   {"id": 7, "op": "run", ...}
Answer    {"id": 7, "ok": {...}}  or  {"id": 7, "error": "...", "kind": "..."}
Event     {"event": "output", ...}           (not the answer to a request)
"""

import asyncio
import json
import os
import sys


class Refused(Exception):
    """A request that cannot be carried out; `kind` tells the harness which."""

    def __init__(self, message, kind="failed", **details):
        super().__init__(message)
        self.kind = kind
        self.details = details


class Channel:
    """Standard input and output as a stream of messages."""

    def __init__(self):
        self._out = sys.stdout.buffer.raw if hasattr(sys.stdout.buffer, "raw") else sys.stdout.buffer
        self._reader = None

    async def open(self):
        self._reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._reader), sys.stdin)

    async def receive(self):
        """The next request, or None at the end of input."""
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            return None
        return json.loads(line)

    def send(self, message):
        data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(1, view) :]
        except (BrokenPipeError, OSError):
            pass  # The harness is gone: the end of input tells the rest.

    def event(self, name, **fields):
        self.send({"event": name, **fields})
