/**
 * The fabric's container, by the engine's own interface: its input and output are streams that this process holds. Of
 * the lab's containers, it is the last to be ready.
 */
import { readFileSync, readlinkSync } from "node:fs";
import type Docker from "dockerode";
import { attachable } from "../engine/attach.ts";
import { hostLabel, labLabel } from "../engine/labels.ts";
import { readProcess } from "../engine/processes.ts";
import { fabricCapabilities, limits, noNewPrivileges, rightsOf } from "./confinement.ts";

/**
 * The engine gives the container a network namespace and leaves it alone. Under network mode `none` alone, Docker 20.10 connects and disconnects it
 * all the same, and may hang for good when several go at a time (libnetwork: `getSvcRecords` against `processEndpointDelete`).
 */
export const withoutEngineNetwork = true;

/** Switches, routers and the agent that drives everything: not started yet, for its input is to be attached first. */
export function createFabric(
  docker: Docker,
  image: string,
  lab: string,
  { labels, owner = ownerProcess(process.pid) }: { labels: Record<string, string>; owner?: string },
): Promise<Docker.Container> {
  return docker.createContainer({
    Image: image,
    Labels: { ...labels, [labLabel]: lab, [hostLabel]: "fabric" },
    Env: [`FORWARDLAB_LAB=${lab}`, `FORWARDLAB_OWNER=${owner}`],
    NetworkDisabled: withoutEngineNetwork,
    ...attachable,
    HostConfig: {
      NetworkMode: "none",
      AutoRemove: true,
      PidMode: "host",
      // Not --privileged, which fails on some CI machines.
      ...rightsOf(fabricCapabilities),
      ...limits,
      // Its output is read as it comes: the engine need not also write megabytes of it to a log file.
      LogConfig: { Type: "none", Config: {} },
      SecurityOpt: [noNewPrivileges, "apparmor=unconfined", "label=disable"],
    },
  });
}

/** What identifies a process to an agent on the same machine: its pid, start time, pid namespace and boot. Empty: not on Linux. */
export function ownerProcess(pid: number): string {
  const start = readProcess(pid)?.start;
  if (start === undefined) return "";
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return [pid, start, readlinkSync("/proc/self/ns/pid"), boot].join(" ");
  } catch {
    return "";
  }
}
