from __future__ import annotations

import socket
import struct
import unittest

from agent.bpf import Step, assemble
from agent.packets import ACK, RST, SYN, Lookup, parse_arp, parse_ip, parse_neighbour_discovery, parse_tcp, read_sighting

from .recording import packets


def icmp_error(about: bytes) -> bytes:
    """An ICMP "administratively prohibited" with the first 28 bytes of the packet (RFC 792)."""
    body = struct.pack("!BBHI", 3, 13, 0, 0) + about[:28]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0, socket.inet_aton("203.0.113.1"), socket.inet_aton("127.0.0.1"))
    return header + body


class Sightings(unittest.TestCase):
    def test_a_syn(self) -> None:
        syn = read_sighting(packets("dropped by a policy")[0], "server", 5, "lo", "out")
        assert syn is not None
        self.assertEqual((syn.at, syn.time, syn.interface, syn.way, syn.flags), ("server", 5, "lo", "out", SYN))
        self.assertEqual(syn.destination, "127.0.0.1 9")
        self.assertEqual(syn.as_dict()["flags"], "S")

    def test_an_rst_acknowledges_the_syn(self) -> None:
        seen = [read_sighting(each, "server", 0, "lo", "in") for each in packets("rejected by a rule of a chain that was jumped to")]
        syn, rst = seen[0], seen[-1]
        assert syn is not None and rst is not None
        self.assertEqual(rst.flags, RST | ACK)
        self.assertEqual(rst.ack, syn.seq + 1)
        self.assertEqual((rst.source, rst.destination), (syn.destination, syn.source))

    def test_an_icmp_error_carries_the_sequence_number_of_what_it_is_about(self) -> None:
        packet = packets("dropped by a policy")[0]
        syn, error = read_sighting(packet, "server", 0, "lo", "in"), read_sighting(icmp_error(packet), "server", 0, "lo", "in")
        assert syn is not None and error is not None
        self.assertEqual((error.seq, error.icmp, error.source), (syn.seq, 13, "203.0.113.1"))

    def test_what_is_cut_short_is_nothing(self) -> None:
        packet = packets("dropped by a policy")[0]
        for length in range(28):
            self.assertIsNone(read_sighting(packet[:length], "server", 0, "lo", "in"), length)
        for length in range(8):
            self.assertIsNone(parse_tcp(packet[20 : 20 + length]), length)
        self.assertIsNone(parse_ip(b"\x60" + bytes(38)))
        self.assertIsNone(read_sighting(icmp_error(packet[:10]), "server", 0, "lo", "in"))


class Lookups(unittest.TestCase):
    def test_arp(self) -> None:
        request, reply = (parse_arp(packets(f"ARP {kind}")[0]) for kind in ("request", "reply"))
        assert request is not None and reply is not None
        self.assertEqual((request.message, reply.message), ("solicit", "advert"))
        self.assertTrue(request.asks_for(socket.inet_aton("198.51.100.10")))
        self.assertFalse(request.asks_for(socket.inet_aton("198.51.100.20")))
        self.assertTrue(reply.asks_for(socket.inet_aton("198.51.100.20")))
        self.assertFalse(request.asks_for(socket.inet_pton(socket.AF_INET6, "2001:db8:100::10")))

    def test_arp_of_another_kind_is_none(self) -> None:
        packet = packets("ARP request")[0]
        self.assertIsNone(parse_arp(packet[:27]))
        self.assertIsNone(parse_arp(packet[:7] + b"\x03" + packet[8:]))
        self.assertIsNone(parse_arp(b"\x00\x06" + packet[2:]))

    def parse(self, event: str) -> Lookup:
        packet = packets(event)[0]
        lookup = parse_neighbour_discovery(packet[:40], packet[40:60])
        assert lookup is not None
        return lookup

    def test_a_solicitation_to_many_leaves_one_byte_open(self) -> None:
        lookup = self.parse("neighbour solicitation")
        address = socket.inet_pton(socket.AF_INET6, "2001:db8:100::10")
        self.assertTrue(lookup.asks_for(address))
        self.assertFalse(lookup.asks_for(socket.inet_pton(socket.AF_INET6, "2001:db8:100::11")))
        self.assertFalse(lookup.asks_for(socket.inet_pton(socket.AF_INET6, "2001:db8:101::10")))
        self.assertEqual([at for at, mask in enumerate(lookup.known) if not mask], [12])

    def test_to_one_address_and_its_answer(self) -> None:
        asked = self.parse("neighbour solicitation to the address itself")
        self.assertEqual((asked.message, asked.asked), ("solicit", socket.inet_pton(socket.AF_INET6, "2001:db8:100::10")))
        told = self.parse("neighbour advertisement")
        self.assertEqual((told.message, told.asked), ("advert", socket.inet_pton(socket.AF_INET6, "2001:db8:100::20")))

    def test_another_icmpv6_message_is_none(self) -> None:
        packet = packets("neighbour solicitation")[0]
        self.assertIsNone(parse_neighbour_discovery(packet[:40], b"\x86" + packet[41:60]))
        self.assertIsNone(parse_neighbour_discovery(packet[:40], packet[40:59]))


class Filters(unittest.TestCase):
    def test_jumps_count_instructions_not_labels(self) -> None:
        code = assemble([Step("ldb", 9), Step("jeq", 6, "yes", "no"), Step("no:"), Step("ret", 0), Step("yes:"), Step("ret", 1)])
        self.assertEqual(
            [struct.unpack_from("HBBI", code, at) for at in range(0, len(code), 8)], [(0x30, 0, 0, 9), (0x15, 1, 0, 6), (6, 0, 0, 0), (6, 0, 0, 1)]
        )
