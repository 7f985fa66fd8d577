"""Sees TCP SYN and RST packets and ICMP errors in every namespace, before its firewall on the way in and after it on the way out.

A packet socket taps ingress before netfilter and egress after it, so a sighting is proof of arrival (or of
departure) that does not depend on any rule. A SYN keeps its initial sequence number through NAT; that number
ties the sightings of one probe together.
"""

from __future__ import annotations

import functools
import socket
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from .bpf import ALL, NOTHING, Step, attach

if TYPE_CHECKING:
    from collections.abc import Callable

    from .namespaces import Namespaces

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
TCP, ICMPV6 = 6, 58
SOLICIT, ADVERT = 135, 136  # ICMPv6 types of neighbour discovery, RFC 4861
TCP_BEGINNING, TCP_PORTS = struct.Struct("!HHIIxB"), struct.Struct("!HHI")
KERNEL_TIME = struct.Struct("qq")
# Of the same packet each namespace tells several times.
REMEMBERED = 1024


# Over the network header, where a SOCK_DGRAM packet socket starts.
FOLLOWED = [
    # SKF_AD_OFF + SKF_AD_PROTOCOL of linux/filter.h: the frame's protocol.
    Step("ldh", 0xFFFFF000),
    Step("jeq", ETH_P_IP, "v4", "maybe6"),
    Step("v4:"),
    Step("ldb", 9),
    Step("jeq", TCP, "tcp4", "maybe_icmp4"),
    Step("tcp4:"),
    Step("ldxmsh", 0),
    Step("ldbx", 13),
    Step("jset", SYN | RST, "yes", "no"),
    Step("maybe_icmp4:"),
    Step("jeq", 1, "icmp4", "no"),
    Step("icmp4:"),
    Step("ldxmsh", 0),
    Step("ldbx", 0),
    Step("jeq", 3, "yes", "no"),
    Step("maybe6:"),
    Step("jeq", ETH_P_IPV6, "v6", "no"),
    Step("v6:"),
    Step("ldb", 6),
    Step("jeq", TCP, "tcp6", "maybe_icmp6"),
    Step("tcp6:"),
    Step("ldb", 53),
    Step("jset", SYN | RST, "yes", "no"),
    Step("maybe_icmp6:"),
    Step("jeq", ICMPV6, "icmp6", "no"),
    Step("icmp6:"),
    Step("ldb", 40),
    Step("jeq", 1, "yes", "no"),
    Step("yes:"),
    Step("ret", ALL),
    Step("no:"),
    Step("ret", NOTHING),
]


LETTERS = {flags: "".join(name for name, bit in (("S", SYN), ("R", RST), ("A", ACK)) if flags & bit) for flags in range(SYN | RST | ACK | 1)}


class Sighting(NamedTuple):
    """One packet in one namespace."""

    at: str
    time: int  # microseconds since the epoch
    interface: str
    way: str  # "in" or "out"
    source: str  # `address port` for TCP, the bare address for an ICMP error
    destination: str
    flags: int = 0
    seq: int = 0
    ack: int = 0
    icmp: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "time": self.time,
            "interface": self.interface,
            "way": self.way,
            "source": self.source,
            "destination": self.destination,
            "flags": LETTERS[self.flags & (SYN | RST | ACK)],
            **({"icmp": self.icmp} if self.icmp is not None else {}),
        }


class Ip(NamedTuple):
    addresses: bytes  # the source's, then the destination's
    protocol: int
    payload: bytes


class Tcp(NamedTuple):
    """`ack` and `flags` are 0 where only the first eight bytes are known (an ICMP error quotes no more)."""

    source_port: int
    destination_port: int
    seq: int
    ack: int
    flags: int


class TcpPacket(NamedTuple):
    source: str  # `address port`
    destination: str
    tcp: Tcp


class Lookup(NamedTuple):
    """An ARP or neighbour discovery packet: who looks for whose link-layer address. `asked` may have a gap of one byte, see `known`."""

    message: str  # "solicit" or "advert"
    asked: bytes
    known: bytes  # which bytes of `asked` are: 0xff, or 0

    def asks_for(self, address: bytes) -> bool:
        return len(address) == len(self.asked) and all((one ^ other) & mask == 0 for one, other, mask in zip(address, self.asked, self.known, strict=True))


def parse_ip(packet: bytes) -> Ip | None:
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        return Ip(packet[12:20], packet[9], packet[(packet[0] & 0xF) * 4 :])
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        return Ip(packet[8:40], packet[6], packet[40:])
    return None


@functools.lru_cache(REMEMBERED)
def in_words(addresses: bytes) -> tuple[str, str]:
    """Source and destination."""
    half = len(addresses) // 2
    family = socket.AF_INET if half == 4 else socket.AF_INET6
    return socket.inet_ntop(family, addresses[:half]), socket.inet_ntop(family, addresses[half:])


