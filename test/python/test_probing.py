from __future__ import annotations

import asyncio
import unittest
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

from agent.namespaces import Namespaces
from agent.observation import GRACE
from agent.packets import ACK, RST, SYN, Sighting
from agent.probing import UNANSWERED_GRACE, Watch, watching

from .test_observation import decision, observation, sighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.observation import Observation


class Timers:
    """What a loop is asked to call later, in place of its timers."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._calls: list[Callable[[], Any]] = []

    def call_later(self, seconds: float, call: Callable[..., Any], *given: Any) -> mock.Mock:
        self.asked.append(seconds)
        self._calls.append(lambda: call(*given))
        return mock.Mock()

    def run_out(self) -> None:
        self._calls.pop(0)()


class DroppedProbe(unittest.IsolatedAsyncioTestCase):
    def begin(self) -> tuple[Observation, Watch, Timers]:
        seen, timers = observation(), Timers()
        self.enterContext(mock.patch.object(asyncio.get_running_loop(), "call_later", timers.call_later))
        watch = self.enterContext(watching(cast(Namespaces, None), seen, {}))
        seen.saw(sighting("out", SYN, 1000))
        watch.found(seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 8080"))
        return seen, watch, timers

    async def test_without_an_answer_it_is_soon_lost(self) -> None:
        seen, watch, timers = self.begin()
        self.assertEqual(timers.asked, [])
        seen.decided(decision(SYN, 1000))
        self.assertEqual((timers.asked, watch.lost.done()), ([UNANSWERED_GRACE], False))
        timers.run_out()
        self.assertTrue(watch.lost.done())

    async def test_an_answer_that_has_left_has_its_time_to_arrive(self) -> None:
        seen, watch, timers = self.begin()
        seen.saw(sighting("out", RST | ACK, 0, 1001))
        seen.decided(decision(SYN, 1000))
        self.assertEqual(timers.asked, [GRACE])
        timers.run_out()
        self.assertTrue(watch.lost.done())

    async def test_so_has_one_that_leaves_after_the_drop(self) -> None:
        seen, watch, timers = self.begin()
        seen.decided(decision(SYN, 1000))
        seen.saw(sighting("out", RST | ACK, 0, 1001))
        timers.run_out()
        self.assertEqual((timers.asked, watch.lost.done()), ([UNANSWERED_GRACE, GRACE], False))
        timers.run_out()
        self.assertTrue(watch.lost.done())

    async def test_an_answer_that_leaves_as_from_somebody_else_is_none(self) -> None:
        for source, lost in (("198.51.100.20 443", True), ("198.51.100.20 8080", False)):
            seen, watch, timers = self.begin()
            seen.saw(sighting("in", SYN, 1000, at="target"))
            seen.saw(Sighting("target", 0, "eth0", "out", source, "198.51.100.10 40000", SYN | ACK, 5, 1001))
            self.assertEqual(timers.asked, [GRACE] if lost else [])
            if lost:
                timers.run_out()
            self.assertEqual(watch.lost.done(), lost)

    async def test_on_loopback_it_is_compared_with_what_was_asked_before_any_translation(self) -> None:
        seen, watch, timers = self.begin()
        seen.saw(sighting("in", SYN, 1000, port=443))
        seen.saw(Sighting("server", 0, "lo", "out", "198.51.100.20 8080", "198.51.100.10 40000", SYN | ACK, 5, 1001))
        # What the trace tells may be read later than what the tap does.
        seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain="leave"))
        self.assertEqual(timers.asked, [GRACE])
        timers.run_out()
        self.assertFalse(watch.lost.done())
