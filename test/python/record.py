"""Records what a kernel says for the unit tests: `unshare --net python3 test/python/record.py > test/python/recorded.json`, as root.

Trace messages as they come from netlink, and packets as a packet socket gives them, all in hexadecimal.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import time
from collections.abc import Callable

ADDRESS, PEER = "198.51.100.10", "198.51.100.20"
ADDRESS6, PEER6 = "2001:db8:100::10", "2001:db8:100::20"
RULES = """
table inet forwardlab {
  chain arrive { type filter hook prerouting priority -2000000000; meta nftrace set 1 accept; }
  chain leave { type filter hook output priority -2000000000; meta nftrace set 1 accept; }
  chain passed-prerouting { type filter hook prerouting priority 2000000000; accept; }
  chain passed-output { type filter hook output priority 2000000000; accept; }
}
table arp forwardlab {
  chain arrive { type filter hook input priority -2000000000; meta nftrace set 1 accept; }
}
table arp strict {
  chain input { type filter hook input priority 0; policy drop; }
}
table ip nat {
  chain output { type nat hook output priority -100; tcp dport 8080 redirect to :8081; }
}
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    tcp dport 8081 accept
    tcp dport 22 jump inner
    tcp sport { 22, 8080, 8081 } accept
    icmpv6 type nd-neighbor-solicit drop
  }
  chain inner { tcp flags & syn == syn reject with tcp reset; }
}
"""


def sh(*argv: str, text: str = "") -> None:
    subprocess.run(argv, input=text.encode(), check=True)


def inject(interface: str, protocol: int, frame: bytes) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol)) as raw:
        raw.bind((interface, protocol))
        raw.send(frame)


def hardware(interface: str) -> bytes:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, 0))
        return bytes(raw.getsockname()[4])


def arp(operation: int) -> bytes:
    own, peer = hardware("eth1"), hardware("eth0")
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + own + socket.inet_aton(PEER) + peer + socket.inet_aton(ADDRESS)
    return peer + own + b"\x08\x06" + body


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def neighbour_discovery(kind: int, destination: str, target: str) -> bytes:
    source6, destination6 = socket.inet_pton(socket.AF_INET6, PEER6), socket.inet_pton(socket.AF_INET6, destination)
    body = struct.pack("!BBHI", kind, 0, 0, 0x60000000 if kind == 136 else 0) + socket.inet_pton(socket.AF_INET6, target)
    body += b"\x01\x01" + hardware("eth1")
    pseudo = source6 + destination6 + struct.pack("!IHBB", len(body), 0, 0, 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    to = b"\x33\x33" + destination6[12:] if destination6[0] == 0xFF else hardware("eth0")
    return to + hardware("eth1") + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source6 + destination6 + body


def connect(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(0.1)
        with contextlib.suppress(OSError):
            connection.connect(("127.0.0.1", port))


def main() -> None:
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    for interface in ("eth0", "eth1"):
        sh("ip", "link", "set", interface, "up")
    sh("ip", "addr", "add", f"{ADDRESS}/24", "dev", "eth0")
    sh("ip", "addr", "add", f"{ADDRESS6}/64", "dev", "eth0", "nodad")
    sh("nft", "-f", "-", text=RULES)
    time.sleep(2)  # The kernel's own neighbour discovery for the new interfaces is over then.
    trace = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 12)
    trace.bind((0, 1 << 8))
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(3))

    def read(source: socket.socket) -> list[str]:
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(source.recv(65536).hex())
        return found

    recorded = {}
    events: dict[str, Callable[[], None]] = {
        "dropped by a policy": lambda: connect(9),
        "rejected by a rule of a chain that was jumped to": lambda: connect(22),
        "redirected, then accepted": lambda: connect(8080),
        "ARP request": lambda: inject("eth1", 0x0806, arp(1)),
        "ARP reply": lambda: inject("eth1", 0x0806, arp(2)),
        "neighbour solicitation": lambda: inject("eth1", 0x86DD, neighbour_discovery(135, "ff02::1:ff00:10", ADDRESS6)),
        "neighbour solicitation to the address itself": lambda: inject("eth1", 0x86DD, neighbour_discovery(135, ADDRESS6, ADDRESS6)),
        "neighbour advertisement": lambda: inject("eth1", 0x86DD, neighbour_discovery(136, ADDRESS6, PEER6)),
    }
    for name, event in events.items():
        read(trace), read(tap)
        event()
        time.sleep(0.05)
        recorded[name] = {"trace": read(trace), "packets": read(tap)}
    print(json.dumps(recorded, indent=1))


main()
