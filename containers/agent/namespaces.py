"""The network namespaces of the lab, by name: gear made here, hosts adopted from containers.

The agent is single-threaded, so it can step into a namespace, make a socket or start a
process there, and step back: two system calls, no helper process. What was made in a
namespace stays in it. A namespace lives as long as a descriptor or a process holds it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

OWN = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: bytes, target: bytes, flags: int, kind: bytes | None = None) -> None:
    if _libc.mount(source, target, kind, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount {target.decode()}")


def enter_files(pid: int) -> None:
    """For good: the files as that process sees them.

    A mount namespace begins at the root of its own, which need not be that of its processes: where the engine itself was
    started in a changed root, it is the machine's.
    """
    with opened(f"/proc/{pid}/root", os.O_PATH) as root, opened(f"/proc/{pid}/ns/mnt", os.O_RDONLY) as mounts:
        os.setns(mounts, os.CLONE_NEWNS)
        change_root(root)


def change_root(root: int) -> None:
    os.fchdir(root)
    os.chroot(".")


@contextlib.contextmanager
def opened(path: str, flags: int) -> Iterator[int]:
    fd = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


class Container:
    """What makes a host of its processes, apart from its network: descriptors of its namespaces."""

    def __init__(self, pid: int) -> None:
        self.pids, self.uts, self.ipc, self.mounts = (os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in ("pid", "uts", "ipc", "mnt"))
        self.root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_CLOEXEC)

        self._starter = ThreadPoolExecutor(1, initializer=lambda: os.setns(self.pids, os.CLONE_NEWPID))

    def starting(self, work: Callable[[], T]) -> T:
        """Processes that `work` starts are the container's from the first.

        A thread of its own has stepped in for good: to step back, one must have rights over the namespace of the machine's
        process ids, which in a rootless engine nobody has.
        """
        return self._starter.submit(work).result()

    def enter(self) -> None:
        """For good, in a child."""
        os.setns(self.uts, os.CLONE_NEWUTS)
        os.setns(self.ipc, os.CLONE_NEWIPC)
        os.setns(self.mounts, os.CLONE_NEWNS)
        change_root(self.root)


class Namespace:
    def __init__(self, name: str, fd: int, pid: int | None = None) -> None:
        self.name = name
        self.fd = fd
        self.pid = pid  # First process of the container; None for gear and address-only hosts.
        self.names: str | None = None  # File that stands in for /etc/hosts; a container has its own.
        self.container: Container | None = None

    def enter(self) -> None:
        """For good: the network, and the names that are known there."""
        self.enter_network()
        if self.names:
            os.unshare(os.CLONE_NEWNS)
            mount(b"none", b"/", MS_REC | MS_PRIVATE)
            mount(self.names.encode(), b"/etc/hosts", MS_BIND)

    def enter_network(self) -> None:
        os.setns(self.fd, os.CLONE_NEWNET)

    @property
    def path(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self.fd}"


class Namespaces:
    def __init__(self) -> None:
        self._by_name: dict[str, Namespace] = {}

    def __iter__(self) -> Iterator[Namespace]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Namespace:
        try:
            return self._by_name[name]
        except KeyError:
            raise Refused(f"no namespace named {name}", "unknown-namespace") from None

    def create(self, name: str) -> Namespace:
        if name in self._by_name:
            raise Refused(f"namespace {name} exists already")
        try:
            os.unshare(os.CLONE_NEWNET)
            fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            os.setns(OWN, os.CLONE_NEWNET)
        self._by_name[name] = Namespace(name, fd)
        return self._by_name[name]

    def adopt(self, name: str, pid: int) -> Namespace:
        try:
            self._by_name[name] = Namespace(name, os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC), pid)
            self._by_name[name].container = Container(pid)
        except FileNotFoundError:
            raise Refused(f"the container of host {name} ended as soon as it was started", "host-ended") from None
        return self._by_name[name]

    @contextlib.contextmanager
    def inside(self, name: str) -> Iterator[Namespace]:
        """Everything in the block that makes a socket or touches /proc/sys/net does it in that namespace.

        Never `await` in the block: other tasks would run in the namespace too.
        """
        namespace = self.get(name)
        os.setns(namespace.fd, os.CLONE_NEWNET)
        try:
            yield namespace
        finally:
            os.setns(OWN, os.CLONE_NEWNET)
