from __future__ import annotations

import struct
import unittest

from agent.nftrace import TcpPacket, TraceReader, attributes, messages
from agent.packets import Lookup

from .recording import decisions, names, trace


class Decisions(unittest.TestCase):
    def test_a_policy_that_drops(self) -> None:
        drop = decisions("dropped by a policy")[-1]
        self.assertEqual((drop.at, drop.family, drop.table, drop.chain), ("server", "inet", "filter", "input"))
        self.assertEqual((drop.kind, drop.handle, drop.verdict), ("policy", None, "drop"))

    def test_a_rule_of_a_chain_that_was_jumped_to(self) -> None:
        seen = [each for each in decisions("rejected by a rule of a chain that was jumped to") if each.table == "filter"]
        self.assertEqual([(each.chain, each.verdict) for each in seen], [("input", "jump"), ("inner", "drop"), ("input", "accept")])
        jump, drop, answer = (each.packet for each in seen)
        assert isinstance(jump, TcpPacket) and isinstance(drop, TcpPacket) and isinstance(answer, TcpPacket)
        # Between them the kernel traced the RST that the rule sent; each message is told by its packet.
        self.assertEqual(drop, jump)
        self.assertEqual(answer.tcp.ack, jump.tcp.seq + 1)

    def test_destination_nat_shows_in_the_hooks_after_it(self) -> None:
        first = decisions("redirected, then accepted")[0].packet
        assert isinstance(first, TcpPacket)
        requests = [each for each in decisions("redirected, then accepted") if isinstance(each.packet, TcpPacket) and each.packet.tcp.seq == first.tcp.seq]
        destinations = {each.chain: each.as_dict()["destination"] for each in requests}
        self.assertEqual(destinations, {"leave": "127.0.0.1 8080", "output": "127.0.0.1 8080", "arrive": "127.0.0.1 8081", "input": "127.0.0.1 8081"})
        self.assertEqual([(each.kind, each.verdict) for each in requests if each.table == "nat"], [("rule", "accept")])

    def test_neighbour_lookups(self) -> None:
        for event, message in [
            ("ARP request", "solicit"),
            ("ARP reply", "advert"),
            ("neighbour solicitation", "solicit"),
            ("neighbour advertisement", "advert"),
        ]:
            drop = decisions(event)[-1]
            assert isinstance(drop.packet, Lookup)
            self.assertEqual((drop.verdict, drop.packet.message), ("drop", message), event)
            self.assertNotIn("source", drop.as_dict())
        self.assertEqual(decisions("ARP request")[-1].family, "arp")


class Bytes(unittest.TestCase):
    def test_a_message_without_headers_is_read_with_those_that_came_before(self) -> None:
        data = trace("dropped by a policy")
        self.assertEqual(list(TraceReader("server").read(data[-1])), [])

    def test_whatever_is_cut_off_raises_nothing_and_invents_nothing(self) -> None:
        for event in names:
            whole = decisions(event)
            for data in trace(event):
                for length in range(0, len(data), 3):
                    for decision in TraceReader("server").read(data[:length]):
                        self.assertIn(decision.verdict, {each.verdict for each in whole})

    def test_several_messages_in_one_read(self) -> None:
        data = b"".join(trace("dropped by a policy"))
        self.assertEqual(list(TraceReader("server").read(data)), decisions("dropped by a policy"))

    def test_messages_of_another_kind_are_passed_over(self) -> None:
        other = struct.pack("=IHHII", 20, 3, 0, 0, 0) + bytes(4)
        data = trace("dropped by a policy")[0]
        self.assertEqual(list(messages(other + data)), list(messages(data)))

    def test_attributes_without_a_length_end_the_list(self) -> None:
        self.assertEqual(attributes(struct.pack("=HH", 0, 1) + bytes(8)), {})
        self.assertEqual(attributes(struct.pack("=HH4s", 8, 0x8000 | 3, b"abcd")), {3: b"abcd"})
