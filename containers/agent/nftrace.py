"""Names the rule or policy that decided a packet: the kernel's own nftables trace, read over netlink.

Constants are those of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. The kernel sends a message
while it handles the packet, so when the answer to a packet is seen, the trace is in the socket already.
"""

from __future__ import annotations

import errno
import socket
import struct
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from . import netlink
from .bpf import ALL, NOTHING, Step, attach
from .netlink import HEADER, KIND, attributes, placed
from .packets import ACK, ICMPV6, SYN, TCP_BEGINNING, Lookup, TcpPacket, parse_arp, parse_ip, parse_neighbour_discovery, tcp_ends, tcp_packet

if TYPE_CHECKING:
    from collections.abc import Callable

    from .namespaces import Namespaces

SO_RCVBUFFORCE = 33
BUFFER = 4 * 1024 * 1024
GROUP_NFTRACE = 1 << (9 - 1)
TRACE_MESSAGE = (10 << 8) | 17
TABLE, CHAIN, RULE_HANDLE, TYPE, VERDICT, ID, NETWORK, TRANSPORT, POLICY = 1, 2, 3, 4, 5, 6, 8, 9, 16
VERDICT_CODE = 1  # Within VERDICT.
# What a message says of the rule or policy, and what of the packet.
OF_RULE, OF_PACKET = {TYPE, TABLE, CHAIN, RULE_HANDLE, VERDICT, POLICY}, {ID, NETWORK, TRANSPORT}
TYPES = {1: "policy", 2: "return", 3: "rule"}
VERDICTS = {0: "drop", 1: "accept", 2: "stolen", 3: "queue", -1: "continue", -2: "break", -3: "jump", -4: "goto", -5: "return"}
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
MOST_PACKETS, MOST_RULES = 4096, 4096
MOST_MESSAGE = 8192  # Names of tables and chains have at most 256 letters.
# struct nfgenmsg, which follows the netlink header: the family of the hook is its first byte.
FAMILY, FIRST_ATTRIBUTE = HEADER.size, HEADER.size + 4

# SKF_AD_OFF + SKF_AD_NLATTR of linux/filter.h: from A on, where is the netlink attribute of type X? 0: nowhere.
FIND_ATTRIBUTE = 0xFFFFF00C


def find(attribute: int) -> list[Step]:
    return [Step("ldi", FIRST_ATTRIBUTE), Step("ldxi", attribute), Step("ld", FIND_ATTRIBUTE)]


def begins(letters: str, yes: str, no: str) -> list[Step]:
    """Does the attribute that was found begin so? The kernel ends its strings with a zero and fills them up with zeros."""
    words = [letters[at : at + 4] for at in range(0, len(letters), 4)]
    steps = [Step("tax")]
    for at, each in enumerate(words):
        following = yes if each is words[-1] else f"{letters}{at}:"
        steps += [Step("ldx", 4 * (at + 1)), Step("jeq", int.from_bytes(each.encode()), following.rstrip(":"), no)]
        if following.endswith(":"):
            steps.append(Step(following))
    return steps


# Of the lab's own table only what tells of a SYN: where it leaves, that a host takes it for its own, and what destination it has after the last
# of the user's hooks.
# Each chain of that table says one thing of a packet, so that this one message carries the packet's headers.
TELLING = [
    *find(TABLE),
    *begins("forwardlab\0\0", "own", "yes"),
    Step("own:"),
    *find(CHAIN),
    *begins("leav", "flags", "passed"),
    Step("passed:"),
    *find(CHAIN),
    *begins("pass", "flags", "routed"),
    Step("routed:"),
    *find(CHAIN),
    *begins("rout", "flags", "ingress"),
    Step("ingress:"),
    *find(CHAIN),
    *begins("ingr", "flags", "no"),
    Step("flags:"),
    *find(TRANSPORT),
    Step("tax"),
    Step("ldbx", 4 + 13),
    Step("and", SYN | ACK),
    Step("jeq", SYN, "yes", "no"),
    Step("yes:"),
    Step("ret", ALL),
    Step("no:"),
    Step("ret", NOTHING),
]


# A TCP packet is as it was when a hook's first rule saw it: destination NAT before that hook shows in it.
Traced = TcpPacket | Lookup


class Rule(NamedTuple):
    """A rule or policy, and what became of a packet there."""

    at: str
    family: str
    table: str
    chain: str
    kind: str
    handle: int | None
    verdict: str


# No message tells of it.
UNKNOWN = Rule("", "", "", "", "", None, "")


class Decision(NamedTuple):
    """One rule or policy was evaluated for one packet."""

    rule: Rule
    packet: Traced

    def as_dict(self) -> dict[str, Any]:
        found = self.rule._asdict()
        if isinstance(self.packet, TcpPacket):
            found["source"], found["destination"] = self.packet.source, self.packet.destination
        return found


