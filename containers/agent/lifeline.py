"""Whether the process that uses the lab is still there, where the end of input does not tell.

An engine that is killed closes nobody's input: the containers run on, and so would the lab. On this machine the process itself can
be looked at, however long it is stopped or waits in a debugger. Of one elsewhere only its signs of life are known, and it has to
be given time: a laptop sleeps, a machine is busy.
"""

from __future__ import annotations

import os

TICK_SECONDS = 1
# Counted, not measured: while this machine itself sleeps or starves, nothing is missed.
PATIENCE_TICKS = 600
GONE = (b"Z", b"X")


def here() -> tuple[str, str]:
    """What processes that see the same process ids have in common."""
    with open("/proc/sys/kernel/random/boot_id") as boot:
        return os.readlink("/proc/self/ns/pid"), boot.read().strip()


class Lifeline:
    def __init__(self, owner: str) -> None:
        """@param owner: `pid start-time pid-namespace boot-id`; empty: not known"""
        pid, start, *where = owner.split() or ["", ""]
        self._owner = (f"/proc/{pid}/stat", start.encode()) if tuple(where) == here() else None
        # Hidden from here (hidepid): nothing can be told by looking.
        if self._owner and not _runs(*self._owner):
            self._owner = None
        self._silent = 0

    def heard(self) -> None:
        self._silent = 0

    def lost(self) -> str | None:
        """To be asked once a tick: why nobody will come any more."""
        if self._owner:
            return None if _runs(*self._owner) else "the process that used the lab is gone"
        self._silent += 1
        return None if self._silent <= PATIENCE_TICKS else f"the process that used the lab gave no sign of life for {PATIENCE_TICKS * TICK_SECONDS} s"


def _runs(path: str, start: bytes) -> bool:
    try:
        with open(path, "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        return False
    return fields[19] == start and fields[0] not in GONE
