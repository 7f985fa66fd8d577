from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import unittest
from typing import TYPE_CHECKING

from agent import netlink
from agent.tcp_sockets import ESTABLISHED, TcpSocket, abort, connection, listening_here, read

from .own_namespace import InOwnNamespace

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
SYN_RECV = 3  # include/net/tcp_states.h
LOST_ANSWERS = "table ip lost { chain output { type filter hook output priority 0; tcp flags & (syn | ack) == syn | ack drop; }; }"


def told(family: int, address: str, port: int, inode: int) -> bytes:
    """As the kernel writes it: family, state, two of timers; port, peer's port, both addresses, interface, cookie; times, queues, owner; inode."""
    own = socket.inet_pton(family, address).ljust(16, b"\0")
    return struct.pack("=BBBB", family, 10, 0, 0) + struct.pack("!HH", port, 0) + own + bytes(16) + bytes(4) + b"\7" * 8 + b"\6" * 16 + struct.pack("=I", inode)


class Read(unittest.TestCase):
    def test_each_family(self) -> None:
        found = read(told(socket.AF_INET, "198.51.100.10", 43234, 8034655))
        self.assertEqual(found, TcpSocket("198.51.100.10", 43234, 8034655, 10, b"\7" * 8))
        found = read(told(socket.AF_INET6, "2001:db8:100::10", 22, 1))
        self.assertEqual(found, TcpSocket("2001:db8:100::10", 22, 1, 10, b"\7" * 8))

    def test_an_attribute_behind_it_changes_nothing(self) -> None:
        self.assertEqual(read(told(socket.AF_INET6, "::", 443, 7) + b"\5\0\x08\0\0\0\0\0").port, 443)


def end_of(address: tuple[str, int]) -> str:
    return f"{address[0]} {address[1]}"


class InNamespace(InOwnNamespace):
    def setUp(self) -> None:
        super().setUp()
        self.ip("link set lo up")
        self.server = self.enterContext(socket.create_server(("127.0.0.1", 43234)))
        self.kernel = self.enterContext(netlink.opened(netlink.SOCK_DIAG))

    def connected(self) -> tuple[socket.socket, socket.socket]:
        client = self.enterContext(socket.create_connection(self.server.getsockname()))
        return client, self.enterContext(self.server.accept()[0])

    def abort(self, own: socket.socket, peer: socket.socket) -> bool:
        return abort(self.here, "here", end_of(own.getsockname()), end_of(peer.getsockname()))

    @contextlib.contextmanager
    def lost_answers(self) -> Iterator[None]:
        subprocess.run(["nft", LOST_ANSWERS], check=True)
        yield
        subprocess.run(["nft", "delete table ip lost"], check=True)


class Connections(InNamespace):
    def test_one_is_found_by_its_ends(self) -> None:
        client, callee = self.connected()
        own, peer = end_of(client.getsockname()), end_of(client.getpeername())
        found = [connection(self.kernel, *ends) for ends in ((own, peer), (peer, own))]
        inodes = [os.fstat(each.fileno()).st_ino for each in (client, callee)]
        self.assertEqual([(each.inode, each.state) for each in found if each], [(inode, ESTABLISHED) for inode in inodes])

    def test_who_would_take_it_is_not_who_has_it(self) -> None:
        self.assertEqual([each.port for each in listening_here()], [43234])
        self.assertIsNone(connection(self.kernel, "127.0.0.1 43234", "127.0.0.1 40000"))
        self.assertIsNone(connection(self.kernel, "::1 43234", "::1 40000"))


class Abort(InNamespace):
    def test_its_owner_gets_an_error_and_a_second_time_there_is_nothing_to_abort(self) -> None:
        client, callee = self.connected()
        self.assertTrue(self.abort(client, callee))
        with self.assertRaises(ConnectionAbortedError):
            client.recv(1)
        self.assertFalse(self.abort(client, callee))

    def test_where_the_kernel_refuses_the_connection_goes_on(self) -> None:
        client, callee = self.connected()
        child = os.fork()
        if child == 0:
            try:
                os.setuid(NOBODY)  # Without capabilities.
                os._exit(10 if self.abort(client, callee) else 11)
            finally:
                os._exit(12)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 11)
        callee.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")

    def test_half_open_one_and_never_the_listener(self) -> None:
        client = self.enterContext(socket.socket())
        client.setblocking(False)
        with self.lost_answers():
            client.connect_ex(self.server.getsockname())
            half = connection(self.kernel, end_of(self.server.getsockname()), end_of(client.getsockname()))
            self.assertEqual(half and half.state, SYN_RECV)
            self.assertTrue(self.abort(self.server, client))
            self.assertFalse(self.abort(self.server, client))
        self.connected()


if __name__ == "__main__":
    unittest.main()
