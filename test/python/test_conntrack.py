from __future__ import annotations

import socket
import struct
import subprocess
import unittest

from agent import conntrack, netlink
from agent.conntrack import Entry, deletion, forget, possible_ends
from agent.netlink import attribute, attributes

from .own_namespace import InOwnNamespace


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
        caller, callee = "192.0.2.66 40000", "198.51.100.10 22"
        self.assertEqual(list(possible_ends(Entry(socket.AF_INET, entry))), [(caller, callee), (callee, caller)])

    def test_a_redirected_connection_is_known_by_the_port_that_answers(self) -> None:
        entry = {
            conntrack.TUPLE_ORIG: direction("2001:db8:66::66", 40000, "2001:db8:100::10", 443),
            conntrack.TUPLE_REPLY: direction("2001:db8:100::10", 43234, "2001:db8:66::66", 40000),
        }
        found = list(possible_ends(Entry(socket.AF_INET6, entry)))
        self.assertIn(("2001:db8:100::10 43234", "2001:db8:66::66 40000"), found)
        self.assertNotIn(("2001:db8:100::10 443", "2001:db8:66::66 40000"), found)

    def test_other_protocols_have_no_socket(self) -> None:
        entry = {conntrack.TUPLE_ORIG: direction("192.0.2.66", 53, "198.51.100.10", 53, protocol=17)}
        self.assertEqual(list(possible_ends(Entry(socket.AF_INET, entry))), [])


class Deletion(unittest.TestCase):
    def test_names_the_entry_by_family_tuple_and_identity(self) -> None:
        orig = direction("192.0.2.66", 40000, "198.51.100.10", 22)
        [(kind, body)] = netlink.messages(deletion(Entry(socket.AF_INET, {conntrack.TUPLE_ORIG: orig, conntrack.ID: b"\0\0\0\7"})))
        self.assertEqual((kind, body[0]), (conntrack.DELETE, socket.AF_INET))
        found = attributes(body, conntrack.FIRST_ATTRIBUTE)
        self.assertEqual((found[conntrack.TUPLE_ORIG], found[conntrack.ID]), (orig, b"\0\0\0\7"))


class Forget(InOwnNamespace):
    def test_all_but_the_connections_that_stand(self) -> None:
        self.ip("link set lo up")
        subprocess.run(["nft", "table inet known { chain input { type filter hook input priority 0; ct state new; }; }"], check=True)
        server = self.enterContext(socket.create_server(("127.0.0.1", 43234)))
        standing = self.enterContext(socket.create_connection(server.getsockname()))
        callee = self.enterContext(server.accept()[0])
        with socket.create_connection(server.getsockname()):
            server.accept()[0].close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            datagram.sendto(b"x", ("127.0.0.1", 53))
        self.assertEqual((forget(self.here, "here"), forget(self.here, "here")), (2, 0))
        callee.sendall(b"x")
        self.assertEqual(standing.recv(1), b"x")


if __name__ == "__main__":
    unittest.main()
