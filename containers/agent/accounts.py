"""Accounts of a host, as the host's own /etc/passwd and /etc/group have them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .namespaces import Namespace


def _lines(path: str) -> list[list[str]]:
    """None of what is no regular file: to open a named pipe would wait for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, encoding="utf-8", errors="replace") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return []
            return [line.rstrip("\n").split(":") for line in file]
    except OSError:
        return []


def root_of(host: Namespace) -> str:
    """Where the agent sees the host's files; "" for a host that is only a namespace."""
    return f"/proc/{host.pid}/root" if host.pid else ""


def account(root: str, user: str) -> tuple[int, int, str]:
    """(uid, gid, home) of an account or a numeric uid."""
    for fields in _lines(f"{root}/etc/passwd"):
        if len(fields) >= 7 and user in (fields[0], fields[2]):
            return int(fields[2]), int(fields[3]), fields[5]
    if user.isdigit():
        return int(user), int(user), "/"
    raise Refused(f"no account {user} on the host", "unknown-account")


def groups(root: str, user: str) -> list[int]:
    """Numbers of the groups that list the account as a member."""
    return [int(fields[2]) for fields in _lines(f"{root}/etc/group") if len(fields) >= 4 and user in fields[3].split(",")]


def becoming(host: Namespace, user: str) -> Callable[[], None]:
    """Looked up here: a child calls it to have the account's rights, for good."""
    root = root_of(host)
    uid, gid, _ = account(root, user)
    more_groups = groups(root, user)

    def become() -> None:
        os.setgroups(more_groups)
        os.setgid(gid)
        os.setuid(uid)

    return become


def names(root: str, file: str) -> dict[int, str]:
    """Number -> name; `file` is passwd or group. Of several names for one number the first counts."""
    found: dict[int, str] = {}
    for fields in _lines(f"{root}/etc/{file}"):
        if len(fields) >= 3 and fields[2].isdigit():
            found.setdefault(int(fields[2]), fields[0])
    return found
