from __future__ import annotations

import asyncio
import unittest
from typing import Any

from agent import live
from agent.observation import Dials, Observation
from agent.packets import ACK, RST, SYN

from .test_observation import decision, observation, sighting


class Told:
    """What a watcher of attempts hears."""

    def __init__(self, seen: Observation) -> None:
        self.all: list[dict[str, Any]] = []
        self._news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.attempts = live.Attempts(seen, self._take)

    def _take(self, attempts: list[dict[str, Any]]) -> None:
        self.all += attempts
        for each in attempts:
            self._news.put_nowait(each)

    async def next(self) -> dict[str, Any]:
        return await self._news.get()


class SomebodysAttempts(unittest.IsolatedAsyncioTestCase):
    async def test_one_is_told_once_its_outcome_is_known_and_no_retransmission_of_it(self) -> None:
        seen = observation()
        told = Told(seen)
        seen.saw(sighting("out", SYN, 1000))
        seen.saw(sighting("in", RST | ACK, 0, 1001))
        first = await told.next()
        self.assertEqual([each["flags"] for each in first["sightings"]], ["S", "RA"])
        seen.saw(sighting("out", SYN, 1000))
        seen.saw(sighting("out", SYN, 2000))
        seen.saw(sighting("in", SYN | ACK, 77, 2001))
        self.assertEqual((await told.next())["number"], first["number"] + 1)
        told.attempts.close()

    async def test_one_without_an_answer_is_told_as_it_is_and_again_by_its_number_when_it_is_answered(self) -> None:
        seen = observation()
        told = Told(seen)
        seen.saw(sighting("out", SYN, 1000))
        hanging = await told.next()
        self.assertEqual(len(hanging["sightings"]), 1)
        seen.saw(sighting("in", SYN | ACK, 77, 1001))
        answered = await told.next()
        self.assertEqual((answered["number"], len(answered["sightings"])), (hanging["number"], 2))
        told.attempts.close()

    async def test_one_that_a_rule_drops_on_its_way_out(self) -> None:
        seen = observation()
        told = Told(seen)
        seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain="leave"))
        seen.decided(decision(SYN, 1000))
        dropped = await told.next()
        self.assertEqual([each["verdict"] for each in dropped["decisions"]], ["drop"])
        self.assertEqual([each["chain"] for each in dropped["passages"]], ["leave"])
        told.attempts.close()

    async def test_neither_a_probe_nor_the_dial_that_it_waits_for(self) -> None:
        seen, dials = observation(), Dials("server", 8080, None)
        told = Told(seen)
        seen.probes += 1
        seen.saw(sighting("out", SYN, 1, port=43234))
        probe = seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 43234")
        assert probe is not None
        seen.is_probe(probe)
        seen.add_dials(dials)
        seen.saw(sighting("out", SYN, 1000))
        seen.saw(sighting("in", SYN | ACK, 77, 1001))
        seen.remove_dials(dials)
        seen.saw(sighting("out", SYN, 2000, port=22))
        seen.probes -= 1
        seen.saw(sighting("out", SYN, 3000, port=23))
        others = [await told.next(), await told.next()]
        self.assertEqual(
            [(each["sightings"][0]["destination"], each["duringProbe"]) for each in others], [("198.51.100.20 22", True), ("198.51.100.20 23", False)]
        )
        self.assertEqual(len(told.all), 2)
        told.attempts.close()

    async def test_it_remembers_only_so_many(self) -> None:
        seen = observation()
        told = Told(seen)
        for seq in range(live.MOST_ATTEMPTS + 10):
            seen.saw(sighting("out", SYN, seq))
        numbers = [(await told.next())["number"] for _ in range(live.MOST_ATTEMPTS)]
        self.assertEqual(numbers[0], 11)
        told.attempts.close()

    async def test_after_its_end_nothing_is_told(self) -> None:
        seen = observation()
        ended, other = Told(seen), Told(seen)
        seen.saw(sighting("out", SYN, 1000))
        ended.attempts.close()
        self.assertIsNone(seen.on_attempt)
        other.attempts.close()
        seen.saw(sighting("in", RST | ACK, 0, 1001))
        self.assertEqual(ended.all + other.all, [])


if __name__ == "__main__":
    unittest.main()
