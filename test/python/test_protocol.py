from __future__ import annotations

import asyncio
import json
import os
import sys
import unittest
from typing import Any
from unittest import mock

from agent.protocol import GATHER_SECONDS, MANY, Channel, Refused


async def receive_all(written: bytes) -> list[dict[str, Any]]:
    """What a channel receives when exactly this stands on its input."""
    return await receive_on(Channel(), written)


async def receive_on(channel: Channel, written: bytes) -> list[dict[str, Any]]:
    reading, writing = os.pipe()
    os.write(writing, written)
    os.close(writing)
    with os.fdopen(reading) as standard_input, mock.patch.object(sys, "stdin", standard_input):
        channel.open()
        found = []
        while (message := await channel.receive()) is not None:
            found.append(message)
        return found


class Receiving(unittest.TestCase):
    def test_one_message_a_line_until_the_end(self) -> None:
        self.assertEqual(asyncio.run(receive_all(b'{"id":1,"op":"x"}\n{"id":2}\n')), [{"id": 1, "op": "x"}, {"id": 2}])

    def test_half_a_message_at_the_end_is_none(self) -> None:
        self.assertEqual(asyncio.run(receive_all(b'{"id":1}\n{"id":2')), [{"id": 1}])
        self.assertEqual(asyncio.run(receive_all(b"")), [])

    def test_what_is_no_object_is_refused(self) -> None:
        with self.assertRaises(Refused) as caught:
            asyncio.run(receive_all(b"[1]\n"))
        self.assertEqual(caught.exception.kind, "protocol")


async def send_all(*messages: dict[str, Any]) -> None:
    """They go out before the loop's next turn is over."""
    channel = Channel()
    for message in messages:
        channel.send(message)
    await asyncio.sleep(0)


class Sending(unittest.TestCase):
    def test_a_message_goes_out_whole_however_little_a_write_takes(self) -> None:
        written = bytearray()

        def write(descriptor: int, data: memoryview) -> int:
            self.assertEqual(descriptor, 1)
            written.extend(data[:3])
            return min(3, len(data))

        sent: list[dict[str, Any]] = [{"event": "output", "text": "ä\n"}, {"id": 1, "ok": None}]
        with mock.patch("os.write", write):
            asyncio.run(send_all(*sent))
        self.assertEqual([json.loads(line) for line in written.splitlines()], sent)

    def test_messages_of_one_turn_go_out_in_one_write(self) -> None:
        with mock.patch("os.write", side_effect=lambda _, data: len(data)) as write:
            asyncio.run(send_all({"id": 1, "ok": None}, {"id": 2, "ok": None}))
        self.assertEqual(write.call_count, 1)

    def test_while_many_requests_are_under_way_answers_wait_for_each_other_for_a_moment(self) -> None:
        async def answered(requests: int) -> tuple[list[float], int]:
            waited: list[float] = []
            channel, loop = Channel(), asyncio.get_running_loop()
            await receive_on(channel, b"".join(b'{"id":%d,"op":"x"}\n' % number for number in range(requests)))
            with (
                mock.patch.object(loop, "call_later", lambda seconds, *_: waited.append(seconds)),
                mock.patch("os.write", side_effect=lambda _, data: len(data)) as write,
            ):
                channel.send({"id": 1, "ok": None})
                channel.send({"id": 2, "ok": None})
                await asyncio.sleep(0)
            return waited, write.call_count

        self.assertEqual(asyncio.run(answered(MANY + 1)), ([GATHER_SECONDS], 0))
        self.assertEqual(asyncio.run(answered(MANY)), ([], 1))

    def test_what_has_to_be_heard_first_goes_before_all_that_is_written_with_it(self) -> None:
        async def answered() -> None:
            channel = Channel(lambda: channel.send({"event": "limit"}, first=True))
            channel.send({"id": 1, "ok": None})
            channel.send({"id": 2, "ok": None})
            await asyncio.sleep(0)

        with mock.patch("os.write", side_effect=lambda _, data: len(data)) as write:
            asyncio.run(answered())
        written = b"".join(bytes(call.args[1]) for call in write.call_args_list)
        self.assertEqual([json.loads(line) for line in written.splitlines()], [{"event": "limit"}, {"id": 1, "ok": None}, {"id": 2, "ok": None}])

    def test_nobody_who_reads_is_no_error(self) -> None:
        with mock.patch("os.write", side_effect=BrokenPipeError):
            asyncio.run(send_all({"id": 1, "ok": None}))
