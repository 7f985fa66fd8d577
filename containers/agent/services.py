"""Services of the lab that prove who answered: a nonce sent to one comes back with the service's own identity and the peer it saw.

What is said there: `visits.py`. A service has an address and a port, or a path.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from .answer import endpoint
from .client_socket import KIND, as_namespace_root, family_of
from .protocol import Refused
from .sockets import bind, unlink
from .visits import Visits

if TYPE_CHECKING:
    from .cgroups import Cgroups
    from .namespaces import Namespaces


class Services:
    def __init__(self, namespaces: Namespaces, cgroups: Cgroups) -> None:
        self._namespaces, self._cgroups = namespaces, cgroups
        self._visits: dict[tuple[str, str | int] | tuple[str, str, int], Visits] = {}

    async def listen(self, name: str, address: str, port: int, identity: str) -> None:
        """Listens on one address (`0.0.0.0` and `::` are two) in a namespace."""
        family = family_of(address)
        with self._cgroups.of_rest(name):
            listener = as_namespace_root(self._namespaces, name, family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            listener.close()
            raise Refused(f"cannot listen on {endpoint((address, port))} in {name}: {error.strerror}", "listen") from None
        self._visits[(name, address, port)] = Visits(listener, identity)

    async def listen_on_path(self, name: str, path: str, mode: int, identity: str) -> None:
        """Listens on a path of a host, open to whom the file mode lets in."""
        with self._namespaces.inside(name) as host:
            listener = socket.socket(socket.AF_UNIX, KIND)
        failure = bind(host, listener, path, mode)
        if failure:
            listener.close()
            raise Refused(f"cannot listen on {path} in {name}: {failure}", "listen")
        self._visits[(name, path)] = Visits(listener, identity)

    async def close_path(self, name: str, path: str) -> None:
        visits = self._visits.pop((name, path), None)
        if visits:
            visits.close()
            unlink(self._namespaces.get(name), path)

    async def close(self, name: str, address: str, port: int) -> None:
        visits = self._visits.pop((name, address, port), None)
        if visits:
            visits.close()
