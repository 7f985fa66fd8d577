"""A user's firewall in the namespace of a host: loaded by the real tools, and put back to its first moment."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from typing import TYPE_CHECKING, Any

from . import conntrack
from .nft import Context
from .wiring import tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .namespaces import Namespaces

Outcome = dict[str, Any]

FOLDER = "/etc"  # nft's working directory, and the place of a ruleset's main file
WHOLE = f"{FOLDER}/.forwardlab.nft"
# While rules of iptables are exchanged: a packet that comes meanwhile is dropped and sent again by TCP, never let in without them.
GUARD = """
table inet forwardlab-guard {
  chain in { type filter hook prerouting priority -2000000000; policy drop; }
  chain out { type filter hook output priority -2000000000; policy drop; }
}
"""


class Firewall:
    """One host's.

    `request`: `nft` is the path of a ruleset, `iptables` has the command lines that load dumps, after it; `files` (path -> base64) is what
    they read, at the paths of the host they were written for; `ipsets` is the output of `ipset save`; `observation` holds the lab's own rules.
    """

    def __init__(self, namespaces: Namespaces, name: str, request: dict[str, Any]) -> None:
        self._namespaces, self._name, self._request = namespaces, name, request
        # Tables with `flags owner` vanish with the socket that loaded them: a daemon keeps it open, and so does the lab.
        self._context = Context(namespaces, name)

    async def check(self) -> Outcome | None:
        """The user's part, by the program itself. None, or what it complains of."""
        if "nft" not in self._request:
            return None
        # Nothing stands behind the file: nft takes some statements only with the end of their line, and a file that lacks it loads on no server.
        with placed({WHOLE: self._whole("flush ruleset")}):
            return await self._run(["nft", "-c", "-f", WHOLE])

    async def load(self) -> Outcome | None:
        """From any state to the freshly loaded one. A ruleset of nft alone is exchanged in one transaction."""
        dumps = self._request.get("iptables", [])
        observation = self._request["observation"]
        if "nft" in self._request and not dumps:
            return self._load_nft("flush ruleset", observation)
        # Rules of iptables whose lists and buckets have names (recent, hashlimit) share them with those that they replace: those have to go first.
        self._context.run("flush ruleset" + (GUARD if dumps else ""))
        if "nft" in self._request:
            complaint = self._load_nft()
            if complaint:
                return complaint
        if "ipsets" in self._request:
            complaint = await self._restore_ipsets(self._request["ipsets"])
            if complaint:
                return complaint
        for argv in dumps:
            complaint = await self._run(argv)
            if complaint:
                return complaint
        guard = "delete table inet forwardlab-guard\n" if dumps else ""
        return _complaint(["nft", "-f", "-"], *self._context.run(guard + observation))

    def _load_nft(self, before: str = "", after: str = "") -> Outcome | None:
        with placed({WHOLE: self._whole(before, after)}):
            return _complaint(["nft", "-f", WHOLE], *self._context.run_file(WHOLE, FOLDER))

    async def _restore_ipsets(self, saved: str) -> Outcome | None:
        """Elements as they were saved; the sets themselves may still be held by rules that the kernel has not yet destroyed."""
        await self._run(["ipset", "flush"])
        # If the kernel allows it: a set of the same name may have another type.
        _, names, _ = await tool(self._namespaces, self._name, ["ipset", "list", "-n"], "", cwd=FOLDER)
        for name in names.split():
            await self._run(["ipset", "destroy", name])
        return await self._run(["ipset", "-exist", "restore"], saved)

    def files(self) -> dict[str, bytes]:
        return {path: base64.b64decode(content) for path, content in self._request["files"].items()}

    def _whole(self, before: str, after: str = "") -> bytes:
        main = f'{before}\ninclude "{self._request["nft"]}"\n'
        # Where the file lacks its last newline, an empty line ends its last statement.
        return (f"{main}\n{after}" if after else main).encode()

    def close(self) -> None:
        self._context.close()

    async def _run(self, argv: list[str], text: str = "") -> Outcome | None:
        return _complaint(argv, *await tool(self._namespaces, self._name, argv, text, cwd=FOLDER))


class Firewalls:
    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._by_name: dict[str, Firewall] = {}
        self._lock = asyncio.Lock()  # Two hosts may have files of the same path.

    async def load(self, name: str, request: dict[str, Any]) -> Outcome:
        async with self._lock:
            before = self._by_name.pop(name, None)
            if before:
                before.close()
            firewall = Firewall(self._namespaces, name, request)
            with placed(firewall.files()):
                complaint = await firewall.check() or await firewall.load()
            if complaint:
                firewall.close()
                return complaint
            self._by_name[name] = firewall
            return {"status": 0}

    async def reset(self, name: str) -> Outcome:
        async with self._lock:
            firewall = self._by_name[name]
            with placed(firewall.files()):
                complaint = await firewall.load()
            return {**(complaint or {"status": 0}), "forgotten": conntrack.forget(self._namespaces, name)}


def _complaint(argv: list[str], status: int, out: str, err: str) -> Outcome | None:
    return {"status": status, "stderr": err, "stdout": out, "argv": argv} if status else None


@contextlib.contextmanager
def placed(files: dict[str, bytes]) -> Iterator[None]:
    """Files (path -> bytes) at absolute paths in the fabric, so that `include` means the same as on the host; afterwards what was there before."""
    replaced: dict[str, bytes | None] = {}
    try:
        for path, content in files.items():
            replaced[path] = _read_or_none(path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        yield
    finally:
        for path, before in replaced.items():
            if before is None:
                os.unlink(path)
            else:
                with open(path, "wb") as file:
                    file.write(before)


def _read_or_none(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
