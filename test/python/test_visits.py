from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import unittest
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import mock

from agent.visits import FULL_SECONDS, MOST, Visit, Visits

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def bound() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


async def answers(*said: bytes, half_closed: bool = False) -> str:
    """What a visitor gets who says this, one part after the other, until the service closes."""
    with bound() as listener, contextlib.closing(Visits(listener, "home:80/id")):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
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


async def within(work: Coroutine[Any, Any, T]) -> T:  # noqa: UP047 - unit tests run on the machine's own Python, which may not know the newer form
    async with asyncio.timeout(20):
        return await work


def answer(*said: bytes, half_closed: bool = False) -> str:
    return asyncio.run(within(answers(*said, half_closed=half_closed)))


class VisitsToAService(unittest.TestCase):
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
            Visit(other, "", "home:/run/x/id")
            reader, writer = await asyncio.open_connection(sock=own)
            writer.write(b"forwardlab 1234\n")
            found = await reader.read()
            writer.close()
            return found

        self.assertRegex(asyncio.run(within(ask())).decode(), r"^forwardlab home:/run/x/id 1234 uid:\d+\n$")

    def test_a_visitor_who_goes_without_a_word_leaves_nothing_behind(self) -> None:
        async def leave() -> list[bytes]:
            own, other = socket.socketpair()
            Visit(other, "", "home:/run/x/id")
            own.shutdown(socket.SHUT_WR)
            reader, writer = await asyncio.open_connection(sock=own)
            found = [await reader.read()]
            writer.close()
            return [*found, b"closed" if other.fileno() == -1 else b"open"]

        self.assertEqual(asyncio.run(leave()), [b"", b"closed"])

    def test_an_answer_longer_than_the_socket_takes_comes_as_a_whole(self) -> None:
        nonce = b"1" * 40_000

        async def ask() -> bytes:
            own, other = socket.socketpair()
            other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            Visit(other, "", "home:/run/x/id")
            reader, writer = await asyncio.open_connection(sock=own)
            writer.write(b"forwardlab " + nonce + b"\n")
            await writer.drain()
            found = await reader.read()
            writer.close()
            return found

        self.assertIn(nonce + b" uid:", asyncio.run(within(ask())))

    def test_a_service_without_a_descriptor_for_a_visitor_lets_others_have_their_turn_and_goes_on(self) -> None:
        async def ask() -> tuple[list[float], str]:
            loop, asked = asyncio.get_running_loop(), list[float]()

            def soon(seconds: float, call: object, *given: object) -> asyncio.TimerHandle:
                asked.append(seconds)
                return call_later(0, call, *given)  # type: ignore[arg-type]

            call_later = loop.call_later
            full = mock.Mock(wraps=None)
            full.accept.side_effect = OSError(errno.EMFILE, "too many open files")
            with bound() as listener:
                visits = Visits(listener, "home:80/id")
                with mock.patch.object(visits, "_listener", full), mock.patch.object(loop, "call_later", soon):
                    full.fileno.return_value = listener.fileno()
                    visits._accept()
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(b"forwardlab 1234\n")
                found = await reader.read()
                writer.close()
                visits.close()
            return asked, found.decode()

        asked, found = asyncio.run(within(ask()))
        self.assertEqual(asked, [FULL_SECONDS])
        self.assertTrue(found.startswith("forwardlab home:80/id 1234 "), found)

    def test_a_service_that_was_closed_is_gone(self) -> None:
        async def ask() -> None:
            with bound() as listener:
                where = listener.getsockname()
                Visits(listener, "home:80/id").close()
                with self.assertRaises(ConnectionRefusedError):
                    await asyncio.open_connection(*where)

        asyncio.run(within(ask()))
