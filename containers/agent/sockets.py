"""Unix-domain sockets of a host: what listens on a path, who may open it, and what answers there.

A path leads to a socket's file in the host's mount namespace; the socket itself, and its line in /proc/net/unix,
belong to the network namespace that it was made in.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import socket
import stat
import time
from typing import TYPE_CHECKING, Any

from .accounts import becoming, names, root_of
from .answer import peer_told
from .child_socket import from_child
from .conversation import Conversation, deadline_of
from .files import in_host
from .listeners import find_holders
from .namespaces import enter_files
from .probing import watching
from .unix_sockets import listening_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from .namespaces import Namespace, Namespaces
    from .observation import Observation


def unix_listeners(namespaces: Namespaces, name: str) -> list[dict[str, Any]]:
    """Each listening socket with a path: the path as it was bound, what the file there is now, and who holds the socket."""
    with namespaces.inside(name) as host:
        listening = [each for each in listening_here() if each.path.startswith("/")]
    sockets: dict[str, dict[str, Any]] = {f"socket:[{each.inode}]": {"path": each.path, "inode": each.inode, "process": "", "pids": []} for each in listening}
    find_holders(sockets)
    found = list(sockets.values())
    seen = in_host(host, lambda: [_look(each["path"]) for each in found])
    root = root_of(host)
    users, teams = names(root, "passwd"), names(root, "group")
    for each, what in zip(found, seen, strict=True):
        if what:
            mode, uid, gid = what
            each["file"] = {"mode": mode, "uid": uid, "gid": gid, "owner": users.get(uid, str(uid)), "group": teams.get(gid, str(gid))}
    return found


def _look(path: str) -> tuple[int, int, int] | None:
    try:
        file = os.stat(path)
    except OSError:
        return None
    return (stat.S_IMODE(file.st_mode), file.st_uid, file.st_gid) if stat.S_ISSOCK(file.st_mode) else None


def bind(host: Namespace, listener: socket.socket, path: str, mode: int) -> str | None:
    """Gives a socket its path in the host; a folder that is missing is made."""

    def work() -> str | None:
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        try:
            listener.bind(path)
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
        os.chmod(path, mode)
        return None

    return in_host(host, work)


def unlink(host: Namespace, path: str) -> None:
    def work() -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)

    in_host(host, work)


async def probe_unix_socket(namespaces: Namespaces, observation: Observation, request: dict[str, Any]) -> dict[str, Any]:
    """Connects to a path as an account of the host, and talks: `connect`, `received`, `end`, `ms`, and what was seen of the forward's dial.

    A child process connects: only so does the kernel ask exactly the rights of that account. The connection then comes back.
    """
    started = time.monotonic()
    with watching(namespaces, observation, request) as watch:
        word, connection = await _connect_as(namespaces.get(request["host"]), request)
        result: dict[str, Any] = {"connect": word, "received": "", "end": None}
        with connection:
            if word == "connected":
                result.update(await Conversation(request).hold(connection, watch.lost))
        await observation.drained()
        result.update(watch.as_dict(connected=word == "connected", peer=peer_told(base64.b64decode(result["received"]))))
    return {**result, "ms": round((time.monotonic() - started) * 1000, 1)}


async def _connect_as(host: Namespace, request: dict[str, Any]) -> tuple[str, socket.socket]:
    user = request["user"]
    become = becoming(host, user)
    return await from_child(f"the process that tried {request['path']} on {host.name} as {user}", lambda: _connect(host, become, request))


def _connect(host: Namespace, become: Callable[[], None], request: dict[str, Any]) -> tuple[str, socket.socket]:
    """In the child: `connected` or the name of the error, and a socket, which then leads nowhere."""
    host.enter_network()
    if host.pid:
        enter_files(host.pid)
    become()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(deadline_of(request))
    try:
        connection.connect(request["path"])
    except TimeoutError:
        return "pending", connection
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error)), connection
    return "connected", connection
