from __future__ import annotations

import asyncio
import contextlib
import tempfile
import unittest
from pathlib import Path
from typing import TYPE_CHECKING

from agent.first_step import FirstStepIn
from agent.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator


class LimitsReached(unittest.TestCase):
    def test_counters_of_both_versions(self) -> None:
        for processes, memory in (("pids/pids.events", "memory/memory.oom_control"), ("pids.events", "memory.events")):
            with tempfile.TemporaryDirectory() as folder:
                for path in (processes, memory):
                    (Path(folder) / path).parent.mkdir(exist_ok=True)
                (Path(folder) / processes).write_text("max 3\n")
                (Path(folder) / memory).write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n")
                limits = Limits(folder)
                self.assertIsNone(limits.reached())
                (Path(folder) / memory).write_text("oom_kill_disable 0\nunder_oom 1\noom_kill 2\n")
                self.assertEqual(limits.reached(), "memory")
                (Path(folder) / processes).write_text("max 4\n")
                self.assertEqual(limits.reached(), "processes")

    def test_an_engine_without_control_groups(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.assertIsNone(Limits(folder).reached())


class FirstStep(unittest.TestCase):
    def test_only_what_comes_before_the_first_wait_is_inside(self) -> None:
        inside, seen = False, []

        @contextlib.contextmanager
        def context() -> Iterator[None]:
            nonlocal inside
            inside = True
            try:
                yield
            finally:
                inside = False

        async def work(fails: bool) -> str:
            seen.append(inside)
            await asyncio.sleep(0.001)
            seen.append(inside)
            if fails:
                raise ValueError
            return "done"

        async def ends_at_once() -> bool:
            return inside

        async def main() -> None:
            self.assertEqual(await FirstStepIn(work(False), context), "done")
            with self.assertRaises(ValueError):
                await FirstStepIn(work(True), context)
            self.assertIs(await FirstStepIn(ends_at_once(), context), True)

        asyncio.run(main())
        self.assertEqual(seen, [True, False, True, False])
        self.assertFalse(inside)


if __name__ == "__main__":
    unittest.main()
