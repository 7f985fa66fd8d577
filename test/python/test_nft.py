from __future__ import annotations

import ctypes.util
import signal
import unittest

from .own_namespace import InOwnNamespace

RULES = """flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
  }
}
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "up" masquerade
  }
}
table netdev ingress {
  chain lo {
    type filter hook ingress device "lo" priority 0; policy accept;
  }
}
"""
TICK_SECONDS = 0.0002  # The agent's own is a second: what happens there once in a thousand labs happens here every time.


@unittest.skipUnless(ctypes.util.find_library("nftables"), "libnftables is not installed")
class Loading(InOwnNamespace):
    def test_a_timer_does_not_interrupt_it(self) -> None:
        from agent import nft

        ticks = 0

        def tick(*_: object) -> None:
            nonlocal ticks
            ticks += 1

        before = signal.signal(signal.SIGALRM, tick)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, TICK_SECONDS, TICK_SECONDS)
        for _ in range(200):
            self.assertEqual(nft.run(self.here, "here", RULES, 0), (0, "", ""))
        self.assertGreater(ticks, 100)
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, ()), set())
