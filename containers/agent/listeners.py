"""TCP listeners of one namespace and the processes that hold them.

`ss -p` reads the open files of every process of the machine, 10 ms and more where much runs; here those that the
agent started come first, and mostly nobody else needs to be asked.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from .process_ids import everything, started_here
from .tcp_sockets import listening_here

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .namespaces import Namespaces

Sockets = dict[str, dict[str, Any]]


def listeners(namespaces: Namespaces, name: str) -> list[dict[str, Any]]:
    with namespaces.inside(name):
        found = listening_here()
    sockets: Sockets = {
        f"socket:[{each.inode}]": {"address": each.address, "port": each.port, "inode": each.inode, "process": "", "pids": []} for each in found
    }
    find_holders(sockets)
    return list(sockets.values())


def find_holders(sockets: Sockets) -> None:
    """Fills in `pids` and `process` of each socket; keys are what /proc/PID/fd shows of it, `socket:[INODE]`."""
    ours = started_here()
    _find_among(sockets, ours)
    if not all(each["pids"] for each in sockets.values()):
        _find_among(sockets, set(everything()) - set(ours))


def _find_among(sockets: Sockets, pids: Iterable[int]) -> None:
    for pid in pids:
        for found in _held(pid, sockets):
            found["pids"].append(pid)
            if not found["process"]:
                found["process"] = _name(pid)


def _held(pid: int, sockets: Sockets) -> list[dict[str, Any]]:
    links: set[str] = set()
    with contextlib.suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            # One that was closed meanwhile, as the agent's own for this very folder, hides no other.
            with contextlib.suppress(OSError):
                links.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return [sockets[link] for link in links if link in sockets]


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""
