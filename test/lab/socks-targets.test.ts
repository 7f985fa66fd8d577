/** A SOCKS proxy whose targets the server limits: each is asked for, on a real sshd. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyPolicy } from "../../harness/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-socks-"));
  await writeFile(join(folder, "sshd_config"), "PermitOpen 10.9.8.7:5432\n");
});
afterAll(() => rm(folder, { recursive: true }));

const network = `
network:
  server:
    - { interface: eth0, address: [198.51.100.10/24, "2001:db8:100::10/64"] }
    - { interface: back, address: [10.9.8.1/24], ipv6: false }
  vantages:
    database: { lan: back, address: [10.9.8.7/24] }
`;

/** What home's neighbour saw of each forward, over IPv4. */
async function seen(forwards: string, more = ""): Promise<Record<string, string[]>> {
  const path = join(folder, "policy.yaml");
  await writeFile(path, `server: { sshd_config: ./sshd_config }\n${more}forwards:\n${forwards}`);
  const { cells, forwards: stated } = await verifyPolicy(path, { remedies: false });
  const near = cells.filter(({ vantage, family }) => vantage === "home-lan" && family === 4);
  const told = (name: string) =>
    near.filter(({ forward }) => forward === name).map(({ target, observed, status }) => `${target} ${observed} ${status}`);
  return Object.fromEntries(stated.map(({ name }) => [name, told(name)]));
}

test("the allowed target is a door, although every other is closed", async () => {
  const forwards = `
  open: { ssh: "-g -D 1080", reachable_from: [] }
  shared: { ssh: "-g -D 1080", reachable_from: [home, home-lan] }
  own: { ssh: "-D 1080", reachable_from: [] }
`;
  expect(await seen(forwards, network)).toEqual({
    open: ["192.168.1.10:1080 → 10.9.8.7:5432 reached violated", "192.168.1.10:1080 → localhost:7 closed held"],
    // The controls: a proxy that the neighbour may use, and one that it cannot reach.
    shared: ["192.168.1.10:1080 → 10.9.8.7:5432 reached held", "192.168.1.10:1080 → localhost:7 closed optional"],
    own: ["192.168.1.10:1080 → 10.9.8.7:5432 refused held", "192.168.1.10:1080 → localhost:7 refused held"],
  });
});

test("a target that the lab does not have proves nothing", async () => {
  expect(await seen('  open: { ssh: "-g -D 1080", reachable_from: [] }\n')).toEqual({
    open: ["192.168.1.10:1080 → 10.9.8.7:5432 inconclusive inconclusive", "192.168.1.10:1080 → localhost:7 closed held"],
  });
});
