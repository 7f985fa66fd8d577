from __future__ import annotations

import contextlib
import socket
import struct
import unittest

from agent.bpf import attach
from agent.netlink import request
from agent.nftrace import TELLING, Decision, TraceReader
from agent.packets import ACK, SYN, Lookup, TcpPacket

from .recording import decisions, names, trace


class Decisions(unittest.TestCase):
    def test_a_policy_that_drops(self) -> None:
        drop = decisions("dropped by a policy")[-1]
        self.assertEqual((drop.rule.at, drop.rule.family, drop.rule.table, drop.rule.chain), ("server", "inet", "filter", "input"))
        self.assertEqual((drop.rule.kind, drop.rule.handle, drop.rule.verdict), ("policy", None, "drop"))

    def test_a_rule_of_a_chain_that_was_jumped_to(self) -> None:
        seen = [each for each in decisions("rejected by a rule of a chain that was jumped to") if each.rule.table == "filter"]
        self.assertEqual([(each.rule.chain, each.rule.verdict) for each in seen], [("input", "jump"), ("inner", "drop"), ("input", "accept")])
        jump, drop, answer = (each.packet for each in seen)
        assert isinstance(jump, TcpPacket) and isinstance(drop, TcpPacket) and isinstance(answer, TcpPacket)
        # Between them the kernel traced the RST that the rule sent; each message is told by its packet.
        self.assertEqual(drop, jump)
        self.assertEqual(answer.tcp.ack, jump.tcp.seq + 1)

    def test_destination_nat_shows_in_the_hooks_after_it(self) -> None:
        first = decisions("redirected, then accepted")[0].packet
        assert isinstance(first, TcpPacket)
        requests = [each for each in decisions("redirected, then accepted") if isinstance(each.packet, TcpPacket) and each.packet.tcp.seq == first.tcp.seq]
        destinations = {each.rule.chain: each.as_dict()["destination"] for each in requests}
        before, after = "127.0.0.1 8080", "127.0.0.1 8081"
        first_hook = {"leave": before, "output": before, "passed-output": after}
        self.assertEqual(destinations, {**first_hook, "arrive": after, "passed-prerouting": after, "input": after})
        self.assertEqual([(each.rule.kind, each.rule.verdict) for each in requests if each.rule.table == "nat"], [("rule", "accept")])

    def test_neighbour_lookups(self) -> None:
        for event, message in [
            ("ARP request", "solicit"),
            ("ARP reply", "advert"),
            ("neighbour solicitation", "solicit"),
            ("neighbour advertisement", "advert"),
        ]:
            drop = decisions(event)[-1]
            assert isinstance(drop.packet, Lookup)
            self.assertEqual((drop.rule.verdict, drop.packet.message), ("drop", message), event)
            self.assertNotIn("source", drop.as_dict())
        self.assertEqual(decisions("ARP request")[-1].rule.family, "arp")


class Filter(unittest.TestCase):
    """What the kernel lets through of the messages."""

    def test_of_the_labs_own_table_only_that_a_syn_leaves_and_has_passed(self) -> None:
        for event in names:
            for decision in self._let_through(event):
                packet = decision.packet
                if decision.rule.table == "forwardlab":
                    assert isinstance(packet, TcpPacket)
                    self.assertEqual(packet.tcp.flags & (SYN | ACK), SYN, event)
                    self.assertIn(decision.rule.chain, ("leave", "passed-prerouting", "passed-output", "ingress-eth0"))
        own = [each.rule.chain for each in self._let_through("redirected, then accepted") if each.rule.table == "forwardlab"]
        self.assertEqual(own, ["leave", "passed-output", "passed-prerouting"])

    def test_of_the_users_rules_everything(self) -> None:
        for event in names:
            theirs = [each for each in decisions(event) if each.rule.table != "forwardlab"]
            self.assertEqual([each for each in self._let_through(event) if each.rule.table != "forwardlab"], theirs, event)
            self.assertGreater(len(theirs), 0)

    def _let_through(self, event: str) -> list[Decision]:
        reader = TraceReader("server")
        kernel, agent = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with kernel, agent:
            agent.setblocking(False)
            attach(agent, TELLING)
            for data in trace(event):
                # A Unix socket refuses with EPERM what the receiver's filter drops.
                with contextlib.suppress(PermissionError):
                    kernel.send(data)
            found: list[Decision] = []
            with contextlib.suppress(BlockingIOError):
                while data := agent.recv(65536):
                    found += reader.read(data)
            return found


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
                        self.assertIn(decision.rule.verdict, {each.rule.verdict for each in whole})

    def test_several_messages_in_one_read(self) -> None:
        data, reader = b"".join(trace("dropped by a policy")), TraceReader("server")
        for _ in range(2):
            self.assertEqual(reader.read(data), decisions("dropped by a policy"))

    def test_a_rule_that_was_met_before_is_told_of_as_the_first_time(self) -> None:
        reader = TraceReader("server")
        for event in (*names, *names):
            self.assertEqual([each for data in trace(event) for each in reader.read(data)], decisions(event), event)

    def test_messages_of_one_length_about_different_rules_and_packets_are_told_apart(self) -> None:
        reader, first = TraceReader("server"), trace("dropped by a policy")[0]
        (whole,) = reader.read(first)
        assert isinstance(whole.packet, TcpPacket)
        chain, port = first.index(b"leave\0"), first.rindex(struct.pack("!H", 9))
        (other,) = reader.read(first[:chain] + b"leavy\0" + first[chain + 6 :])
        self.assertEqual((other.rule, other.packet), (whole.rule._replace(chain="leavy"), whole.packet))
        (moved,) = reader.read(first[:port] + struct.pack("!H", 10) + first[port + 2 :])
        self.assertEqual((moved.rule, moved.as_dict()["destination"]), (whole.rule, "127.0.0.1 10"))

    def test_messages_of_another_kind_are_passed_over(self) -> None:
        whole = b"".join(trace("dropped by a policy"))
        self.assertEqual(TraceReader("server").read(request(3, 0, bytes(4)) + whole), decisions("dropped by a policy"))
