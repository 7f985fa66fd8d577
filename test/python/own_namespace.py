"""A network namespace of the test's own, of this machine's kernel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import unittest
from typing import TYPE_CHECKING, cast
from unittest import mock

if TYPE_CHECKING:
    from agent.namespaces import Namespaces

NEW_NETWORK = 0x40000000  # CLONE_NEWNET: include/uapi/linux/sched.h


@unittest.skipUnless(os.geteuid() == 0, "only root makes network namespaces")
class InOwnNamespace(unittest.TestCase):
    def setUp(self) -> None:
        before = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.addCleanup(os.close, before)
        # Python before 3.12 has no word for either.
        libc = ctypes.CDLL(None, use_errno=True)
        self.assertEqual(libc.unshare(NEW_NETWORK), 0, os.strerror(ctypes.get_errno()))
        self.addCleanup(libc.setns, before, NEW_NETWORK)
        here = mock.Mock()
        here.inside.return_value = contextlib.nullcontext()
        self.here = cast("Namespaces", here)

    def ip(self, line: str) -> str:
        return subprocess.run(["ip", *line.split()], check=True, capture_output=True, text=True).stdout
