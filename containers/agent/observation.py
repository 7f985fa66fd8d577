"""Everything seen in the lab, by the probe it belongs to.

A probe is known by its SYN's initial sequence number. Packets that carry it (the SYN, an ICMP error that quotes
it) or acknowledge it (the SYN-ACK, the RST) belong to that probe, in whichever namespace they are seen.
"""

from collections import deque

from .nftrace import Trace
from .packets import ACK, RST, SYN, Tap

KEEP = 20_000


class Observation:
    def __init__(self, namespaces):
        self._namespaces = namespaces
        self._taps, self._traces = [], []
        self.sightings = deque(maxlen=KEEP)
        self.decisions = deque(maxlen=KEEP)
        self.losses = 0
        self._watchers = set()

    def watch(self, name):
        """Starts to look into a namespace: packets and decisions."""
        self._taps.append(Tap(self._namespaces, name, self._saw))
        self._traces.append(Trace(self._namespaces, name, self._decided, self._lost))

    def drain(self):
        """Reads what the kernel has queued, without waiting. Afterwards nothing that happened before the call is missing."""
        for source in (*self._taps, *self._traces):
            source.drain()

    def subscribe(self, callback):
        self._watchers.add(callback)

    def unsubscribe(self, callback):
        self._watchers.discard(callback)

    def initial_sequence(self, at, source, destination):
        """The sequence number of the newest SYN seen leaving `at` between these two sockets, or None."""
        for sighting in reversed(self.sightings):
            if sighting.at == at and sighting.way == "out" and sighting.source == source and sighting.destination == destination:
                if sighting.flags & SYN and not sighting.flags & ACK:
                    return sighting.seq
        return None

    def sightings_of(self, seq):
        answer = (seq + 1) & 0xFFFFFFFF
        for sighting in self.sightings:
            if sighting.icmp is not None:
                if sighting.seq == seq:
                    yield sighting
            elif sighting.flags & ACK and sighting.flags & (SYN | RST):
                if sighting.ack == answer:
                    yield sighting
            elif sighting.seq == seq:
                yield sighting

    def decisions_of(self, seq):
        """(decision, direction) for the probe's first packet and the answer to it."""
        answer = (seq + 1) & 0xFFFFFFFF
        for decision in self.decisions:
            if decision.flags & ACK:
                if decision.ack == answer and decision.flags & (SYN | RST):
                    yield decision, "reply"
            elif decision.seq == seq:
                yield decision, "request"

    def _saw(self, sighting):
        self.sightings.append(sighting)
        self._tell()

    def _decided(self, decision):
        self.decisions.append(decision)
        self._tell()

    def _lost(self, name):
        self.losses += 1

    def _tell(self):
        for watcher in tuple(self._watchers):
            watcher()
