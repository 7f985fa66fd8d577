from __future__ import annotations

import socket
import struct
import unittest

from agent.tcp_listeners import TcpListener, read


def told(family: int, address: str, port: int, inode: int) -> bytes:
    """As the kernel writes it: family, state, two of timers; port, peer's port, both addresses, interface, cookie; times, queues, owner; inode."""
    own = socket.inet_pton(family, address).ljust(16, b"\0")
    return struct.pack("=BBBB", family, 10, 0, 0) + struct.pack("!HH", port, 0) + own + bytes(16) + b"\7" * 12 + b"\7" * 16 + struct.pack("=I", inode)


class Read(unittest.TestCase):
    def test_each_family(self) -> None:
        self.assertEqual(read(told(socket.AF_INET, "198.51.100.10", 43234, 8034655)), TcpListener("198.51.100.10", 43234, 8034655))
        self.assertEqual(read(told(socket.AF_INET6, "2001:db8:100::10", 22, 1)), TcpListener("2001:db8:100::10", 22, 1))

    def test_an_attribute_behind_it_changes_nothing(self) -> None:
        self.assertEqual(read(told(socket.AF_INET6, "::", 443, 7) + b"\5\0\x08\0\0\0\0\0"), TcpListener("::", 443, 7))


if __name__ == "__main__":
    unittest.main()
