"""Names the rule or policy that decided a packet: the kernel's own nftables trace, read over netlink.

Constants are those of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h. The kernel sends a message
while it handles the packet, so when the answer to a packet is seen, the trace is in the socket already.
"""

import asyncio
import errno
import socket
import struct

from .packets import parse_tcp

NETLINK_NETFILTER = 12
GROUP_NFTRACE = 1 << (9 - 1)
TRACE_MESSAGE = (10 << 8) | 17
TABLE, CHAIN, RULE_HANDLE, TYPE, VERDICT, ID, NETWORK, TRANSPORT, NFPROTO, POLICY = 1, 2, 3, 4, 5, 6, 8, 9, 15, 16
TYPES = {1: "policy", 2: "return", 3: "rule"}
VERDICTS = {0: "drop", 1: "accept", 2: "stolen", 3: "queue", -1: "continue", -2: "break", -3: "jump", -4: "goto", -5: "return"}
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
OBSERVATION_TABLE = "forwardlab"


def attributes(data):
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def text(value):
    return value.rstrip(b"\0").decode(errors="replace")


class Decision:
    """One evaluated rule or policy, for one packet."""

    __slots__ = ("at", "family", "table", "chain", "kind", "handle", "verdict", "seq", "ack", "flags")

    def as_dict(self):
        return {"at": self.at, "family": self.family, "table": self.table, "chain": self.chain, "kind": self.kind, "handle": self.handle, "verdict": self.verdict}


class Trace:
    """A subscription in one namespace."""

    def __init__(self, namespaces, name, on_decision, on_loss):
        self._name, self._on_decision, self._on_loss = name, on_decision, on_loss
        self._packets = {}  # trace id -> (seq, ack, flags): only the first message of a chain carries the headers
        with namespaces.inside(name):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, NETLINK_NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 4 * 1024 * 1024)  # SO_RCVBUFFORCE
        self._socket.bind((0, GROUP_NFTRACE))
        asyncio.get_running_loop().add_reader(self._socket, self.drain)

    def drain(self):
        while True:
            try:
                data = self._socket.recv(65536)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno == errno.ENOBUFS:
                    self._on_loss(self._name)
                    continue
                return
            at = 0
            while at + 20 <= len(data):
                length, kind = struct.unpack_from("IH", data, at)
                if kind == TRACE_MESSAGE:
                    self._read(data[at + 16], attributes(data[at + 20 : at + length]))
                at += max((length + 3) & ~3, 16)

    def _read(self, family, found):
        identity = found.get(ID)
        if TRANSPORT in found:
            tcp = parse_tcp(found[TRANSPORT])
            if tcp:
                self._packets[identity] = (tcp[2], tcp[3], tcp[4])
                if len(self._packets) > 4096:
                    self._packets.pop(next(iter(self._packets)))
        table = text(found.get(TABLE, b""))
        if identity not in self._packets or table == OBSERVATION_TABLE:
            return
        decision = Decision()
        decision.at = self._name
        decision.family = FAMILIES.get(family, str(family))
        decision.table, decision.chain = table, text(found.get(CHAIN, b""))
        decision.kind = TYPES.get(struct.unpack("!I", found[TYPE])[0], "?")
        decision.handle = struct.unpack("!Q", found[RULE_HANDLE])[0] if RULE_HANDLE in found else None
        if decision.kind == "policy":
            code = struct.unpack("!i", found[POLICY])[0]
        else:
            verdict = attributes(found.get(VERDICT, b""))
            code = struct.unpack("!i", verdict[1])[0] if 1 in verdict else -1
        decision.verdict = VERDICTS.get(code & 0xFF if code >= 0 else code, str(code))
        decision.seq, decision.ack, decision.flags = self._packets[identity]
        self._on_decision(decision)
