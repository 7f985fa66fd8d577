from __future__ import annotations

import asyncio
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
