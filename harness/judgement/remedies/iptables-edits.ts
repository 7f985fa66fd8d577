/** Lines of iptables-save dumps. */
import type { Family } from "../../core/address.ts";
import type { Edit } from "./candidate.ts";
import type { DecidingRule, PortRule } from "./port-rule.ts";

const counters = String.raw`(?:\[\d+:\d+\]\s+)?`;
const ruleLine = new RegExp(String.raw`^${counters}(?:-[46]\s+)?(?:-A|--append)\s+(\S+)`);
const chainLine = /^:(\S+)\s+(\S+)/;

export function isDumpLine(line: string): boolean {
  return ruleLine.test(line) || chainLine.test(line);
}

const options = { request: ["-s", "--dport"], reply: ["-d", "--sport"], dial: ["-d", "--dport"] } as const;

/** One line for each peer: a rule takes one source. */
export function dumpLine(chain: string, { peers, direction, port, action, account }: PortRule): string[] {
  const [peerOption, portOption] = options[direction];
  const owner = account === undefined ? "" : ` -m owner --uid-owner ${account}`;
  const tail = `-p tcp -m tcp ${portOption} ${port}${owner} -j ${action === "accept" ? "ACCEPT" : "DROP"}`;
  if (peers.length === 0) return [`-A ${chain} ${tail}`];
  return peers.map(({ address, family }) => `-A ${chain} ${peerOption} ${prefixed(address, family)} ${tail}`);
}

function prefixed(address: string, family: Family): string {
  return address.includes("/") ? address : `${address}/${family === 4 ? 32 : 128}`;
}

/** Before the rule; where the chain's policy decided, after the table's last rule. */
export function beforeDumpRule({ file, line }: DecidingRule, lines: readonly string[], added: readonly string[]): Edit[] {
  if (added.length === 0) return [];
  if (ruleLine.test(lines[line - 1] ?? "")) return [{ file, line, action: "before", lines: added }];
  const commit = lines.findIndex((each, index) => index >= line && each.trim() === "COMMIT");
  return commit < 0 ? [] : [{ file, line: commit + 1, action: "before", lines: added }];
}

/** Undefined where the rule names a source already, or is about more than this port. */
export function narrowedDumpRule(line: string, port: number, peers: PortRule["peers"]): string[] | undefined {
  const chain = ruleLine.exec(line)?.[0];
  if (chain === undefined || !acceptsOnly(line, port) || /\s(-s|--source|--src)\s/.test(line)) return undefined;
  return peers.map(({ address, family }) => `${chain} -s ${prefixed(address, family)}${line.slice(chain.length)}`);
}

/** The rule accepts packets to this port, and to no other. */
export function acceptsOnly(line: string, port: number): boolean {
  return ruleLine.test(line) && new RegExp(String.raw`\s--dports? ${port}(?=\s)`).test(line) && /-j ACCEPT\b/.test(line);
}

/** A later rule of the same chain that accepts the port, and comes too late. One that accepts others as well would open those. */
export function lateAccept({ line }: DecidingRule, lines: readonly string[], port: number): number | undefined {
  const chain = ruleLine.exec(lines[line - 1] ?? "")?.[1];
  if (chain === undefined) return undefined;
  for (let at = line; at < lines.length && lines[at]?.trim() !== "COMMIT"; at++) {
    const later = lines[at] as string;
    if (ruleLine.exec(later)?.[1] === chain && acceptsOnly(later, port)) return at + 1;
  }
  return undefined;
}
