"""Files of a host, as the host itself sees them (its own mounts and symbolic links).

One thread steps into the host's mount namespace and back, which a thread may do that shares its root and working
folder with no other. The agent waits for it, so to everything else it is still single-threaded; a child process for
each request would take ten times as long.
"""

from __future__ import annotations

import base64
import errno
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .namespaces import change_root, enter_files
from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .namespaces import Namespace

MOST_BYTES = 32 * 1024 * 1024
OWN = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
OWN_ROOT = os.open("/", os.O_PATH | os.O_CLOEXEC)
_traveller = ThreadPoolExecutor(1, initializer=lambda: os.unshare(os.CLONE_FS))


def in_host[T](host: Namespace, work: Callable[[], T]) -> T:
    """Runs `work()` inside the host's mount namespace. It must import nothing: modules would come from the host's files."""
    pid = host.pid
    if pid is None:
        return work()

    def there() -> T:
        try:
            enter_files(pid)
            return work()
        finally:
            os.setns(OWN, os.CLONE_NEWNS)
            change_root(OWN_ROOT)

    try:
        return _traveller.submit(there).result()
    except OSError as error:
        raise Refused(f"{host.name}: {error.filename}: {error.strerror}", "file") from None


def write(host: Namespace, instead_of: list[str], folders: list[dict[str, Any]], files: list[dict[str, Any]]) -> None:
    """
    All at once: each step into a host costs as much as a file.

    @param instead_of: files and whole folders that go first
    """

    def work() -> None:
        _remove(instead_of)
        _make_folders(folders)
        _write(files)

    in_host(host, work)


def read(host: Namespace, path: str) -> str | None:
    def work() -> str | None:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(fd, "rb") as file:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise OSError(errno.EINVAL, "not a regular file", path)
                content = file.read(MOST_BYTES + 1)
                if len(content) > MOST_BYTES:
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
                return base64.b64encode(content).decode()
        except (FileNotFoundError, NotADirectoryError):
            return None

    return in_host(host, work)


def remove(host: Namespace, paths: list[str]) -> None:
    in_host(host, lambda: _remove(paths))


def _remove(paths: list[str]) -> None:
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)


def _make_folders(folders: list[dict[str, Any]]) -> None:
    for folder in folders:
        path = folder["path"]
        there = os.path.isdir(path)
        if not there:
            if os.path.lexists(path):
                continue
            os.makedirs(path, 0o755)
        if not (there and folder["keep"]):
            os.chown(path, folder["uid"], folder["gid"])


def _write(files: list[dict[str, Any]]) -> None:
    for file in files:
        path = file["path"]
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder, 0o755)
        # A named pipe without a reader is an error, not something to wait for.
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o600)
        with os.fdopen(fd, "wb") as out:
            out.write(base64.b64decode(file["content"]))
            os.fchown(fd, file.get("uid", 0), file.get("gid", 0))
            os.fchmod(fd, file.get("mode", 0o644))


def missing_programs(host: Namespace, paths: list[str]) -> list[str]:
    return in_host(host, lambda: [path for path in paths if not os.access(path, os.X_OK)])


def device(host: Namespace, path: str, major: int, minor: int) -> bool:
    """A character device that everybody may open. False where the engine does not let the fabric make one."""

    def make() -> bool:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            return True
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        except PermissionError:
            return False
        os.chmod(path, 0o666)
        return True

    return in_host(host, make)
