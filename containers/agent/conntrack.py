"""Forgets connections: the kernel's connection tracking of one namespace, over netlink.

Constants are those of linux/netfilter/nfnetlink_conntrack.h.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from .nftrace import NETLINK_NETFILTER, attributes

if TYPE_CHECKING:
    from .namespaces import Namespaces

Ends = tuple[str, int, str, int]

GET, DELETE = (1 << 8) | 1, (1 << 8) | 2
REQUEST, DUMP = 1, 0x300
DONE = 3
TUPLE_ORIG, TUPLE_REPLY, ID, ZONE = 1, 2, 12, 18
IP, PROTO = 1, 2
TCP = 6
ESTABLISHED = "01"  # include/net/tcp_states.h


def forget(namespaces: Namespaces, name: str) -> int:
    """Deletes what is known of every connection except the TCP connections that are open on this host. Returns how many."""
    with namespaces.inside(name):
        standing = _open_connections()
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_NETFILTER)
    with netlink:
        gone = [(family, entry) for family, entry in _entries(netlink) if not _ends(entry) & standing]
        for start in range(0, len(gone), 64):
            netlink.send(b"".join(_deletion(family, entry) for family, entry in gone[start : start + 64]))
    return len(gone)


def _open_connections() -> set[Ends]:
    """(own address, port, peer's address, port) of each."""
    found: set[Ends] = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/thread-self/net/{table}") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == ESTABLISHED:
                    (own, port), (peer, peer_port) = address(fields[1]), address(fields[2])
                    found.add((own.removeprefix("::ffff:"), port, peer.removeprefix("::ffff:"), peer_port))
    return found


def address(text: str) -> tuple[str, int]:
    """Kernel notation (32-bit words in the machine's byte order) -> address and port."""
    digits, port = text.split(":")
    packed = b"".join(struct.pack("=I", int(digits[at : at + 8], 16)) for at in range(0, len(digits), 8))
    return _address(packed), int(port, 16)


def _entries(netlink: socket.socket) -> list[tuple[int, dict[int, bytes]]]:
    """Address family and attributes of each."""
    netlink.send(_message(GET, REQUEST | DUMP, socket.AF_UNSPEC, b""))
    entries: list[tuple[int, dict[int, bytes]]] = []
    while True:
        data, at = netlink.recv(1 << 18), 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("IH", data, at)
            if kind == DONE or length < 20:
                return entries
            entries.append((data[at + 16], attributes(data[at + 20 : at + length])))
            at += (length + 3) & ~3


def _ends(entry: dict[int, bytes]) -> set[Ends]:
    """How a socket of this host may see the connection: as its caller, or, behind address translation, as its callee."""
    ways: set[Ends] = set()
    for kind in (TUPLE_ORIG, TUPLE_REPLY):
        halves = attributes(entry.get(kind, b""))
        hosts, ports = attributes(halves.get(IP, b"")), attributes(halves.get(PROTO, b""))
        if ports.get(1) == bytes([TCP]):
            source, destination = (hosts[1], hosts[2]) if 1 in hosts else (hosts[3], hosts[4])
            ways.add((_address(source), int.from_bytes(ports[2]), _address(destination), int.from_bytes(ports[3])))
    return ways


def _address(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _deletion(family: int, entry: dict[int, bytes]) -> bytes:
    nested = 0x8000
    kept = [_attribute(TUPLE_ORIG | nested, entry[TUPLE_ORIG])] if TUPLE_ORIG in entry else []
    kept += [_attribute(kind, entry[kind]) for kind in (ID, ZONE) if kind in entry]
    return _message(DELETE, REQUEST, family, b"".join(kept))


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def _message(kind: int, flags: int, family: int, data: bytes) -> bytes:
    return struct.pack("IHHIIBBH", 20 + len(data), kind, flags, 1, 0, family, 0, 0) + data
