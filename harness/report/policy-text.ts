/** A policy that says what a result saw, as YAML with the reason of each line beside it. Pure. */

import { compareVantages } from "../core/cells.ts";
import { enumerated } from "../core/enumerated.ts";
import { serverOf } from "../core/forward-outcome.ts";
import type { Result, ResultCell, ResultForward } from "../core/result.ts";
import { entriesFor } from "../core/stated-entries.ts";
import { isAnswer } from "../core/verdict.ts";
import { plainYaml } from "./plain-yaml.ts";
import { entryTexts } from "./policy-entries.ts";
import { clean, placeText } from "./words.ts";

export interface PolicyDraft {
  /** Relative to the policy's folder. */
  sshdConfig: string;
  /** None, one, or both families' dumps. */
  firewall: readonly string[];
  /** Copies of the server's other files, by their path there. */
  files?: Readonly<Record<string, string>>;
  /** Of the server. */
  network?: { interface?: string; address?: readonly string[]; ipv6?: boolean };
  /** Empty: the account that a policy has without any. `assumed`: nobody has said which groups it is in. */
  accounts: readonly { name: string; groups?: readonly string[]; assumed?: boolean; authorizedKeys?: string }[];
  /** `leftOut`: why not all of it could be proven. */
  forwards: readonly { name: string; ssh: string; as?: string; what: string; leftOut?: string }[];
}

/** @param result of the same forwards; left out: nothing is known yet, and each forward may be refused */
export function policyText(draft: PolicyDraft, result?: Result): string {
  const { sshdConfig, firewall, files = {}, network, accounts, forwards } = draft;
  const lines = [
    "# What this server grants today, and who reaches it. Everyone who is not listed must be blocked, over IPv4 and IPv6.",
    "# Delete what should not be allowed: `forwardlab verify` then fails until the server is changed.",
    "server:",
    `  sshd_config: ${plainYaml(sshdConfig)}`,
    ...(firewall.length > 0 ? [`  firewall: ${firewall.length === 1 ? firewall.map(plainYaml) : list(firewall)}`] : []),
    ...(Object.keys(files).length > 0 ? [`  files: ${filesText(files)}`] : []),
    ...(accounts.length > 0 ? ["  accounts:", ...accounts.map((account) => `    ${accountText(account)}`)] : []),
    ...(network ? ["network:", `  server: ${networkText(network)}`] : []),
    "forwards:",
    ...forwards.flatMap((forward) => {
      const found = result?.forwards.find(({ name }) => name === forward.name);
      const asked = [
        `${forward.name}:`,
        `  ssh: ${plainYaml(forward.ssh)}`,
        ...(forward.as === undefined ? [] : [`  as: ${plainYaml(forward.as)}`]),
      ];
      if (forward.leftOut !== undefined)
        return [`  # Left out, as not all of it could be proven: ${oneLine(forward.leftOut)}`, ...asked.map((line) => `  # ${line}`)];
      return [
        `  # ${forward.what}`,
        ...asked.map((line) => `  ${line}`),
        ...(result && found ? observed(found, result.cells) : ["    refused_by_server: true"]),
      ];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function accountText({ name, groups, assumed, authorizedKeys }: PolicyDraft["accounts"][number]): string {
  const parts = [
    ...(groups === undefined ? [] : [`groups: ${list(groups)}`]),
    ...(authorizedKeys === undefined ? [] : [`authorized_keys: ${plainYaml(authorizedKeys)}`]),
  ];
  const note = assumed ? "  # its groups are not known; AllowGroups lets this one in" : "";
  return `${plainYaml(name)}: ${parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}"}${note}`;
}

function networkText({ interface: name, address, ipv6 }: NonNullable<PolicyDraft["network"]>): string {
  const parts = [
    ...(name === undefined ? [] : [`interface: ${plainYaml(name)}`]),
    ...(address === undefined ? [] : [`address: ${list(address)}`]),
    ...(ipv6 === undefined ? [] : [`ipv6: ${ipv6}`]),
  ];
  return `{ ${parts.join(", ")} }`;
}

function filesText(files: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(files)
    .map(([at, copy]) => `${plainYaml(at)}: ${plainYaml(copy)}`)
    .join(", ")} }`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(plainYaml).join(", ")}]`;
}

function observed(forward: ResultForward, all: readonly ResultCell[]): string[] {
  const cells = all.filter((cell) => cell.forward === forward.name);
  if (forward.granted === false) return [`    refused_by_server: true  # ${reason(forward)}`];
  const ends = new Set([serverOf(forward), forward.from]);
  const listens = `    # granted; listens on ${enumerated(forward.listeners) || "no port"} of ${forward.listensOn ?? serverOf(forward)}`;
  const vantages = [...new Set(cells.map(({ vantage }) => vantage))].sort(compareVantages);
  // The ends are exempt, but a listener on the client is there for the client.
  const asked = vantages.filter((name) => !ends.has(name) || (name === forward.listensOn && name === forward.from));
  const from = (vantage: string) => cells.filter((cell) => cell.vantage === vantage);
  const entries = asked.flatMap((vantage) => entriesOf(vantage, from(vantage), vantage === forward.listensOn));
  const blocked = asked.filter((vantage) => !from(vantage).some(({ observed: seen }) => isAnswer(seen)));
  return [
    listens,
    ...blockedLines(blocked, cells),
    ...(entries.length > 0 ? ["    reachable_from:", ...entries.map((entry) => `      - ${entry}`)] : ["    reachable_from: []"]),
  ];
}

/** Who is blocked, by what blocks them. */
function blockedLines(vantages: readonly string[], cells: readonly ResultCell[]): string[] {
  const by = Map.groupBy(vantages, (name) => {
    const own = cells.filter(({ vantage }) => vantage === name);
    return [...new Set(own.map(({ observed: seen, decidedBy }) => [seen, placeText(decidedBy)].filter(Boolean).join(" by ")))]
      .sort()
      .join(", ");
  });
  return [...by].map(([what, names]) => `    # ${names.join(", ")}: ${clean(what)}`);
}

function entriesOf(vantage: string, cells: readonly ResultCell[], listensThere: boolean): string[] {
  // Of the listening host only loopback must answer.
  if (listensThere) return cells.some(({ observed: seen }) => seen === "reached") ? [plainYaml(vantage)] : [];
  return entryTexts(vantage, entriesFor(cells.map(({ observed: seen, ...cell }) => ({ ...cell, seen }))));
}

function reason({ decidedBy }: ResultForward): string {
  return oneLine([decidedBy?.rule ?? decidedBy?.text, placeText(decidedBy)].filter(Boolean).join(", ") || "for no known reason");
}

function oneLine(text: string): string {
  return clean(text).replaceAll("\n", " ");
}
