from __future__ import annotations

import socket
import struct
import unittest

from agent import conntrack
from agent.nftrace import attributes


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def direction(source: str, source_port: int, destination: str, destination_port: int, protocol: int = 6) -> bytes:
    """One tuple of an entry, as the kernel writes it."""
    family, first = (socket.AF_INET6, 3) if ":" in source else (socket.AF_INET, 1)
    hosts = attribute(first, socket.inet_pton(family, source)) + attribute(first + 1, socket.inet_pton(family, destination))
    ports = attribute(1, bytes([protocol])) + attribute(2, struct.pack("!H", source_port)) + attribute(3, struct.pack("!H", destination_port))
    return attribute(1, hosts) + attribute(2, ports)


class Ends(unittest.TestCase):
    def test_caller_and_callee_see_the_same_connection(self) -> None:
        entry = {
            conntrack.TUPLE_ORIG: direction("192.0.2.66", 40000, "198.51.100.10", 22),
            conntrack.TUPLE_REPLY: direction("198.51.100.10", 22, "192.0.2.66", 40000),
        }
        self.assertEqual(conntrack._ends(entry), {("192.0.2.66", 40000, "198.51.100.10", 22), ("198.51.100.10", 22, "192.0.2.66", 40000)})

    def test_a_redirected_connection_is_known_by_the_port_that_answers(self) -> None:
        entry = {
            conntrack.TUPLE_ORIG: direction("2001:db8:66::66", 40000, "2001:db8:100::10", 443),
            conntrack.TUPLE_REPLY: direction("2001:db8:100::10", 43234, "2001:db8:66::66", 40000),
        }
        self.assertIn(("2001:db8:100::10", 43234, "2001:db8:66::66", 40000), conntrack._ends(entry))
        self.assertNotIn(("2001:db8:100::10", 443, "2001:db8:66::66", 40000), conntrack._ends(entry))

    def test_other_protocols_have_no_socket(self) -> None:
        entry = {conntrack.TUPLE_ORIG: direction("192.0.2.66", 53, "198.51.100.10", 53, protocol=17)}
        self.assertEqual(conntrack._ends(entry), set())


class Deletion(unittest.TestCase):
    def test_names_the_entry_by_family_tuple_and_identity(self) -> None:
        orig = direction("192.0.2.66", 40000, "198.51.100.10", 22)
        message = conntrack._deletion(socket.AF_INET, {conntrack.TUPLE_ORIG: orig, conntrack.ID: b"\0\0\0\7"})
        length, kind = struct.unpack_from("IH", message)
        self.assertEqual((length, kind, message[16]), (len(message), conntrack.DELETE, socket.AF_INET))
        found = attributes(message[20:])
        self.assertEqual((found[conntrack.TUPLE_ORIG], found[conntrack.ID]), (orig, b"\0\0\0\7"))


if __name__ == "__main__":
    unittest.main()
