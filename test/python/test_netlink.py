from __future__ import annotations

import errno
import socket
import struct
import unittest

from agent import netlink
from agent.netlink import attribute, attributes, messages, request


class Messages(unittest.TestCase):
    def test_each_of_one_read(self) -> None:
        first, second = request(20, 0, b"abcde"), request(21, netlink.DUMP, b"")
        self.assertEqual(list(messages(first + bytes(3) + second)), [(20, b"abcde"), (21, b"")])

    def test_one_without_a_length_ends_the_list(self) -> None:
        self.assertEqual(list(messages(bytes(64))), [])


class Attributes(unittest.TestCase):
    def test_read_what_was_written(self) -> None:
        written = attribute(3, b"abcde") + attribute(0x8000 | 4, b"")
        self.assertEqual((len(written), attributes(b"head" + written, 4)), (16, {3: b"abcde", 4: b""}))

    def test_those_without_a_length_end_the_list(self) -> None:
        self.assertEqual(attributes(struct.pack("=HH", 0, 1) + bytes(8)), {})
        self.assertEqual(attributes(struct.pack("=HH4s", 8, 0x8000 | 3, b"abcd")), {3: b"abcd"})


class Kernel(unittest.TestCase):
    """This machine's."""

    def test_a_refusal_is_an_error(self) -> None:
        unknown = 0xFFF
        with netlink.opened(socket.NETLINK_ROUTE) as kernel:
            for refused in (lambda: netlink.ask(kernel, unknown, 0, bytes(4)), lambda: list(netlink.dump(kernel, unknown, bytes(4)))):
                with self.assertRaises(OSError) as told:
                    refused()
                self.assertEqual(told.exception.errno, errno.EOPNOTSUPP)


if __name__ == "__main__":
    unittest.main()
