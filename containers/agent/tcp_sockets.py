"""TCP sockets, asked of the kernel: sock_diag(7).

It goes through its listening sockets only, or straight to the one that is asked for. For /proc/net/tcp it goes through the slots
of every connection the machine could have, which takes it 10 ms and more, whatever the namespace.
"""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from . import netlink
from .client_socket import family_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .namespaces import Namespaces

BY_FAMILY, DESTROY = 20, 21  # include/uapi/linux/sock_diag.h
ESTABLISHED, LISTEN = 1, 10  # include/net/tcp_states.h
ANY_STATE = 0xFFFFFFFF

# include/uapi/linux/inet_diag.h. struct inet_diag_req_v2: family, protocol, states; own port, peer's; both addresses; interface, cookie.
QUESTION = struct.Struct("=BBxxI2s2s16s16sI8s")
# struct inet_diag_msg: family, state; own port; own address; cookie; number.
FOUND = struct.Struct("=BBxx2s2x16s16x4x8s16xI")
NO_COOKIE = b"\xff" * 8
# It has ended by itself, the kernel was built without CONFIG_INET_DIAG_DESTROY, or it refuses: the agent lacks CAP_NET_ADMIN in the network
# namespace, which it has in a rootless engine too, or a security module forbids it.
NOT_DONE = {errno.ENOENT, errno.ESTALE, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EACCES}


class TcpSocket(NamedTuple):
    address: str
    port: int
    inode: int
    state: int
    # Of this one socket, as long as the machine runs.
    cookie: bytes


def listening(kernel: socket.socket) -> list[TcpSocket]:
    """Those of the network namespace that this netlink socket was opened in."""
    return [each for family in (socket.AF_INET, socket.AF_INET6) for each in _listening(kernel, family)]


def listening_here() -> list[TcpSocket]:
    """Those of the network namespace that the caller is in."""
    with netlink.opened(netlink.SOCK_DIAG) as kernel:
        return listening(kernel)


def connection(kernel: socket.socket, own: str, peer: str) -> TcpSocket | None:
    """The connection between these two ends (`address port`) that a socket of this network namespace holds, half open or whole."""
    try:
        answer = netlink.ask(kernel, BY_FAMILY, 0, _between(own, peer, NO_COOKIE))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    found = read(answer.body)
    # Where nobody holds the connection, the kernel finds who would take it.
    return None if found.state == LISTEN else found


def abort(namespaces: Namespaces, at: str, own: str, peer: str) -> bool:
    """
    Aborts the connection of another process between these two ends (`address port`), as `ss -K` does: its owner gets ECONNABORTED.

    Returns False if the kernel cannot do it, or the connection is already gone.
    """
    with namespaces.inside(at), netlink.opened(netlink.SOCK_DIAG) as kernel:
        found = connection(kernel, own, peer)
        if not found:
            return False
        try:
            # The cookie: if the connection goes in between, it must not be the listener that ends.
            netlink.ask(kernel, DESTROY, netlink.ACKNOWLEDGE, _between(own, peer, found.cookie))
        except OSError as error:
            if error.errno in NOT_DONE:
                return False
            raise
    return True


def read(body: bytes) -> TcpSocket:
    family, state, port, address, cookie, inode = FOUND.unpack_from(body)
    packed = address[:4] if family == socket.AF_INET else address
    return TcpSocket(socket.inet_ntop(family, packed), int.from_bytes(port), inode, state, cookie)


def _listening(kernel: socket.socket, family: int) -> Iterator[TcpSocket]:
    nothing = bytes(2), bytes(2), bytes(16), bytes(16), 0, bytes(8)
    for body in netlink.dump(kernel, BY_FAMILY, QUESTION.pack(family, socket.IPPROTO_TCP, 1 << LISTEN, *nothing)):
        yield read(body)


def _between(own: str, peer: str, cookie: bytes) -> bytes:
    ends = [each.rsplit(" ", 1) for each in (own, peer)]
    family = family_of(peer)
    addresses = [socket.inet_pton(family, address).ljust(16, b"\0") for address, _ in ends]
    ports = [int(port).to_bytes(2) for _, port in ends]
    return QUESTION.pack(family, socket.IPPROTO_TCP, ANY_STATE, *ports, *addresses, 0, cookie)
