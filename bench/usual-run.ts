/**
 * (b) The usual way, in a process of its own: Testcontainers on Docker networks, `docker exec` for every step, a new
 * server container for each config, a time-out where nothing answers. It is given what it can be given: images that are
 * there, keys and accounts in them, containers started at the same time, no Ryuk, ssh that says when the forward stands.
 * A container is ready as Testcontainers sees it by default: when its exposed ports listen.
 */
import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import * as scenario from "./scenario.ts";

const [image, label, value] = process.argv.slice(2) as [string, string, string];
/** Seconds; many use more. */
const connectTimeout = 2;
/** Answers any HTTP request with its path, on both families. */
const service = `
import http.server, socket
class Service(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(self.path.encode())
    def log_message(self, *_): pass
server = Service(("::", ${scenario.targetPort}), Answer)
server.serve_forever()
`;
const docker = new Docker();
const id = randomBytes(3);
const subnets = { home: subnet(0), outside: subnet(128) };

function subnet(part: number) {
  const [a, b, c] = id as unknown as [number, number, number];
  return { v4: `10.${a}.${(b & 127) | part}.0/24`, v6: `fd00:${a.toString(16)}:${b.toString(16)}:${(c & 127) | part}::/64` };
}

async function network(name: keyof typeof subnets): Promise<Docker.Network> {
  const { v4, v6 } = subnets[name];
  const IPAM = { Driver: "default", Config: [{ Subnet: v4 }, { Subnet: v6 }] };
  return docker.createNetwork({ Name: `${value}-${id.toString("hex")}-${name}`, EnableIPv6: true, IPAM, Labels: { [label]: value } });
}

function container(on: Docker.Network, command: string[]): GenericContainer {
  return new GenericContainer(image)
    .withNetworkMode(on.id)
    .withLabels({ [label]: value })
    .withAutoCleanup(false)
    .withCommand(command);
}

const idle = (on: Docker.Network) => container(on, ["sleep", "infinity"]).start();

async function startServer(gateway: string): Promise<StartedTestContainer> {
  const started = await container(homeNetwork, ["sh", "-c", "nft -f /etc/firewall.nft && exec /usr/sbin/sshd -D -e"])
    .withAddedCapabilities("NET_ADMIN")
    .withCopyContentToContainer([
      { content: scenario.sshdConfig(gateway), target: "/etc/ssh/sshd_config" },
      { content: usualFirewall(), target: "/etc/firewall.nft" },
    ])
    .withExposedPorts(22)
    .start();
  await outsideNetwork.connect({ Container: started.getId() });
  return started;
}

/** Docker decides the addresses, so the firewall can only tell the networks apart. */
function usualFirewall(): string {
  return scenario.firewall
    .replace(/ip saddr \{.*\}/, `ip saddr ${subnets.outside.v4}`)
    .replace(/ip6 saddr \{.*\}/, `ip6 saddr ${subnets.outside.v6}`);
}

async function addressesOf(which: StartedTestContainer, on: Docker.Network): Promise<string[]> {
  const { NetworkSettings } = await docker.getContainer(which.getId()).inspect();
  const found = Object.values(NetworkSettings.Networks).find(({ NetworkID }) => NetworkID === on.id);
  return [found?.IPAddress as string, found?.GlobalIPv6Address as string];
}

async function openForward(bind: string): Promise<void> {
  port++;
  const [address] = await addressesOf(server, homeNetwork);
  const options = ["-f", "-o", "ExitOnForwardFailure=yes", ...scenario.forward(bind, port).split(" ")];
  // In the background ssh keeps the exec's output open: it must not inherit it.
  const command = `exec ssh ${options.join(" ")} ${scenario.account}@${address} >/dev/null 2>&1`;
  const { exitCode, output } = await home.exec(["sh", "-c", command]);
  if (exitCode !== 0) throw new Error(`ssh ended with ${exitCode}: ${output}`);
}

async function closeForward(): Promise<void> {
  await home.exec(["pkill", "-x", "ssh"]);
}

async function probe(from: StartedTestContainer, address: string): Promise<{ reached: boolean; timedOut: boolean }> {
  const nonce = randomBytes(8).toString("hex");
  const host = address.includes(":") ? `[${address}]` : address;
  const { exitCode, output } = await from.exec([
    "curl",
    "-s",
    "--connect-timeout",
    String(connectTimeout),
    `http://${host}:${port}/${nonce}`,
  ]);
  return { reached: output.includes(nonce), timedOut: exitCode === 28 };
}

/** Vantage by vantage, family by family: returns the milliseconds that passed in time-outs. */
async function probeAll(listens: boolean): Promise<number> {
  const at = { outside: await addressesOf(server, outsideNetwork), home: await addressesOf(server, homeNetwork) };
  let timeouts = 0;
  for (const [name, vantage] of vantages()) {
    const inside = name === "home" || name === "home-lan";
    for (const address of inside ? at.home : at.outside) {
      const seen = await probe(vantage, address);
      if (seen.timedOut) timeouts += connectTimeout * 1000;
      if (seen.reached !== (listens && !inside) || seen.timedOut !== inside)
        throw new Error(`the usual way: ${name} to ${address} ${inWords(seen)}`);
    }
  }
  return timeouts;
}

function inWords({ reached, timedOut }: { reached: boolean; timedOut: boolean }): string {
  if (reached) return "reached";
  return timedOut ? "timed out" : "did not reach";
}

function vantages(): [string, StartedTestContainer][] {
  return [
    ["server", server],
    ["campus", campus],
    ["other-lan", otherLan],
    ["internet", internet],
    ["home", home],
    ["home-lan", homeLan],
  ];
}

let port = scenario.firstPort - 1;
const [homeNetwork, outsideNetwork] = await Promise.all([network("home"), network("outside")]);
const startHome = () => container(homeNetwork, ["python3", "-c", service]).withExposedPorts(scenario.targetPort).start();
let [server, home, otherLan] = await Promise.all([startServer(scenario.gatewayPorts), startHome(), idle(outsideNetwork)]);
await openForward(":");
const [first] = await addressesOf(server, outsideNetwork);
if (!(await probe(otherLan, first as string)).reached) throw new Error("the usual way's first probe did not reach the service");
process.stdout.write("first\n");

// The other vantage points are started without being counted.
const [campus, internet, homeLan] = await Promise.all([idle(outsideNetwork), idle(outsideNetwork), idle(homeNetwork)]);
const measured: Omit<scenario.Measured, "first"> & { timeouts: { config: number; forward: number } } = {
  configs: [],
  forwards: [],
  timeouts: { config: 0, forward: 0 },
};
for (const gateway of scenario.furtherConfigs) {
  const began = performance.now();
  await Promise.all([closeForward(), server.stop()]);
  server = await startServer(gateway);
  await openForward(":");
  measured.timeouts.config = await probeAll(scenario.listensForOthers(gateway, ":"));
  measured.configs.push(performance.now() - began);
}
for (const bind of scenario.furtherForwards) {
  const began = performance.now();
  await closeForward();
  await openForward(bind);
  measured.timeouts.forward = await probeAll(scenario.listensForOthers(scenario.furtherConfigs.at(-1) as string, bind));
  measured.forwards.push(performance.now() - began);
}
const began = performance.now();
await Promise.all(vantages().map(([, each]) => each.stop()));
await Promise.all([homeNetwork.remove(), outsideNetwork.remove()]);
measured.gone = performance.now() - began;
measured.containers = vantages().length;
process.stdout.write(`${JSON.stringify(measured)}\n`);
