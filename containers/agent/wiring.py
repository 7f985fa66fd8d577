"""Wires, addresses, routes and kernel settings, with the real tools (ip, nft)."""

from __future__ import annotations

import asyncio
import errno
import re
import subprocess
from typing import TYPE_CHECKING

from . import nft
from .namespaces import MS_BIND, mount
from .protocol import Refused

if TYPE_CHECKING:
    from .namespaces import Namespaces

MS_REMOUNT = 32


def unlock_kernel_settings() -> None:
    """Docker mounts /proc/sys read-only; the lab sets what a host would have (see harness/lab/host-sysctls.ts)."""
    try:
        mount(b"none", b"/proc/sys", MS_REMOUNT | MS_BIND)
    except OSError as error:
        # With the machine's process ids, rootless engines make no mount of it: then it is as writable as it is.
        if error.errno != errno.EINVAL:
            raise


async def tool(namespaces: Namespaces, name: str, argv: list[str], text: str = "", cwd: str = "/") -> tuple[int, str, str]:
    """Runs a tool of the fabric inside a namespace. Returns (exit status, stdout, stderr)."""
    known = nft.commands(argv, text)
    if known:
        return nft.run(namespaces, name, *known)
    process = start(namespaces, name, argv, cwd)
    out, err = await asyncio.to_thread(process.communicate, text.encode())
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


def start(namespaces: Namespaces, name: str, argv: list[str], cwd: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    namespace = namespaces.get(name)
    if namespace.names:
        return subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd, preexec_fn=namespace.enter)
    # Whoever starts a child inside needs no `preexec_fn`, without which Python copies none of this process's memory: half of the time.
    with namespaces.inside(name):
        return subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)


async def ip_batch(namespaces: Namespaces, name: str, lines: list[str]) -> None:
    """`{ns:NAME}` in a line stands for that namespace."""
    text = "\n".join(re.sub(r"\{ns:([^}]+)\}", lambda m: namespaces.get(m.group(1)).path, line) for line in lines)
    status, _, err = await tool(namespaces, name, ["ip", "-batch", "-"], text + "\n")
    if status != 0:
        raise Refused(f"ip failed in {name}: {err.strip()}", "wiring", text=text)


def setting_file(key: str) -> str:
    """The path of a setting, read as sysctl(8) reads names: the first separator separates words, the other character may be part of an interface's name."""
    first = re.search(r"[./]", key)
    return "/proc/sys/" + (key.translate(str.maketrans("./", "/.")) if first and first.group() == "." else key)


def write_settings(namespaces: Namespaces, name: str, settings: dict[str, str | int]) -> None:
    with namespaces.inside(name):
        for key, value in settings.items():
            try:
                with open(setting_file(key), "w") as setting:
                    setting.write(str(value))
            except FileNotFoundError:
                raise Refused(f"this kernel has no setting {key}", "kernel-setting") from None


def read_settings(namespaces: Namespaces, name: str, keys: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    with namespaces.inside(name):
        for key in keys:
            try:
                with open(setting_file(key)) as setting:
                    found[key] = setting.read().strip()
            except OSError:
                found[key] = None
    return found
