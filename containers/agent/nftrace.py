"""Names the rule or policy that decided a packet: the kernel's own nftables trace, read over netlink.

Constants are those of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. The kernel sends a message
while it handles the packet, so when the answer to a packet is seen, the trace is in the socket already.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from .bpf import ALL, NOTHING, Step, attach
from .packets import ACK, ICMPV6, SYN, TCP, Lookup, TcpPacket, parse_arp, parse_ip, parse_neighbour_discovery, tcp_packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .namespaces import Namespaces

NETLINK_NETFILTER = 12
SO_RCVBUFFORCE = 33
BUFFER = 4 * 1024 * 1024
GROUP_NFTRACE = 1 << (9 - 1)
TRACE_MESSAGE = (10 << 8) | 17
TABLE, CHAIN, RULE_HANDLE, TYPE, VERDICT, ID, NETWORK, TRANSPORT, POLICY = 1, 2, 3, 4, 5, 6, 8, 9, 16
VERDICT_CODE = 1  # Within VERDICT.
# Of what a message says: first what is about the rule.
TOLD = (TYPE, TABLE, CHAIN, RULE_HANDLE, VERDICT, POLICY, ID, NETWORK, TRANSPORT)
TYPES = {1: "policy", 2: "return", 3: "rule"}
VERDICTS = {0: "drop", 1: "accept", 2: "stolen", 3: "queue", -1: "continue", -2: "break", -3: "jump", -4: "goto", -5: "return"}
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
MOST_PACKETS, MOST_RULES = 4096, 4096
MOST_MESSAGE = 8192  # Names of tables and chains have at most 256 letters.
MESSAGE, ATTRIBUTE = struct.Struct("IH"), struct.Struct("HH")
KIND = 0x3FFF  # Without the flags "nested" and "in network byte order".
MOST_LAYOUTS = 16  # Of messages of one length.

# SKF_AD_OFF + SKF_AD_NLATTR of linux/filter.h: from A on, where is the netlink attribute of type X? 0: nowhere.
FIND_ATTRIBUTE = 0xFFFFF00C
FIRST_ATTRIBUTE = 20  # After nlmsghdr and nfgenmsg.


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
    *begins("rout", "flags", "no"),
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


class Decision(NamedTuple):
    """One rule or policy was evaluated for one packet."""

    rule: Rule
    packet: Traced

    def as_dict(self) -> dict[str, Any]:
        found = self.rule._asdict()
        if isinstance(self.packet, TcpPacket):
            found["source"], found["destination"] = self.packet.source, self.packet.destination
        return found


def attributes(data: bytes, at: int = 0) -> dict[int, bytes]:
    """The netlink attributes in `data` from there on, by type; nested ones as they are."""
    return {kind & KIND: data[start : start + length - 4] for length, kind, start in placed(data, at)}


def placed(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Length (with its own four bytes), type with flags, and where the value starts, of each attribute."""
    end, read = len(data) - 4, ATTRIBUTE.unpack_from
    while at <= end:
        length, kind = read(data, at)
        if length < 4:
            break
        yield length, kind, at + 4
        at += (length + 3) & ~3


class Layout:
    """Where the attributes of a trace message stand. Messages of one rule differ in what they say, hardly ever in where they say it."""

    def __init__(self, data: bytes) -> None:
        self.heads: tuple[int, ...] = ()
        values, form, end = {}, "<", 0
        for length, kind, start in placed(data, 0):
            if start + length - 4 > len(data):
                break
            form += f"{start - 4 - end}xI{length - 4}s"
            end = start + length - 4
            values[kind & KIND] = 2 * len(self.heads) + 1
            self.heads = (*self.heads, length | kind << 16)
        self.read = struct.Struct(form).unpack_from
        # The empty bytes at the end stand for what is missing.
        self.pick: Callable[[tuple[Any, ...]], tuple[bytes, ...]] = itemgetter(*(values.get(each, -1) for each in TOLD))


class Layouts:
    """Those that were met: to walk along the attributes of each message would take three times as long."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[Layout]] = {}

    def values(self, data: bytes) -> tuple[bytes, ...]:
        """What a message says, in the order of `TOLD`."""
        known = self._by_length.setdefault(len(data), [])
        for layout in known:
            fields = layout.read(data)
            if fields[::2] == layout.heads:
                return layout.pick((*fields, b""))
        if len(known) == MOST_LAYOUTS:
            known.clear()
        known.append(Layout(data))
        return known[-1].pick((*known[-1].read(data), b""))


def messages(data: bytes) -> list[tuple[int, bytes]]:
    """(protocol family of the hook, attributes) of each trace message in what one read of the socket gave."""
    found, at = [], 0
    while at + 20 <= len(data):
        length, kind = MESSAGE.unpack_from(data, at)
        if kind == TRACE_MESSAGE:
            found.append((data[at + 16], data[at + 20 : at + length]))
        at += (length + 3) & ~3 if length > 16 else 16
    return found


def packet_of(network: bytes, transport: bytes) -> Traced | None:
    """The packet that a message with headers is about, when it is one that the lab follows."""
    ip = parse_ip(network)
    if not ip:
        return parse_arp(network)
    if ip.protocol == ICMPV6:
        return parse_neighbour_discovery(network, transport)
    return tcp_packet(ip, transport) if ip.protocol == TCP else None


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
        # What messages say of a rule -> that rule: the same few are met again and again.
        self._rules: dict[tuple[int, tuple[bytes, ...]], Rule] = {}
        self._layouts = Layouts()

    def read(self, data: bytes) -> list[Decision]:
        return [decision for family, told in messages(data) if (decision := self._read(family, told))]

    def _read(self, family: int, told: bytes) -> Decision | None:
        *of_rule, identity, network, transport = self._layouts.values(told)
        if network:
            packet = packet_of(network, transport)
            if packet is None:
                self._packets.pop(identity, None)
            else:
                self._packets[identity] = packet
                if len(self._packets) > MOST_PACKETS:
                    self._packets.pop(next(iter(self._packets)))
        else:
            packet = self._packets.get(identity)
        if packet is None or not of_rule[0]:
            return None
        said = family, tuple(of_rule)
        rule = self._rules.get(said)
        if rule is None:
            if len(self._rules) >= MOST_RULES:
                self._rules.clear()
            rule = self._rules[said] = self._rule(family, *of_rule)
        return Decision(rule, packet)

    def _rule(self, family: int, kind: bytes, table: bytes, chain: bytes, handle: bytes, verdict: bytes, policy: bytes) -> Rule:
        named = TYPES.get(number("!I", kind) or 0, "?")
        return Rule(
            at=self._name,
            family=FAMILIES.get(family, str(family)),
            table=text(table),
            chain=text(chain),
            kind=named,
            handle=number("!Q", handle),
            verdict=verdict_of(named, verdict, policy),
        )


class Trace:
    """A subscription in one namespace."""

    def __init__(self, namespaces: Namespaces, name: str, on_decision: Callable[[Decision], None], on_loss: Callable[[], None]) -> None:
        self._reader, self._on_decision, self._on_loss = TraceReader(name), on_decision, on_loss
        with namespaces.inside(name):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, NETLINK_NETFILTER)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        except PermissionError:
            # In a rootless engine root is nobody special: as much as the machine lets anybody have. What is lost is told.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        attach(self._socket, TELLING)
        self._socket.bind((0, GROUP_NFTRACE))
        asyncio.get_running_loop().add_reader(self._socket, self.drain)

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