class Layout:
    """Where messages say what of a packet. All the rest of a message, but what the lab does not ask for, is the key to the rule that it is about.

    The key has the attributes' own headers in it, and the message's, with its length: of messages with one key, all say everything at the same places.
    """

    def __init__(self, data: bytes) -> None:
        self.rules: dict[Any, Rule | None] = {}  # by key; None: the message tells of no rule
        form, begun, count, fixed = "<", 0, 0, []
        told: dict[int, int] = {}
        for length, flagged, start in placed(data, FIRST_ATTRIBUTE):
            kind, end = flagged & KIND, start + length - 4
            if kind in OF_RULE:
                continue
            form += f"{start - begun}s{end - start}{'s' if kind in OF_PACKET else 'x'}"
            fixed.append(count)
            if kind in OF_PACKET:
                told[kind] = count + 1
            begun, count = end, count + (2 if kind in OF_PACKET else 1)
        form += f"{len(data) - begun}s"
        fixed.append(count)
        self.unpack = struct.Struct(form).unpack
        self.key: Callable[[tuple[bytes, ...]], Any] = itemgetter(*fixed)
        # 0, which is of the key: it is not said.
        self.identity, self.network, self.transport = (told.get(kind, 0) for kind in (ID, NETWORK, TRANSPORT))
        self.form = form, self.identity, self.network, self.transport


def packet_of(network: bytes, transport: bytes) -> Traced | None:
    """The packet that a message with headers is about, when it is one that the lab follows."""
    ends = tcp_ends(network)
    if ends:
        return tcp_packet(ends + transport[: TCP_BEGINNING.size])
    ip = parse_ip(network)
    if not ip:
        return parse_arp(network)
    return parse_neighbour_discovery(network, transport) if ip.protocol == ICMPV6 else None


def text(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")


def verdict_of(kind: str, verdict: bytes, policy: bytes) -> str:
    code = number("!i", policy if kind == "policy" else attributes(verdict).get(VERDICT_CODE, b""))
    if code is None:
        return "continue"
    return VERDICTS.get(code & 0xFF if code >= 0 else code, str(code))


def number(form: str, value: bytes) -> int | None:
    return int(struct.unpack(form, value)[0]) if value else None


class TraceReader:
    """Trace messages of one namespace -> decisions."""

    def __init__(self, name: str) -> None:
        self._name = name
        # Trace id -> packet: only the first message of each hook's chains carries the headers.
        self._packets: dict[bytes, Traced] = {}
        # By the length of a message: the same few layouts and rules are met again and again.
        self._layouts: dict[int, list[Layout]] = {}
        self._known = 0

    def read(self, data: bytes) -> list[Decision]:
        """What one read of the socket gave: one message, as the kernel sends them, or several."""
        for layout in self._layouts.get(len(data), ()):
            fields = layout.unpack(data)
            rule = layout.rules.get(layout.key(fields), UNKNOWN)
            if rule is not UNKNOWN:
                return self._decided(layout, fields, rule)
        parts = netlink.parted(data)
        if len(parts) > 1:
            return [decision for part in parts for decision in self.read(part)]
        return self._learn(data) if parts else []

    def _decided(self, layout: Layout, fields: tuple[bytes, ...], rule: Rule | None) -> list[Decision]:
        identity = fields[layout.identity]
        if layout.network:
            packet = packet_of(fields[layout.network], fields[layout.transport] if layout.transport else b"")
            if packet is None:
                self._packets.pop(identity, None)
            else:
                self._packets[identity] = packet
                if len(self._packets) > MOST_PACKETS:
                    self._packets.pop(next(iter(self._packets)))
        else:
            packet = self._packets.get(identity)
        return [Decision(rule, packet)] if rule and packet else []

    def _learn(self, message: bytes) -> list[Decision]:
        if self._known >= MOST_RULES:
            self._layouts.clear()
            self._known = 0
        new, rule = Layout(message), self._rule(message)
        layouts = self._layouts.setdefault(len(message), [])
        layout = next((each for each in layouts if each.form == new.form), new)
        if layout is new:
            layouts.append(layout)
        fields = layout.unpack(message)
        layout.rules[layout.key(fields)] = rule
        self._known += 1
        return self._decided(layout, fields, rule)

    def _rule(self, message: bytes) -> Rule | None:
        said = attributes(message, FIRST_ATTRIBUTE)
        if netlink.kind_of(message) != TRACE_MESSAGE or not said.get(TYPE):
            return None
        kind = TYPES.get(number("!I", said[TYPE]) or 0, "?")
        family = message[FAMILY]
        return Rule(
            at=self._name,
            family=FAMILIES.get(family, str(family)),
            table=text(said.get(TABLE, b"")),
            chain=text(said.get(CHAIN, b"")),
            kind=kind,
            handle=number("!Q", said.get(RULE_HANDLE, b"")),
            verdict=verdict_of(kind, said.get(VERDICT, b""), said.get(POLICY, b"")),
        )


class Trace:
    """A subscription in one namespace."""

    def __init__(self, namespaces: Namespaces, name: str, on_decision: Callable[[Decision], None], on_loss: Callable[[], None]) -> None:
        self._reader, self._on_decision, self._on_loss = TraceReader(name), on_decision, on_loss
        with namespaces.inside(name):
            self._socket = netlink.opened(netlink.NETFILTER, socket.SOCK_NONBLOCK)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:
            # In a rootless engine root is nobody special: as much as the machine lets anybody have. What is lost is told.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        attach(self._socket, TELLING)
        self._socket.bind((0, GROUP_NFTRACE))

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> None:
        while True:
            try:
                data = self._socket.recv(MOST_MESSAGE)
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    self._on_loss()
                    continue
                return
            for decision in self._reader.read(data):
                self._on_decision(decision)
