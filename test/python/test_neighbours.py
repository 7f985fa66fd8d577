from __future__ import annotations

import unittest

from agent.neighbours import flush_neighbours

from .own_namespace import InOwnNamespace


class Forgotten(InOwnNamespace):
    def test_what_was_learned_and_nothing_that_was_set(self) -> None:
        self.ip("link add one type veth peer name two")
        for line in ("link set one up", "link set two up"):
            self.ip(line)
        for address in ("192.0.2.7", "2001:db8::7"):
            self.ip(f"neigh add {address} lladdr 02:00:5e:00:53:07 dev one nud stale")
        self.ip("neigh add 192.0.2.8 lladdr 02:00:5e:00:53:08 dev one nud permanent")
        self.assertEqual(len(self.ip("neigh show nud stale").splitlines()), 2)
        for _ in range(2):
            flush_neighbours(self.here, ["here"])
            self.assertEqual(self.ip("neigh show nud stale"), "")
            self.assertIn("192.0.2.8", self.ip("neigh show nud permanent"))


if __name__ == "__main__":
    unittest.main()
