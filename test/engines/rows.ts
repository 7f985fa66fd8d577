/** The engines that can be had on one Debian machine, and how they are reached. */
import { dockerInDocker, ordinaryAccount, socketInContainer } from "./jobs.ts";
import { docker, podman, rootlessEngine } from "./local-engines.ts";
import type { Place } from "./place.ts";
import { overSsh, overTcp } from "./remote-engines.ts";
import type { Way } from "./verify.ts";

export interface Row {
  name: string;
  start(place: Place, stack: AsyncDisposableStack): Promise<Way>;
  /** What is expected where it cannot work: part of the error. */
  error?: RegExp;
  /** Afterwards forwardlab's images are removed from it, and none may be left. */
  prune?: true;
}

export const rows: readonly Row[] = [
  {
    name: "the machine's own, or the embedded one",
    start: async () => ({ env: { FORWARDLAB_CACHE: process.env.FORWARDLAB_CACHE ?? "" } }),
  },
  { name: "Docker of Debian bookworm", start: docker("bookworm") },
  { name: "Docker of Debian trixie", start: docker("trixie") },
  { name: "Docker of Debian sid", start: docker("sid"), prune: true },
  { name: "Docker, `no-new-privileges` for all", start: docker("trixie", ["--no-new-privileges"]) },
  { name: "Docker over TCP", start: overTcp(false) },
  { name: "Docker over TCP with TLS", start: overTcp(true) },
  { name: "Docker over `ssh://`", start: overSsh("trixie") },
  { name: "half by TLS, half by `ssh://`, merged", start: twoRemote },
  { name: "Docker with `userns-remap`", start: docker("trixie", ["--userns-remap=default"]), error: /engine\.userns/ },
  { name: "Podman of Debian bookworm", start: podman("bookworm"), prune: true },
  { name: "Podman of Debian trixie", start: podman("trixie"), prune: true },
  { name: "Docker, rootless", start: rootlessEngine("docker"), prune: true },
  { name: "Podman, rootless", start: rootlessEngine("podman"), prune: true },
  { name: "Docker, as an ordinary account", start: ordinaryAccount },
  { name: "Docker, from a container with its socket", start: socketInContainer },
  { name: "Docker in Docker, from a container", start: dockerInDocker },
];

async function twoRemote(place: Place, stack: AsyncDisposableStack): Promise<Way> {
  return { ...(await overTcp(true)(place, stack)), second: await overSsh("bookworm")(place, stack) };
}
