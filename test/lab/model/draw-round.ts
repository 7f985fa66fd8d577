/** Random configs, keys, firewalls and forwards: what people write, and what they write by mistake. */
import { drawFirewall } from "./draw-firewall.ts";
import { edgePorts, ports } from "./ports.ts";
import type { Draw } from "./random.ts";
import type { Case, Round } from "./round.ts";

export function drawRound(draw: Draw, caseCount: number): Round {
  const family = draw.chance(0.25) ? draw.one(["inet", "inet6", "any"]) : undefined;
  const config = [...(family ? [`AddressFamily ${family}`] : []), ...settings(draw, 0.75)];
  for (const criteria of draw.some(matches, 0, 2)) config.push(`Match ${criteria}`, ...settings(draw, 0.4).map((line) => `    ${line}`));
  const keys = ["", ...Array.from({ length: 2 }, () => keyOptions(draw))];
  return {
    config,
    keys,
    firewall: draw.chance(0.6) ? drawFirewall(draw) : null,
    writing: Math.floor(draw.next() * 60),
    unprivilegedPortStart: draw.chance(0.1) ? 443 : 1024,
    taken: draw.chance(0.35) ? taken(draw) : null,
    cases: Array.from({ length: caseCount }, () => drawCase(draw, family, keys.length)),
  };
}

const general = ["127.0.0.1", "0.0.0.0", "::1", "::"];
const takenAddresses = { server: [...general, "198.51.100.10", "2001:db8:100::10"], home: [...general, "192.168.1.10", "2001:db8:7::10"] };

function taken(draw: Draw): NonNullable<Round["taken"]> {
  const host = draw.one(["server", "server", "home"] as const);
  return { host, address: draw.one(takenAddresses[host]), port: draw.chance(0.6) ? ports[0] : draw.one(ports) };
}

/** Criteria that hold for some logins of the lab and not for others. */
const matches = [
  "User tunnel",
  "User root",
  "User *,!root",
  "Address 203.0.113.0/24",
  "Address 203.0.113.7",
  "Address 2001:db8:7::/64",
  "Address *,!192.0.2.0/24",
  "LocalAddress 198.51.100.10",
  "LocalPort 22",
  "Group root",
  "Group tunnel,nobody",
  "User tunnel Address 10.0.0.0/8",
  "User tunnel LocalPort 22",
  "all",
];

function settings(draw: Draw, likely: number): string[] {
  const lines: string[] = [];
  const spell = (keyword: string, value: string) => {
    if (draw.chance(0.1)) return `${keyword.toUpperCase()} ${value}`;
    return draw.chance(0.1) ? `${keyword}=${value}` : `${keyword} ${value}`;
  };
  const add = (keyword: string, values: readonly string[], chance: number) => {
    if (!draw.chance(chance)) return;
    lines.push(spell(keyword, draw.one(values)));
    // The first one wins.
    if (draw.chance(0.1)) lines.push(spell(keyword, draw.one(values)));
  };
  add("GatewayPorts", ["no", "yes", "clientspecified", "clientspecified"], likely);
  add("AllowTcpForwarding", ["yes", "all", "local", "remote", "no"], likely * 0.35);
  add("DisableForwarding", ["yes", "no"], likely * 0.1);
  add("AllowStreamLocalForwarding", ["yes", "all", "local", "remote", "no"], likely * 0.3);
  add("StreamLocalBindMask", ["0177", "0111", "0000", "0117", "0777", "177"], likely * 0.25);
  if (draw.chance(likely * 0.35)) lines.push(`PermitListen ${listenList(draw)}`);
  if (draw.chance(likely * 0.3)) lines.push(`PermitOpen ${openList(draw)}`);
  return draw.chance(0.5) ? lines : lines.reverse();
}

const listenPatterns = [
  "PORT",
  "*:PORT",
  "localhost:PORT",
  "local*:PORT",
  "127.0.0.1:PORT",
  "[::1]:PORT",
  "0.0.0.0:PORT",
  "[::]:PORT",
  ":PORT",
  "198.51.100.??:PORT",
  "localhost:*",
  "*:*",
  "LOCALHOST:PORT",
];

function listenList(draw: Draw): string {
  if (draw.chance(0.15)) return draw.one(["any", "none"]);
  return draw
    .some(listenPatterns, 1, 3)
    .map((each) => each.replace("PORT", String(draw.one(ports))))
    .join(" ");
}

const openPatterns = [
  "localhost:3389",
  "127.0.0.1:3389",
  "[::1]:3389",
  "campus:3389",
  "*:3389",
  "localhost:*",
  "localhost:7",
  "*:*",
  "[/run/y.sock]:*",
  "[/run/z.sock]:*",
  "LOCALHOST:3389",
];

function openList(draw: Draw): string {
  return draw.chance(0.15) ? draw.one(["any", "none"]) : draw.some(openPatterns, 1, 2).join(" ");
}

function keyOptions(draw: Draw): string {
  const options = draw.some(["no-pty", "no-port-forwarding", "restrict", "port-forwarding", 'from="*"'], 0, draw.chance(0.3) ? 2 : 0);
  if (draw.chance(0.4)) {
    for (const each of draw.some(listenPatterns, 1, 2)) options.push(`permitlisten="${each.replace("PORT", String(draw.one(ports)))}"`);
  }
  if (draw.chance(0.25)) options.push(`permitopen="${draw.one(openPatterns)}"`);
  // sshd ignores a line that has `from` twice.
  return [...new Set(options)].join(",");
}

