/**
 * dockerode in a third of its time: without gRPC, which it has for builds with credentials, and without ssh2, for engines that it would log in to. The lab
 * asks it for neither; connect.ts has a tunnel of its own.
 */
import { dirname, join } from "node:path";
import type Dockerode from "dockerode";
import { foundBy, postpone } from "./postpone.ts";

export async function loadDockerode(): Promise<typeof Dockerode> {
  postponeUnused();
  return (await import("dockerode")).default;
}

/** For whoever loads dockerode by way of another library. */
export function postponeUnused(): void {
  postpone(join(dirname(foundBy("dockerode")), "session.js"));
  postpone(join(dirname(foundBy("dockerode", "docker-modem")), "ssh.js"));
}
