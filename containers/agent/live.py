"""What happens in a lab in which a person works: connection attempts that are none of the lab's own, and TCP listeners.

Attempts are told by what is observed anyway. That a socket has begun to listen the kernel tells nobody: while somebody
watches, and only then, each host is asked again and again, on a socket that stays open for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any

from . import netlink
from .listeners import listeners
from .tcp_sockets import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .namespaces import Namespaces
    from .observation import Observation, Track
    from .protocol import Channel

# Seconds. As for a probe, an answer that is on its way wins over the rule that was traced before it.
GRACE = 0.02
# How long an attempt without any answer is waited for before it is told as it is.
PATIENCE = 0.3
LOOK_AGAIN = 0.3
MOST_ATTEMPTS = 1024


class Attempts:
    """Tells each attempt once its outcome is known, or after a while without; again, with the same number, when that has changed."""

    def __init__(self, observation: Observation, tell: Callable[[list[dict[str, Any]]], None]) -> None:
        self._observation, self._tell = observation, tell
        self._numbers: dict[Track, int] = {}  # oldest first
        self._told: dict[Track, tuple[bool, ...]] = {}
        self._timers: dict[Track, asyncio.TimerHandle] = {}
        self._next = 1
        observation.on_attempt = self._heard

    def close(self) -> None:
        self._observation.on_attempt = None
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _heard(self, track: Track) -> None:
        if track.by_lab:
            return
        if track not in self._numbers:
            self._numbers[track], self._next = self._next, self._next + 1
            self._forget()
            self._look_at(track, PATIENCE)
        if _known(track) and _outcome(track) != self._told.get(track):
            self._look_at(track, GRACE)

    def _look_at(self, track: Track, seconds: float) -> None:
        loop, timer = asyncio.get_running_loop(), self._timers.get(track)
        if timer and timer.when() <= loop.time() + seconds:
            return
        if timer:
            timer.cancel()
        self._timers[track] = loop.call_later(seconds, self._tell_of, track)

    def _tell_of(self, track: Track) -> None:
        self._observation.drain()
        self._timers.pop(track, None)
        outcome = _outcome(track)
        # Whoever made it was known to be the lab only after its SYN was seen.
        if track.by_lab or outcome == self._told.get(track):
            return
        self._told[track] = outcome
        self._tell([{"number": self._numbers[track], "duringProbe": track.during_probe, **track.as_dict()}])

    def _forget(self) -> None:
        if len(self._numbers) > MOST_ATTEMPTS:
            oldest = next(iter(self._numbers))
            del self._numbers[oldest]
            self._told.pop(oldest, None)
            timer = self._timers.pop(oldest, None)
            if timer:
                timer.cancel()


def _known(track: Track) -> bool:
    return track.answered or track.dropped


def _outcome(track: Track) -> tuple[bool, ...]:
    return track.answered, track.refused, track.unreachable, track.dropped


class ListenerLook:
    """All TCP listeners of some hosts, told whenever they have changed."""

    def __init__(self, namespaces: Namespaces, hosts: Iterable[str], tell: Callable[[list[dict[str, Any]]], None]) -> None:
        self._namespaces, self._hosts, self._tell = namespaces, list(hosts), tell
        self._sockets: dict[str, socket.socket] = {}
        for name in self._hosts:
            with namespaces.inside(name):
                self._sockets[name] = netlink.opened(netlink.SOCK_DIAG)
        self._seen: dict[str, set[int]] | None = None
        self._work = asyncio.create_task(self._look())

    async def close(self) -> None:
        self._work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._work
        for kernel in self._sockets.values():
            kernel.close()

    async def _look(self) -> None:
        while True:
            now = {name: {each.inode for each in listening(kernel)} for name, kernel in self._sockets.items()}
            if now != self._seen:
                self._seen = now
                self._tell([self._described(name, each) for name in self._hosts for each in listeners(self._namespaces, name)])
            await asyncio.sleep(LOOK_AGAIN)

    @staticmethod
    def _described(host: str, found: dict[str, Any]) -> dict[str, Any]:
        own = os.getpid() in found["pids"]
        return {"host": host, "address": found["address"], "port": found["port"], "process": found["process"], "own": own}


class LiveWatch:
    def __init__(self, namespaces: Namespaces, observation: Observation, channel: Channel) -> None:
        self._namespaces, self._observation, self._channel = namespaces, observation, channel
        self._attempts: Attempts | None = None
        self._listeners: ListenerLook | None = None

    async def start(self, hosts: Iterable[str]) -> None:
        await self.stop()
        self._attempts = Attempts(self._observation, lambda attempts: self._channel.event("attempts", attempts=attempts))
        self._listeners = ListenerLook(self._namespaces, hosts, lambda found: self._channel.event("listeners", listeners=found))

    async def stop(self) -> None:
        if self._attempts:
            self._attempts.close()
        if self._listeners:
            await self._listeners.close()
        self._attempts = self._listeners = None
