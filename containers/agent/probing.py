"""One TCP probe from one namespace: connect, ask for the nonce, and tell everything that was seen of it on its way.

A probe ends as soon as its fate is known: connected and answered, refused, or its packets (or, unless it is `patient`,
those of the connection by which ssh or sshd dials the forward's target) dropped by a rule that the trace named. Only where
nothing tells does it wait until its deadline.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from .answer import peer_told
from .client_socket import as_account, as_namespace_root, family_of
from .conversation import Conversation, deadline_of
from .dropped_dials import DroppedDials
from .observation import GRACE, LOOKUP_GRACE, Dials, Lookups, Track
from .tcp_sockets import abort
from .waiting import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cgroups import Cgroups
    from .client_socket import NextHops
    from .namespaces import Namespaces
    from .observation import Observation

# Seconds. A rejecting rule's answer leaves, and is seen, before the rule is traced; it comes later only if it first waits for neighbour discovery.
UNANSWERED_GRACE = 0.005
# struct linger: close(2) sends an RST.
AT_ONCE = struct.pack("ii", 1, 0)
# include/net/tcp_states.h
STANDING = (1, 8)  # TCP_ESTABLISHED, TCP_CLOSE_WAIT
CONNECTING = (2, 3)  # TCP_SYN_SENT, TCP_SYN_RECV


@contextlib.contextmanager
def watching(namespaces: Namespaces, observation: Observation, request: dict[str, Any]) -> Iterator[Watch]:
    """Collects what belongs to one probe, and what its fate may hang on."""
    dial = request.get("dial")
    dials = Dials(dial["at"], dial["port"], dial.get("address")) if dial else None
    lookups = Lookups(request.get("neighbours", ()))
    dial_lookups = Lookups(dial.get("neighbours", ()) if dial else ())
    if dials:
        observation.add_dials(dials)
    observation.add_lookups(lookups)
    observation.add_lookups(dial_lookups)
    observation.probes += 1
    patient, persistent = bool(dial and dial.get("patient")), bool(request.get("persistent"))
    watch = Watch(observation, dials, lookups, dial_lookups, patient=patient, persistent=persistent)
    # A name may have several addresses, and a lookup does not tell which of its dials waits for it.
    dropped = DroppedDials(namespaces, observation, dials, None) if dials and dial and dial.get("giveUp") and not persistent else None
    try:
        yield watch
    finally:
        if dropped:
            dropped.close()
        watch.close()
        observation.probes -= 1
        observation.remove_lookups(lookups)
        observation.remove_lookups(dial_lookups)
        if dials:
            observation.remove_dials(dials)


class Watch:
    """Facts about a probe, and `lost`: a future that settles when nothing more can come of it."""

    def __init__(
        self,
        observation: Observation,
        dials: Dials | None,
        lookups: Lookups,
        dial_lookups: Lookups,
        *,
        patient: bool = False,
        persistent: bool = False,
    ) -> None:
        """
        Starts with nothing seen.

        @param patient: whoever dials tries another address after one whose packets are dropped
        @param persistent: the probe's own packets are sent again, and a later one may come through
        """
        self._observation, self._dials, self._lookups, self._dial_lookups = observation, dials, lookups, dial_lookups
        self._persistent = persistent
        self._patient = patient
        self._losses = observation.losses
        self._track: Track | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lookups.on_news = self._heard_of_lookup
        if dials and not patient:
            dials.on_news = self._heard

    def found(self, track: Track | None) -> None:
        """The probe's own attempt."""
        self._track = track
        if track:
            self._observation.is_probe(track)
            track.listeners.append(self._heard)
            self._observation.follow(track)
            self._heard(track)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._lookups.on_news = None
        if self._track:
            self._track.listeners.remove(self._heard)
            self._observation.leave(self._track)

    @property
    def remains(self) -> tuple[str, str, str] | None:
        """What the other end may hold of the connection, where packets that would end it are lost."""
        track = self._track
        return track.other_end() if track and (track.lost in ("reply", "data") or track.strayed()) else None

    def as_dict(self, *, connected: bool, peer: str | None) -> dict[str, Any]:
        """
        What was read so far.

        @param peer: of the connection that the service of the lab answered, as it told
        """
        own = self._track.as_dict() if self._track else Track(0).as_dict()
        return {
            **own,
            # Nobody dials for who never came in: what was dialled meanwhile belongs to other probes.
            "dials": [track.as_dict() for track in self._dials.of_peer(peer)] if self._dials and connected else [],
            "dialsShared": bool(self._dials and self._dials.shared),
            "neighbours": self._lookups.as_list(),
            "dialNeighbours": self._dial_lookups.as_list(),
            "traceLost": self._observation.losses != self._losses,
        }

    def _heard(self, track: Track) -> None:
        if self._stopped(track):
            unanswered = track is self._track and not track.answered
            self._look_again(UNANSWERED_GRACE if unanswered else GRACE, unanswered)

    def _heard_of_lookup(self) -> None:
        if self._unanswered():
            self._look_again(LOOKUP_GRACE, False)

    def _look_again(self, seconds: float, unanswered: bool) -> None:
        if not self._timer and not self.lost.done():
            self._timer = asyncio.get_running_loop().call_later(seconds, self._decide, unanswered)

    def _decide(self, was_unanswered: bool) -> None:
        self._timer = None
        self._observation.drain()
        if was_unanswered and self._track and self._track.answered:
            self._look_again(GRACE, False)
            return
        dials = self._dials.tracks if self._dials and not self._patient else []
        tracks = [*([self._track] if self._track else []), *dials]
        if not self.lost.done() and (self._unanswered() or any(map(self._stopped, tracks))):
            self.lost.set_result(None)

    def _unanswered(self) -> bool:
        return bool(self._lookups.dropped) and not (self._track and self._track.answered)

    def _stopped(self, track: Track) -> bool:
        # A dial that was refused is the business of whoever dialled: it tries the next address, or closes.
        if track is self._track:
            return not self._persistent and (track.dropped or track.unreachable or track.strayed())
        return track.dropped and not track.refused


