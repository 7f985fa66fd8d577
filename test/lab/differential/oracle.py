"""Asks the kernel itself who gets through a firewall: two bare network namespaces for each visitor, a ruleset just loaded, one real connect().

Knows nothing of the lab: no container of its own, no agent, no trace, no sshd. A plain listener stands for the forwarded port, another one for
sshd. Reads one JSON document a line from standard input, writes one a line to standard output:

    {"id": 7, "firewall": {"nft": TEXT} or {"v4": TEXT, "v6": TEXT}, "visits": [VISIT, ...]}
    {"id": 7, "answers": [ANSWER, ...]} or {"id": 7, "error": "what the tool said"}

A visit is a connect() from outside to the server (`kind` "in"), by a process of the server to itself ("local"), or from the server to a host
beside it ("out"); `uid` is the connecting process's user, `owner` the listener's, `dialled` another port than the listener's, `forwarded` the
listener's where the server dials, `bind` the address of either family that the listener is bound to (none: it does not listen there), `sysctls`
settings of the server's kernel. Addresses are those of the server's point of view: what a NAT does on the way is done.
`manner` is how the visitor connects where it is not the usual way: its source port (`from`), its kernel's settings (`sysctls`), the longest packet that it sends
(`mtu`), its socket's settings (`options`), data in the SYN (`early`), how often it tries (`tries`), how many seconds it waits for an answer (`patience`).
An answer is "answered" (the listener's words came back), "wrong-service" (another listener's did), "silent" (connected, then nothing),
"refused", "unreachable", "timeout" or "reset".
"""

import contextlib
import ctypes
import errno
import json
import os
import select
import socket
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

SERVER = {4: "198.51.100.10", 6: "2001:db8:100::10"}
GATEWAY = {4: "198.51.100.1", 6: "2001:db8:100::1"}
PREFIX = {4: 24, 6: 64}
ON_LINK = {4: "198.51.100.", 6: "2001:db8:100::"}
NODAD = {4: "", 6: " nodad"}
ANYWHERE = {4: "0.0.0.0/0", 6: "::/0"}
WORD = b"oracle: the forwarded port\n"
OTHER_WORD = b"SSH-2.0-oracle\r\n"
# Below the first retransmission of a SYN, which comes after a second (RFC 6298, 2.1): a rule that counts packets must see one.
PATIENCE_S = 0.85
# As many visits at a time as are asked for at once: what they take is mostly that patience.
VISITORS = 60
NO_MANNER = {}
MS_REMOUNT = 32
MS_BIND = 4096
# linux/tcp.h: where tcpi_total_retrans begins in struct tcp_info.
RETRANSMITTED = 100
TRIES = 5


def run(argv, text=None, handles=()):
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False, pass_fds=handles)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")


class TooLateError(Exception):
    """The machine was so busy that the kernel sent the first packet again: the answer may be to the second one."""


class Namespace:
    """A network namespace that lasts as long as this object is open."""

    def __init__(self):
        os.unshare(os.CLONE_NEWNET)
        self.handle = os.open("/proc/self/ns/net", os.O_RDONLY)

    def enter(self):
        os.setns(self.handle, os.CLONE_NEWNET)

    def close(self):
        os.close(self.handle)


