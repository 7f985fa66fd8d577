"""Listening TCP sockets, asked of the kernel: sock_diag(7).

The kernel goes through its listening sockets only. For /proc/net/tcp it goes through the slots of every connection
the machine could have, which takes it 10 ms and more, whatever the namespace.
"""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NETLINK_SOCK_DIAG, BY_FAMILY = 4, 20  # include/uapi/linux/sock_diag.h
ERROR, DONE = 2, 3  # include/uapi/linux/netlink.h
REQUEST, DUMP = 1, 0x300
LISTEN = 10  # include/net/tcp_states.h

HEADER = struct.Struct("=IHHII")
QUESTION = struct.Struct("=BBBxI48x")  # struct inet_diag_req_v2: include/uapi/linux/inet_diag.h
# struct inet_diag_msg, in the same file: the family, the socket's own port and address, its number.
FOUND = struct.Struct("=B3x2s2x16s44xI")


@dataclass(slots=True, frozen=True)
class TcpListener:
    address: str
    port: int
    inode: int


def tcp_listeners() -> list[TcpListener]:
    """Those of the network namespace that the caller is in."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG) as kernel:
        return listening(kernel)


def listening(kernel: socket.socket) -> list[TcpListener]:
    """Those of the network namespace that this socket was made in."""
    return [listener for family in (socket.AF_INET, socket.AF_INET6) for listener in _of_family(kernel, family)]


def _of_family(kernel: socket.socket, family: int) -> Iterator[TcpListener]:
    question = QUESTION.pack(family, socket.IPPROTO_TCP, 0, 1 << LISTEN)
    kernel.send(HEADER.pack(HEADER.size + len(question), BY_FAMILY, REQUEST | DUMP, 0, 0) + question)
    while True:
        data, at = kernel.recv(1 << 18), 0
        while at + HEADER.size <= len(data):
            length, kind, *_ = HEADER.unpack_from(data, at)
            if kind == DONE:
                return
            if kind == ERROR:
                number = -struct.unpack_from("=i", data, at + HEADER.size)[0]
                raise OSError(number, f"the kernel does not tell its listening sockets: {os.strerror(number)}")
            yield read(data[at + HEADER.size : at + length])
            at += (length + 3) & ~3


def read(message: bytes) -> TcpListener:
    family, port, address, inode = FOUND.unpack_from(message)
    packed = address[:4] if family == socket.AF_INET else address
    return TcpListener(socket.inet_ntop(family, packed), int.from_bytes(port), inode)
