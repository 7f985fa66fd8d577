"""TCP sockets that connect as somebody: as an account of the host, and with a next hop of their own."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING

from .accounts import becoming
from .cgroup import join
from .child_socket import from_child
from .protocol import Refused
from .wiring import tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .namespaces import Namespace, Namespaces

KIND = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
# Marks and routing tables of the lab's own: far from what people write by hand.
FIRST_MARK, LAST_MARK = 0x66770000, 0x6677FFFF
RULE_PRIORITY = 1  # Before every rule but that of the local table.


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def as_namespace_root(namespaces: Namespaces, name: str, family: socket.AddressFamily) -> socket.socket:
    with namespaces.inside(name):
        return socket.socket(family, KIND)


async def as_account(host: Namespace, user: str, family: socket.AddressFamily, group: str | None) -> socket.socket:
    """A socket belongs to who made it (`meta skuid`, `-m owner`) and to their control group, whoever uses it later."""
    become = becoming(host, user)

    def make() -> tuple[str, socket.socket]:
        if group:
            join(group)
        host.enter_network()
        become()
        return "made", socket.socket(family, KIND)

    _, made = await from_child(f"the process that was to connect as {user} on {host.name}", make)
    return made


class NextHops:
    """Routes that hold for one socket only, by its mark."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._mark = FIRST_MARK

    @contextlib.asynccontextmanager
    async def through(self, name: str, connection: socket.socket, address: str, via: str) -> AsyncIterator[None]:
        """Until the block ends the connection's packets to `address` go to the neighbour `via`."""
        mark = self._mark = FIRST_MARK if self._mark == LAST_MARK else self._mark + 1
        version = "-6" if ":" in address else "-4"
        interface = await self._interface_to(name, version, via)
        rule = f"fwmark {mark:#x} lookup {mark} priority {RULE_PRIORITY}"
        await self._ip(name, version, f"route add {address} via {via} dev {interface} table {mark}", f"rule add {rule}")
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
            yield
        finally:
            await self._ip(name, version, f"rule del {rule}", f"route flush table {mark}")

    async def _interface_to(self, name: str, version: str, neighbour: str) -> str:
        status, out, err = await tool(self._namespaces, name, ["ip", version, "-json", "route", "get", neighbour])
        if status != 0:
            raise Refused(f"{name} has no route to its neighbour {neighbour}: {err.strip()}", "probe")
        return str(json.loads(out)[0]["dev"])

    async def _ip(self, name: str, version: str, *lines: str) -> None:
        status, _, err = await tool(self._namespaces, name, ["ip", version, "-batch", "-"], "\n".join(lines) + "\n")
        if status != 0:
            raise Refused(f"ip failed in {name}: {err.strip()}", "probe")