def wire(server, peer, family, address):
    """The server and one machine, joined by a veth pair. The machine is the visitor, and the router to it if it is not on the server's network."""
    on_wire = address if address.startswith(ON_LINK[family]) else GATEWAY[family]
    # The kernel takes 2 s to find out that a link-local address of its own making is nobody else's, and only then asks for neighbours from it.
    link_local = ["link set eth0 addrgenmode none", "addr add fe80::{}/64 dev eth0 nodad"]
    theirs = [f"addr add {on_wire}/{PREFIX[family]} dev eth0{NODAD[family]}"]
    if on_wire != address:
        theirs.append(f"addr add {address} dev lo{NODAD[family]}")
    own = [f"addr add {SERVER[each]}/{PREFIX[each]} dev eth0{NODAD[each]}" for each in (4, 6)]
    up = ["link set lo up", "link set eth0 up"]
    routes = [f"route add {ANYWHERE[each]} via {GATEWAY[each]}" for each in (4, 6)]
    server.enter()
    # The kernel tells a carrier at once only where the two ends have different numbers (linkwatch_urgent_event); until then IPv6 is not up.
    pair = f"link add eth0 index 7 type veth peer name eth0 netns /proc/self/fd/{peer.handle}"
    run(["ip", "-batch", "-"], "\n".join([pair, *link_local, *own, *up, *routes]).format(1) + "\n", [peer.handle])
    peer.enter()
    run(["ip", "-batch", "-"], "\n".join([*link_local, *theirs, *up]).format(2) + "\n")
    # The control: without a firewall each end answers the other, if only with a reset. Then both forget where the other one is.
    deadline = time.monotonic() + 10
    for each, source, target in ((peer, address, SERVER[family]), (server, None, on_wire)):
        each.enter()
        while visit(source, family, target, 9, {}) != "refused":
            if time.monotonic() > deadline:
                raise RuntimeError(f"{target} does not answer, and no firewall is loaded yet")
    for each in (peer, server):
        each.enter()
        run(["ip", "neigh", "flush", "all"])


def load(firewall):
    if "nft" in firewall:
        run(["nft", "-f", "-"], firewall["nft"])
        return
    if firewall.get("v4"):
        run(["iptables-nft-restore"], firewall["v4"])
    if firewall.get("v6"):
        run(["ip6tables-nft-restore"], firewall["v6"])


@contextlib.contextmanager
def acting_as(uid):
    """The kernel remembers whose socket it is from the moment of socket(2) and accept(2)."""
    before = os.geteuid()
    os.seteuid(0)
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before)
        os.seteuid(before)


def listen(family, address, port):
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    listener = socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == 6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((address, port))
    listener.listen(8)
    return listener


def allow_sysctls():
    """Docker mounts /proc/sys read-only; what lies in its `net` belongs to the namespace of the process that opens it."""
    if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/proc/sys", None, MS_REMOUNT | MS_BIND, None) != 0:
        raise OSError(ctypes.get_errno(), "/proc/sys cannot be made writable")


def set_sysctls(settings, below=""):
    """Of the kernel of the namespace that the caller is in. Names may have dots or slashes."""
    for name, value in settings.items():
        with open("/proc/sys/" + below + name.replace(".", "/"), "w") as file:
            file.write(str(value))


def prepare(client, family, manner):
    """What a program may ask of its own socket: `options` are [level, name, number or hexadecimal bytes]."""
    for level, name, value in manner.get("options", {}).get(str(family), []):
        client.setsockopt(level, name, bytes.fromhex(value) if isinstance(value, str) else value)


def was_sent_again(client):
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, RETRANSMITTED + 4)
    return int.from_bytes(info[RETRANSMITTED:], sys.byteorder) > 0


