"""Aborts a TCP connection of another process, as `ss -K` does: sock_diag(7), SOCK_DESTROY. Its owner gets ECONNABORTED."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import TYPE_CHECKING

from .client_socket import family_of
from .tcp_listeners import HEADER, NETLINK_SOCK_DIAG, REQUEST

if TYPE_CHECKING:
    from .namespaces import Namespaces

ACKNOWLEDGE = 4  # NLM_F_ACK: include/uapi/linux/netlink.h
DESTROY = 21  # SOCK_DESTROY: include/uapi/linux/sock_diag.h
# struct inet_diag_req_v2, include/uapi/linux/inet_diag.h: family, protocol, states; ports, addresses, any interface, no cookie.
SOCKET = struct.Struct("=BBxxI2s2s16s16sI8s")
ANY_STATE, NO_COOKIE = 0xFFFFFFFF, b"\xff" * 8
# It has ended by itself, the kernel was built without CONFIG_INET_DIAG_DESTROY, or it refuses: the agent lacks CAP_NET_ADMIN in the network
# namespace, which it has in a rootless engine too, or a security module forbids it.
NOT_DONE = {errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EACCES}


def abort(namespaces: Namespaces, at: str, source: str, destination: str) -> bool:
    """
    Returns False if the kernel cannot do it, or the connection is already gone.

    @param source: its local end in that namespace (`address port`)
    """
    with namespaces.inside(at), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG) as kernel:
        which = question(source, destination)
        kernel.send(HEADER.pack(HEADER.size + len(which), DESTROY, REQUEST | ACKNOWLEDGE, 0, 0) + which)
        number: int = -struct.unpack_from("=i", kernel.recv(4096), HEADER.size)[0]
    if number and number not in NOT_DONE:
        raise OSError(number, f"the kernel did not abort the connection from {source} to {destination}: {os.strerror(number)}")
    return number == 0


def question(source: str, destination: str) -> bytes:
    (own, port), (other, to) = source.rsplit(" ", 1), destination.rsplit(" ", 1)
    family = family_of(other)
    addresses = [socket.inet_pton(family, each).ljust(16, b"\0") for each in (own, other)]
    return SOCKET.pack(family, socket.IPPROTO_TCP, ANY_STATE, int(port).to_bytes(2), int(to).to_bytes(2), *addresses, 0, NO_COOKIE)
