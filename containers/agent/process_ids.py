"""Which processes there are: all that can be seen, and those that the agent has started."""

from __future__ import annotations

import os

OWN_GROUP = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")  # cgroup v1, v2


def everything() -> list[int]:
    """Every process that can be seen."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def started_here() -> list[int]:
    """The agent and all that it ever started, in whichever host: they stay in its control group, or below. `everything` where that cannot be told."""
    for path in OWN_GROUP:
        pids = [pid for folder, _, _ in os.walk(path) for pid in _members(folder)]
        if os.getpid() in pids:
            return pids
    return everything()


def _members(group: str) -> list[int]:
    try:
        with open(f"{group}/cgroup.procs") as procs:
            return [int(line) for line in procs]
    except (OSError, ValueError):
        return []
