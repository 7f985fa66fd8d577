from __future__ import annotations

import asyncio
import socket
import unittest
from typing import cast
from unittest import mock

from agent import dropped_dials
from agent.dropped_dials import DATA_PATIENCE, LostDials
from agent.namespaces import Namespaces
from agent.nftrace import Decision, Rule
from agent.observation import GRACE, LOOKUP_GRACE, Observation
from agent.packets import ACK, RST, SYN, Lookup

from .test_observation import decision, observation, sighting
from .test_probing import Timers

ENDS = ("server", "198.51.100.10 40000", "198.51.100.20 8080")


def left(seen: Observation) -> None:
    seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain="leave"))


class Lost(unittest.IsolatedAsyncioTestCase):
    def begin(self, **more: object) -> tuple[Observation, Timers, mock.Mock]:
        seen, timers, abort = observation(), Timers(), mock.Mock()
        self.enterContext(mock.patch.object(asyncio.get_running_loop(), "call_later", timers.call_later))
        self.enterContext(mock.patch.object(dropped_dials, "abort", abort))
        dials = LostDials(cast(Namespaces, None), seen)
        number = dials.end({"at": "server", "port": 8080, **more})
        self.addCleanup(dials.leave, number)
        left(seen)
        return seen, timers, abort

    def ended(self, abort: mock.Mock) -> list[tuple[str, str, str]]:
        return [call.args[1:] for call in abort.call_args_list]

    async def test_a_dropped_dial_is_ended_by_the_ends_of_its_own_socket(self) -> None:
        seen, timers, abort = self.begin()
        self.assertEqual(timers.asked, [])
        seen.saw(sighting("out", SYN, 1000, port=9090))  # As a rule has translated it.
        seen.decided(decision(SYN, 1000))
        self.assertEqual((timers.asked, self.ended(abort)), ([GRACE], []))
        timers.run_out()
        self.assertEqual(self.ended(abort), [ENDS])

    async def test_so_is_one_whose_answer_is_dropped(self) -> None:
        for flags in (SYN | ACK, RST | ACK):
            seen, timers, abort = self.begin()
            seen.saw(sighting("out", flags, 0, 1001))
            seen.decided(decision(flags, 0, 1001))
            timers.run_out()
            self.assertEqual(self.ended(abort), [ENDS], flags)

    async def test_one_that_is_refused_or_comes_through_after_all_is_not(self) -> None:
        for answer in (RST, SYN):
            seen, timers, abort = self.begin()
            seen.decided(decision(SYN, 1000))
            if answer == RST:
                seen.saw(sighting("in", RST | ACK, 0, 1001))
            else:
                seen.decided(decision(SYN, 1000, verdict="accept"))
            timers.run_out()
            self.assertEqual((timers.asked, self.ended(abort)), ([GRACE], []), answer)

    async def test_data_is_sent_again_for_a_while(self) -> None:
        for last, ended in (("drop", [ENDS]), ("accept", [])):
            seen, timers, abort = self.begin()
            seen.saw(sighting("in", SYN | ACK, 9_000_000, 1001))
            seen.decided(decision(ACK, 1001, 9_000_001))
            seen.decided(decision(ACK, 1001, 9_000_001, verdict=last))
            self.assertEqual(timers.asked, [DATA_PATIENCE])
            timers.run_out()
            self.assertEqual(self.ended(abort), ended, last)

    async def test_one_whose_neighbour_is_not_found_is_ended_if_it_has_one_address(self) -> None:
        lookup = Decision(
            Rule("server", "inet", "filter", "input", "policy", None, "drop"),
            Lookup("advert", socket.inet_pton(socket.AF_INET, "198.51.100.20"), bytes([255] * 4)),
        )
        for address, ended in (({"address": "198.51.100.20"}, [ENDS]), ({}, [])):
            seen, timers, abort = self.begin(neighbours=["198.51.100.20"], **address)
            seen.decided(lookup)
            self.assertEqual(timers.asked, [LOOKUP_GRACE] if ended else [])
            if ended:
                timers.run_out()
            self.assertEqual(self.ended(abort), ended)

    async def test_dials_before_and_elsewhere_are_left_alone(self) -> None:
        seen, timers, abort = observation(), Timers(), mock.Mock()
        self.enterContext(mock.patch.object(asyncio.get_running_loop(), "call_later", timers.call_later))
        left(seen)
        dials = LostDials(cast(Namespaces, None), seen)
        for other in (dials.end({"at": "server", "port": 8080}), dials.end({"at": "home", "port": 8080}), dials.end({"at": "server", "port": 80})):
            seen.decided(decision(SYN, 1000))
            dials.leave(other)
        self.assertEqual((timers.asked, self.ended(abort)), ([], []))


if __name__ == "__main__":
    unittest.main()
