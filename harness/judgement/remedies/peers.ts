/** Whom a rule names: the visitors as the user's own files name them, and where they do not, by the addresses that the lab chose. Pure. */
import { type Address, contains, networkOf, parseAddress, parseInterface } from "../../core/address.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import type { JudgedResult } from "../judge.ts";
import type { RemedyInputs } from "./candidate.ts";
import type { Peer } from "./port-rule.ts";
import type { JudgedCell } from "./violations.ts";

/** Addresses and networks as they stand in the user's files, each in its canonical form. */
export type Stated = ReadonlySet<string>;

export function statedOf({ stated, files }: Pick<RemedyInputs, "stated" | "files">): Stated {
  return stated ?? statedIn(files);
}

export function statedIn(files: RemedyInputs["files"]): Stated {
  const words = Object.values(files).flatMap((text) => text.match(/[\da-f:.]*[.:][\da-f:.]*(?:\/\d{1,3})?/gi) ?? []);
  return new Set(
    [...new Set(words)].flatMap((word) => {
      const network = parseInterface(word);
      return network ? [network.text, `${network.text}/${network.prefix}`, networkOf(network)] : (parseAddress(word)?.text ?? []);
    }),
  );
}

export interface Named {
  stated: Stated;
  /** The listening host in the lab. */
  host: JudgedResult["topology"]["hosts"][string] | undefined;
  /** Of the same forward: the rule must not be about these. */
  others: readonly JudgedCell[];
}

/** What the server saw the visitors come from. */
export function peersOf(cells: readonly JudgedCell[], named: Named): Peer[] {
  const peers = cells.flatMap((cell): Peer[] => {
    // Of neighbours' link-local addresses, only the lab's are known.
    if (isLinkLocal(cell.target)) return [{ address: "fe80::/10", family: 6 }];
    const address = sourceOf(cell);
    return address ? [peerOf(address, cell.vantage, named)] : [];
  });
  return [...new Map(peers.map((peer) => [peer.address, peer])).values()];
}

function peerOf(address: Address, vantage: string, { stated, host, others }: Named): Peer {
  const { text, family } = address;
  if (stated.has(text)) return { address: text, family };
  const lan = (host?.interfaces ?? [])
    .flatMap(({ addresses }) => addresses.flatMap((each) => parseInterface(each) ?? []))
    .find((each) => contains(each, address) && (stated.has(`${each.text}/${each.prefix}`) || stated.has(networkOf(each))));
  const meant = lan && !others.some((cell) => isWithin(lan, cell));
  return meant ? { address: networkOf(lan), family } : { address: text, family, chosenFor: vantage };
}

function isWithin(network: Parameters<typeof contains>[0], cell: JudgedCell): boolean {
  const address = sourceOf(cell);
  return address !== undefined && contains(network, address);
}

function sourceOf({ evidence }: JudgedCell): Address | undefined {
  return parseAddress(evidence.seenAs ?? evidence.from ?? "");
}

export function byFamily(peers: readonly Peer[]): Peer[][] {
  return ([4, 6] as const).map((family) => peers.filter((peer) => peer.family === family)).filter(({ length }) => length > 0);
}

/** For words: addresses that the user must replace by the real ones, each with its vantage point. */
export function chosenParams(peers: readonly Peer[]): { chosen?: string[] } {
  const chosen = peers.flatMap(({ address, chosenFor }) => (chosenFor === undefined ? [] : [withVantage(address, chosenFor)]));
  return chosen.length > 0 ? { chosen } : {};
}

/** The same of what a patch adds. */
export function chosenIn(patch: string, { cells }: JudgedResult, stated: Stated): string[] {
  const lines = patch.split("\n").filter((line) => line.startsWith("+"));
  const added = statedIn({ patch: lines.join("\n") });
  const chosen = cells.flatMap((cell): [string, string][] => {
    const address = sourceOf(cell)?.text;
    return address !== undefined && added.has(address) && !stated.has(address) ? [[address, cell.vantage]] : [];
  });
  return [...new Map(chosen)].map(([address, vantage]) => withVantage(address, vantage));
}

function withVantage(address: string, vantage: string): string {
  return vantage === address ? address : `${address} (${vantage})`;
}
