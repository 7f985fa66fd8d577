from __future__ import annotations

import contextlib
import os
import socket
import unittest
from typing import TYPE_CHECKING, cast
from unittest import mock

from agent.tcp_abort import abort

if TYPE_CHECKING:
    from agent.namespaces import Namespaces

NOBODY = 65534
NET_ADMIN = 1 << 12  # include/uapi/linux/capability.h


def capabilities() -> int:
    """The effective ones. proc_pid_status(5)."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))


@unittest.skipUnless(os.geteuid() == 0 and capabilities() & NET_ADMIN, "only root with CAP_NET_ADMIN may abort the connections of others")
class Abort(unittest.TestCase):
    """By this machine's kernel, of a connection over loopback."""

    def setUp(self) -> None:
        server = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.client = self.enterContext(socket.create_connection(server.getsockname()))
        self.peer = self.enterContext(server.accept()[0])
        self.ends = [f"{address} {port}" for address, port in (self.client.getsockname(), self.client.getpeername())]
        here = mock.Mock()
        here.inside.return_value = contextlib.nullcontext()
        self.here = cast("Namespaces", here)

    def abort(self) -> bool:
        return abort(self.here, "here", *self.ends)

    def test_its_owner_gets_an_error_and_a_second_time_there_is_nothing_to_abort(self) -> None:
        self.assertTrue(self.abort())
        with self.assertRaises(ConnectionAbortedError):
            self.client.recv(1)
        self.assertFalse(self.abort())

    def test_where_the_kernel_refuses_the_connection_goes_on(self) -> None:
        child = os.fork()
        if child == 0:
            try:
                os.setuid(NOBODY)  # Without capabilities.
                os._exit(10 if self.abort() else 11)
            finally:
                os._exit(12)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 11)
        self.peer.sendall(b"x")
        self.assertEqual(self.client.recv(1), b"x")


if __name__ == "__main__":
    unittest.main()
