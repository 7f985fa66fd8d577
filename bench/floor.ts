/** (a) The floor: runs floor/floor.py in one container, whose start is not counted. */

import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { withoutPrefix } from "../harness/core/address.ts";
import { articleLab, type LabSpec } from "../harness/core/lab-spec.ts";
import { attachable } from "../harness/engine/attach.ts";
import { routerRules } from "../harness/lab/router-rules.ts";
import { planWiring } from "../harness/lab/wiring.ts";
import * as scenario from "./scenario.ts";

const script = readFileSync(new URL("./floor/floor.py", import.meta.url), "utf8");

/** The lab's own topology, with every host a namespace, and without what the lab adds for its evidence. */
function plan(): Record<string, unknown> {
  const article = articleLab();
  const hosts = Object.fromEntries(Object.entries(article.hosts).map(([name, host]) => [name, { ...host, kind: "namespace" as const }]));
  const spec: LabSpec = { ...article, hosts };
  const { gear } = planWiring(spec);
  const steps = gear.steps.map(({ namespace, settings, ip }) => {
    const router = spec.routers[namespace];
    return { namespace, settings, ip, nft: ip && router ? routerRules(spec, router) : undefined };
  });
  const addresses = spec.hosts.server?.interfaces[0]?.addresses.map(withoutPrefix) ?? [];
  const cells = Object.keys(hosts).flatMap((vantage) => addresses.map((address) => [vantage, address]));
  let port = scenario.firstPort;
  const work = (gateway: string, bind: string) => ({
    config: scenario.sshdConfig(gateway),
    forward: scenario.forward(bind, port),
    port: port++,
  });
  return {
    namespaces: gear.namespaces,
    steps,
    firewall: scenario.firewall,
    server: addresses[0],
    targetPort: scenario.targetPort,
    cells,
    // internet, home and home-lan over both families: the firewall lets none of them in.
    dropped: 6,
    first: work(scenario.gatewayPorts, ":"),
    configs: scenario.furtherConfigs.map((gateway) => work(gateway, ":")),
    forwards: scenario.furtherForwards.map((bind) => work(scenario.furtherConfigs.at(-1) as string, bind)),
  };
}

export async function measureFloor(docker: Docker, image: string, labels: Record<string, string>): Promise<scenario.Measured> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ["sh", "-c", 'read -r go; FLOOR_START=$(date +%s%N) exec python3 -c "$0" "$1"'],
    Cmd: [script, JSON.stringify(plan())],
    Labels: labels,
    ...attachable,
    HostConfig: {
      NetworkMode: "none",
      CapAdd: ["SYS_ADMIN", "NET_ADMIN"],
      SecurityOpt: ["apparmor=unconfined", "label=disable"],
      Init: true,
    },
  });
  try {
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const [out, err] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, out, err);
    const said = { out: "", err: "" };
    out.on("data", (chunk: Buffer) => {
      said.out += chunk;
    });
    err.on("data", (chunk: Buffer) => {
      said.err += chunk;
    });
    await container.start();
    stream.write("go\n");
    await container.wait();
    if (!said.out.includes("{")) throw new Error(`the floor gave no result: ${said.err.trim() || "it said nothing"}`);
    const { verdicts, ...measured } = JSON.parse(said.out) as scenario.Measured & { verdicts: string[][] };
    check(verdicts);
    return measured;
  } finally {
    await container.remove({ force: true });
  }
}

/** server, campus and other-lan get what the forward gives, over both families; the firewall drops the rest. */
function check([first, ...further]: string[][]): void {
  const open = (reached: boolean) => [...Array(6).fill(reached ? "reached" : "ECONNREFUSED"), ...Array(6).fill("dropped")].join();
  const expected = [
    ...scenario.furtherConfigs.map((gateway) => open(scenario.listensForOthers(gateway, ":"))),
    ...scenario.furtherForwards.map((bind) => open(scenario.listensForOthers(scenario.furtherConfigs.at(-1) as string, bind))),
  ];
  // Order of the lab's hosts: server, campus, other-lan, internet, home, home-lan.
  if (first?.join() !== "reached") throw new Error(`the floor's first verdict is ${first?.join()}`);
  for (const [index, verdicts] of further.entries()) {
    if (verdicts.join() !== expected[index])
      throw new Error(`the floor found ${verdicts.join()} where ${expected[index]} was to be expected`);
  }
}
