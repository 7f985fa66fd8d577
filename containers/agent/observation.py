"""Everything seen in the lab, by the probe it belongs to.

A probe is known by its SYN's initial sequence number. Packets that carry it (the SYN, an ICMP error that quotes
it) or acknowledge it (the SYN-ACK, the RST) belong to that probe, in whichever namespace they are seen.
"""

from .nftrace import Trace
from .packets import ACK, RST, SYN, Tap

KEEP = 4096


class Track:
    """What is known of one connection attempt."""

    def __init__(self):
        self.sightings = []
        self.decisions = []  # (decision, "request" or "reply")
        self.on_news = None

    def news(self):
        if self.on_news:
            self.on_news()


class Observation:
    def __init__(self, namespaces):
        self._namespaces = namespaces
        self._taps, self._traces = [], []
        self._tracks = {}  # initial sequence number -> Track, oldest first
        self._attempts = {}  # (namespace, source, destination) of a SYN that left there -> initial sequence number
        self.losses = 0

    def watch(self, name):
        """Starts to look into a namespace: packets and decisions."""
        self._taps.append(Tap(self._namespaces, name, self._saw))
        self._traces.append(Trace(self._namespaces, name, self._decided, self._lost))

    def drain(self):
        """Reads what the kernel has queued, without waiting. Afterwards nothing that happened before the call is missing."""
        for source in (*self._taps, *self._traces):
            source.drain()

    def attempt(self, at, source, destination):
        """(initial sequence number, Track) of the newest SYN that left `at` between these two sockets, or None."""
        seq = self._attempts.get((at, source, destination))
        return None if seq is None else (seq, self._track(seq))

    def _track(self, seq):
        track = self._tracks.get(seq)
        if track is None:
            track = self._tracks[seq] = Track()
            if len(self._tracks) > KEEP:
                self._tracks.pop(next(iter(self._tracks)))
        return track

    def _saw(self, sighting):
        answer = sighting.icmp is None and sighting.flags & ACK
        seq = (sighting.ack - 1) & 0xFFFFFFFF if answer else sighting.seq
        if sighting.way == "out" and sighting.flags & SYN and not sighting.flags & ACK:
            self._attempts[sighting.at, sighting.source, sighting.destination] = seq
            if len(self._attempts) > KEEP:
                self._attempts.pop(next(iter(self._attempts)))
        track = self._track(seq)
        track.sightings.append(sighting)
        track.news()

    def _decided(self, decision):
        if decision.flags & ACK and decision.flags & (SYN | RST):
            seq, direction = (decision.ack - 1) & 0xFFFFFFFF, "reply"
        else:
            seq, direction = decision.seq, "request"
        track = self._track(seq)
        track.decisions.append((decision, direction))
        track.news()

    def _lost(self, name):
        self.losses += 1
