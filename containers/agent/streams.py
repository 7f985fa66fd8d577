"""TCP connections from a host's namespace, as byte streams for the harness (its ssh2 client, its own checks)."""

import asyncio
import base64
import errno
import socket

from .protocol import Refused


class Streams:
    def __init__(self, namespaces, channel):
        self._namespaces, self._channel = namespaces, channel
        self._writers, self._next = {}, 1

    async def dial(self, name, address, port, timeout):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self._namespaces.inside(name):
            connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, (address, port)), timeout)
        except (OSError, TimeoutError) as error:
            connection.close()
            code = errno.errorcode.get(getattr(error, "errno", 0) or 0, "ETIMEDOUT")
            raise Refused(f"{name} cannot connect to {address} port {port}: {code}", code) from None
        reader, writer = await asyncio.open_connection(sock=connection)
        number, self._next = self._next, self._next + 1
        self._writers[number] = writer
        asyncio.create_task(self._relay(number, reader))
        return number

    async def _relay(self, number, reader):
        try:
            while data := await reader.read(65536):
                self._channel.event("data", stream=number, data=base64.b64encode(data).decode())
        except OSError:
            pass
        self._channel.event("end", stream=number)

    async def write(self, number, data):
        writer = self._writers.get(number)
        if writer:
            writer.write(base64.b64decode(data))
            try:
                await writer.drain()
            except OSError:
                pass

    def half_close(self, number):
        writer = self._writers.get(number)
        if writer and writer.can_write_eof():
            try:
                writer.write_eof()
            except OSError:
                pass

    def close(self, number):
        writer = self._writers.pop(number, None)
        if writer:
            writer.close()
