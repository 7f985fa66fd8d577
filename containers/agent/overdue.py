"""Requests that are not carried out: nobody waits for one forever, and where it stands is told.

No request takes minutes, apart from those that say how long they may take, or that wait for somebody outside.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# Of `Lifeline`. Counted, not measured: while this machine itself sleeps, nothing is overdue.
PATIENCE_TICKS = 300
# A program on a host may leave its input unread.
UNLIMITED = {"stream_write", "stream_half_close"}


class Overdue:
    def __init__(self) -> None:
        self._left: dict[object, tuple[str, int]] = {}  # operation, and the ticks that it has left

    @contextlib.contextmanager
    def until_done(self, operation: str, request: dict[str, Any]) -> Iterator[None]:
        key = object()
        if operation not in UNLIMITED:
            said = sum(request.get(field, 0) for field in ("timeoutMs", "deadlineMs"))
            self._left[key] = operation, PATIENCE_TICKS + ceil(said / 1000)
        try:
            yield
        finally:
            self._left.pop(key, None)

    def tick(self) -> str | None:
        """Once a tick: which operation has been under way for too long."""
        for key, (operation, left) in list(self._left.items()):
            if left <= 0:
                return operation
            self._left[key] = operation, left - 1
        return None


def where_all_stand(loop: asyncio.AbstractEventLoop, running: FrameType | None) -> str:
    """What the agent is doing, and where each task waits."""
    stacks = ["running:\n" + "".join(traceback.format_stack(running))]
    stacks += [f"{task.get_name()}:\n{awaiting(task.get_coro())}" for task in asyncio.all_tasks(loop)]
    return "\n".join(stacks)


def awaiting(work: Any) -> str:
    """A task tells its outermost coroutine alone."""
    lines = []
    while work is not None:
        frame = getattr(work, "cr_frame", None) or getattr(work, "gi_frame", None)
        if frame:
            lines.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        work = getattr(work, "cr_await", None) or getattr(work, "gi_yieldfrom", None)
    return "\n".join(lines)
