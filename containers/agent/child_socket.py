"""Sockets made by a child process: the kernel asks the rights of whoever makes a socket, or opens a path, and remembers them."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable


async def from_child(what: str, work: Callable[[], tuple[str, socket.socket]]) -> tuple[str, socket.socket]:
    """What `work` returns in a child process: a word and a socket. It may change its account and its namespaces, and must import nothing then."""
    own, childs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            word, made = work()
            socket.send_fds(childs, [word.encode()], [made.fileno()])
        finally:
            os._exit(0)
    childs.close()
    try:
        with own:
            received = await receive(own)
    finally:
        await reap(pid)
    if received is None:
        raise Refused(f"{what} ended without a word", "child")
    return received


async def receive(channel: socket.socket) -> tuple[str, socket.socket] | None:
    """None: the child ended without."""
    channel.setblocking(False)
    await readable(channel.fileno())
    word, descriptors, _, _ = socket.recv_fds(channel, 64, 1)
    if not descriptors:
        return None
    connection = socket.socket(fileno=descriptors[0])
    connection.setblocking(False)
    return word.decode(), connection


async def reap(pid: int) -> None:
    descriptor = os.pidfd_open(pid)
    try:
        await readable(descriptor)
    finally:
        os.close(descriptor)
    os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it has ended


async def readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
