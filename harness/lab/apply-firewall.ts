/** Loads a user's firewall into a host's namespace with the real tools, and reads it back. */
import { UserError } from "../core/errors.ts";
import { translatesDestination } from "../firewall/destination-nat.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { describePolicy, describeRule, type ListedRule, type NftListing, type RuleLines, ruleLines } from "../firewall/rule-lines.ts";
import { statefulRules } from "../firewall/stateful-rules.ts";
import { mapToolError } from "../firewall/tool-error.ts";
import type { Lab } from "./lab.ts";
import { observationRules, observationTable } from "./observation-rules.ts";
import { runTool } from "./tool.ts";

/** A rule or policy as the kernel's trace names it. */
export interface TracedRule {
  family: string;
  table: string;
  chain: string;
  /** Null for a chain's policy. */
  handle: number | null;
}

/** For a person: the rule on one line, and where it stands in the user's own file. */
export interface RuleInWords {
  rule: string;
  file?: string;
  line?: number;
}

/** The rules that are really loaded in a namespace. */
export interface LoadedRules {
  describe(rule: TracedRule): RuleInWords;
  /** Does the rule give packets another destination (`dnat`, `redirect`)? */
  translates(rule: TracedRule): boolean;
  /** Rules that the kernel holds (the lab's own table not counted). */
  count: number;
  /** For a person: what the files do not say, and what a verdict cannot tell. */
  warnings: readonly string[];
}

/**
 * Replaces whatever rules the host has. Left out `files`: no firewall.
 * @throws UserError `firewall-load` with the tool's own line when the files do not load completely
 */
export async function applyFirewall(lab: Lab, host: string, files: FirewallFiles | undefined): Promise<LoadedRules> {
  const interfaces = (lab.spec.hosts[host]?.interfaces ?? []).map(({ name }) => name);
  const steps = [
    { argv: ["nft", "flush", "ruleset"] },
    ...loadSteps(files),
    { argv: ["nft", "-f", "-"], input: observationRules(interfaces) },
  ];
  const contents = Object.entries(files?.files ?? {}).map(([path, { content }]) => [path, Buffer.from(content).toString("base64")]);
  const outcome = await lab.fabric.request("firewall", {
    namespace: host,
    steps,
    files: Object.fromEntries(contents),
  });
  if (outcome.status !== 0) {
    await applyFirewall(lab, host, undefined);
    if (!files) throw new UserError("lab", "the lab's own rules do not load", { log: outcome.stderr });
    throw mapToolError(`${outcome.stderr}${outcome.stdout}`, files);
  }
  return readRules(lab, host, files);
}

function loadSteps(files: FirewallFiles | undefined): { argv: string[] }[] {
  if (!files) return [];
  if (files.kind === "nft") return [{ argv: ["nft", "-f", files.main] }];
  return [
    ...(files.main ? [{ argv: ["iptables-nft-restore", files.main] }] : []),
    ...(files.main6 ? [{ argv: ["ip6tables-nft-restore", files.main6] }] : []),
  ];
}

/** Reads back what is loaded in a namespace: a host with its user's files, or a router of the lab's own. */
export async function readRules(lab: Lab, namespace: string, files?: FirewallFiles): Promise<LoadedRules> {
  const [json, plain] = await Promise.all(
    [
      ["nft", "-j", "-a", "list", "ruleset"],
      ["nft", "-a", "list", "ruleset"],
    ].map((argv) => runTool(lab.fabric, namespace, argv)),
  );
  const listing = JSON.parse(json?.stdout || '{"nftables":[]}') as NftListing;
  const lines = ruleLines(files?.rules ?? [], listing);
  const texts = listedTexts(plain?.stdout ?? "");
  const describe = (rule: TracedRule) => inWords(rule, lines, texts, listing);
  return {
    warnings: [
      ...(files?.warnings ?? []),
      ...statefulWarnings(
        listing,
        describe,
        (rule) => `${lines.rule(rule)?.text} ${texts.get(`${rule.family} ${rule.table} ${rule.chain} ${rule.handle}`)}`,
      ),
    ],
    count: listing.nftables.filter(({ rule }) => rule && rule.table !== observationTable).length,
    describe,
    translates: ({ family, table, chain, handle }) =>
      listing.nftables.some(
        ({ rule }) =>
          rule?.family === family && rule.table === table && rule.chain === chain && rule.handle === handle && translatesDestination(rule),
      ),
  };
}

function statefulWarnings(
  listing: NftListing,
  describe: (rule: TracedRule) => RuleInWords,
  textOf: (rule: ListedRule) => string,
): string[] {
  return statefulRules(listing, textOf).map(({ rule, why }) => {
    const { rule: text, file, line } = describe(rule);
    return `${file === undefined ? "" : `${file}:${line}: `}\`${text}\` depends on ${why}: a verdict that it decides holds for the moment of the probe only`;
  });
}

function inWords(rule: TracedRule, lines: RuleLines, texts: Map<string, string>, listing: NftListing): RuleInWords {
  const { family, table, chain, handle } = rule;
  if (handle === null) {
    const policy = listing.nftables.find(
      (each) => each.chain?.family === family && each.chain.table === table && each.chain.name === chain,
    );
    const place = lines.policy(rule);
    return { rule: describePolicy(rule, policy?.chain?.policy ?? "drop"), ...(place ? { file: place.file, line: place.line } : {}) };
  }
  const place = lines.rule({ family, table, chain, handle });
  const text = place?.text ?? texts.get(`${family} ${table} ${chain} ${handle}`) ?? `rule with handle ${handle}`;
  return { rule: describeRule(rule, text), ...(place ? { file: place.file, line: place.line } : {}) };
}

/** `family table chain handle` -> the rule as nft lists it. */
function listedTexts(listing: string): Map<string, string> {
  const texts = new Map<string, string>();
  let table = "";
  let chain = "";
  for (const line of listing.split("\n")) {
    const opened = /^\s*(table (\S+) (\S+)|chain (\S+)) \{/.exec(line);
    if (opened?.[2]) table = `${opened[2]} ${opened[3]}`;
    else if (opened) chain = opened[4] as string;
    else {
      const rule = /^\s*(.*) # handle (\d+)$/.exec(line);
      if (rule) texts.set(`${table} ${chain} ${rule[2]}`, (rule[1] as string).replace(/counter packets \d+ bytes \d+ ?/, ""));
    }
  }
  return texts;
}
