/** What is wrong with sshd's settings, a key's options or what ssh is asked for. */
import type { Draw } from "../model/random.ts";
import type { Damage } from "./damages.ts";
import { type Account, isRemote, portOf, type Server, sections } from "./server.ts";

export const sshdDamages: Readonly<Record<string, Damage>> = {
  "GatewayPorts left out": (server) => editLines(server, "GatewayPorts", () => undefined),
  "GatewayPorts no": (server) => editLines(server, "GatewayPorts", () => "GatewayPorts no"),
  "GatewayPorts no in a drop-in that comes first": ({ sshd }) =>
    sshd.blocks.every(({ lines }) => !lines.some(isGateway)) && sshd.dropIn.unshift("GatewayPorts no") > 0,
  "GatewayPorts in the block of another account": (server) =>
    editLines(server, "GatewayPorts", () => undefined) &&
    server.sshd.blocks.push({ match: "User carol", lines: ["GatewayPorts clientspecified"] }) > 0,
  "GatewayPorts yes": (server) =>
    editLines(server, "GatewayPorts", () => "GatewayPorts yes") || server.sshd.top.unshift("GatewayPorts yes") > 0,
  "AllowTcpForwarding no": ({ sshd }) => sshd.dropIn.unshift("AllowTcpForwarding no") > 0,
  "AllowTcpForwarding of the other direction": ({ sshd }, draw) =>
    sshd.dropIn.unshift(`AllowTcpForwarding ${draw.one(["local", "remote"])}`) > 0,
  "AllowTcpForwarding no for an account": (server, draw) => {
    const name = accountOf(server, draw, true) ?? accountOf(server, draw, false);
    const matches = name === "bob" ? ["User bob", "Group staff", "User *,!carol"] : ["User alice", "User alice,deploy", "User *,!carol"];
    return name !== undefined && server.sshd.blocks.unshift({ match: draw.one(matches), lines: ["AllowTcpForwarding no"] }) > 0;
  },
  "DisableForwarding yes": ({ sshd }, draw) => draw.one([sshd.top, sshd.dropIn]).unshift("DisableForwarding yes") > 0,
  "a PermitListen without the port": (server, draw) =>
    accountOf(server, draw, true) !== undefined &&
    (editLines(server, "PermitListen", (line) => shorter(line)) || server.sshd.top.unshift("PermitListen 8080 localhost:9090") > 0),
  "a PermitOpen without the target": (server, draw) =>
    accountOf(server, draw, false) !== undefined &&
    (editLines(server, "PermitOpen", (line) => shorter(line)) || server.sshd.top.unshift("PermitOpen localhost:80") > 0),
  "PermitListen any": (server) => editLines(server, "PermitListen", () => "PermitListen any"),
  "PermitOpen any": (server) => editLines(server, "PermitOpen", () => "PermitOpen any"),
  "PermitOpen left out": (server) => editLines(server, "PermitOpen", () => undefined),
  "an entry too many": (server, draw) => {
    const refused = Object.values(server.forwards).filter(({ refused }) => refused);
    if (refused.length === 0) return false;
    const one = draw.one(refused);
    return isRemote(one)
      ? editLines(server, "PermitListen", (line) => `${line.replace(/ none$/, "")} ${portOf(one)}`)
      : editLines(server, "PermitOpen", (line) => `${line.replace(/ none$/, "")} localhost:5433`);
  },
  "a key with restrict": (server, draw) => editKey(server, draw, draw.chance(0.5), (options) => ["restrict", ...options]),
  "a key with no-port-forwarding": (server, draw) =>
    editKey(server, draw, draw.chance(0.5), (options) => ["no-pty", "no-port-forwarding", ...options]),
  "a key with another permitlisten": (server, draw) =>
    editKey(server, draw, true, (options) => [...withForwarding(options), 'permitlisten="localhost:9090"']),
  "a key with another permitopen": (server, draw) =>
    editKey(server, draw, false, (options) => [...withForwarding(options), 'permitopen="localhost:9090"']),
  "AddressFamily inet": ({ sshd, forwards }) =>
    Object.values(forwards).some((each) => isRemote(each) && each.reach) && sshd.top.unshift("AddressFamily inet") > 0,
  "a socket's mode too wide": ({ sshd, forwards }, draw) =>
    Object.values(forwards).some(({ ssh }) => ssh.includes("/tmp/")) &&
    draw.one([sshd.top, sshd.dropIn]).push(`StreamLocalBindMask ${draw.one(["0000", "0111", "0117"])}`) > 0,
  "no leading colon": (server) =>
    editForwards(server, (ssh) => ssh.replace(/(-R )[:*]+(4\d{4}:)/, "$1$2").replace(/(-R ):(4\d{4})$/, "$1$2")),
  "a leading colon": (server) => editForwards(server, (ssh) => ssh.replace(/(-R )(4\d{4}:)/, "$1:$2")),
  "a local forward for everybody": (server) =>
    editForwards(server, (ssh) => (ssh.includes("-g") ? ssh : ssh.replace(/^-L (4\d{4}:)/, "-g -L $1"))),
  "a local forward for everybody by its address": (server) => editForwards(server, (ssh) => ssh.replace(/^-L (4\d{4}:)/, "-L :$1")),
  "gone too late": ({ sshd, forwards }) => {
    const remote = Object.values(forwards).find((each) => isRemote(each) && each.reach);
    if (!remote) return false;
    remote.within = "10m";
    sshd.top.unshift("ClientAliveInterval 300", "ClientAliveCountMax 3");
    return true;
  },
};

function isGateway(line: string): boolean {
  return /^gatewayports/i.test(line);
}

/** An account with a forward that the server is to grant. */
function accountOf({ forwards }: Server, draw: Draw, remote: boolean): Account | undefined {
  const granted = Object.values(forwards).filter((each) => !each.refused && isRemote(each) === remote);
  return granted.length > 0 ? draw.one(granted).as : undefined;
}

function editKey(server: Server, draw: Draw, remote: boolean, change: (options: string[]) => string[]): boolean {
  const name = accountOf(server, draw, remote);
  if (name === undefined) return false;
  server.keys[name] = change(server.keys[name].filter((option) => !/^(?:restrict|port-forwarding)$/.test(option)));
  return true;
}

/** Said in full or not at all. */
function withForwarding(options: readonly string[]): string[] {
  return options.length > 0 ? ["restrict", "port-forwarding", ...options] : [];
}

/** Every line with the keyword. @param change undefined: the line goes */
function editLines(server: Server, keyword: string, change: (line: string) => string | undefined): boolean {
  let changed = false;
  for (const lines of sections(server)) {
    const edited = lines.flatMap((line) => {
      if (!line.toLowerCase().startsWith(keyword.toLowerCase())) return [line];
      changed = true;
      return change(line) ?? [];
    });
    lines.splice(0, lines.length, ...edited);
  }
  server.sshd.blocks = server.sshd.blocks.filter(({ lines }) => lines.length > 0);
  return changed;
}

function shorter(line: string): string {
  const [keyword, ...entries] = line.split(" ");
  return [keyword, ...(entries.length > 1 ? entries.slice(1) : ["none"])].join(" ");
}

function editForwards({ forwards }: Server, change: (ssh: string) => string): boolean {
  let changed = false;
  for (const forward of Object.values(forwards)) {
    const after = change(forward.ssh);
    if (after === forward.ssh || changed) continue;
    forward.ssh = after;
    changed = true;
  }
  return changed;
}
