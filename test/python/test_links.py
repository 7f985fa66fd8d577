from __future__ import annotations

import asyncio
import socket
import struct
import unittest

from agent.links import connected, wire

from .own_namespace import InOwnNamespace

INTERFACE = struct.pack("=BxHiII", socket.AF_UNSPEC, 1, 7, 0x1003, 0)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value.ljust(-len(value) % 4 + len(value), b"\0")


class Message(unittest.TestCase):
    def test_a_wire_has_another_end_and_a_state(self) -> None:
        state = attribute(16, b"\x02")
        self.assertEqual(wire(INTERFACE + attribute(3, b"eth0\0") + state + attribute(5, struct.pack("=I", 9))), (7, 2))
        self.assertEqual(wire(INTERFACE + attribute(3, b"br0\0") + state), (7, None))


class Connected(InOwnNamespace):
    def setUp(self) -> None:
        super().setUp()
        self.ip("link add one type veth peer name two")
        self.ip("link set one up")

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
