/** Containers of the labs that one process of this machine started. */
import { hostname } from "node:os";
import Docker from "dockerode";
import { hostLabel, ownerLabel } from "../../../harness/engine/labels.ts";

export async function containersOf(pid: number | undefined): Promise<string[]> {
  const found = await new Docker().listContainers({ all: true, filters: { label: [`${ownerLabel}=${hostname()}/${pid}`] } });
  return found.map(({ State, Labels }) => `${Labels[hostLabel]} (${State})`);
}
