from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import unittest
from typing import TYPE_CHECKING, cast
from unittest import mock

from agent.links import connected, wire

if TYPE_CHECKING:
    from agent.namespaces import Namespaces

NEW_NETWORK = 0x40000000  # CLONE_NEWNET: include/uapi/linux/sched.h
INTERFACE = struct.pack("=BxHiII", socket.AF_UNSPEC, 1, 7, 0x1003, 0)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value.ljust(-len(value) % 4 + len(value), b"\0")


class Message(unittest.TestCase):
    def test_a_wire_has_another_end_and_a_state(self) -> None:
        state = attribute(16, b"\x02")
        self.assertEqual(wire(INTERFACE + attribute(3, b"eth0\0") + state + attribute(5, struct.pack("=I", 9))), (7, 2))
        self.assertEqual(wire(INTERFACE + attribute(3, b"br0\0") + state), (7, None))


@unittest.skipUnless(os.geteuid() == 0, "only root makes network namespaces")
class Connected(unittest.TestCase):
    """By this machine's kernel, with a wire in a namespace of its own."""

    def setUp(self) -> None:
        before = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.addCleanup(os.close, before)
        # Python before 3.12 has no word for either.
        libc = ctypes.CDLL(None, use_errno=True)
        self.assertEqual(libc.unshare(NEW_NETWORK), 0, os.strerror(ctypes.get_errno()))
        self.addCleanup(libc.setns, before, NEW_NETWORK)
        here = mock.Mock()
        here.inside.return_value = contextlib.nullcontext()
        self.here = cast("Namespaces", here)
        self.ip("link add one type veth peer name two")
        self.ip("link set one up")

    def ip(self, line: str) -> None:
        subprocess.run(["ip", *line.split()], check=True)

    def test_waits_for_the_end_that_is_down(self) -> None:
        async def wait() -> bool:
            waiting = asyncio.ensure_future(connected(self.here, "here"))
            # Asked and answered: what it waits for is the wire.
            await asyncio.wait([waiting], timeout=0.2)
            early = waiting.done()
            self.ip("link set two up")
            await asyncio.wait_for(waiting, 10)
            return early

        self.assertFalse(asyncio.run(wait()))
        asyncio.run(asyncio.wait_for(connected(self.here, "here"), 10))


if __name__ == "__main__":
    unittest.main()
