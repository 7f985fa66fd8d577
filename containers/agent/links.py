"""Waits until the kernel takes every wire of the lab as connected. It learns of that later where it is busy, and drops what is sent before."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from . import netlink

if TYPE_CHECKING:
    from .namespaces import Namespaces

# include/uapi/linux/rtnetlink.h, if_link.h, if.h
NEW_LINK, GET_LINK = 16, 18
LINK_GROUP = 1  # RTMGRP_LINK
INTERFACE = struct.Struct("=BxHiII")  # struct ifinfomsg
LINK, OPERATIONAL_STATE = 5, 16  # IFLA_LINK: where the other end is, so it is a wire; IFLA_OPERSTATE
UP = 6  # IF_OPER_UP
# Seconds. The lab's self-check tells of a wire that is dead.
PATIENCE = 10.0


async def all_connected(namespaces: Namespaces) -> None:
    """Returns when all are, or after `PATIENCE`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(connected(namespaces, each.name) for each in namespaces))


async def connected(namespaces: Namespaces, name: str) -> None:
    with namespaces.inside(name):
        kernel = netlink.opened(socket.NETLINK_ROUTE, socket.SOCK_NONBLOCK)
    with kernel:
        # Told of changes first, then asked how things are: nothing is missed between the two.
        kernel.bind((0, LINK_GROUP))
        kernel.send(netlink.request(GET_LINK, netlink.DUMP, INTERFACE.pack(socket.AF_UNSPEC, 0, 0, 0, 0)))
        waiting: set[int] = set()
        listed = False
        loop = asyncio.get_running_loop()
        while waiting or not listed:
            data = await loop.sock_recv(kernel, 1 << 16)
            for kind, body in netlink.messages(data):
                listed = listed or kind in (netlink.DONE, netlink.ERROR)
                if kind == NEW_LINK:
                    number, state = wire(body)
                    (waiting.discard if state in (UP, None) else waiting.add)(number)


def wire(body: bytes) -> tuple[int, int | None]:
    """The interface's number, and its operational state (RFC 2863, ifOperStatus, as Linux numbers it); None: it is no wire."""
    _, _, number, _, _ = INTERFACE.unpack_from(body)
    found = netlink.attributes(body, INTERFACE.size)
    return number, found[OPERATIONAL_STATE][0] if LINK in found else None
