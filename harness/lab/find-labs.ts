/** The labs that an engine knows, from the labels of their containers. */
import { hostname } from "node:os";
import type Docker from "dockerode";
import { enterLabel, hostLabel, keptLabel, labLabel, ownerLabel } from "../engine/labels.ts";

export interface FoundLab {
  id: string;
  /** Undefined for a lab that nobody asked to keep. */
  name: string | undefined;
  /** `kept`; `in use` by a process; `left over` from one that is gone. */
  state: "kept" | "in use" | "left over";
  /** Ids of the hosts' containers, by host. */
  containers: Record<string, string>;
  /** Every host that can be entered, those without a container among them. */
  hosts: string[];
  /** Id of the fabric's container. */
  fabric: string;
}

function stateOf(keptAs: string | undefined, owner: string | undefined): FoundLab["state"] {
  if (keptAs !== undefined) return "kept";
  return ownerLives(owner) ? "in use" : "left over";
}

export async function findLabs(docker: Docker): Promise<FoundLab[]> {
  const containers = await docker.listContainers({ all: true, filters: { label: [labLabel] } });
  const byLab = Map.groupBy(containers, ({ Labels }) => Labels[labLabel] as string);
  return [...byLab].map(([id, members]) => {
    const fabric = members.find(({ Labels }) => Labels[hostLabel] === "fabric");
    const labels = (fabric ?? members[0])?.Labels ?? {};
    const name = labels[keptLabel];
    const containers = members
      .filter(({ Labels }) => Labels[hostLabel] !== "fabric")
      .map(({ Labels, Id }) => [Labels[hostLabel] as string, Id]);
    return {
      id,
      name,
      state: stateOf(name, labels[ownerLabel]),
      containers: Object.fromEntries(containers),
      hosts: labels[enterLabel]?.split(",") ?? [],
      fabric: fabric?.Id ?? "",
    };
  });
}

function ownerLives(owner: string | undefined): boolean {
  const [machine, pid] = owner?.split("/") ?? [];
  // Another machine's process cannot be looked at: its lab is not ours to call left over.
  if (machine !== hostname()) return owner !== undefined;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
