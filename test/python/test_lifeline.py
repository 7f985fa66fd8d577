from __future__ import annotations

import subprocess
import unittest
from pathlib import Path

from agent.lifeline import PATIENCE_TICKS, Lifeline, here


def owner(pid: int) -> str:
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return f"{pid} {fields[19].decode()} {' '.join(here())}"


class OwnerOnThisMachine(unittest.TestCase):
    def test_is_waited_for_without_end_while_it_runs_and_not_at_all_afterwards(self) -> None:
        with subprocess.Popen(["sleep", "1000"]) as process:
            lifeline = Lifeline(owner(process.pid))
            process.send_signal(19)
            self.assertEqual({lifeline.lost() for _ in range(2 * PATIENCE_TICKS)}, {None})
            process.kill()
            # A zombie until it is waited for.
            while Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z":
                pass
            self.assertEqual(lifeline.lost(), "the process that used the lab is gone")
            process.wait()
            self.assertEqual(lifeline.lost(), "the process that used the lab is gone")

    def test_another_process_with_its_number_is_not_it(self) -> None:
        with subprocess.Popen(["sleep", "1000"]) as process:
            pid, start, *where = owner(process.pid).split()
            other = Lifeline(" ".join([pid, str(int(start) + 1), *where]))
            self.assertIsNone(other.lost())  # Never seen: as if it were elsewhere.
            process.kill()


class OwnerElsewhere(unittest.TestCase):
    def test_must_give_signs_of_life(self) -> None:
        for unknown in ("", "1 1 pid:[1] 00000000-0000-0000-0000-000000000000"):
            lifeline = Lifeline(unknown)
            for _ in range(3):
                self.assertEqual({lifeline.lost() for _ in range(PATIENCE_TICKS)}, {None})
                lifeline.heard()
            self.assertEqual({lifeline.lost() for _ in range(PATIENCE_TICKS)}, {None})
            self.assertRegex(str(lifeline.lost()), "no sign of life for 600 s")


if __name__ == "__main__":
    unittest.main()
