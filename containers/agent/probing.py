"""One TCP probe from one namespace: connect, ask for the nonce, and tell everything that was seen of it on its way.

A probe ends as soon as its fate is known: connected and answered, refused, or dropped by a rule that the trace
named. Only where nothing tells does it wait until its deadline.
"""

import asyncio
import base64
import errno
import socket
import time

MOST = 4096


class Probe:
    def __init__(self, namespaces, observation, request):
        self._namespaces, self._observation = namespaces, observation
        self._from, self._address, self._port = request["from"], request["address"], request["port"]
        self._conversation = Conversation(request)
        self._deadline = deadline_of(request)
        self._source_port = request.get("sourcePort")
        self._track = None
        self._local = None

    async def run(self):
        started = time.monotonic()
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        with self._namespaces.inside(self._from):
            connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        result = {"connect": "pending", "received": "", "end": None}
        try:
            if self._source_port:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                connection.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", self._source_port))
            code = connection.connect_ex((self._address, self._port))
            if code == 0 or code == errno.EINPROGRESS:
                self._local = connection.getsockname()
                result["source"] = {"address": self._local[0], "port": self._local[1]}
                code = await self._connected_or_lost(connection)
            result["connect"] = "connected" if code == 0 else errno.errorcode.get(code, str(code)) if code is not None else "pending"
            if code == 0:
                result.update(await self._conversation.hold(connection))
        finally:
            connection.close()
        self._observation.drain()
        track = self._find_track()
        result["sightings"] = [s.as_dict() for s in track.sightings] if track else []
        result["decisions"] = [{**d.as_dict(), "direction": way} for d, way in track.decisions] if track else []
        result["ms"] = round((time.monotonic() - started) * 1000, 1)
        return result

    def _find_track(self):
        if self._track is None and self._local:
            found = self._observation.attempt(self._from, f"{self._local[0]} {self._local[1]}", f"{self._address} {self._port}")
            if found:
                self._track = found[1]
        return self._track

    def _fate_known(self, track):
        """A rule dropped the packet, or an ICMP error about it is back (TCP over IPv6 may ignore the first one)."""
        return any(d.verdict == "drop" for d, _ in track.decisions) or any(
            s.icmp is not None and s.at == self._from and s.way == "in" for s in track.sightings
        )

    async def _connected_or_lost(self, connection):
        """0, an errno, or None when the connection still hangs: its packet was lost for a known reason, or the deadline passed."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def settle(value):
            if not done.done():
                done.set_result(value)

        def look():
            # A rejected packet is traced as dropped before the answer arrives: let an answer that is on its way win.
            if self._fate_known(track):
                track.on_news = None
                loop.call_later(0.02, settle, None)

        loop.add_writer(connection, lambda: settle(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
        # The SYN has left within connect(2), so it is among what can be read now.
        self._observation.drain()
        track = self._find_track()
        try:
            if track:
                track.on_news = look
                look()
            return await asyncio.wait_for(done, self._deadline)
        except TimeoutError:
            return None
        finally:
            loop.remove_writer(connection)
            if track:
                track.on_news = None


def deadline_of(request):
    return request.get("deadlineMs", 4000) / 1000


class Conversation:
    """What is said over a connection that stands, and what comes back: `received`, `end`, and `socksReply` where a proxy is asked first."""

    def __init__(self, request):
        self._send = base64.b64decode(request.get("send", ""))
        self._until = base64.b64decode(request.get("until", ""))
        self._socks = request.get("socks")
        self._deadline = deadline_of(request)

    async def hold(self, connection):
        """The connection is non-blocking, and stays open."""
        loop = asyncio.get_running_loop()
        result, received = {"received": "", "end": None}, bytearray()
        try:
            async with asyncio.timeout(self._deadline):
                if self._socks:
                    await self._socks_greeting(connection, result, received)
                await loop.sock_sendall(connection, self._send)
                while len(received) < MOST and not (self._until and self._until in received):
                    data = await loop.sock_recv(connection, MOST)
                    if not data:
                        result["end"] = "eof"
                        break
                    received += data
                else:
                    result["end"] = "answered"
        except TimeoutError:
            result["end"] = "silent"
        except EOFError:
            result["end"] = "eof"
        except OSError as error:
            result["end"] = errno.errorcode.get(error.errno, "error")
        result["received"] = base64.b64encode(bytes(received)).decode()
        return result

    async def _socks_greeting(self, connection, result, received):
        """SOCKS5 without authentication (RFC 1928), name resolved at the far end.

        What answers otherwise is no proxy: its words are kept as `received`, for they tell that something else is there.
        """
        loop = asyncio.get_running_loop()

        async def exactly(count):
            data = b""
            while len(data) < count:
                more = await loop.sock_recv(connection, count - len(data))
                if not more:
                    raise EOFError
                data += more
            return data

        host = self._socks["host"].encode()
        await loop.sock_sendall(connection, b"\x05\x01\x00")
        choice = await exactly(2)
        if choice != b"\x05\x00":
            received += choice
            raise EOFError
        await loop.sock_sendall(connection, b"\x05\x01\x00\x03" + bytes([len(host)]) + host + self._socks["port"].to_bytes(2, "big"))
        reply = await exactly(4)
        result["socksReply"] = reply[1]
        rest = {1: 4, 4: 16}.get(reply[3])
        if rest is None:
            rest = (await exactly(1))[0]
        await exactly(rest + 2)
        if reply[1] != 0:
            raise EOFError
