"""Everything seen in the lab, by the connection attempt it belongs to.

An attempt is known by its SYN's initial sequence number. Packets that carry it (the SYN, an ICMP error that quotes
it) or acknowledge it (the SYN-ACK, the RST) belong to that attempt, in whichever namespace they are seen; so does data
that the trace shows, while the attempt is followed.
"""

from __future__ import annotations

import asyncio
import select
import socket
from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .nftrace import Decision, Trace
from .packets import ACK, RST, SYN, Lookup, Sighting, Tap, TcpPacket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .namespaces import Namespaces

KEEP = 4096
# Seconds. A rejected packet is traced as dropped before its sender gets the rejection: an answer on its way wins.
GRACE = 0.02
# A dropped lookup may be one of several: a neighbour that is known already is asked again now and then, and need not answer.
LOOKUP_GRACE = 0.2
OBSERVATION_TABLE, LEAVE, ROUTED_TO_INPUT = "forwardlab", "leave", "routed-to-input"
#  How far into a connection its data is followed, in bytes.
DATA_WINDOW = 1 << 16
WINDOWS = (1 << 32) // DATA_WINDOW


class Track:
    """What is known of one connection attempt."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.attempted = False  # Its SYN was seen to be made, not only what came of it.
        self.sightings: list[Sighting] = []
        self.sources: set[str] = set()  # As the SYN, or the answer, had them somewhere.
        self.decisions: list[tuple[Decision, str]] = []  # with "request", "reply" or "data"
        # Where the SYN met the lab's own chains: the decision's packet says what destination it had there.
        self.passages: list[Decision] = []
        self.answer_seq: int | None = None  # initial sequence number of whoever answers
        self.dropped = False
        self.answered = False  # A SYN-ACK, an RST or an ICMP error was seen.
        self.refused = False  # An RST or an ICMP error was seen: whoever tried hears of it.
        self.unreachable = False  # An ICMP error was seen.
        self._may_have_strayed = False  # `strayed`, when an answer was last seen to leave a place.
        # By place, (source, destination) of the SYN as it came, and (destination, source) of the answers as they left.
        self._came: dict[str, set[tuple[str, str]]] = {}
        self._left: dict[str, set[tuple[str, str]]] = {}
        self.by_lab = False  # A probe of the lab's own made it, or waits for it as the dial of its target.
        self.during_probe = False  # It began while a probe of the lab's own was under way.
        self.listeners: list[Callable[[Track], None]] = []
        self.awaited: Awaited | None = None  # Where it is one of those that somebody waits for.
        self.number, self.address = 0, ""  # Of those, and where it goes.

    def saw(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)
        self.sources.add(sighting.source)
        if sighting.icmp is not None:
            self.unreachable = self.refused = self.answered = True
        elif sighting.flags & (ACK | RST):
            self.answered = True
            self.refused |= bool(sighting.flags & RST)
            if sighting.way == "out":
                ends = sighting.destination, sighting.source
                self._left.setdefault(sighting.at, set()).add(ends)
                if self._may_have_strayed or ends not in self._came.get(sighting.at, ()):
                    self._may_have_strayed = self.strayed()
        elif sighting.way == "in":
            self._came.setdefault(sighting.at, set()).add((sighting.source, sighting.destination))
        self.news()

    def decided(self, decision: Decision, direction: str) -> None:
        self.decisions.append((decision, direction))
        self.dropped |= decision.rule.verdict == "drop"
        self.news()

    def news(self) -> None:
        """Nobody waits for news of an attempt that nothing has stopped: the connection itself tells whoever made it."""
        if self.dropped or self.unreachable or self._may_have_strayed:
            for listener in (*self.listeners, *(self.awaited.heard_by(self) if self.awaited else ())):
                listener(self)

    def strayed(self) -> bool:
        """Have the answers left some place as if from, or for, somebody else than what was asked there? Nobody takes them for answers."""
        return any((asked := self._asked_at(at)) and asked.isdisjoint(ends) for at, ends in self._left.items())

    def _asked_at(self, at: str) -> set[tuple[str, str]]:
        """The source and destination with which it came there; where it was made, before any rule saw it."""
        return self.ends_at(at) or self._came.get(at, set())

    @property
    def lost(self) -> str | None:
        """Which packet was last seen dropped without its sender being told, so that it is sent again; None if there is none."""
        if not self.decisions:
            return None
        latest, direction = self.decisions[-1]
        return direction if latest.rule.verdict == "drop" and (direction == "reply" or not self.refused) else None

    def ends_at(self, at: str) -> set[tuple[str, str]]:
        """The ends (`address port`) of its socket, in the namespace that made the attempt."""
        packets = [each.packet for each in self.passages if each.rule.at == at and each.rule.chain == LEAVE]
        return {(each.source, each.destination) for each in packets if isinstance(each, TcpPacket)}

    def other_end(self) -> tuple[str, str, str] | None:
        """Namespace and ends (there, then here) of the connection that its SYN may have begun at the host that took it for its own."""
        arrived = [each for each in self.passages if each.rule.chain == ROUTED_TO_INPUT]
        packet = arrived[-1].packet if arrived else None
        return (arrived[-1].rule.at, packet.destination, packet.source) if isinstance(packet, TcpPacket) else None

    def carries(self, seq: int, ack: int) -> bool:
        """Is a packet with these numbers data of this connection, in either direction?"""
        forth = (seq - self.seq) & 0xFFFFFFFF
        back = DATA_WINDOW if self.answer_seq is None else (seq - self.answer_seq) & 0xFFFFFFFF
        acknowledged = (ack - self.seq) & 0xFFFFFFFF
        return 0 < forth < DATA_WINDOW or (0 < back < DATA_WINDOW and acknowledged < DATA_WINDOW)

    def as_dict(self) -> dict[str, Any]:
        return {
            "sightings": [sighting.as_dict() for sighting in self.sightings],
            "decisions": [{**decision.as_dict(), "direction": direction} for decision, direction in self.decisions],
            "passages": [{"at": each.rule.at, "chain": each.rule.chain, **_ends(each)} for each in self.passages],
        }


def _ends(decision: Decision) -> dict[str, str]:
    packet = decision.packet
    return {"source": packet.source, "destination": packet.destination} if isinstance(packet, TcpPacket) else {}


class Followed:
    """Attempts whose data counts, found by the numbers that a packet of theirs carries."""

    def __init__(self) -> None:
        self._by_window: dict[int, set[Track]] = {}

    def add(self, track: Track) -> None:
        self._by_window.setdefault(track.seq // DATA_WINDOW, set()).add(track)

    def discard(self, track: Track) -> None:
        window = track.seq // DATA_WINDOW
        tracks = self._by_window.get(window, set())
        tracks.discard(track)
        if not tracks:
            self._by_window.pop(window, None)

    def carrying(self, seq: int, ack: int) -> list[Track]:
        # Data lies within one window after the first number of whoever began: in the number's own window or in the next.
        windows = {(number // DATA_WINDOW - back) % WINDOWS for number in (seq, ack) for back in (0, 1)}
        return [track for window in windows for track in self._by_window.get(window, ()) if track.carries(seq, ack)]


class Dials:
    """Connection attempts from one namespace to one port, from now on: those by which ssh or sshd dials a forward's target."""

    def __init__(self, at: str, port: int, address: str | None) -> None:
        self.at, self.port, self.address = at, port, address
        self.shared = False  # Another probe waited for the same dial at the same time.
        self.on_news: Callable[[Track], None] | None = None
        self._tracks: Callable[[], list[Track]] = list

    @property
    def key(self) -> tuple[str, str]:
        return self.at, str(self.port)

    @property
    def tracks(self) -> list[Track]:
        return self._tracks()

    def watch(self, tracks: Callable[[], list[Track]]) -> None:
        self._tracks = tracks

    def close(self) -> None:
        seen = self.tracks
        self._tracks = lambda: seen

    def of_peer(self, peer: str | None) -> list[Track]:
        """The one by which the service was reached that told this peer (`address port`); all of them where none is known to be."""
        tracks = self.tracks
        return [track for track in tracks if peer in track.sources] or tracks


