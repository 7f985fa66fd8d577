"""Forgets connections: the kernel's connection tracking of one namespace, over netlink.

Constants are those of linux/netfilter/nfnetlink_conntrack.h.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from . import netlink
from .netlink import attributes
from .tcp_sockets import ESTABLISHED, connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .namespaces import Namespaces

GET, DELETE = (1 << 8) | 1, (1 << 8) | 2
TUPLE_ORIG, TUPLE_REPLY, ID, ZONE = 1, 2, 12, 18
IP, PROTO = 1, 2
TCP = 6
FIRST_ATTRIBUTE = 4  # After struct nfgenmsg: the address family, and three bytes that are 0 here.


class Entry(NamedTuple):
    family: int
    attributes: dict[int, bytes]


def forget(namespaces: Namespaces, name: str) -> int:
    """Deletes what is known of every connection except the TCP connections that are open on this host. Returns how many."""
    with namespaces.inside(name):
        sockets, netfilter = netlink.opened(netlink.SOCK_DIAG), netlink.opened(netlink.NETFILTER)
    with sockets, netfilter:
        gone = [entry for entry in entries(netfilter) if not any(stands(sockets, *ends) for ends in possible_ends(entry))]
        for start in range(0, len(gone), 64):
            netfilter.send(b"".join(map(deletion, gone[start : start + 64])))
    return len(gone)


def entries(netfilter: socket.socket) -> list[Entry]:
    found = netlink.dump(netfilter, GET, bytes(FIRST_ATTRIBUTE))
    return [Entry(body[0], attributes(body, FIRST_ATTRIBUTE)) for body in found]


def stands(sockets: socket.socket, own: str, peer: str) -> bool:
    found = connection(sockets, own, peer)
    return found is not None and found.state == ESTABLISHED


def possible_ends(entry: Entry) -> Iterator[tuple[str, str]]:
    """The own and the peer's end (`address port`) of the socket of this host that may hold a TCP connection: its caller's, or its callee's, from either side of an address translation."""
    for kind in (TUPLE_ORIG, TUPLE_REPLY):
        halves = attributes(entry.attributes.get(kind, b""))
        hosts, ports = attributes(halves.get(IP, b"")), attributes(halves.get(PROTO, b""))
        if ports.get(1) == bytes([TCP]):
            source, destination = (hosts[1], hosts[2]) if 1 in hosts else (hosts[3], hosts[4])
            yield _end(source, ports[2]), _end(destination, ports[3])


def _end(address: bytes, port: bytes) -> str:
    family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
    return f"{socket.inet_ntop(family, address)} {int.from_bytes(port)}"


def deletion(entry: Entry) -> bytes:
    known = entry.attributes
    kept = [netlink.attribute(TUPLE_ORIG | netlink.NESTED, known[TUPLE_ORIG])] if TUPLE_ORIG in known else []
    kept += [netlink.attribute(kind, known[kind]) for kind in (ID, ZONE) if kind in known]
    return netlink.request(DELETE, 0, bytes([entry.family, 0, 0, 0]) + b"".join(kept))
