"""Ends what a person has started in the lab by hand: the agent is not its parent, so no job knows it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from .endings import kill
from .process_ids import everything

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .namespaces import Namespace, Namespaces
    from .processes import Processes


def first_processes(hosts: Iterable[Namespace]) -> set[int]:
    """Those that run in a host before anybody works in it."""
    return set(_of_networks(list(hosts)))


async def end_strangers(namespaces: Namespaces, names: Iterable[str], processes: Processes, first: set[int]) -> int:
    """Kills, in these hosts, all but what ran there in the beginning and the jobs of the agent's own. Returns how many were killed."""
    hosts, killed = [namespaces.get(name) for name in names], set[int]()
    while True:
        found = set(_of_networks(hosts)) - first - processes.all_jobs()
        new = found - killed
        if not new:
            return len(killed)
        killed |= new
        await kill(new)


async def end_session(session: int) -> None:
    """Kills a terminal's shell and what it runs, the foreground and the background. What has left the session stays."""
    await kill({pid for pid in everything() if _session_of(pid) == session})


def _of_networks(hosts: list[Namespace]) -> Iterator[int]:
    networks = {os.fstat(host.fd).st_ino for host in hosts}
    for pid in everything():
        with contextlib.suppress(OSError):
            if pid != os.getpid() and os.stat(f"/proc/{pid}/ns/net").st_ino in networks:
                yield pid


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
