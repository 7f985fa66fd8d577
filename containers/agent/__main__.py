"""Reads requests until the end of input, then ends the lab."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any

from . import directory, files, requests, wiring
from .cgroups import Cgroups
from .client_socket import NextHops
from .dropped_dials import LostDials
from .endings import listeners_gone
from .firewall import Firewalls
from .lifeline import TICK_SECONDS, Lifeline
from .lifetime import end_lab
from .limits import Limits
from .links import all_connected
from .listeners import listeners
from .live import LiveWatch
from .namespaces import Namespaces
from .neighbours import flush_neighbours
from .observation import Observation
from .overdue import Overdue, where_all_stand
from .probing import Probe
from .processes import Processes
from .protocol import Channel, Refused
from .services import Services
from .sockets import probe_unix_socket, unix_listeners
from .strangers import end_session, end_strangers, first_processes
from .streams import Streams

if TYPE_CHECKING:
    from types import FrameType

FIRST_REQUEST_SECONDS = 20
LIMITS_SECONDS = 0.5
TUN = ("/dev/net/tun", 10, 200)  # Linux, Documentation/admin-guide/devices.txt


Request = dict[str, Any]


class Agent:
    def __init__(self, lab: str) -> None:
        self.lab, self.keep = lab, False
        self.schemas = requests.load()
        self.lifeline = Lifeline(os.environ.get("FORWARDLAB_OWNER", ""))
        self.channel = Channel(self.tell_limit, self.lifeline.heard)
        self.limits, self.over_limit = Limits(), False
        self.overdue = Overdue()
        self.namespaces = Namespaces()
        self.observation = Observation(self.namespaces)
        self.lost_dials = LostDials(self.namespaces, self.observation)
        self.hops = NextHops(self.namespaces)
        self.cgroups = Cgroups(self.namespaces)
        self.firewalls = Firewalls(self.namespaces)
        self.services = Services(self.namespaces, self.cgroups)
        self.processes = Processes(self.namespaces, self.channel, lab, self.tell_limit)
        self.streams = Streams(self.namespaces, self.channel)
        self.live = LiveWatch(self.namespaces, self.observation, self.channel)
        self.first: set[int] = set()

    async def serve(self) -> None:
        self.channel.open()
        self.watch_owner()
        self.channel.event("ready", pid=os.getpid(), kernel=os.uname().release)
        # A harness that died between starting this container and attaching to it leaves input open for ever.
        request = await asyncio.wait_for(self.channel.receive(), FIRST_REQUEST_SECONDS)
        watching = asyncio.create_task(self.watch_limits())
        running: set[asyncio.Task[None]] = set()
        while request is not None:
            task = asyncio.create_task(self.answer(request))
            running.add(task)
            task.add_done_callback(running.discard)
            request = await self.channel.receive()
        watching.cancel()

    async def watch_limits(self) -> None:
        """The kernel tells nobody who has all of cgroup v1 read-only; and what runs into a limit may keep every answer from coming."""
        while not self.over_limit:
            await asyncio.sleep(LIMITS_SECONDS)
            self.tell_limit()

    def watch_owner(self) -> None:
        """By a timer's signal, which comes through also where writing blocks: of an engine that is gone nobody reads the answers."""
        loop = asyncio.get_running_loop()

        def look(_: int, frame: FrameType | None) -> None:
            why = None if self.keep else self.lifeline.lost()
            late = self.overdue.tick()
            if late:
                why = f"the agent has not finished {late}\n{where_all_stand(loop, frame)}"
            if why:
                os.write(2, f"{why}\n".encode())
                end_lab(self.lab)
                os._exit(0)

        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, TICK_SECONDS, TICK_SECONDS)

    def tell_limit(self, reached: str | None = None) -> None:
        """Before any answer, or the end of a process that may be due to it."""
        what = None if self.over_limit else reached or self.limits.reached()
        if what:
            self.over_limit = True
            self.channel.send({"event": "limit", "what": what}, first=True)

    async def answer(self, message: dict[str, Any]) -> None:
        identity = message.get("id")
        try:
            done = await self.carry_out(message)
            self.channel.send({"id": identity, "ok": done})
        except Refused as error:
            self.channel.send({"id": identity, "error": str(error), "kind": error.kind, **error.details})
        except Exception as error:  # noqa: BLE001 - the harness must hear of every failure
            self.channel.send({"id": identity, "error": f"{type(error).__name__}: {error}", "kind": "agent", "log": traceback.format_exc()})

    async def carry_out(self, message: dict[str, Any]) -> Any:
        name = message.get("op")
        schema, operation = self.schemas.get(str(name)), getattr(self, f"op_{name}", None)
        if schema is None or operation is None:
            raise Refused(f"unknown operation {name}", "request")
        request = {key: value for key, value in message.items() if key not in ("id", "op")}
        requests.check(schema, request, str(name))
        with self.overdue.until_done(str(name), request):
            return await operation(request)

    # Networks

    async def op_build(self, request: Request) -> Any:
        """Gear: namespaces, then `ip` lines and kernel settings and rules of each, in order; then look into those to observe."""
        for name in request["namespaces"]:
            self.namespaces.create(name)
        return await self._configure(request["steps"])

    async def op_adopt(self, request: Request) -> Any:
        """The hosts: containers by pid, then steps as in `build`. Tells which of them could not be given a tun device."""
        for name, pid in request["hosts"].items():
            self.namespaces.adopt(name, pid)
        await self._configure(request["steps"])
        await all_connected(self.namespaces)
        directory.write(self.namespaces)
        return {"withoutTun": [name for name in request["hosts"] if not files.device(self.namespaces.get(name), *TUN)]}

    async def _configure(self, steps: list[Request]) -> None:
        """In order, but neighbours at the same time, where each is about its own namespace and none lays wires into others."""
        together: list[Request] = []
        for step in steps:
            wires = any("{ns:" in line for line in step.get("ip", ()))
            if together and (wires or any(step["namespace"] == other["namespace"] for other in together)):
                await asyncio.gather(*map(self._configure_one, together))
                together = []
            together.append(step)
            if wires:
                await self._configure_one(together.pop())
        await asyncio.gather(*map(self._configure_one, together))

    async def _configure_one(self, step: Request) -> None:
        name = step["namespace"]
        if "settings" in step:
            wiring.write_settings(self.namespaces, name, step["settings"])
        if "ip" in step:
            await wiring.ip_batch(self.namespaces, name, step["ip"])
        if "nft" in step:
            status, _, err = await wiring.tool(self.namespaces, name, ["nft", "-f", "-"], step["nft"])
            if status != 0:
                raise Refused(f"nft refused the lab's own rules in {name}: {err.strip()}", "wiring", text=step["nft"])
        if step.get("observe"):
            self.observation.watch(name)

    async def op_names(self, request: Request) -> Any:
        """What /etc/hosts says in a host that is only a namespace."""
        self.namespaces.get(request["host"]).names = directory.write_names(request["host"], request["content"])
        directory.write(self.namespaces)

    async def op_settings(self, request: Request) -> Any:
        return wiring.read_settings(self.namespaces, request["namespace"], request["keys"])

    async def op_interfaces(self, request: Request) -> Any:
        """Names of the network interfaces of each namespace, and of the fabric itself under the empty name."""
        found = {"": sorted(name for _, name in socket.if_nameindex())}
        for space in self.namespaces:
            with self.namespaces.inside(space.name):
                found[space.name] = sorted(name for _, name in socket.if_nameindex())
        return found

    async def op_listeners(self, request: Request) -> Any:
        return listeners(self.namespaces, request["host"])

    async def op_listeners_gone(self, request: Request) -> Any:
        return await listeners_gone(self.namespaces, request["host"], request["inodes"], request["timeoutMs"] / 1000)

    async def op_unix_listeners(self, request: Request) -> Any:
        return unix_listeners(self.namespaces, request["host"])

    async def op_tool(self, request: Request) -> Any:
        """A tool of the fabric (ip, nft, ss, conntrack) in any namespace."""
        status, out, err = await wiring.tool(self.namespaces, request["namespace"], request["argv"], request.get("input", ""))
        return {"code": status, "stdout": out, "stderr": err}

    async def op_firewall(self, request: Request) -> Any:
        """A user's rules in place of whatever a host has. A tool that refuses them is a result, after which the host has none."""
        return await self.firewalls.load(request["namespace"], request)

    async def op_reset_firewall(self, request: Request) -> Any:
        """The same rules as at the moment they were loaded: nothing counted, nobody remembered."""
        return await self.firewalls.reset(request["namespace"])

    async def op_flush_neighbours(self, request: Request) -> Any:
        flush_neighbours(self.namespaces, request["namespaces"])

    # Hosts

    async def op_run(self, request: Request) -> Any:
        return await self.processes.run(request)

    async def op_spawn(self, request: Request) -> Any:
        return await self.processes.spawn(request)

    async def op_kill(self, request: Request) -> Any:
        await self.processes.kill(request["job"], getattr(signal, request["signal"]))

    async def op_write(self, request: Request) -> Any:
        files.write(self.namespaces.get(request["host"]), request["insteadOf"], request["folders"], request["files"])

    async def op_read(self, request: Request) -> Any:
        return files.read(self.namespaces.get(request["host"]), request["path"])

    async def op_remove(self, request: Request) -> Any:
        files.remove(self.namespaces.get(request["host"]), request["paths"])

    async def op_missing_programs(self, request: Request) -> Any:
        return files.missing_programs(self.namespaces.get(request["host"]), request["paths"])

    async def op_make_cgroups(self, request: Request) -> Any:
        await self.cgroups.make(request["host"], request["groups"], request["accounts"], request["rest"], shown=request["shown"])

    # Services, probes, streams

    async def op_listen(self, request: Request) -> Any:
        await self.services.listen(request["host"], request["address"], request["port"], request["identity"])

    async def op_unlisten(self, request: Request) -> Any:
        await self.services.close(request["host"], request["address"], request["port"])

    async def op_listen_on_path(self, request: Request) -> Any:
        await self.services.listen_on_path(request["host"], request["path"], request["mode"], request["identity"])

    async def op_unlisten_on_path(self, request: Request) -> Any:
        await self.services.close_path(request["host"], request["path"])

    async def op_probe_unix_socket(self, request: Request) -> Any:
        return await probe_unix_socket(self.namespaces, self.observation, request)

    async def op_probe(self, request: Request) -> Any:
        return await Probe(self.namespaces, self.observation, self.hops, self.cgroups, request).run()

    async def op_end_lost_dials(self, request: Request) -> Any:
        """From now on, aborts dials of this target that the trace shows to be lost, as the kernel would minutes later."""
        return {"ending": self.lost_dials.end(request["dial"])}

    async def op_leave_lost_dials(self, request: Request) -> Any:
        self.lost_dials.leave(request["ending"])

    async def op_dial(self, request: Request) -> Any:
        return {"stream": await self.streams.dial(request["host"], request["address"], request["port"], request.get("timeoutMs", 10_000) / 1000)}

    async def op_stream_write(self, request: Request) -> Any:
        await self.streams.write(request["stream"], request["data"])

    async def op_stream_half_close(self, request: Request) -> Any:
        self.streams.half_close(request["stream"])

    async def op_stream_close(self, request: Request) -> Any:
        self.streams.close(request["stream"])

    # A person who works in the lab

    async def op_watch(self, request: Request) -> Any:
        """Events from now on: `attempts`, and `listeners` of these hosts."""
        self.first = self.first or first_processes(map(self.namespaces.get, request["hosts"]))
        await self.live.start(request["hosts"])

    async def op_unwatch(self, request: Request) -> Any:
        await self.live.stop()

    async def op_end_strangers(self, request: Request) -> Any:
        return await end_strangers(self.namespaces, request["hosts"], self.processes, self.first)

    async def op_end_session(self, request: Request) -> Any:
        await end_session(request["session"])

    # Lifetime

    async def op_keep(self, request: Request) -> Any:
        """From now on the end of input does not end the lab: a person asked to keep it."""
        self.keep = True


async def serve(agent: Agent) -> None:
    with contextlib.suppress(TimeoutError):
        await agent.serve()
    if agent.keep:
        await asyncio.Event().wait()


def main() -> None:
    lab = os.environ["FORWARDLAB_LAB"]
    # What is held is held for long (attempts, decisions), and hardly any of it in cycles: to look for those often costs 6 % of a probe.
    gc.set_threshold(100_000)
    try:
        wiring.unlock_kernel_settings()
        asyncio.run(serve(Agent(lab)))
    except Exception:  # noqa: BLE001 - standard error is where the harness looks when the agent is gone
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        end_lab(lab)
        os._exit(0)


if __name__ == "__main__":
    main()
