/** (c) forwardlab, in a process of its own: prints `first` when the nonce is back, at the end all measurements as JSON. */

import type { Verdict } from "../harness/core/verdict.ts";
import { labLabel } from "../harness/engine/labels.ts";
import { loadFirewall } from "../harness/firewall/load-firewall.ts";
import { parseForwardArguments } from "../harness/openssh/forward-arguments.ts";
import { sshdConfigFromText } from "../harness/openssh/sshd-config.ts";
import type { OnEvent } from "../harness/session/events.ts";
import { ForwardLab } from "../harness/session/forward-lab.ts";
import * as scenario from "./scenario.ts";

const steps: Record<string, number> = {};
let last = 0;
const step = (name: string) => {
  steps[name] = performance.now() - last;
  last = performance.now();
};
step("node and imports");

const firewall = await loadFirewall(new URL("./config/nftables.conf", import.meta.url).pathname, "bench/config");
let starting = "";
const onEvent: OnEvent = (event) => {
  if (event.type !== "step") return;
  step(starting || "engine and images");
  starting = event.text;
};
const sshdConfig = await sshdConfigFromText(scenario.sshdConfig(scenario.gatewayPorts));
const lab = await ForwardLab.start({ sshdConfig, accounts: [{ name: scenario.account }], firewall, onEvent });
step(starting);
let port = scenario.firstPort;
const open = (bind: string) =>
  lab.open({ name: "rdp", from: "home", account: scenario.account, ssh: parseForwardArguments(scenario.forward(bind, port++)) });
const addresses = lab.lab.host(scenario.server).addresses.map(({ address }) => address);
const others = new Set(["campus", "other-lan", scenario.server]);

let forward = await open(":");
step("ssh -R");
const first = await lab.probe(forward, "other-lan", addresses[0] as string);
step("probe");
if (first.verdict !== "reached") throw new Error(`forwardlab's first verdict is ${first.verdict}`);
process.stdout.write("first\n");

const configs: number[] = [];
const forwards: number[] = [];
for (const gateway of scenario.furtherConfigs) {
  const config = await sshdConfigFromText(scenario.sshdConfig(gateway));
  configs.push(await timed(() => another(":", scenario.listensForOthers(gateway, ":"), () => lab.configure({ sshdConfig: config }))));
}
for (const bind of scenario.furtherForwards) {
  const gateway = scenario.furtherConfigs.at(-1) as string;
  forwards.push(await timed(() => another(bind, scenario.listensForOthers(gateway, bind), async () => undefined)));
}
const { containers, processes, memory } = await measureSize();
const gone = await timed(() => lab[Symbol.asyncDispose]());
const left = await lab.engine.docker.listContainers({ all: true, filters: { label: [`${labLabel}=${lab.lab.id}`] } });
if (left.length > 0) throw new Error(`${left.length} containers are left`);
const measured: Omit<scenario.Measured, "first"> = { configs, forwards, gone, memory, containers, processes, steps };
process.stdout.write(`${JSON.stringify(measured)}\n`);

async function another(bind: string, listens: boolean, change: () => Promise<void>): Promise<void> {
  await forward[Symbol.asyncDispose]();
  await change();
  forward = await open(bind);
  const cells = Object.keys(lab.lab.spec.hosts).flatMap((vantage) => addresses.map((address) => ({ vantage, address })));
  const results = await Promise.all(cells.map(({ vantage, address }) => lab.probe(forward, vantage, address)));
  const outside: Verdict = listens ? "reached" : "refused";
  for (const { vantage, verdict } of results) {
    const expected = others.has(vantage) ? outside : "filtered";
    if (verdict !== expected) throw new Error(`forwardlab says ${verdict} from ${vantage} where ${expected} was to be expected`);
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** All that runs in the lab's containers is accounted to them, also what the fabric starts in a host. */
async function measureSize(): Promise<Required<Pick<scenario.Measured, "containers" | "processes" | "memory">>> {
  const { docker } = lab.engine;
  const found = await docker.listContainers({ filters: { label: [`${labLabel}=${lab.lab.id}`] } });
  const stats = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).stats({ stream: false, "one-shot": true })));
  const sum = (each: (one: (typeof stats)[number]) => number | undefined) => stats.reduce((total, one) => total + (each(one) ?? 0), 0);
  return {
    containers: found.length,
    processes: sum((one) => one.pids_stats?.current),
    // cgroup v2 engines report no maximum: what is used now stands for it.
    memory: {
      containers: sum((one) => one.memory_stats.max_usage ?? one.memory_stats.usage),
      harness: process.resourceUsage().maxRSS * 1024,
    },
  };
}