def visit(source, family, target, port, listeners, owner=0, manner=NO_MANNER):
    """One connect(); the listeners speak first, as the lab's service does once it has been spoken to."""
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    client = socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    prepare(client, family, manner)
    if source or "from" in manner:
        try:
            client.bind((source or ("0.0.0.0" if family == 4 else "::"), manner.get("from", 0)))
        except OSError:
            return "unreachable"
    if manner.get("early"):
        # Data in the SYN itself (RFC 7413): the kernel has no cookie for this server yet and asks for one, unless it was told not to.
        try:
            client.sendto(b"hello\n", socket.MSG_FASTOPEN, (target, port))
            code = 0
        except OSError as error:
            code = error.errno
        connected = False
    else:
        code = client.connect_ex((target, port))
        connected = code == 0
    patience = manner.get("patience", PATIENCE_S)
    accepted = {}
    began = time.monotonic()
    got = b""
    while code in (0, errno.EINPROGRESS):
        left = began + patience - time.monotonic()
        reading = [client, *listeners, *accepted] if connected else listeners
        # What has come while this process had to wait for its turn is still looked at.
        ready, writable, _ = select.select(reading, [] if connected else [client], [], max(0, left))
        if left <= 0 and not ready and not writable:
            return "silent" if connected else "timeout"
        if client in writable:
            code = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code != 0:
                break
            connected = True
            if patience <= PATIENCE_S and was_sent_again(client):
                raise TooLateError
            client.send(b"hello\n")
        for each in ready:
            if each in listeners:
                with acting_as(owner):
                    talk, _peer = each.accept()
                accepted[talk] = listeners[each]
            elif each in accepted:
                # Answered only after the visitor has spoken: a firewall may stop what comes after the handshake.
                words = accepted.pop(each)
                if each.recv(64):
                    each.send(words)
        if client in ready:
            try:
                part = client.recv(256)
            except OSError as error:
                code = error.errno
                break
            if not part:
                return "silent"
            got += part
            if got.endswith(b"\n"):
                return "answered" if got == WORD else "wrong-service"
    if code == errno.ECONNREFUSED:
        return "refused"
    return "reset" if code == errno.ECONNRESET else "unreachable"


def ask(firewall, one):
    server, peer = Namespace(), Namespace()
    family, kind, port = one["family"], one["kind"], one["port"]
    owner = one.get("owner", 0)
    listeners = {}
    try:
        wire(server, peer, family, GATEWAY[family] if kind == "local" else one["address"])
        load(firewall)
        # After the rules: connection tracking has no settings in a namespace before a rule needs it.
        set_sysctls(one.get("sysctls", {}))
        bind = one.get("bind", {})
        for each, anywhere in ((4, "0.0.0.0"), (6, "::")):
            listeners[listen(each, anywhere, 22)] = OTHER_WORD
            here = bind.get(str(each), anywhere)
            if here:
                with acting_as(owner):
                    # Who is dialled by the server itself is not who listens here.
                    listeners[listen(each, here, one.get("forwarded", port))] = OTHER_WORD if kind == "out" else WORD
        if kind != "local":
            peer.enter()
        if kind == "out":
            listeners[listen(family, one["address"], port)] = WORD
            server.enter()
        os.setegid(one.get("uid", 0))
        os.seteuid(one.get("uid", 0))
        source = one["address"] if kind == "in" else None
        target = SERVER[family] if kind == "in" else one["address"]
        manner = one.get("manner", NO_MANNER)
        set_sysctls(manner.get("sysctls", {}), "net/ipv4/")
        if "mtu" in manner:
            run(["ip", "route", "add", SERVER[family], "dev", "eth0", "mtu", "lock", str(manner["mtu"])])
        answer = "timeout"
        for _attempt in range(manner.get("tries", 1)):
            answer = visit(source, family, target, one.get("dialled", port), listeners, owner, manner)
            if answer == "answered":
                break
        return answer
    finally:
        os.seteuid(0)
        os.setegid(0)
        for each in (*listeners, server, peer):
            each.close()


def guarded(firewall, one):
    try:
        for _try in range(TRIES):
            with contextlib.suppress(TooLateError):
                return ask(firewall, one)
    except RuntimeError as error:
        return {"error": str(error)}
    return {"error": f"this machine is too busy: {TRIES} times, an answer took longer than the kernel waits before it sends a SYN again"}


def main():
    allow_sysctls()
    with ProcessPoolExecutor(max_workers=int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS) as pool:
        for line in sys.stdin:
            job = json.loads(line)
            futures = [pool.submit(guarded, job["firewall"], one) for one in job["visits"]]
            answers = [future.result() for future in futures]
            failed = next((each["error"] for each in answers if isinstance(each, dict)), None)
            print(json.dumps({"id": job["id"], "error": failed} if failed else {"id": job["id"], "answers": answers}), flush=True)


if __name__ == "__main__":
    main()
