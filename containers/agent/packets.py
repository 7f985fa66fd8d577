"""Sees TCP SYN and RST packets and ICMP errors in every namespace, before its firewall on the way in and after it on the way out.

A packet socket taps ingress before netfilter and egress after it, so a sighting is proof of arrival (or of
departure) that does not depend on any rule. A SYN keeps its initial sequence number through NAT; that number
ties the sightings of one probe together.
"""

import asyncio
import ctypes
import socket
import struct

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
PACKET_OUTGOING = 4
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

def _assemble():
    """Classic BPF over the network header (where a SOCK_DGRAM packet socket starts), by labels so that no jump is counted by hand.

    0xFFFFF000 is SKF_AD_OFF + SKF_AD_PROTOCOL of linux/filter.h: the frame's protocol.
    """
    program = [
        ("ldh", 0xFFFFF000),
        ("jeq", ETH_P_IP, "v4", "maybe6"),
        ("v4:",),
        ("ldb", 9),
        ("jeq", 6, "tcp4", "maybe_icmp4"),
        ("tcp4:",),
        ("ldxmsh", 0),
        ("ldbx", 13),
        ("jset", SYN | RST, "yes", "no"),
        ("maybe_icmp4:",),
        ("jeq", 1, "icmp4", "no"),
        ("icmp4:",),
        ("ldxmsh", 0),
        ("ldbx", 0),
        ("jeq", 3, "yes", "no"),
        ("maybe6:",),
        ("jeq", ETH_P_IPV6, "v6", "no"),
        ("v6:",),
        ("ldb", 6),
        ("jeq", 6, "tcp6", "maybe_icmp6"),
        ("tcp6:",),
        ("ldb", 53),
        ("jset", SYN | RST, "yes", "no"),
        ("maybe_icmp6:",),
        ("jeq", 58, "icmp6", "no"),
        ("icmp6:",),
        ("ldb", 40),
        ("jeq", 1, "yes", "no"),
        ("yes:",),
        ("ret", 0x40000),
        ("no:",),
        ("ret", 0),
    ]
    codes = {"ldh": 0x28, "ldb": 0x30, "ldbx": 0x50, "ldxmsh": 0xB1, "jeq": 0x15, "jset": 0x45, "ret": 0x06}
    labels, steps = {}, []
    for step in program:
        if step[0].endswith(":"):
            labels[step[0][:-1]] = len(steps)
        else:
            steps.append(step)
    out = b""
    for at, step in enumerate(steps):
        yes = labels[step[2]] - at - 1 if len(step) > 2 else 0
        no = labels[step[3]] - at - 1 if len(step) > 2 else 0
        out += struct.pack("HBBI", codes[step[0]], yes, no, step[1])
    return out


_PROGRAM = _assemble()


class Sighting:
    __slots__ = ("at", "time", "interface", "way", "family", "source", "destination", "flags", "seq", "ack", "icmp")

    def __init__(self, at, time, interface, way, family, source, destination, flags=0, seq=0, ack=0, icmp=None):
        self.at, self.time, self.interface, self.way, self.family = at, time, interface, way, family
        self.source, self.destination, self.flags, self.seq, self.ack, self.icmp = source, destination, flags, seq, ack, icmp

    def as_dict(self):
        return {
            "at": self.at,
            "time": self.time,
            "interface": self.interface,
            "way": self.way,
            "source": self.source,
            "destination": self.destination,
            "flags": "".join(n for n, bit in (("S", SYN), ("R", RST), ("A", ACK)) if self.flags & bit),
            **({"icmp": self.icmp} if self.icmp is not None else {}),
        }


def parse_ip(packet):
    """(family, source address, destination address, protocol, payload) or None."""
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        header = (packet[0] & 0xF) * 4
        return 4, socket.inet_ntop(socket.AF_INET, packet[12:16]), socket.inet_ntop(socket.AF_INET, packet[16:20]), packet[9], packet[header:]
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        return 6, socket.inet_ntop(socket.AF_INET6, packet[8:24]), socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[6], packet[40:]
    return None


def parse_tcp(segment):
    """(source port, destination port, seq, ack, flags) or None. 8 bytes are enough for the first three (ICMP quotes)."""
    if len(segment) < 8:
        return None
    sport, dport, seq = struct.unpack("!HHI", segment[:8])
    ack, flags = (struct.unpack("!I", segment[8:12])[0], segment[13]) if len(segment) >= 14 else (0, 0)
    return sport, dport, seq, ack, flags


class Tap:
    """A packet socket in one namespace."""

    def __init__(self, namespaces, name, on_sighting):
        self._name, self._on_sighting = name, on_sighting
        with namespaces.inside(name):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, socket.htons(ETH_P_ALL))
        keep = ctypes.create_string_buffer(_PROGRAM)
        filter_struct = struct.pack("HL", len(_PROGRAM) // 8, ctypes.addressof(keep))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_struct)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        asyncio.get_running_loop().add_reader(self._socket, self.drain)

    def drain(self):
        while True:
            try:
                packet, ancillary, _, (interface, _, kind, *_rest) = self._socket.recvmsg(256, 64)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                return
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16]) if ancillary else (0, 0)
            time = seconds * 1_000_000 + nanoseconds // 1000
            sighting = self._read(packet, time, interface, "out" if kind == PACKET_OUTGOING else "in")
            if sighting:
                self._on_sighting(sighting)

    def _read(self, packet, time, interface, way):
        ip = parse_ip(packet)
        if not ip:
            return None
        family, source, destination, protocol, payload = ip
        if protocol == 6:
            tcp = parse_tcp(payload)
            if not tcp:
                return None
            sport, dport, seq, ack, flags = tcp
            return Sighting(self._name, time, interface, way, family, f"{source} {sport}", f"{destination} {dport}", flags, seq, ack)
        # An ICMP error quotes the packet it is about: RFC 792, RFC 4443.
        if len(payload) < 8:
            return None
        quoted = parse_ip(payload[8:])
        tcp = parse_tcp(quoted[4]) if quoted and quoted[3] == 6 else None
        if not tcp:
            return None
        return Sighting(self._name, time, interface, way, family, source, destination, 0, tcp[2], 0, payload[1])
