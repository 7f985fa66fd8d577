from __future__ import annotations

import unittest
from typing import cast

from agent.answer import answer_line, peer_told
from agent.namespaces import Namespaces
from agent.nftrace import Decision, Rule
from agent.observation import Dials, Lookups, Observation
from agent.packets import ACK, RST, SYN, Lookup, Sighting, Tcp, TcpPacket

from .recording import decisions

PSH = 0x08


def observation() -> Observation:
    return Observation(cast(Namespaces, None))  # Only `watch` needs namespaces.


def sighting(way: str, flags: int, seq: int, ack: int = 0, *, at: str = "server", port: int = 8080) -> Sighting:
    return Sighting(at, 0, "eth0", way, "198.51.100.10 40000", f"198.51.100.20 {port}", flags, seq, ack)


def decision(flags: int, seq: int, ack: int = 0, *, verdict: str = "drop", table: str = "filter", chain: str = "output") -> Decision:
    packet = TcpPacket("198.51.100.10 40000", "198.51.100.20 8080", Tcp(40000, 8080, seq, ack, flags))
    return Decision(Rule("server", "inet", table, chain, "policy", None, verdict), packet)


class Attempts(unittest.TestCase):
    def test_a_syn_that_a_rule_drops_on_its_way_out_is_known_by_its_trace(self) -> None:
        seen = observation()
        seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain="leave"))
        seen.decided(decision(SYN, 1000))
        track = seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 8080")
        assert track is not None
        self.assertTrue(track.dropped)
        self.assertFalse(track.answered)
        self.assertEqual([each["direction"] for each in track.as_dict()["decisions"]], ["request"])

    def test_answers_belong_to_the_syn_that_they_acknowledge(self) -> None:
        seen = observation()
        seen.saw(sighting("out", SYN, 0xFFFFFFFF))
        seen.saw(sighting("in", SYN | ACK, 77, 0))
        seen.decided(decision(RST | ACK, 0, 0))
        seen.saw(sighting("in", SYN | ACK, 78, 5))
        track = seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 8080")
        assert track is not None
        self.assertEqual(len(track.sightings), 2)
        self.assertEqual([direction for _, direction in track.decisions], ["reply"])

    def test_the_other_end_is_where_a_host_takes_its_syn_for_its_own(self) -> None:
        for chain, expected in (("routed-to-input", ("server", "198.51.100.20 8080", "198.51.100.10 40000")), ("passed-prerouting", None)):
            seen = observation()
            seen.saw(sighting("out", SYN, 1000, at="client"))
            seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain=chain))
            track = seen.attempt("client", "198.51.100.10 40000", "198.51.100.20 8080")
            assert track is not None
            self.assertEqual(track.other_end(), expected)

    def test_data_is_found_wherever_its_numbers_wrap(self) -> None:
        for first in (0, 65_535, 65_536, 0xFFFFFFFF):
            seen = observation()
            seen.saw(sighting("out", SYN, first))
            seen.saw(sighting("in", SYN | ACK, 5_000_000, (first + 1) & 0xFFFFFFFF))
            track = seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 8080")
            assert track is not None
            seen.follow(track)
            for sent in (1, 65_535):
                seen.decided(decision(PSH | ACK, (first + sent) & 0xFFFFFFFF, 5_000_001))
                seen.decided(decision(PSH | ACK, 5_000_001, (first + sent) & 0xFFFFFFFF))
            seen.decided(decision(PSH | ACK, (first + 65_536) & 0xFFFFFFFF, 5_000_001))
            self.assertEqual(len(track.decisions), 4, first)

    def test_data_counts_while_the_attempt_is_followed_in_either_direction(self) -> None:
        seen = observation()
        seen.saw(sighting("out", SYN, 1000))
        seen.saw(sighting("in", SYN | ACK, 9_000_000, 1001))
        track = seen.attempt("server", "198.51.100.10 40000", "198.51.100.20 8080")
        assert track is not None
        seen.decided(decision(PSH | ACK, 1001, 9_000_001))
        self.assertEqual(track.decisions, [])
        seen.follow(track)
        seen.decided(decision(PSH | ACK, 1001, 9_000_001))
        seen.decided(decision(PSH | ACK, 9_000_001, 1036))
        seen.decided(decision(PSH | ACK, 50_000_000, 9_000_001))
        self.assertEqual([direction for _, direction in track.decisions], ["data", "data"])
        seen.leave(track)
        seen.decided(decision(PSH | ACK, 1001, 9_000_001))
        self.assertEqual(len(track.decisions), 2)


