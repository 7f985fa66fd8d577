"""Waits for the end of processes and of listening sockets, told by the kernel: pidfd_open(2), sock_diag(7)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

from . import netlink, tcp_sockets, unix_sockets
from .listeners import find_holders
from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from signal import Signals

    from .namespaces import Namespaces

LAST_SECONDS = 8  # Until even SIGKILL has failed.
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
TCP_DESTROY, TCP6_DESTROY = 1, 3  # SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY: include/uapi/linux/sock_diag.h


def tell(pids: Iterable[int], number: Signals) -> None:
    """Sends a signal to those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


async def kill(pids: set[int]) -> None:
    """
    Kills them, and waits until all have ended.

    Raises Refused `unkillable` where one has not after `LAST_SECONDS`.
    """
    tell(pids, signal.SIGKILL)
    left = await processes_ended(pids, LAST_SECONDS)
    if left:
        raise Refused(f"processes {sorted(left)} do not end", "unkillable")


async def processes_ended(pids: Iterable[int], seconds: float) -> set[int]:
    """Waits until all have ended (or only wait to be reaped); returns those that have not, after that many seconds."""
    running: dict[int, int] = {}  # pid -> descriptor
    loop, none_left = asyncio.get_running_loop(), asyncio.Event()

    def gone(pid: int) -> None:
        descriptor = running.pop(pid)
        loop.remove_reader(descriptor)
        os.close(descriptor)
        if not running:
            none_left.set()

    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            running[pid] = os.pidfd_open(pid)
            # Readable once the whole process has ended, its last thread included.
            loop.add_reader(running[pid], gone, pid)
    if not running:
        return set()
    try:
        async with asyncio.timeout(seconds):
            await none_left.wait()
    except TimeoutError:
        pass
    left = set(running)
    for pid in left:
        gone(pid)
    return left


async def listeners_gone(namespaces: Namespaces, name: str, inodes: list[int], seconds: float) -> bool:
    """Waits until none of these sockets of a host listens any more; False when one still does after that many seconds."""
    wanted, loop, news = set(inodes), asyncio.get_running_loop(), asyncio.Event()
    with contextlib.ExitStack() as stack:
        with namespaces.inside(name):
            destroyed = stack.enter_context(netlink.opened(netlink.SOCK_DIAG, socket.SOCK_NONBLOCK))
        destroyed.bind((0, 0))
        for group in (TCP_DESTROY, TCP6_DESTROY):
            destroyed.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

        def heard() -> None:
            news.set()
            try:
                while destroyed.recv(65536):
                    pass
            except OSError:
                pass  # Nothing more, or messages were lost: there is news all the same.

        loop.add_reader(destroyed, heard)
        stack.callback(loop.remove_reader, destroyed)
        # Of Unix sockets the kernel tells no end; who holds them ends with the session.
        holders: dict[str, dict[str, Any]] = {f"socket:[{inode}]": {"pids": [], "process": ""} for inode in _unix(namespaces, name) & wanted}
        find_holders(holders)
        for pid in {pid for each in holders.values() for pid in each["pids"]}:
            with contextlib.suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                stack.callback(os.close, descriptor)
                loop.add_reader(descriptor, _told_once, loop, descriptor, news)
                stack.callback(loop.remove_reader, descriptor)
        try:
            async with asyncio.timeout(seconds):
                while (_tcp(namespaces, name) | _unix(namespaces, name)) & wanted:
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return False
        return True


def _told_once(loop: asyncio.AbstractEventLoop, descriptor: int, news: asyncio.Event) -> None:
    loop.remove_reader(descriptor)
    news.set()


def _tcp(namespaces: Namespaces, name: str) -> set[int]:
    """Numbers of the sockets that listen."""
    with namespaces.inside(name):
        return {each.inode for each in tcp_sockets.listening_here()}


def _unix(namespaces: Namespaces, name: str) -> set[int]:
    """The same of Unix sockets."""
    with namespaces.inside(name):
        return {each.inode for each in unix_sockets.listening_here()}
