"""Unix-domain sockets of a host: what listens on a path, who may open it, and what answers there.

A path leads to a socket's file in the host's mount namespace; the socket itself, and its line in /proc/net/unix,
belong to the network namespace that it was made in.
"""

import asyncio
import base64
import errno
import json
import os
import socket
import stat
import time

from .accounts import account, groups, names, root_of
from .files import in_host
from .listeners import find_holders
from .protocol import Refused

ACCEPTING = 1 << 16  # __SO_ACCEPTCON, include/linux/net.h
MOST = 4096


def unix_listeners(namespaces, name):
    """Each listening socket with a path: the path as it was bound, what the file there is now, and who holds the socket."""
    sockets = {}
    with namespaces.inside(name) as host:
        # Num RefCount Protocol Flags Type St Inode Path; proc(5)
        with open("/proc/thread-self/net/unix", encoding="utf-8", errors="replace") as file:
            for line in list(file)[1:]:
                fields = line.rstrip("\n").split(None, 7)
                if len(fields) == 8 and int(fields[3], 16) & ACCEPTING and fields[7].startswith("/"):
                    sockets[f"socket:[{fields[6]}]"] = {"path": fields[7], "inode": int(fields[6]), "process": "", "pids": []}
    find_holders(sockets)
    found = list(sockets.values())
    seen = in_host(host, lambda: [_look(each["path"]) for each in found])
    root = root_of(host)
    users, teams = names(root, "passwd"), names(root, "group")
    for each, file in zip(found, seen):
        if file:
            mode, uid, gid = file
            each["file"] = {"mode": mode, "uid": uid, "gid": gid, "owner": users.get(uid, str(uid)), "group": teams.get(gid, str(gid))}
    return found


def _look(path):
    try:
        file = os.stat(path)
    except OSError:
        return None
    return (stat.S_IMODE(file.st_mode), file.st_uid, file.st_gid) if stat.S_ISSOCK(file.st_mode) else None


def bind(host, listener, path, mode):
    """Gives a socket its path in the host; a folder that is missing is made."""

    def work():
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        try:
            listener.bind(path)
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
        os.chmod(path, mode)
        return None

    return in_host(host, work)


def unlink(host, path):
    def work():
        try:
            os.unlink(path)
        except OSError:
            pass

    in_host(host, work)


async def knock(namespaces, request):
    """Connects to a path as an account of the host, sends, and tells what came back: `connect`, `received`, `end`, `ms`.

    In a child process: only so does the kernel ask exactly the rights of that account.
    """
    host = namespaces.get(request["host"])
    root, user = root_of(host), request.get("user", "root")
    uid, gid, _ = account(root, user)
    started = time.monotonic()
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(out)
            os.write(into, json.dumps(_converse(host, uid, gid, groups(root, user), request)).encode())
        finally:
            os._exit(0)
    os.close(into)
    try:
        answer = await _read_all(out)
    finally:
        os.close(out)
        os.waitpid(pid, 0)
    if not answer:
        raise Refused(f"the process that tried {request['path']} on {host.name} as {user} ended without a word", "knock")
    return {**json.loads(answer), "ms": round((time.monotonic() - started) * 1000, 1)}


async def _read_all(descriptor):
    os.set_blocking(descriptor, False)
    loop, data = asyncio.get_running_loop(), b""
    while True:
        ready = loop.create_future()
        loop.add_reader(descriptor, lambda: ready.done() or ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
        more = os.read(descriptor, 65536)
        if not more:
            return data
        data += more


def _converse(host, uid, gid, more_groups, request):
    """In the child. Nothing may be imported once it sees the host's files."""
    result = {"connect": "pending", "received": "", "end": None}
    os.setns(host.fd, os.CLONE_NEWNET)
    if host.pid:
        os.setns(os.open(f"/proc/{host.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC), os.CLONE_NEWNS)
    os.setgroups(more_groups)
    os.setgid(gid)
    os.setuid(uid)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(request.get("deadlineMs", 4000) / 1000)
    try:
        connection.connect(request["path"])
    except TimeoutError:
        return result
    except OSError as error:
        result["connect"] = errno.errorcode.get(error.errno, str(error))
        return result
    result["connect"] = "connected"
    result.update(_talk(connection, request))
    return result


def _talk(connection, request):
    """The conversation of a probe over TCP, but blocking: a SOCKS5 greeting where `socks` is given, then what is to be sent."""
    result, received = {}, b""
    until = base64.b64decode(request.get("until", ""))
    try:
        if request.get("socks"):
            received = _greet(connection, request["socks"], result)
            if received is not None:
                return {**result, "end": "eof", "received": base64.b64encode(received).decode()}
            received = b""
        connection.sendall(base64.b64decode(request.get("send", "")))
        while len(received) < MOST and not (until and until in received):
            data = connection.recv(MOST)
            if not data:
                result["end"] = "eof"
                break
            received += data
        else:
            result["end"] = "answered"
    except TimeoutError:
        result["end"] = "silent"
    except OSError as error:
        result["end"] = errno.errorcode.get(error.errno, "error")
    result["received"] = base64.b64encode(received).decode()
    return result


def _greet(connection, socks, result):
    """SOCKS5 without authentication (RFC 1928). What another tongue answered, b"" where the proxy refused or hung up, None when it stands."""
    host = socks["host"].encode()
    connection.sendall(b"\x05\x01\x00")
    choice = _exactly(connection, 2)
    if choice != b"\x05\x00":
        return choice
    connection.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + socks["port"].to_bytes(2, "big"))
    reply = _exactly(connection, 4)
    if len(reply) < 4:
        return b""
    result["socksReply"] = reply[1]
    rest = {1: 4, 4: 16}.get(reply[3])
    if rest is None:
        rest = (_exactly(connection, 1) or b"\0")[0]
    _exactly(connection, rest + 2)
    return None if reply[1] == 0 else b""


def _exactly(connection, count):
    """Fewer bytes at the end of input."""
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            break
        data += more
    return data