class DialsOfATarget(unittest.TestCase):
    def test_those_that_begin_while_it_is_watched_even_when_their_end_is_seen_first(self) -> None:
        seen, dials = observation(), Dials("server", 8080, None)
        seen.saw(sighting("out", SYN, 1))
        seen.add_dials(dials)
        seen.saw(sighting("out", SYN, 1))  # A retransmission.
        seen.saw(sighting("in", RST | ACK, 0, 1001))
        seen.decided(decision(SYN, 1000, verdict="accept", table="forwardlab", chain="leave"))
        seen.saw(sighting("out", SYN, 2000, port=8081))
        seen.saw(sighting("out", SYN, 3000, at="home"))
        self.assertEqual([track.seq for track in dials.tracks], [1000])
        self.assertTrue(dials.tracks[0].refused)
        seen.remove_dials(dials)
        seen.saw(sighting("out", SYN, 4000))
        self.assertEqual(len(dials.tracks), 1)

    def test_of_one_address_where_it_is_stated(self) -> None:
        seen, dials = observation(), Dials("server", 8080, "198.51.100.21")
        seen.add_dials(dials)
        seen.saw(sighting("out", SYN, 1))
        self.assertEqual(dials.tracks, [])

    def test_the_one_that_came_to_the_service_is_known_by_the_peer_that_it_told(self) -> None:
        seen, dials = observation(), Dials("server", 8080, None)
        seen.add_dials(dials)
        seen.saw(sighting("out", SYN, 1))
        seen.saw(Sighting("server", 0, "eth0", "out", "198.51.100.10 40001", "198.51.100.20 8080", SYN, 2, 0))
        self.assertEqual([track.seq for track in dials.of_peer("198.51.100.10 40001")], [2])
        self.assertEqual([track.seq for track in dials.of_peer(peer_told(answer_line("web", "n", "198.51.100.10:40000")))], [1])
        for nobody in (peer_told(b"SSH-2.0-OpenSSH"), "198.51.100.10 40002"):
            self.assertEqual([track.seq for track in dials.of_peer(nobody)], [1, 2])

    def test_one_that_another_probe_waits_for_is_still_followed(self) -> None:
        seen, one, other = observation(), Dials("server", 8080, None), Dials("server", 8080, None)
        seen.add_dials(one)
        seen.add_dials(other)
        seen.saw(sighting("out", SYN, 1000))
        seen.remove_dials(one)
        seen.decided(decision(PSH | ACK, 1001, 9_000_001))
        self.assertEqual([direction for _, direction in other.tracks[0].decisions], ["data"])
        seen.remove_dials(other)
        seen.decided(decision(PSH | ACK, 1001, 9_000_001))
        self.assertEqual(len(other.tracks[0].decisions), 1)

    def test_each_probe_has_those_since_it_waits_and_hears_of_no_other(self) -> None:
        seen = observation()
        early, late, elsewhere = Dials("server", 8080, None), Dials("server", 8080, None), Dials("server", 8080, "198.51.100.21")
        heard: list[tuple[str, int]] = []
        for name, dials in (("early", early), ("late", late), ("elsewhere", elsewhere)):
            dials.on_news = lambda track, name=name: heard.append((name, track.seq))
        seen.add_dials(early)
        seen.saw(sighting("out", SYN, 1000))
        seen.add_dials(late)
        seen.add_dials(elsewhere)
        seen.saw(sighting("out", SYN, 2000))
        seen.decided(decision(SYN, 1000))
        seen.decided(decision(SYN, 2000))
        self.assertEqual(heard, [("early", 1000), ("early", 2000), ("late", 2000)])
        seen.remove_dials(early)
        seen.saw(sighting("out", SYN, 3000))
        self.assertEqual([[track.seq for track in each.tracks] for each in (early, late, elsewhere)], [[1000, 2000], [2000, 3000], []])

    def test_two_probes_that_wait_for_the_same_dial_know_it(self) -> None:
        seen = observation()
        one, other, third = Dials("server", 8080, None), Dials("server", 8080, None), Dials("server", 8081, None)
        for dials in (one, other, third):
            seen.add_dials(dials)
        self.assertEqual([one.shared, other.shared, third.shared], [True, True, False])
        seen.remove_dials(one)
        alone = Dials("server", 8081, None)
        seen.remove_dials(third)
        seen.add_dials(alone)
        self.assertFalse(alone.shared)


class DroppedLookups(unittest.TestCase):
    def test_only_dropped_ones_about_the_addresses_in_question(self) -> None:
        seen, lookups = observation(), Lookups(["198.51.100.10", "2001:db8:100::10"])
        news = []
        lookups.on_news = lambda: news.append(1)
        seen.add_lookups(lookups)
        for event in ("ARP request", "ARP reply", "neighbour solicitation"):
            for each in decisions(event):
                seen.decided(each)
        self.assertEqual([(asked, each.rule.chain) for asked, each in lookups.dropped], [("198.51.100.10", "input"), ("2001:db8:100::10", "input")])
        self.assertEqual(len(news), 2)
        self.assertEqual([each["message"] for each in lookups.as_list()], ["solicit", "solicit"])
        seen.remove_lookups(lookups)
        for each in decisions("ARP request"):
            seen.decided(each)
        self.assertEqual(len(lookups.dropped), 2)

    def test_a_lookup_with_a_gap_matches_whatever_stands_there(self) -> None:
        lookup = Lookup("solicit", b"\x01\x02", b"\xff\x00")
        self.assertTrue(lookup.asks_for(b"\x01\x09"))
        self.assertFalse(lookup.asks_for(b"\x02\x02"))
