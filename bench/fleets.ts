/** `verify` of many servers: in one command, and each by a command of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fleet } from "../harness/core/fleet.ts";

/** How many servers, growing; of the last, some with addresses of their own. */
export const fleetSizes = [1, 5, 20, 50] as const;
/** Every fifth has a network of its own, so that it cannot share the others' labs. */
const ownNetworkEvery = 5;

export interface MeasuredFleet {
  servers: number;
  /** One command for all, milliseconds. */
  together: number;
  labs: number;
  /** One command for each, all of them one after the other. */
  apart: number;
}

const main = join(import.meta.dirname, "../harness/cli/main.ts");

/** Engine and images are there. @throws where a verdict is another than it must be */
export async function measureFleet(servers: number, signal: AbortSignal): Promise<MeasuredFleet> {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-bench-"));
  try {
    const names = Array.from({ length: servers }, (_, at) => `server-${at + 1}`);
    names.forEach((name, at) => {
      writeServer(join(folder, name), at);
    });
    const result = join(folder, "fleet.json");
    const together = await timed(["verify", folder, "--quiet", "--report", `json=${result}`], signal);
    const fleet = JSON.parse(readFileSync(result, "utf8")) as Fleet;
    if (fleet.outcome !== "pass" || fleet.servers.length !== servers) throw new Error(`the fleet is ${fleet.outcome}`);
    let apart = 0;
    for (const name of names)
      apart += await timed(["verify", join(folder, name), "--quiet", "--report", `json=${join(folder, name, "own.json")}`], signal);
    return { servers, together, labs: fleet.labs, apart };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeServer(folder: string, at: number): void {
  mkdirSync(folder);
  const network = at % ownNetworkEvery === 4 ? `network: { server: { address: ["203.0.113.${130 + (at % 100)}/25"], ipv6: false } }\n` : "";
  writeFileSync(
    join(folder, "policy.yaml"),
    `server: { sshd_config: sshd_config }
${network}forwards:
  rdp: { ssh: "-R :${43_000 + at}:localhost:3389", reachable_from: [anyone] }
  own: { ssh: "-R localhost:${44_000 + at}:localhost:8080", reachable_from: [] }
`,
  );
  writeFileSync(join(folder, "sshd_config"), `GatewayPorts clientspecified\n# ${at}\nClientAliveInterval ${at + 10}\n`);
}

async function timed(args: readonly string[], signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ["--no-warnings", main, ...args], { stdio: ["ignore", "ignore", "inherit"], signal });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`verify ended with ${code}`);
  return performance.now() - began;
}