const serverBinds = [
  "",
  "",
  ":",
  ":",
  "*:",
  "0.0.0.0:",
  "[::]:",
  "localhost:",
  "LOCALHOST:",
  "127.0.0.1:",
  "[::1]:",
  "127.0.0.5:",
  "198.51.100.10:",
  "[2001:db8:100::10]:",
  "198.51.100.99:",
  "[2001:db8:100::99]:",
  "server:",
  "campus:",
  "ip6-localhost:",
  "nosuch.invalid:",
  "0:",
  "127.1:",
  "2130706433:",
  "[::ffff:127.0.0.1]:",
  "224.0.0.1:",
  "[ff02::1]:",
  "[fe80::1]:",
  "255.255.255.255:",
];

const homeBinds = [
  "",
  "",
  ":",
  "*:",
  "0.0.0.0:",
  "[::]:",
  "localhost:",
  "LOCALHOST:",
  "127.0.0.1:",
  "[::1]:",
  "127.0.0.9:",
  "127.1:",
  "[::ffff:127.0.0.1]:",
  "192.168.1.10:",
  "[2001:db8:7::10]:",
  "home:",
  "ip6-localhost:",
  "198.51.100.10:",
  "nosuch.invalid:",
];

/** Every bind form with every GatewayPorts and AddressFamily, and every form of the client's: what chance takes long to come by. */
export function everyBindForm(): Round[] {
  const round = (config: string[], typed: readonly string[]): Round => ({
    config,
    keys: [""],
    firewall: null,
    taken: null,
    cases: [...new Set(typed)].map((ssh): Case => ({ account: "tunnel", keyIndex: 0, ssh })),
  });
  const families = ["any", "inet", "inet6"];
  const remote = families.flatMap((family) =>
    ["no", "clientspecified", "yes"].map((mode) =>
      round(
        [`AddressFamily ${family}`, `GatewayPorts ${mode}`],
        serverBinds.map((bind) => `-R ${bind}43234:localhost:3389`),
      ),
    ),
  );
  const forms = (flags: string) => homeBinds.map((bind) => `${flags}-L ${bind}43234:localhost:3389`);
  const local = [round([], [...forms(""), ...forms("-g "), ...forms("-4 ")]), round(["AddressFamily inet6"], forms("-6 "))];
  return [...remote, ...local];
}

/** A socket at one end or at both. */
function socketSpec(draw: Draw, remote: boolean): string {
  const port = `${draw.one(remote ? serverBinds : homeBinds)}${ports[0]}`;
  const target = draw.one(["localhost:3389", "127.0.0.1:3389", remote ? "home-lan:3389" : "campus:3389"]);
  return draw.one([`/tmp/x.sock:${target}`, "/tmp/x.sock:/run/y.sock", `${port}:/run/y.sock`]);
}

function drawSocketCase(draw: Draw, keyCount: number): Case {
  const kind = draw.one(["R", "R", "L", "L", "D"] as const);
  const words = [`-${kind}`, kind === "D" ? "/tmp/x.sock" : socketSpec(draw, kind === "R")];
  if (draw.chance(0.2))
    words.unshift(draw.one(["-o StreamLocalBindMask=0111", "-o StreamLocalBindUnlink=yes", "-o StreamLocalBindMask=0777"]));
  return {
    account: draw.chance(0.2) ? "root" : "tunnel",
    keyIndex: draw.chance(0.5) ? 0 : Math.floor(draw.next() * keyCount),
    ssh: words.join(" "),
  };
}

function drawPort(draw: Draw, remote: boolean) {
  if (draw.chance(0.12)) return draw.one(edgePorts);
  // The server's choice.
  if (remote && draw.chance(0.1)) return 0;
  return draw.chance(0.7) ? ports[0] : draw.one(ports);
}

function drawCase(draw: Draw, family: string | undefined, keyCount: number): Case {
  if (draw.chance(0.2)) return drawSocketCase(draw, keyCount);
  const kind = draw.one(["R", "R", "R", "R", "socks", "L", "L", "D"] as const);
  const remote = kind === "R" || kind === "socks";
  const port = drawPort(draw, remote);
  const listener = `${draw.one(remote ? serverBinds : homeBinds)}${port}`;
  const target = draw.one(["localhost", "localhost", "127.0.0.1", "[::1]", remote ? "home-lan" : "campus"]);
  const option = kind === "socks" ? "R" : kind;
  const spec = kind === "R" || kind === "L" ? `${listener}:${target}:3389` : listener;
  const words = [`-${option}`, spec];
  if (draw.chance(0.15)) words.unshift(draw.one(["-g", "-o GatewayPorts=yes", "-o GatewayPorts=no"]));
  if (draw.chance(0.02)) words.unshift("-o ClearAllForwardings=yes");
  // With the server's other family alone, ssh would not get there at all.
  if (draw.chance(0.15)) words.unshift(family === "inet6" ? "-6" : draw.one(["-4", "-o AddressFamily=inet"]));
  return {
    account: draw.chance(0.2) ? "root" : "tunnel",
    keyIndex: draw.chance(0.5) ? 0 : Math.floor(draw.next() * keyCount),
    ssh: words.join(" "),
  };
}
