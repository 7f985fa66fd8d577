"""Unix-domain sockets that listen in a network namespace, as the kernel lists them: proc(5), /proc/net/unix."""

from __future__ import annotations

from typing import NamedTuple

ACCEPTING = 1 << 16  # __SO_ACCEPTCON, include/linux/net.h


class UnixSocket(NamedTuple):
    inode: int
    path: str  # As it was bound; "" where it has none, `@...` for an abstract one.


def listening_here() -> list[UnixSocket]:
    """Those of the network namespace that the caller is in."""
    with open("/proc/thread-self/net/unix", encoding="utf-8", errors="replace") as file:
        # Num RefCount Protocol Flags Type St Inode Path
        lines = [line.rstrip("\n").split(None, 7) for line in list(file)[1:]]
    return [UnixSocket(int(fields[6]), fields[7] if len(fields) == 8 else "") for fields in lines if int(fields[3], 16) & ACCEPTING]
