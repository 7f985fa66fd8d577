/** A server on which everything is as its policy wants it. */
import type { Draw } from "../model/random.ts";
import { type Accept, type Firewall, formats } from "./firewall.ts";
import { type Account, type Forward, isRemote, portOf, type Server, shuffled } from "./server.ts";

type Kind = keyof typeof kinds;

/** One forward of each kind: how it is asked for, and who may use it. */
const kinds = {
  wide: (draw: Draw, port: number, filtered: boolean) => ({
    ssh: `-R ${draw.one([":", "*:"])}${port}:localhost:3389`,
    reach: visitors(draw, filtered),
  }),
  "wide over IPv4": (draw: Draw, port: number, filtered: boolean) => ({
    ssh: `-fN -R 0.0.0.0:${port}:localhost:3389`,
    reach: visitors(draw, filtered).map((vantage) => ({ vantage, family: 4 })),
  }),
  socks: (draw: Draw, port: number, filtered: boolean) => ({ ssh: `-R :${port}`, reach: visitors(draw, filtered) }),
  own: (_: Draw, port: number) => ({ ssh: `-N -R ${port}:localhost:3389`, reach: ["server"] }),
  loopback: (_: Draw, port: number) => ({
    ssh: `-R 127.0.0.1:${port}:localhost:3389`,
    reach: [{ vantage: "server", address: "127.0.0.1" }],
  }),
  address: (_: Draw, port: number, filtered: boolean) => ({
    ssh: `-R 198.51.100.10:${port}:localhost:3389`,
    reach: [{ vantage: filtered ? "campus" : "anyone", address: "198.51.100.10" }],
  }),
  socket: (_: Draw, port: number) => ({
    ssh: `-R /tmp/${port}.sock:localhost:3389`,
    reach: [{ vantage: "server", is: "blocked" }] as unknown[],
  }),
  local: (_: Draw, port: number) => ({ ssh: `-L ${port}:localhost:5432`, reach: ["home"] }),
  "local for the LAN": (draw: Draw, port: number) => ({
    ssh: draw.one([`-g -L ${port}:localhost:5432`, `-L :${port}:localhost:5432`]),
    reach: ["home", "home-lan"],
  }),
  dynamic: (_: Draw, port: number) => ({ ssh: `-D ${port}`, targets: ["localhost:5432"], reach: ["home"] }),
  "refused remote": (_: Draw, port: number) => ({ ssh: `-R :${port}:localhost:22`, refused: true as const }),
  "refused local": (_: Draw, port: number) => ({ ssh: `-L ${port}:localhost:5433`, refused: true as const }),
} satisfies Record<string, (draw: Draw, port: number, filtered: boolean) => Omit<Forward, "as">>;

const often: readonly Kind[] = [
  "wide",
  "wide",
  "wide",
  "own",
  "loopback",
  "local",
  "refused remote",
  "refused local",
  ...(Object.keys(kinds) as Kind[]),
];

function visitors(draw: Draw, filtered: boolean): string[] {
  if (!filtered || draw.chance(0.15)) return ["anyone"];
  return draw.one([["campus"], ["other-lan"], ["campus", "other-lan"], ["campus", "internet"]]);
}

export function drawServer(draw: Draw): Server {
  const filtered = draw.chance(0.75);
  const forwards: Server["forwards"] = {};
  const count = 1 + Math.floor(draw.next() * 4);
  for (let at = 0; at < count; at++) {
    const kind = draw.one(often);
    const as = draw.one(["alice", "alice", "bob"] as const);
    forwards[`${kind.replaceAll(" ", "-").toLowerCase()}-${at + 1}`] = { as, ...kinds[kind](draw, 43_210 + at * 11, filtered) };
  }
  const server: Server = {
    sshd: { layout: draw.one(["file", "folder"]), dropIn: [], top: shuffled(draw, draw.some(noise, 0, 3)), blocks: [] },
    keys: { alice: [], bob: [], carol: [] },
    firewall: filtered ? drawFirewall(draw, Object.values(forwards)) : undefined,
    forwards,
    writing: Math.floor(draw.next() * 420),
  };
  placeGatewayPorts(draw, server);
  placeLists(draw, server);
  for (const name of ["alice", "bob"] as const)
    if (draw.chance(0.3) && server.keys[name].length === 0) server.keys[name].push("restrict", "port-forwarding");
  return { ...server, sshd: { ...server.sshd, blocks: shuffled(draw, server.sshd.blocks) } };
}

