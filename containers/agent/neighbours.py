"""What each namespace knows of its neighbours' link-layer addresses: rtnetlink(7)."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import TYPE_CHECKING

from .links import attributes, messages
from .tcp_listeners import DONE, DUMP, ERROR, HEADER, REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .namespaces import Namespaces

# include/uapi/linux/rtnetlink.h, neighbour.h, netlink.h
NEW_NEIGHBOUR, DELETE_NEIGHBOUR, GET_NEIGHBOUR = 28, 29, 30
ACKNOWLEDGE = 4
NEIGHBOUR = struct.Struct("=BxHiHBB")  # struct ndmsg
DESTINATION = 1  # NDA_DST
FIXED = 0x40 | 0x80  # NUD_NOARP, NUD_PERMANENT
# It went by itself in the meantime.
GONE = {errno.ENOENT, errno.ENODEV}


def flush_neighbours(namespaces: Namespaces, names: Iterable[str]) -> None:
    """Forgets them, as `ip neighbour flush all` does: the next packet asks by ARP or neighbour discovery again, with the rules that hold now."""
    for name in names:
        with namespaces.inside(name), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as kernel:
            flush(kernel)


def flush(kernel: socket.socket) -> None:
    for entry in list(known(kernel)):
        kernel.send(HEADER.pack(HEADER.size + len(entry), DELETE_NEIGHBOUR, REQUEST | ACKNOWLEDGE, 0, 0) + entry)
        for kind, body in messages(kernel.recv(4096)):
            check(kind, body)


def known(kernel: socket.socket) -> Iterator[bytes]:
    """Those that were learned, each as the request that names it has it."""
    ask = NEIGHBOUR.pack(socket.AF_UNSPEC, 0, 0, 0, 0, 0)
    kernel.send(HEADER.pack(HEADER.size + len(ask), GET_NEIGHBOUR, REQUEST | DUMP, 0, 0) + ask)
    while True:
        for kind, body in messages(kernel.recv(1 << 18)):
            check(kind, body)
            if kind == DONE:
                return
            state = NEIGHBOUR.unpack_from(body)[3] if kind == NEW_NEIGHBOUR else FIXED
            if not state & FIXED:
                found = attributes(body[NEIGHBOUR.size :])[DESTINATION]
                yield body[: NEIGHBOUR.size] + struct.pack("=HH", 4 + len(found), DESTINATION) + found


def check(kind: int, body: bytes) -> None:
    number: int = -struct.unpack_from("=i", body)[0] if kind == ERROR else 0
    if number and number not in GONE:
        raise OSError(number, f"the kernel does not forget its neighbours: {os.strerror(number)}")
