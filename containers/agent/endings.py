"""Waits for the end of processes and of listening sockets, told by the kernel: pidfd_open(2), sock_diag(7)."""

import asyncio
import contextlib
import os
import socket

from .listeners import LISTEN, find_holders

NETLINK_SOCK_DIAG, SOL_NETLINK, ADD_MEMBERSHIP = 4, 270, 1
TCP_DESTROY, TCP6_DESTROY = 1, 3  # SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY: include/uapi/linux/sock_diag.h
ACCEPTING = 1 << 16  # __SO_ACCEPTCON, include/linux/net.h


async def processes_ended(pids, timeout):
    """Waits until all have ended (or only wait to be reaped); returns those that have not, after `timeout` seconds."""
    loop, running, none_left = asyncio.get_running_loop(), {}, asyncio.Event()

    def gone(pid):
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
        async with asyncio.timeout(timeout):
            await none_left.wait()
    except TimeoutError:
        pass
    left = set(running)
    for pid in left:
        gone(pid)
    return left


async def listeners_gone(namespaces, name, inodes, timeout):
    """Waits until none of these sockets of a host listens any more; False when one still does after `timeout` seconds."""
    wanted, loop, news = set(inodes), asyncio.get_running_loop(), asyncio.Event()
    with contextlib.ExitStack() as stack:
        with namespaces.inside(name):
            destroyed = stack.enter_context(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, NETLINK_SOCK_DIAG))
        destroyed.bind((0, 0))
        for group in (TCP_DESTROY, TCP6_DESTROY):
            destroyed.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

        def heard():
            news.set()
            try:
                while destroyed.recv(65536):
                    pass
            except OSError:
                pass  # Nothing more, or messages were lost: there is news all the same.

        loop.add_reader(destroyed, heard)
        stack.callback(loop.remove_reader, destroyed)
        standing = _listening(namespaces, name) & wanted
        # Of Unix sockets the kernel tells no end; who holds them ends with the session.
        holders = {f"socket:[{inode}]": {"pids": [], "process": ""} for inode in standing & _listening(namespaces, name, ("unix",))}
        find_holders(holders)
        for pid in {pid for each in holders.values() for pid in each["pids"]}:
            with contextlib.suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                stack.callback(os.close, descriptor)
                loop.add_reader(descriptor, _told_once, loop, descriptor, news)
                stack.callback(loop.remove_reader, descriptor)
        try:
            async with asyncio.timeout(timeout):
                while _listening(namespaces, name) & wanted:
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return False
        return True


def _told_once(loop, descriptor, news):
    loop.remove_reader(descriptor)
    news.set()


def _listening(namespaces, name, tables=("tcp", "tcp6", "unix")):
    """Numbers of the sockets that listen. Columns of /proc/net: proc(5)."""
    found = set()
    with namespaces.inside(name):
        for table in tables:
            with open(f"/proc/thread-self/net/{table}", encoding="utf-8", errors="replace") as file:
                for line in list(file)[1:]:
                    fields = line.split(None, 10)
                    if table == "unix":
                        if int(fields[3], 16) & ACCEPTING:
                            found.add(int(fields[6]))
                    elif fields[3] == LISTEN:
                        found.add(int(fields[9]))
    return found
