/** The embedded engine's own bridge: never docker0, which may be somebody else's. */
import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { run, tail } from "./command.ts";

/**
 * Makes the bridge anew with a network that no route of this machine uses. `env` must lead to `ip`.
 * @throws UserError `engine.bridge`
 */
export async function makeBridge(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  await removeBridge(name, env);
  const network = freeNetwork(readFileSync("/proc/net/route", "utf8"));
  const steps = [
    ["ip", "link", "add", name, "type", "bridge"],
    ["ip", "address", "add", `${network}.1/24`, "dev", name],
    ["ip", "link", "set", name, "up"],
  ];
  for (const argv of steps) {
    const { code, output } = await run(argv, { env });
    if (code === 0) continue;
    throw new UserError("engine.bridge", `the embedded engine's bridge ${name} could not be created (\`${argv.join(" ")}\`)`, {
      fault: faultOf("bridge-not-made", { name, command: argv.join(" ") }),
      todo: "the embedded engine must be able to create network interfaces (inside a container: --privileged); or set DOCKER_HOST to another engine",
      log: tail(output),
    });
  }
}

/**
 * Removes the bridge if it is there.
 * @throws UserError `engine.bridge`
 */
export async function removeBridge(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!bridgeExists(name)) return;
  const { code, output } = await run(["ip", "link", "del", name], { env });
  if (code === 0 || !bridgeExists(name)) return;
  throw new UserError("engine.bridge", `the embedded engine's bridge ${name} could not be removed`, {
    fault: faultOf("bridge-not-removed", { name }),
    todo: `remove it manually: \`ip link del ${name}\``,
    log: tail(output),
  });
}

export function bridgeExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/**
 * The first three bytes of a private /24 that overlaps no route in `/proc/net/route`, which has
 * destination and mask as little-endian hexadecimal numbers in columns 2 and 8.
 */
export function freeNetwork(routeTable: string): string {
  const routes = routeTable
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((columns) => columns.length > 7)
    .map((columns) => ({ destination: fromHex(columns[1] as string), mask: fromHex(columns[7] as string) }))
    .filter(({ mask }) => mask !== 0);
  const ours = 0xffffff00;
  for (const high of [0xac1f, 0xac1e, 0xac1d, 0x0ac8, 0xc0a8]) {
    for (let third = 250; third >= 200; third--) {
      const network = ((high << 16) | (third << 8)) >>> 0;
      const clash = routes.some(({ destination, mask }) => (network & mask & ours) >>> 0 === (destination & mask & ours) >>> 0);
      if (!clash) return [network >>> 24, (network >>> 16) & 255, third].join(".");
    }
  }
  throw new UserError("engine.bridge", "every private network that the embedded engine could use is already routed on this machine", {
    fault: faultOf("bridge-no-network", {}),
    todo: "set DOCKER_HOST to an engine of your own",
  });
}

function fromHex(littleEndian: string): number {
  return Buffer.from(littleEndian, "hex").readUInt32LE(0);
}
