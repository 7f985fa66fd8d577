"""Aborts dials whose packets the trace has shown to be dropped, which the kernel itself would do minutes later.

The dialling process learns it at once, and does what it would have done then: it tries the target's next address, or tells the visitor. Where the
kernel cannot abort connections of other processes, its own timers end the dial.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .observation import GRACE, LOOKUP_GRACE, Dials, Lookups, Track
from .tcp_sockets import abort

if TYPE_CHECKING:
    from .namespaces import Namespaces
    from .observation import Observation

# Seconds. Rules may count packets within a connection: its data is sent again four times in this time, and all of it must have been dropped.
DATA_PATIENCE = 2.0


class DroppedDials:
    """Aborts the dropped ones among `dials`, from now on until it is closed."""

    def __init__(self, namespaces: Namespaces, observation: Observation, dials: Dials, lookups: Lookups | None) -> None:
        """
        Starts watching.

        @param lookups: neighbour lookups that each of the dials depends on
        """
        self._namespaces, self._observation, self._dials, self._lookups = namespaces, observation, dials, lookups
        self._timers: dict[Track, asyncio.TimerHandle] = {}
        dials.on_news = self._heard
        if lookups:
            lookups.on_news = self._heard_of_lookup

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._dials.on_news = None
        if self._lookups:
            self._lookups.on_news = None

    def _heard(self, track: Track) -> None:
        if track.lost:
            self._look_at(track, DATA_PATIENCE if track.lost == "data" else GRACE)

    def _heard_of_lookup(self) -> None:
        for track in self._dials.tracks:
            self._look_at(track, LOOKUP_GRACE)

    def _look_at(self, track: Track, seconds: float) -> None:
        if track not in self._timers:
            self._timers[track] = asyncio.get_running_loop().call_later(seconds, self._decide, track)

    def _decide(self, track: Track) -> None:
        del self._timers[track]
        self._observation.drain()
        if track.lost or (self._lookups and self._lookups.dropped and not track.answered):
            for source, destination in track.ends_at(self._dials.at):
                abort(self._namespaces, self._dials.at, source, destination)


class LostDials:
    """The same for dials of one target that no probe causes; each request gets a number."""

    def __init__(self, namespaces: Namespaces, observation: Observation) -> None:
        self._namespaces, self._observation = namespaces, observation
        self._looking: dict[int, tuple[DroppedDials, Dials, Lookups]] = {}
        self._next = 1

    def end(self, dial: dict[str, Any]) -> int:
        """Starts watching; returns the number for `leave`."""
        number, self._next = self._next, self._next + 1
        dials, lookups = Dials(dial["at"], dial["port"], dial.get("address")), Lookups(dial.get("neighbours", ()))
        self._observation.add_dials(dials)
        self._observation.add_lookups(lookups)
        self._looking[number] = DroppedDials(self._namespaces, self._observation, dials, lookups if dials.address else None), dials, lookups
        return number

    def leave(self, number: int) -> None:
        dropped, dials, lookups = self._looking.pop(number)
        dropped.close()
        self._observation.remove_lookups(lookups)
        self._observation.remove_dials(dials)
