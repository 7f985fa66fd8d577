from __future__ import annotations

import asyncio
import socket
import unittest

from agent.visits import MOST, Visit


async def answers(*said: bytes, half_closed: bool = False) -> str:
    """What a visitor gets who says this, one part after the other, until the service closes."""
    server = await asyncio.get_running_loop().create_server(lambda: Visit("home:80/id"), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        peer = "{}:{}".format(*writer.get_extra_info("sockname"))
        for part in said:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if half_closed:
            writer.write_eof()
        answer = await reader.read()
        writer.close()
    return answer.decode().replace(peer, "PEER")


def answer(*said: bytes, half_closed: bool = False) -> str:
    async def within() -> str:
        async with asyncio.timeout(20):
            return await answers(*said, half_closed=half_closed)

    return asyncio.run(within())


class Visits(unittest.TestCase):
    def test_a_nonce_comes_back_with_the_identity_and_the_peer(self) -> None:
        self.assertEqual(answer(b"forwardlab 1234\n"), "forwardlab home:80/id 1234 PEER\n")
        self.assertEqual(answer(b"forward", b"lab 12", b"34\r\n"), "forwardlab home:80/id 1234 PEER\n")

    def test_a_line_that_is_not_ended_is_answered_when_nothing_more_can_come(self) -> None:
        self.assertEqual(answer(b"forwardlab 1234", half_closed=True), "forwardlab home:80/id 1234 PEER\n")

    def test_http_is_answered_once_its_headers_are_over(self) -> None:
        body = "forwardlab home:80/id 1234 PEER\n"
        whole = answer(b"GET /1234 HTTP/1.1\r\nHost: x\r\n", b"\r\n")
        self.assertTrue(whole.startswith("HTTP/1.1 200 OK\r\n") and whole.endswith(f"\r\n\r\n{body}"), whole)
        self.assertTrue(answer(b"HEAD /1234 HTTP/1.1\r\n\r\n").endswith("\r\n\r\n"))

    def test_whoever_says_something_else_hears_nothing(self) -> None:
        self.assertEqual(answer(b"SSH-2.0-x\r\n"), "")
        self.assertEqual(answer(half_closed=True), "")
        self.assertEqual(answer(b"x" * (MOST + 1)), "")

    def test_an_account_that_comes_by_a_path_is_told_by_its_number(self) -> None:
        async def ask() -> bytes:
            own, other = socket.socketpair()
            await asyncio.get_running_loop().connect_accepted_socket(lambda: Visit("home:/run/x/id"), other)
            reader, writer = await asyncio.open_connection(sock=own)
            writer.write(b"forwardlab 1234\n")
            found = await reader.read()
            writer.close()
            return found

        self.assertRegex(asyncio.run(ask()).decode(), r"^forwardlab home:/run/x/id 1234 uid:\d+\n$")
