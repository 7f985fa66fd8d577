"""The end of a lab. Standard input is the watchdog: when the harness is gone, however it went, input ends here.

Then the first process of each host is killed (the engine removes the container), and so is everything else that
carries the lab's mark, for a while longer than it takes a container that was just being started to appear.
"""

import os
import signal
import time

from .endings import tell
from .processes import marked

GRACE_SECONDS = 3


def end_lab(lab: str) -> None:
    """Kills all that is marked as this lab's, except this process; returns when nothing new has appeared for a while."""
    own, last_seen = os.getpid(), time.monotonic()
    quiet = 0.5
    deadline = last_seen + GRACE_SECONDS
    while time.monotonic() < min(last_seen + quiet, deadline):
        for pid in marked(f"FORWARDLAB_LAB={lab}"):
            if pid != own:
                last_seen = time.monotonic()
                tell([pid], signal.SIGKILL)
        time.sleep(0.02)
