"""Limits of the lab: whether what it runs has run into one. The engine sets them for the fabric's control group, in which all of it is.

Past a limit nothing that is seen can be trusted: a login that could not start a process looks like one that was refused.
So the harness hears of it before any answer that came later.
"""

from __future__ import annotations

import contextlib
import os
import re

# Counter: where it is under cgroup v1, under v2, and its key.
COUNTERS = {
    "processes": ("pids/pids.events", "pids.events", b"max"),
    "memory": ("memory/memory.oom_control", "memory.events", b"oom_kill"),
}


class Limits:
    def __init__(self, root: str = "/sys/fs/cgroup") -> None:
        # An engine that has no control groups to give sets no limits either: there is nothing to count then.
        self._counters: list[tuple[str, int, re.Pattern[bytes], bytes]] = []
        for what, (v1, v2, key) in COUNTERS.items():
            pattern = re.compile(rb"^%s (\d+)$" % key, re.MULTILINE)
            for path in (v1, v2):
                with contextlib.suppress(OSError):
                    descriptor = os.open(f"{root}/{path}", os.O_RDONLY | os.O_CLOEXEC)
                    self._counters.append((what, descriptor, pattern, _count(descriptor, pattern)))
                    break

    def reached(self) -> str | None:
        """Which one was run into since the agent began."""
        for what, descriptor, pattern, before in self._counters:
            if _count(descriptor, pattern) != before:
                return what
        return None


def _count(descriptor: int, pattern: re.Pattern[bytes]) -> bytes:
    found = pattern.search(os.pread(descriptor, 4096, 0))
    return found.group(1) if found else b"0"
