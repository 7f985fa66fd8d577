"""The floor: the bench's work with bare network namespaces and no containers, as plainly as it can be written.

    floor.py PLAN      JSON: namespaces, steps (settings, `ip` lines, nft rules), configs, forwards, firewall
Prints one JSON line. FLOOR_START holds the time before this interpreter was started, in nanoseconds.
"""

import ctypes
import errno
import json
import os
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time

STARTED = int(os.environ["FLOOR_START"]) / 1e9
OWN = os.open("/proc/self/ns/net", os.O_RDONLY)
MS_REMOUNT, MS_BIND = 32, 4096
NET = {}
PIPE = subprocess.PIPE


def create(name):
    os.unshare(os.CLONE_NEWNET)
    NET[name] = os.open("/proc/self/ns/net", os.O_RDONLY)
    os.setns(OWN, os.CLONE_NEWNET)


class inside:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        os.setns(NET[self.name], os.CLONE_NEWNET)

    def __exit__(self, *_):
        os.setns(OWN, os.CLONE_NEWNET)


def tool(name, argv, text=""):
    with inside(name):
        done = subprocess.run(argv, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{argv} in {name}: {done.stderr}")
    return done.stdout


def start(name, argv):
    with inside(name):
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=PIPE, text=True)


def wait_for(process, words, times=1):
    seen = []
    for line in process.stderr:
        seen.append(line)
        times -= words in line
        if times == 0:
            return
    raise SystemExit(f"{process.args} ended before it said {words}: {''.join(seen)}")


def build(plan):
    for name in plan["namespaces"]:
        create(name)
    for step in plan["steps"]:
        name = step["namespace"]
        for key, value in step.get("settings", {}).items():
            with inside(name), open("/proc/sys/" + key.replace(".", "/"), "w") as setting:
                setting.write(str(value))
        if "ip" in step:
            lines = [re.sub(r"\{ns:([^}]+)\}", lambda m: f"/proc/{os.getpid()}/fd/{NET[m.group(1)]}", line) for line in step["ip"]]
            tool(name, ["ip", "-batch", "-"], "\n".join(lines) + "\n")
        if step.get("nft"):
            tool(name, ["nft", "-f", "-"], step["nft"])
    tool("server", ["nft", "-f", "-"], plan["firewall"])


def serve(name, port):
    """Answers one line with the same line."""

    def answer(connection):
        with connection:
            connection.sendall(connection.recv(4096))

    def accept(listener):
        while True:
            answer(listener.accept()[0])

    with inside(name):
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            listener = socket.socket(family, socket.SOCK_STREAM)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, port))
            listener.listen()
            threading.Thread(target=accept, args=(listener,), daemon=True).start()


def start_sshd(config):
    with open("/etc/ssh/sshd_config", "w") as file:
        file.write(config)
    sshd = start("server", ["/usr/sbin/sshd", "-D", "-e"])
    wait_for(sshd, "Server listening", 2)
    return sshd


def open_forward(arguments, server):
    ssh = start("home", ["ssh", "-v", "-o", "BatchMode=yes", *arguments.split(), f"alice@{server}"])
    wait_for(ssh, "remote forward success")
    return ssh


def dropped():
    rules = json.loads(tool("server", ["nft", "-j", "list", "chain", "inet", "filter", "input"]))["nftables"]
    return sum(each["counter"]["packets"] for r in rules if "rule" in r for each in r["rule"]["expr"] if "counter" in each)


def probe(cells, port, expect_dropped):
    """All at once; verdict of each: reached, refused, or dropped (proven by the firewall's own counter)."""
    before = dropped() if expect_dropped else 0
    poll, open_, found = select.poll(), {}, {}
    nonce = secrets.token_hex(12).encode() + b"\n"
    for vantage, address in cells:
        with inside(vantage):
            connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        connection.connect_ex((address, port))
        open_[connection.fileno()] = (connection, (vantage, address))
        poll.register(connection, select.POLLOUT)
    deadline = time.monotonic() + 4
    while len(found) < len(cells) and time.monotonic() < deadline:
        if len(cells) - len(found) <= expect_dropped and dropped() - before >= expect_dropped:
            break
        for fd, _ in poll.poll(10):
            connection, cell = open_[fd]
            code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                found[cell] = errno.errorcode[code]
                poll.unregister(connection)
            elif cell not in found and connection.getpeername():
                try:
                    answer = connection.recv(4096)
                except BlockingIOError:
                    connection.sendall(nonce)
                    poll.modify(connection, select.POLLIN)
                    continue
                found[cell] = "reached" if answer == nonce else "closed"
                poll.unregister(connection)
    for connection, _ in open_.values():
        connection.close()
    return [found.get(cell, "dropped") for cell in map(tuple, cells)]


def main():
    plan = json.loads(sys.argv[1])
    if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/proc/sys", None, MS_REMOUNT | MS_BIND, None) != 0:
        raise SystemExit("cannot make /proc/sys writable")
    server, marks = plan["server"], {"interpreter": time.time()}
    build(plan)
    serve("home", plan["targetPort"])
    marks["topology"] = time.time()
    sshd = start_sshd(plan["first"]["config"])
    marks["sshd"] = time.time()
    ssh = open_forward(plan["first"]["forward"], server)
    marks["ssh"] = time.time()
    first = probe([("other-lan", server)], plan["first"]["port"], 0)
    marks["probe"] = time.time()
    result = {"first": (marks["probe"] - STARTED) * 1000, "steps": {}, "configs": [], "forwards": [], "verdicts": [first]}
    before = STARTED
    for name, at in marks.items():
        result["steps"][name], before = (at - before) * 1000, at
    for kind in ("configs", "forwards"):
        for each in plan[kind]:
            began = time.time()
            ssh.kill()
            if kind == "configs":
                sshd.kill()
                sshd.wait()
                sshd = start_sshd(each["config"])
            ssh = open_forward(each["forward"], server)
            result["verdicts"].append(probe(plan["cells"], each["port"], plan["dropped"]))
            result[kind].append((time.time() - began) * 1000)
    print(json.dumps(result), flush=True)
    ssh.kill()
    sshd.kill()
    os._exit(0)


main()
