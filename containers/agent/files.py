"""Files of a host, as the host itself sees them (its own mounts and symbolic links)."""

import base64
import json
import os
import shutil

from .protocol import Refused


def in_host(host, work):
    """Runs `work()` in a child process inside the host's mount namespace; its JSON answer comes back over a pipe."""
    if host.pid is None:
        return work()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            target = os.open(f"/proc/{host.pid}/ns/mnt", os.O_RDONLY)
            os.setns(target, os.CLONE_NEWNS)
            os.chdir("/")
            try:
                answer = {"ok": work()}
            except OSError as error:
                answer = {"error": f"{error.filename}: {error.strerror}"}
            with os.fdopen(write, "w") as pipe:
                json.dump(answer, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    answer = json.loads(data) if data else {"error": "the file worker died"}
    if "error" in answer:
        raise Refused(f"{host.name}: {answer['error']}", "file")
    return answer["ok"]


def write(host, files):
    def work():
        for file in files:
            path = file["path"]
            folder = os.path.dirname(path)
            if not os.path.isdir(folder):
                os.makedirs(folder, 0o755)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(fd, "wb") as out:
                out.write(base64.b64decode(file["content"]))
                os.fchown(fd, file.get("uid", 0), file.get("gid", 0))
                os.fchmod(fd, file.get("mode", 0o644))
        return len(files)

    return in_host(host, work)


def read(host, path):
    def work():
        try:
            with open(path, "rb") as file:
                return base64.b64encode(file.read()).decode()
        except (FileNotFoundError, NotADirectoryError):
            return None

    return in_host(host, work)


def remove(host, paths):
    def work():
        for path in paths:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif os.path.lexists(path):
                os.unlink(path)
        return len(paths)

    return in_host(host, work)