class Awaited:
    """Attempts from one namespace to one port since the first of those began to wait who wait for one now. Probes wait there by the dozen: each attempt is kept once."""

    def __init__(self) -> None:
        self._waiting: dict[Dials, int] = {}  # with the number of the first attempt that each may take for its own; oldest first
        self._tracks: list[Track] = []  # by number
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def begin(self, dials: Dials) -> None:
        if self._waiting:
            # Whoever waits beside another knows it already.
            dials.shared = next(reversed(self._waiting)).shared = True
        since = self._waiting[dials] = self._next
        dials.watch(lambda: self._since(since, dials.address))

    def end(self, dials: Dials) -> list[Track]:
        """Returns those that nobody waits for any more."""
        dials.close()
        del self._waiting[dials]
        oldest = next(iter(self._waiting.values()), self._next)
        count = self._place(oldest)
        gone, self._tracks = self._tracks[:count], self._tracks[count:]
        for track in gone:
            track.awaited = None
        return gone

    def add(self, track: Track, address: str) -> bool:
        """False: nobody waits for one to this address."""
        if not any(dials.address in (None, address) for dials in self._waiting):
            return False
        track.awaited, track.number, track.address = self, self._next, address
        self._tracks.append(track)
        self._next += 1
        return True

    def remove(self, track: Track) -> None:
        self._tracks.remove(track)
        track.awaited = None

    def heard_by(self, track: Track) -> list[Callable[[Track], None]]:
        return [dials.on_news for dials, since in self._waiting.items() if since <= track.number and dials.address in (None, track.address) and dials.on_news]

    def _since(self, number: int, address: str | None) -> list[Track]:
        tracks = self._tracks[self._place(number) :]
        return tracks if address is None else [track for track in tracks if track.address == address]

    def _place(self, number: int) -> int:
        return bisect_left(self._tracks, number, key=attrgetter("number"))


