"""What each namespace knows of its neighbours' link-layer addresses: rtnetlink(7)."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING

from . import netlink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .namespaces import Namespaces

# include/uapi/linux/rtnetlink.h, neighbour.h
DELETE_NEIGHBOUR, GET_NEIGHBOUR = 29, 30
NEIGHBOUR = struct.Struct("=BxHiHBB")  # struct ndmsg
DESTINATION = 1  # NDA_DST
FIXED = 0x40 | 0x80  # NUD_NOARP, NUD_PERMANENT
# It went by itself in the meantime.
GONE = {errno.ENOENT, errno.ENODEV}


def flush_neighbours(namespaces: Namespaces, names: Iterable[str]) -> None:
    """Forgets them, as `ip neighbour flush all` does: the next packet asks by ARP or neighbour discovery again, with the rules that hold now."""
    for name in names:
        with namespaces.inside(name), netlink.opened(socket.NETLINK_ROUTE) as kernel:
            flush(kernel)


def flush(kernel: socket.socket) -> None:
    for entry in list(learned(kernel)):
        try:
            netlink.ask(kernel, DELETE_NEIGHBOUR, netlink.ACKNOWLEDGE, entry)
        except OSError as error:
            if error.errno not in GONE:
                raise


def learned(kernel: socket.socket) -> Iterator[bytes]:
    """Each as the request that names it has it."""
    for body in netlink.dump(kernel, GET_NEIGHBOUR, NEIGHBOUR.pack(socket.AF_UNSPEC, 0, 0, 0, 0, 0)):
        _, _, _, state, _, _ = NEIGHBOUR.unpack_from(body)
        if not state & FIXED:
            yield body[: NEIGHBOUR.size] + netlink.attribute(DESTINATION, netlink.attributes(body, NEIGHBOUR.size)[DESTINATION])
