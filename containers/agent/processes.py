"""Processes inside hosts: followed until they and all they started are gone."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
from signal import Signals
from typing import TYPE_CHECKING, Any

from .accounts import account, root_of
from .cgroup import join
from .confinement import be_first_to_go, give_up
from .endings import kill, processes_ended, tell
from .first_step import FirstStepIn
from .held_tasks import HeldTasks
from .process_ids import everything, started_here
from .protocol import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .namespaces import Namespaces
    from .protocol import Channel

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
JOB_MARK = "FORWARDLAB_JOB"
CANNOT_ENTER = 126
MOST_OF_RUN = 32 * 1024 * 1024  # Of one program that is waited for, on each stream.
MOST_OUTPUT, LINE_COST = 256 * 1024 * 1024, 128  # Of one program: what its output takes in the harness, where each line costs extra.
PATIENCE_SECONDS = 2  # Until SIGKILL follows SIGTERM.


def parents(pids: Iterable[int]) -> dict[int, int]:
    """pid -> parent pid."""
    found = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:
                found[pid] = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            pass
    return found


def marked(mark: str, pids: Iterable[int] | None = None) -> Iterator[int]:
    """Processes whose environment carries the mark (it survives daemon(3), which leaves the process group)."""
    needle = mark.encode()
    for pid in everything() if pids is None else pids:
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                if needle in environ.read().split(b"\0"):
                    yield pid
        except OSError:
            pass


def family_of(pids: Iterable[int]) -> set[int]:
    """The given processes and all their descendants."""
    parent_of, found = parents(started_here()), set(pids)
    grew = True
    while grew:
        more = {pid for pid, parent in parent_of.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return found & parent_of.keys()


class Processes:
    def __init__(self, namespaces: Namespaces, channel: Channel, lab: str, tell_limit: Callable[[str], None]) -> None:
        self._namespaces, self._channel, self._lab, self._tell_limit = namespaces, channel, lab, tell_limit
        self._jobs: dict[int, int] = {}  # job -> pid
        self._next, self._followers = 1, HeldTasks()

    async def _start(self, request: dict[str, Any], job: int) -> asyncio.subprocess.Process:
        host = self._namespaces.get(request["host"])
        argv, environment = list(request["argv"]), {**ENVIRONMENT, "FORWARDLAB_LAB": self._lab, JOB_MARK: f"{self._lab}.{job}"}
        user = request.get("user")
        container = None if request.get("networkOnly") else host.container
        uid, gid, home = account(root_of(host) if container else "", user) if user else (0, 0, "/root")
        if container:  # Else a program of the fabric's own, in the host's network.
            environment["HOME"] = home
        environment.update(request.get("env") or {})

        def entering() -> None:
            try:
                enter()
            except OSError as error:  # Nobody would learn from an exception here what went wrong.
                os.write(2, f"forwardlab: cannot enter {host.name}: {error}\n".encode())
                os._exit(CANNOT_ENTER)

        def enter() -> None:
            if "cgroup" in request:
                join(request["cgroup"])
            host.enter()
            if container:
                be_first_to_go()
                container.enter()
                os.chdir(request.get("cwd", "/"))
                give_up()
            if user:
                os.setgroups([])
                os.setgid(gid)
                os.setuid(uid)

        pipe = asyncio.subprocess.PIPE
        starting = asyncio.create_subprocess_exec(
            *argv,
            # A daemon in the foreground may take the end of a pipe as its own end (smbd does), but not that of /dev/null.
            stdin=pipe if request.get("input") else asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env=environment,
            start_new_session=True,
            preexec_fn=entering,
        )
        try:
            return await (FirstStepIn(starting, container.starting) if container else starting)
        except FileNotFoundError as error:
            raise Refused(f"{error.filename}: not found on {request['host']}", "no-such-program") from None
        except BlockingIOError:
            raise Refused(f"{argv[0]} on {request['host']}: the lab has as many processes as it may have", "limit") from None

    async def run(self, request: dict[str, Any]) -> dict[str, Any]:
        job = self._number()
        process = await self._start(request, job)
        self._jobs[job] = process.pid
        try:
            async with asyncio.timeout(request.get("timeoutMs", 30_000) / 1000):
                out, err = await communicate(process, request["input"].encode() if process.stdin else b"")
        except TimeoutError:
            self.signal(job, signal.SIGKILL)
            raise Refused(f"{request['argv'][0]} on {request['host']} did not end in time", "timeout") from None
        except TooMuchOutput:
            self._tell_limit("output")
            self.signal(job, signal.SIGKILL)
            raise Refused(f"{request['argv'][0]} on {request['host']} printed too much", "limit") from None
        finally:
            del self._jobs[job]
        return {**ending(process.returncode or 0), "stdout": out.decode(errors="replace"), "stderr": err.decode(errors="replace")}

    async def spawn(self, request: dict[str, Any]) -> dict[str, Any]:
        job = self._number()
        process = await self._start(request, job)
        self._jobs[job] = process.pid
        if process.stdin:
            process.stdin.write(request["input"].encode())
            process.stdin.close()
        self._followers.start(self._follow(job, process))
        return {"job": job, "pid": process.pid}

    async def _follow(self, job: int, process: asyncio.subprocess.Process) -> None:
        async def tell_end() -> None:
            status = await process.wait()
            self._jobs.pop(job, None)
            self._channel.event("exit", job=job, **ending(status))

        await asyncio.gather(self._relay(job, "stdout", process.stdout), self._relay(job, "stderr", process.stderr), tell_end())

    async def _relay(self, job: int, stream: str, reader: asyncio.StreamReader | None) -> None:
        if reader is None:
            return
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        cost = 0
        while data := await reader.read(65536):
            cost += len(data) + LINE_COST * data.count(b"\n")
            if cost > MOST_OUTPUT:
                self._tell_limit("output")
                return
            self._channel.event("output", job=job, stream=stream, text=decoder.decode(data))

    def signal(self, job: int, number: Signals) -> set[int]:
        """To the job's process and everything it started, also what left its session (`ssh -f`). Returns their pids."""
        reached = self._family(job)
        tell(reached, number)
        return reached

    async def kill(self, job: int, number: Signals) -> None:
        """As `signal`; for SIGKILL and SIGTERM also waits until none of them is left (after 2 s of asking, SIGKILL)."""
        targets = self.signal(job, number)
        if number not in (signal.SIGKILL, signal.SIGTERM):
            return
        ended: set[int] = set()
        while targets:
            left = await processes_ended(targets, PATIENCE_SECONDS)
            if left:
                await kill(left)
            ended |= targets
            # What one of them started while the others were being told is not among them.
            targets = self.signal(job, number) - ended

    def _family(self, job: int) -> set[int]:
        roots = set(marked(f"{JOB_MARK}={self._lab}.{job}", started_here()))
        if job in self._jobs:
            roots.add(self._jobs[job])
        return family_of(roots)

    def all_jobs(self) -> set[int]:
        """Processes of every job that runs. sshd writes its title over its environment: its mark is gone, its parent is not."""
        return family_of(self._jobs.values())

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


class TooMuchOutput(Exception):
    """A program prints more than the harness could take."""


async def communicate(process: asyncio.subprocess.Process, text: bytes) -> tuple[bytes, bytes]:
    """Process.communicate, with an end to what it takes in."""

    async def give() -> None:
        if process.stdin:
            process.stdin.write(text)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await process.stdin.drain()
            process.stdin.close()

    async def take(reader: asyncio.StreamReader | None) -> bytes:
        parts, size = [], 0
        while reader and (data := await reader.read(65536)):
            parts.append(data)
            size += len(data)
            if size > MOST_OF_RUN:
                raise TooMuchOutput
        return b"".join(parts)

    _, out, err, _ = await asyncio.gather(give(), take(process.stdout), take(process.stderr), process.wait())
    return out, err


def ending(returncode: int) -> dict[str, Any]:
    if returncode < 0:
        return {"code": None, "signal": signal.Signals(-returncode).name}
    return {"code": returncode, "signal": None}