class Lookups:
    """Dropped ARP and neighbour discovery packets about some addresses, from now on."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = {address: socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in addresses}
        self.dropped: list[tuple[str, Decision]] = []  # with the address that was asked for
        self.on_news: Callable[[], None] | None = None

    def take(self, decision: Decision, lookup: Lookup) -> None:
        for text, packed in self._addresses.items():
            if decision.rule.verdict == "drop" and lookup.asks_for(packed):
                self.dropped.append((text, decision))
                if self.on_news:
                    self.on_news()

    def as_list(self) -> list[dict[str, Any]]:
        return [
            {**decision.as_dict(), "asked": asked, "message": decision.packet.message}
            for asked, decision in self.dropped
            if isinstance(decision.packet, Lookup)
        ]


class Observation:
    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._sources: dict[int, Tap | Trace] = {}  # by descriptor
        self._readable = select.epoll()
        self._waiting: list[asyncio.Future[None]] = []  # Whoever waits until it is drained.
        self._tracks: dict[int, Track] = {}  # initial sequence number -> Track, oldest first
        self._attempts: dict[tuple[str, str, str], Track] = {}  # (namespace, source, destination) of a SYN that was made there
        self._followed = Followed()
        self._awaited: dict[tuple[str, str], Awaited] = {}  # by where they are made, and to which port
        self._lookups: set[Lookups] = set()
        self.losses = 0
        self.probes = 0  # Those under way.
        self.on_attempt: Callable[[Track], None] | None = None  # Told of each attempt whose SYN was seen to be made, and of news of it.

    def watch(self, name: str) -> None:
        """Starts to look into a namespace: packets and decisions."""
        if not self._sources:
            asyncio.get_running_loop().add_reader(self._readable, self.drain)
        for source in (Tap(self._namespaces, name, self.saw), Trace(self._namespaces, name, self.decided, self._lost)):
            self._sources[source.fileno()] = source
            self._readable.register(source, select.EPOLLIN)

    def drain(self) -> None:
        """Reads what the kernel has queued, without waiting. Afterwards nothing that happened before the call is missing."""
        for descriptor, _ in self._readable.poll(0):
            self._sources[descriptor].drain()

    async def drained(self) -> None:
        """As `drain`, once for all who ask for it in one turn of the loop."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._drain_for_all)
        done = loop.create_future()
        self._waiting.append(done)
        await done

    def _drain_for_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self.drain()
        finally:
            for done in waiting:
                if not done.done():
                    done.set_result(None)

    def attempt(self, at: str, source: str, destination: str) -> Track | None:
        """The newest attempt that was made at `at` between these two sockets (`address port`)."""
        return self._attempts.get((at, source, destination))

    def is_probe(self, track: Track) -> None:
        """A probe of the lab's own made this attempt: whoever waits for a dial to the same port from there has not seen one."""
        track.by_lab = True
        if track.awaited:
            track.awaited.remove(track)

    def follow(self, track: Track) -> None:
        """Data of this attempt counts from now on, until `leave`."""
        self._followed.add(track)

    def leave(self, track: Track) -> None:
        if not track.listeners and not track.awaited:
            self._followed.discard(track)

    def add_dials(self, dials: Dials) -> None:
        self._awaited.setdefault(dials.key, Awaited()).begin(dials)

    def remove_dials(self, dials: Dials) -> None:
        awaited = self._awaited[dials.key]
        gone = awaited.end(dials)
        if not awaited:
            del self._awaited[dials.key]
        for track in gone:
            self.leave(track)

    def add_lookups(self, lookups: Lookups) -> None:
        self._lookups.add(lookups)

    def remove_lookups(self, lookups: Lookups) -> None:
        self._lookups.discard(lookups)

    def _track(self, seq: int) -> Track:
        track = self._tracks.get(seq)
        if track is None:
            track = self._tracks[seq] = Track(seq)
            if len(self._tracks) > KEEP:
                self._tracks.pop(next(iter(self._tracks)))
        return track

    def _attempted(self, at: str, source: str, destination: str, seq: int) -> Track:
        """A SYN leaves its host, or is about to."""
        track = self._track(seq)
        # A retransmission of an earlier one is no dial of this probe's.
        new, track.attempted = not track.attempted, True
        self._attempts[at, source, destination] = track
        if len(self._attempts) > KEEP:
            self._attempts.pop(next(iter(self._attempts)))
        if new:
            track.during_probe = self.probes > 0
            address, _, port = destination.rpartition(" ")
            awaited = self._awaited.get((at, port))
            if awaited and awaited.add(track, address):
                track.by_lab = True
                self._followed.add(track)
        return track

    def saw(self, sighting: Sighting) -> None:
        if sighting.icmp is not None:
            track = self._track(sighting.seq)
        elif sighting.flags & ACK:
            track = self._track((sighting.ack - 1) & 0xFFFFFFFF)
            if sighting.flags & SYN:
                track.answer_seq = sighting.seq
        elif sighting.flags & SYN and sighting.way == "out":
            track = self._attempted(sighting.at, sighting.source, sighting.destination, sighting.seq)
        else:
            track = self._track(sighting.seq)
        track.saw(sighting)
        self._told(track)

    def decided(self, decision: Decision) -> None:
        packet = decision.packet
        if isinstance(packet, Lookup):
            for lookups in tuple(self._lookups):
                lookups.take(decision, packet)
            return
        rule = decision.rule
        own = rule.table == OBSERVATION_TABLE
        flags = packet.tcp.flags
        if flags & SYN and not flags & ACK:
            if not own:
                track = self._track(packet.tcp.seq)
                track.decided(decision, "request")
                self._told(track)
                return
            # A SYN that a rule drops on its way out never comes to the tap.
            leaving = rule.chain == LEAVE
            track = self._attempted(rule.at, packet.source, packet.destination, packet.tcp.seq) if leaving else self._track(packet.tcp.seq)
            if rule.verdict == "accept":
                track.passages.append(decision)
            self._told(track)
        elif own:
            return
        elif flags & ACK and flags & (SYN | RST):
            track = self._track((packet.tcp.ack - 1) & 0xFFFFFFFF)
            track.decided(decision, "reply")
            self._told(track)
        else:
            for track in self._followed.carrying(packet.tcp.seq, packet.tcp.ack):
                track.decided(decision, "data")

    def _told(self, track: Track) -> None:
        if self.on_attempt and track.attempted:
            self.on_attempt(track)

    def _lost(self) -> None:
        self.losses += 1