const noise = [
  "X11Forwarding no",
  "# Port 22",
  "PermitRootLogin prohibit-password",
  "ClientAliveInterval 30",
  "UsePAM no",
  "AllowTcpForwarding yes",
  "",
  "PasswordAuthentication no",
];

/** What only some may is said where only they have it, or for all. */
function placeGatewayPorts(draw: Draw, { sshd, forwards }: Server): void {
  const wide = new Set(
    Object.values(forwards).flatMap((each) => (isRemote(each) && /-R (?::|\*:|0\.0\.0\.0|198\.)/.test(each.ssh) ? [each.as] : [])),
  );
  if (wide.size === 0) {
    if (draw.chance(0.5)) sshd.top.push(draw.one(["GatewayPorts no", "GatewayPorts clientspecified"]));
    return;
  }
  const line = draw.one([
    "GatewayPorts clientspecified",
    "GatewayPorts clientspecified",
    "gatewayports=clientspecified",
    "GatewayPorts\tclientspecified # who asks for it",
  ]);
  if (draw.chance(0.4)) (draw.chance(0.4) ? sshd.dropIn : sshd.top).push(line);
  else for (const name of wide) blockOf(draw, sshd, name).lines.push(line);
}

export function blockOf(draw: Draw, sshd: Server["sshd"], account: Account): Server["sshd"]["blocks"][number] {
  const names = account === "bob" ? ["User bob", "Group staff"] : [`User ${account}`, `User ${account},deploy`];
  const found = sshd.blocks.find(({ match }) => names.includes(match));
  if (found) return found;
  const block = { match: draw.one(names), lines: [] };
  sshd.blocks.push(block);
  return block;
}

/** Lists that leave each account what its policy wants, and no more where something must be refused. */
function placeLists(draw: Draw, server: Server): void {
  for (const name of ["alice", "bob"] as const) {
    const own = Object.values(server.forwards).filter(({ as }) => as === name);
    const granted = own.filter(({ refused }) => !refused);
    const mustList = (remote: boolean) => own.some((each) => each.refused && isRemote(each) === remote);
    const listens = granted.filter((each) => isRemote(each) && !each.ssh.includes("/tmp/")).map((each) => permitEntry(draw, each));
    const opens = granted.filter((each) => !isRemote(each)).map(() => "localhost:5432");
    if (mustList(true) || draw.chance(0.25)) place(draw, server, name, "PermitListen", listens);
    if (mustList(false) || draw.chance(0.25)) place(draw, server, name, "PermitOpen", opens);
  }
}

function permitEntry(draw: Draw, forward: Forward): string {
  const port = String(portOf(forward));
  if (draw.chance(0.5)) return port;
  const bind = /-R (\S*?):?4\d{4}/.exec(forward.ssh)?.[1] ?? "";
  if (bind === "" && !forward.ssh.includes("-R :")) return `localhost:${port}`;
  return bind === "" || bind === "*" ? port : `${bind}:${port}`;
}

function place(draw: Draw, server: Server, name: Account, keyword: "PermitListen" | "PermitOpen", entries: readonly string[]): void {
  const distinct = [...new Set(entries)];
  if (distinct.length > 0 && draw.chance(0.3)) server.keys[name].push(...distinct.map((entry) => `${keyword.toLowerCase()}="${entry}"`));
  else blockOf(draw, server.sshd, name).lines.push(`${keyword} ${distinct.join(" ") || "none"}`);
}

function drawFirewall(draw: Draw, forwards: readonly Forward[]): Firewall {
  const accepts = forwards.flatMap((forward): Accept[] => {
    const vantages = (forward.reach ?? []).map((entry) =>
      typeof entry === "string" ? entry : String((entry as { vantage: string }).vantage),
    );
    const from = vantages.filter((vantage) => ["campus", "other-lan", "internet", "anyone"].includes(vantage));
    if (!isRemote(forward) || from.length === 0) return [];
    const families = /-R (?:0\.0\.0\.0|198\.)/.test(forward.ssh) && draw.chance(0.5) ? ([4] as const) : ([4, 6] as const);
    return [{ port: portOf(forward), from: from.includes("anyone") ? "anyone" : from, families }];
  });
  const format = draw.one(formats);
  return {
    format,
    accepts: shuffled(draw, [...accepts, ...(draw.chance(0.4) ? [{ port: 443, from: "anyone", families: [4, 6] } as const] : [])]),
    late: [],
    policy: "drop",
    rejects: !["ufw", "firewalld"].includes(format) && draw.chance(0.4),
    icmp6: true,
    ipv6: true,
  };
}
