from __future__ import annotations

import asyncio
import base64
import socket
import unittest

from agent.conversation import Conversation


class Endings(unittest.IsolatedAsyncioTestCase):
    async def test_a_conversation_that_is_given_up_lets_go_of_its_descriptor(self) -> None:
        # The next socket gets the same number: a registration left behind would be taken for its own.
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        with near, far:
            near.setblocking(False)
            lost: asyncio.Future[None] = loop.create_future()
            loop.call_soon(loop.call_soon, lost.set_result, None)
            result = await Conversation({}).hold(near, lost)
            self.assertEqual(result["end"], "silent")
            self.assertFalse(loop.remove_reader(near))

    async def test_what_has_come_by_the_time_it_is_given_up_counts(self) -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        with near, far:
            near.setblocking(False)
            lost: asyncio.Future[None] = loop.create_future()
            loop.call_soon(far.send, b"word\n")
            loop.call_soon(lost.set_result, None)
            result = await Conversation({"until": base64.b64encode(b"\n").decode()}).hold(near, lost)
            self.assertEqual((base64.b64decode(result["received"]), result["end"]), (b"word\n", "answered"))

    async def test_without_a_word_it_ends_at_its_deadline(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            near.setblocking(False)
            self.assertEqual(await Conversation({"deadlineMs": 1}).hold(near), {"received": "", "end": "silent"})

    async def test_what_does_not_fit_into_the_buffer_is_sent_as_there_is_room(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            for each in (near, far):
                each.setblocking(False)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            said, heard = b"x" * 100_000, 0
            talk = asyncio.create_task(Conversation({"send": base64.b64encode(said).decode()}).hold(near))
            while heard < len(said):
                heard += len(await asyncio.get_running_loop().sock_recv(far, 65536))
            far.close()
            self.assertEqual((heard, (await talk)["end"]), (len(said), "eof"))
