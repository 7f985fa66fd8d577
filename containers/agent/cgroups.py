"""Control groups (cgroup v2) that the user's rules match: a tree below the fabric's own group, in which that is the root.

nft(8) and iptables(8) look a group up below /sys/fs/cgroup, and the kernel counts a rule's level from the root that whoever loads it sees.
Groups of this tree limit nothing, and vanish with the container.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import TYPE_CHECKING

from .cgroup import ROOT, within
from .files import in_host
from .namespaces import MS_NODEV, MS_NOEXEC, MS_NOSUID, mount
from .protocol import Refused
from .wiring import tool

if TYPE_CHECKING:
    from .namespaces import Namespace, Namespaces

SHOWN = "/run/forwardlab-cgroup"  # In a host, whose logins move into their groups there.
OPTIONS = MS_NOSUID | MS_NODEV | MS_NOEXEC
CLONE_NEWCGROUP = 0x02000000

CHECKED = "/forwardlab-check"
CHECK = f"""
table inet forwardlab-check {{
  chain output {{
    type filter hook output priority 0; policy accept;
    socket cgroupv2 level 1 "{CHECKED[1:]}" drop
  }}
}}
"""


class Cgroups:
    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._lock, self._made, self._shown = asyncio.Lock(), False, set[str]()
        self._accounts: dict[str, dict[str, str]] = {}  # host -> account -> group
        self._rest: dict[str, str] = {}  # host -> group

    async def make(self, name: str, groups: list[str], accounts: dict[str, str], rest: str, *, shown: bool) -> None:
        """
        Has these groups, and those above them.

        @param accounts: which one an account's processes belong to
        @param rest: which one everything else on the host belongs to
        @param shown: processes of the host find them at `SHOWN`

        Raises Refused `cgroup` where the engine or its kernel has none that rules could match.
        """
        host = self._namespaces.get(name)
        async with self._lock:
            if not self._made:
                _make_tree()
                await self._check(name)
                self._made = True
            for group in groups:
                os.makedirs(f"{ROOT}{group}", exist_ok=True)
            if shown and name not in self._shown:
                _show(host)
                self._shown.add(name)
        self._accounts[name], self._rest[name] = accounts, rest

    def of_rest(self, host: str) -> contextlib.AbstractContextManager[None]:
        """Sockets made in the block belong to the group of everything else on the host."""
        return within(self._rest[host]) if host in self._rest else contextlib.nullcontext()

    def of_account(self, host: str, account: str) -> str | None:
        return self._accounts.get(host, {}).get(account)

    async def _check(self, name: str) -> None:
        """Before 6.11 (and its backports) a kernel counts levels from the machine's own root: rules load, and never match."""
        os.makedirs(f"{ROOT}{CHECKED}", exist_ok=True)
        status, _, err = await tool(self._namespaces, name, ["nft", "-f", "-"], CHECK)
        if status != 0:
            raise Refused(f"nft cannot match control groups: {err.strip()}", "cgroup")
        try:
            if not self._is_matched(name):
                raise Refused("the kernel does not match control groups as seen from within a container", "cgroup")
        finally:
            await tool(self._namespaces, name, ["nft", "-f", "-"], "delete table inet forwardlab-check")
            os.rmdir(f"{ROOT}{CHECKED}")

    def _is_matched(self, name: str) -> bool:
        with self._namespaces.inside(name), within(CHECKED), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            try:
                packets.sendto(b"", ("127.0.0.1", 9))
            except PermissionError:  # A packet dropped on its way out.
                return True
            return False


def _make_tree() -> None:
    try:
        os.unshare(CLONE_NEWCGROUP)
        mount(b"cgroup2", ROOT.encode(), OPTIONS, b"cgroup2")
    except OSError as error:
        raise Refused(f"the engine lets the lab have no control groups: {error.strerror}", "cgroup") from None
    # Only a group below the hierarchy's root has events.
    if not os.path.exists(f"{ROOT}/cgroup.events"):
        raise Refused("the engine gives a container no control group of its own", "cgroup")


def _show(host: Namespace) -> None:
    def show() -> None:
        # The thread that goes there may be older than the tree.
        os.unshare(CLONE_NEWCGROUP)
        os.makedirs(SHOWN, exist_ok=True)
        mount(b"cgroup2", SHOWN.encode(), OPTIONS, b"cgroup2")

    in_host(host, show)
