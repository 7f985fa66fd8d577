/**
 * dockerode in a third of its time. For builds with credentials it loads gRPC, for engines that it would log in to ssh2; the lab asks it for neither (connect.ts
 * has a tunnel of its own), and both are functions, which load what they need when they are called.
 */
import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type Dockerode from "dockerode";

const require = createRequire(import.meta.url);

export async function loadDockerode(): Promise<typeof Dockerode> {
  postponeUnused();
  return (await import("dockerode")).default;
}

/** For whoever loads dockerode by way of another library. */
export function postponeUnused(): void {
  const dockerode = require.resolve("dockerode");
  const modem = createRequire(dockerode).resolve("docker-modem");
  postpone(join(dirname(dockerode), "session.js"));
  postpone(join(dirname(modem), "ssh.js"));
}

/** A module that exports a function is loaded by its first call. */
function postpone(path: string): void {
  if (require.cache[path] || !existsSync(path)) return;
  const standIn = new Module(path);
  standIn.filename = path;
  standIn.loaded = true;
  standIn.exports = (...given: unknown[]) => {
    if (require.cache[path] === standIn) delete require.cache[path];
    return (require(path) as (...given: unknown[]) => unknown)(...given);
  };
  require.cache[path] = standIn;
}
