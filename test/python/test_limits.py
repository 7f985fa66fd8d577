from __future__ import annotations

import asyncio
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from agent.first_step import FirstStepIn
from agent.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable


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
    def test_only_what_comes_before_the_first_wait_is_run_by_the_other(self) -> None:
        seen = []

        async def work(fails: bool) -> str:
            seen.append(threading.current_thread() is threading.main_thread())
            await asyncio.sleep(0.001)
            seen.append(threading.current_thread() is threading.main_thread())
            if fails:
                raise ValueError
            return "done"

        async def ends_at_once() -> bool:
            return threading.current_thread() is threading.main_thread()

        async def fails_at_once() -> None:
            raise KeyError

        async def main() -> None:
            with ThreadPoolExecutor(1) as other:

                def run(step: Callable[[], object]) -> object:
                    return other.submit(step).result()

                self.assertEqual(await FirstStepIn(work(False), run), "done")
                with self.assertRaises(ValueError):
                    await FirstStepIn(work(True), run)
                self.assertIs(await FirstStepIn(ends_at_once(), run), False)
                with self.assertRaises(KeyError):
                    await FirstStepIn(fails_at_once(), run)
                # What needs the loop finds it in the other thread, and leaves none there.
                process = await FirstStepIn(asyncio.create_subprocess_exec("true"), run)
                self.assertEqual(await process.wait(), 0)
                self.assertIsNone(other.submit(asyncio._get_running_loop).result())

        asyncio.run(main())
        self.assertEqual(seen, [False, True, False, True])


if __name__ == "__main__":
    unittest.main()
