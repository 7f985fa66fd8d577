"""What a process of a host may do, whoever wrote the config that starts it: entered for good, with no way back.

It gives up what the agent has and a host does not need, before its program runs. Capabilities leave the bounding set, so
that no program of root's gets them back; no-new-privileges (the engine gives it to the fabric) makes set-uid programs
harmless; system calls that make or enter namespaces and mounts are refused, as the engine's own profile does for a
container without SYS_ADMIN. Processes stay in the fabric's control group, whose limits are the lab's (see `limits.py`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct
from typing import NamedTuple

from .bpf import Step, assemble

# Capabilities of a host's root, with the reason: harness/lab/capabilities.ts. Numbers: include/uapi/linux/capability.h.
HOST_CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "NET_BIND_SERVICE": 10,
    "NET_ADMIN": 12,
    "SYS_CHROOT": 18,
    "AUDIT_WRITE": 29,
}
LAST_CAPABILITY = 63
# Of one process: no core files, no more open files and no larger files than any server's config needs.
LIMITS = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: 65_536, resource.RLIMIT_FSIZE: 512 * 1024 * 1024}
# Where memory runs out, the kernel ends what a host runs, not the agent.
OOM_SCORE = b"500"

PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 22, 47, 4
PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 38, 2
CAPABILITY_VERSION_3 = 0x20080522
ALLOW, REFUSE, MISSING = 0x7FFF0000, 0x00050001, 0x00050026  # SECCOMP_RET_ALLOW, _ERRNO with EPERM and with ENOSYS
# CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS
NEW_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000


class Calls(NamedTuple):
    architecture: int  # AUDIT_ARCH_*
    refused: tuple[int, ...]
    clone: int
    clone3: int


# From 424 on the numbers are the same everywhere: move_mount, fsopen, fsconfig, fsmount, fspick, open_tree, mount_setattr.
NEW_MOUNT_CALLS = (428, 429, 430, 431, 432, 433, 442)
# mount, umount2, pivot_root, unshare, setns, bpf, perf_event_open, fanotify_init, quotactl, name_to_handle_at, open_by_handle_at
CALLS = {
    "x86_64": Calls(0xC000003E, (165, 166, 155, 272, 308, 321, 298, 300, 179, 303, 304, *NEW_MOUNT_CALLS), 56, 435),
    "aarch64": Calls(0xC00000B7, (40, 39, 41, 97, 268, 280, 241, 262, 60, 264, 265, *NEW_MOUNT_CALLS), 220, 435),
}


def seccomp_program(calls: Calls) -> bytes:
    """For struct seccomp_data: number at 0, architecture at 4, the low half of the first argument at 16."""
    steps = [
        Step("ld", 4),
        Step("jeq", calls.architecture, "native", "missing"),
        Step("native:"),
        Step("ld", 0),
        # The x32 calls of an x86_64 kernel.
        Step("jge", 0x40000000, "missing", "first"),
        Step("first:"),
    ]
    for number in calls.refused:
        steps += [Step("jeq", number, "refuse", f"after {number}"), Step(f"after {number}:")]
    steps += [
        # Its flags are in memory, where a filter cannot look: libraries fall back to clone.
        Step("jeq", calls.clone3, "missing", "older"),
        Step("older:"),
        Step("jeq", calls.clone, "flags", "allow"),
        Step("flags:"),
        Step("ld", 16),
        Step("jset", NEW_NAMESPACES, "refuse", "allow"),
        Step("allow:"),
        Step("ret", ALLOW),
        Step("refuse:"),
        Step("ret", REFUSE),
        Step("missing:"),
        Step("ret", MISSING),
    ]
    return assemble(steps)


_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
_machine = os.uname().machine
_filter = seccomp_program(CALLS[_machine]) if _machine in CALLS else b""
_filter_buffer = ctypes.create_string_buffer(_filter)
_filter_header = ctypes.create_string_buffer(struct.pack("HL", len(_filter) // 8, ctypes.addressof(_filter_buffer)))


def _lowered(limit: int, most: int) -> int:
    return most if limit == resource.RLIM_INFINITY else min(limit, most)


_limits = [(each, (_lowered(soft, most), _lowered(hard, most))) for each, most in LIMITS.items() for soft, hard in [resource.getrlimit(each)]]
_kept = sum(1 << number for number in HOST_CAPABILITIES.values())
_low, _high = _kept & 0xFFFFFFFF, _kept >> 32
_cap_header = ctypes.create_string_buffer(struct.pack("Ii", CAPABILITY_VERSION_3, 0))
_cap_data = ctypes.create_string_buffer(struct.pack("6I", _low, _low, 0, _high, _high, 0))


def be_first_to_go() -> None:
    """Before the mounts change: it is the agent's own /proc that says so."""
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as score:
        score.write(OOM_SCORE)


def give_up() -> None:
    """In a child, before its program runs."""
    for each, soft_and_hard in _limits:
        resource.setrlimit(each, soft_and_hard)
    _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no-new-privileges")
    for number in range(LAST_CAPABILITY + 1):
        # EINVAL: this kernel has no such capability.
        if not _kept >> number & 1 and _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 and ctypes.get_errno() != errno.EINVAL:
            raise OSError(ctypes.get_errno(), "bounding set")
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _checked(_libc.capset(_cap_header, _cap_data), "capset")
    if _filter:
        _checked(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(_filter_header), 0, 0), "seccomp")


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)