def parse_tcp(segment: bytes) -> Tcp | None:
    if len(segment) >= TCP_BEGINNING.size:
        return Tcp._make(TCP_BEGINNING.unpack_from(segment))
    return Tcp._make((*TCP_PORTS.unpack_from(segment), 0, 0)) if len(segment) >= TCP_PORTS.size else None


def tcp_ends(network: bytes) -> bytes | None:
    """Both addresses, by the header of an IP packet with TCP; None of another packet."""
    if len(network) < 20:
        return None
    version = network[0] >> 4
    if version == 4:
        return network[12:20] if network[9] == TCP else None
    return network[8:40] if version == 6 and len(network) >= 40 and network[6] == TCP else None


def tcp_in(packet: bytes) -> TcpPacket | None:
    """Of a whole packet."""
    ends = tcp_ends(packet)
    if not ends:
        return None
    start = 40 if len(ends) == 32 else (packet[0] & 0xF) * 4
    return tcp_packet(ends + packet[start : start + TCP_BEGINNING.size])


@functools.lru_cache(REMEMBERED)
def tcp_packet(told: bytes) -> TcpPacket | None:
    """@param told: both addresses, and the beginning of the segment"""
    end = 8 if len(told) <= 8 + TCP_BEGINNING.size else 32
    tcp = parse_tcp(told[end:])
    if not tcp:
        return None
    source, destination = in_words(told[:end])
    return TcpPacket(f"{source} {tcp.source_port}", f"{destination} {tcp.destination_port}", tcp)


def parse_arp(packet: bytes) -> Lookup | None:
    """ARP for IPv4 over Ethernet (RFC 826): a request asks for its target's address, a reply tells its sender's."""
    if len(packet) < 28 or packet[:6] != b"\x00\x01\x08\x00\x06\x04":
        return None
    operation = struct.unpack("!H", packet[6:8])[0]
    if operation == 1:
        return Lookup("solicit", packet[24:28], b"\xff" * 4)
    return Lookup("advert", packet[14:18], b"\xff" * 4) if operation == 2 else None


def parse_neighbour_discovery(network: bytes, message: bytes) -> Lookup | None:
    """A neighbour solicitation or advertisement (RFC 4861, 4.3 and 4.4), of which a trace shows no more than the first 20 bytes.

    That leaves 12 bytes of the target's address. A solicitation goes to the target itself, or to a multicast address with
    its last three bytes (RFC 4291, 2.7.1); an advertisement comes from the target.
    """
    if len(network) < 40 or len(message) < 20 or message[0] not in (SOLICIT, ADVERT):
        return None
    source, destination, start = network[8:24], network[24:40], message[8:20]
    if message[0] == ADVERT:
        return Lookup("advert", source, b"\xff" * 16) if source[:12] == start else Lookup("advert", start + bytes(4), b"\xff" * 12 + bytes(4))
    if destination[0] == 0xFF:
        return Lookup("solicit", start + b"\0" + destination[13:], b"\xff" * 12 + b"\0" + b"\xff" * 3)
    return Lookup("solicit", destination, b"\xff" * 16)


def read_sighting(packet: bytes, at: str, time: int, interface: str, way: str) -> Sighting | None:
    seen = tcp_in(packet)
    if seen:
        source, destination, (_, _, seq, ack, flags) = seen
        return Sighting(at, time, interface, way, source, destination, flags, seq, ack)
    ip = parse_ip(packet)
    # An ICMP error quotes the packet it is about: RFC 792, RFC 4443.
    if not ip or ip.protocol == TCP or len(ip.payload) < 8:
        return None
    quoted = parse_ip(ip.payload[8:])
    tcp = parse_tcp(quoted.payload) if quoted and quoted.protocol == TCP else None
    if not tcp:
        return None
    return Sighting(at, time, interface, way, *in_words(ip.addresses), seq=tcp.seq, icmp=ip.payload[1])


class Tap:
    """A packet socket in one namespace."""

    def __init__(self, namespaces: Namespaces, name: str, on_sighting: Callable[[Sighting], None]) -> None:
        self._name, self._on_sighting = name, on_sighting
        with namespaces.inside(name):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, socket.htons(ETH_P_ALL))
        attach(self._socket, FOLLOWED)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> None:
        while True:
            try:
                packet, ancillary, _, (interface, _, kind, *_rest) = self._socket.recvmsg(256, 64)
            except OSError:
                return
            seconds, nanoseconds = KERNEL_TIME.unpack_from(ancillary[0][2]) if ancillary else (0, 0)
            time = seconds * 1_000_000 + nanoseconds // 1000
            sighting = read_sighting(packet, self._name, time, interface, "out" if kind == PACKET_OUTGOING else "in")
            if sighting:
                self._on_sighting(sighting)
