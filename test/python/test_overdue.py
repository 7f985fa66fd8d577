from __future__ import annotations

import asyncio
import unittest

from agent.overdue import PATIENCE_TICKS, Overdue, where_all_stand


def ticks_until_overdue(overdue: Overdue, most: int) -> tuple[int, str] | None:
    for tick in range(most):
        operation = overdue.tick()
        if operation:
            return tick, operation
    return None


class OverdueRequests(unittest.TestCase):
    def test_one_that_is_not_carried_out_is_told(self) -> None:
        overdue = Overdue()
        with overdue.until_done("firewall", {}):
            self.assertEqual(ticks_until_overdue(overdue, 2 * PATIENCE_TICKS), (PATIENCE_TICKS, "firewall"))

    def test_what_may_take_longer_is_given_that_time(self) -> None:
        overdue = Overdue()
        with overdue.until_done("run", {"timeoutMs": 90_500}):
            self.assertEqual(ticks_until_overdue(overdue, 2 * PATIENCE_TICKS), (PATIENCE_TICKS + 91, "run"))

    def test_what_is_done_or_waits_for_somebody_else_is_not(self) -> None:
        overdue = Overdue()
        with overdue.until_done("stream_write", {}):
            with overdue.until_done("probe", {}):
                self.assertIsNone(ticks_until_overdue(overdue, PATIENCE_TICKS - 1))
            self.assertIsNone(ticks_until_overdue(overdue, 3 * PATIENCE_TICKS))


class Stacks(unittest.IsolatedAsyncioTestCase):
    async def test_name_where_a_task_waits(self) -> None:
        waited_for: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def inner() -> None:
            await waited_for

        async def outer() -> None:
            await inner()

        task = asyncio.create_task(outer(), name="the one that waits")
        await asyncio.sleep(0)
        told = where_all_stand(asyncio.get_running_loop(), None)
        self.assertRegex(told, r"the one that waits:\n.*outer\n.*inner")
        waited_for.set_result(None)
        await task
