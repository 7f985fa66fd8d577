"""Which processes there are: all that can be seen, and those that the agent has started."""

from __future__ import annotations

import os

OWN_GROUP = ("/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/cgroup.procs")  # cgroup v1, v2


def everything() -> list[int]:
    """Every process that can be seen."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def started_here() -> list[int]:
    """The agent and all that it ever started, in whichever host: they stay in its control group. `everything` where that cannot be told."""
    for path in OWN_GROUP:
        try:
            with open(path) as group:
                pids = [int(line) for line in group]
        except (OSError, ValueError):
            continue
        if os.getpid() in pids:
            return pids
    return everything()