class Probe:
    def __init__(self, namespaces: Namespaces, observation: Observation, hops: NextHops, cgroups: Cgroups, request: dict[str, Any]) -> None:
        self._namespaces, self._observation, self._hops, self._request = namespaces, observation, hops, request
        self._cgroups = cgroups
        self._from, self._port = request["from"], request["port"]
        # A link-local address is dialled by one of the host's interfaces: `fe80::10%eth0`.
        self._address, _, self._zone = request["address"].partition("%")

    async def run(self) -> dict[str, Any]:
        started = time.monotonic()
        with watching(self._namespaces, self._observation, self._request) as watch, await self._socket() as connection:
            async with self._route(connection):
                result = {"connect": "pending", "received": "", "end": None, **await self._try(connection, watch)}
            peer = peer_told(base64.b64decode(result["received"]))
            await self._observation.drained()
            result.update(watch.as_dict(connected=result["connect"] == "connected", peer=peer))
            # Left to themselves, both ends would remember the connection for minutes: this one would not let the next probe have its port, and the other one
            # would answer it. With an RST both forget it, unless that is lost, too.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            if watch.remains:
                abort(self._namespaces, *watch.remains)
        return {**result, "ms": round((time.monotonic() - started) * 1000, 1)}

    async def _socket(self) -> socket.socket:
        family, user = family_of(self._address), self._request.get("user")
        if user is None:
            with self._cgroups.of_rest(self._from):
                connection = as_namespace_root(self._namespaces, self._from, family)
        else:
            connection = await as_account(self._namespaces.get(self._from), user, family, self._cgroups.of_account(self._from, user))
        return connection

    def _bind(self, connection: socket.socket) -> int:
        """0 or an errno."""
        source, port = self._request.get("source"), self._request.get("sourcePort", 0)
        if source or port:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                connection.bind((source or ("::" if connection.family == socket.AF_INET6 else "0.0.0.0"), port))
            except OSError as error:
                return error.errno or errno.EIO
        return 0

    def _route(self, connection: socket.socket) -> contextlib.AbstractAsyncContextManager[None]:
        via = self._request.get("via")
        return self._hops.through(self._from, connection, self._address, via) if via else contextlib.nullcontext()

    def _destination(self) -> tuple[str, int] | tuple[str, int, int, int]:
        if not self._zone:
            return self._address, self._port
        with self._namespaces.inside(self._from):
            return self._address, self._port, 0, socket.if_nametoindex(self._zone)

    async def _try(self, connection: socket.socket, watch: Watch) -> dict[str, Any]:
        code: int | None = self._bind(connection) or connection.connect_ex(self._destination())
        if code not in (0, errno.EINPROGRESS):
            return {"connect": name_of(code)}
        local, local_port = connection.getsockname()[:2]
        # The SYN has left within connect(2), so it is among what can be read now.
        await self._observation.drained()
        watch.found(self._observation.attempt(self._from, f"{local} {local_port}", f"{self._address} {self._port}"))
        code = await connected(connection, watch.lost, deadline_of(self._request))
        source = {"source": {"address": local, "port": local_port}}
        # An RST in the handshake is ECONNREFUSED: this one came when it was over (tcp_reset() of linux/net/ipv4/tcp_input.c).
        if code == errno.ECONNRESET:
            return {**source, "connect": "connected", "end": name_of(code)}
        result: dict[str, Any] = {**source, "connect": name_of(code)}
        if code == 0:
            result.update(await Conversation(self._request).hold(connection, watch.lost))
        return result


def name_of(code: int | None) -> str:
    """`connected`, an errno name, or `pending` for None."""
    if code is None:
        return "pending"
    return errno.errorcode.get(code, str(code)) if code else "connected"


async def connected(connection: socket.socket, lost: asyncio.Future[None], deadline: float) -> int | None:
    """0, an errno, or None when the connection still hangs: its packets are lost, or `deadline` seconds have passed."""
    state = state_of(connection)
    # Inside the lab the answer mostly comes within connect(2).
    if state in CONNECTING:
        patience = Patience(deadline, lost)
        try:
            await patience.writable(connection)
        finally:
            patience.close()
        state = state_of(connection)
        if state in CONNECTING:
            return None
    # Where the handshake is done, SO_ERROR may tell an ICMP error that answered what came next: a soft one, with which the
    # connection stands (tcp_v4_err() of linux/net/ipv4/tcp_ipv4.c).
    return 0 if state in STANDING else connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def state_of(connection: socket.socket) -> int:
    """First byte of `struct tcp_info`."""
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
