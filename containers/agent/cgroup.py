"""The control group (cgroup v2) of this process, as the tree of `cgroups.py` has it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/sys/fs/cgroup"


def join(group: str) -> None:
    """Takes this process, and what it starts, into a group."""
    Path(f"{ROOT}{group}/cgroup.procs").write_text("0")


@contextlib.contextmanager
def within(group: str) -> Iterator[None]:
    """A socket belongs to the group of the process that made it."""
    join(group)
    try:
        yield
    finally:
        join("")
