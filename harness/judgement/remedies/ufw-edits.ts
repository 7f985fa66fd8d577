/** ufw's user.rules: it writes them itself, from the tuple that stands over each rule. Who changes a rule changes both. */
import { type Edit, linesOf, type RemedyInputs } from "./candidate.ts";
import type { DecidingRule } from "./port-rule.ts";

const rulesBegin = "### RULES ###";
const rulesEnd = "### END RULES ###";
const tupleLine = /^### tuple ###/;
const ownRule = /^-A (ufw6?)-user-input(?: -s (\S+))? -p tcp(?: -m tcp)? --dport (\d+)(?: -s (\S+))? -j (ACCEPT|DROP)$/;

/** Edits as ufw itself would have made them; those of other files as they are. Empty where no tuple says the same. */
export function withTuples(inputs: RemedyInputs, edits: readonly Edit[]): Edit[] {
  const changed = edits.map((edit) => {
    const lines = linesOf(inputs.files[edit.file] ?? "");
    return endOfRules(lines) === undefined ? [edit] : inUserRules(edit, lines);
  });
  return changed.some((each) => each.length === 0) ? [] : changed.flat();
}

/** The line (1-based) that ends ufw's rules; in the file that the package installs, COMMIT. Undefined: it is another file. */
function endOfRules(lines: readonly string[]): number | undefined {
  const begin = lines.findIndex((line) => line.trim() === rulesBegin);
  const end = lines.findIndex((line, at) => at > begin && [rulesEnd, "COMMIT"].includes(line.trim()));
  return begin < 0 || end < 0 ? undefined : end + 1;
}

function inUserRules(edit: Edit, lines: readonly string[]): Edit[] {
  const added = edit.lines.map(asUfwWrites).filter((pair) => pair !== undefined);
  if (added.length < edit.lines.length) return [];
  const overIt = edit.line - 1;
  const hasTuple = tupleLine.test(lines[overIt - 1] ?? "");
  const apart = added.flatMap((pair) => [...pair, ""]);
  if (edit.action === "before") {
    if (edit.line === endOfRules(lines)) return [{ ...edit, lines: apart }];
    return hasTuple ? [{ ...edit, line: overIt, lines: apart }] : [];
  }
  // A tuple may stand over several rules: udp and tcp, a limit.
  if (!hasTuple || /^-/.test(lines[edit.line] ?? "")) return [];
  return [
    { ...edit, lines: apart.slice(0, -1) },
    { ...edit, line: overIt, lines: [] },
  ];
}

/** The tuple and the rule. */
function asUfwWrites(rule: string): [tuple: string, rule: string] | undefined {
  const [, ufw, before, port, after, target] = ownRule.exec(rule.trim()) ?? [];
  if (ufw === undefined) return undefined;
  const anywhere = ufw === "ufw" ? "0.0.0.0/0" : "::/0";
  const source = (before ?? after)?.replace(ufw === "ufw" ? /\/32$/ : /\/128$/, "");
  const verb = target === "ACCEPT" ? "allow" : "deny";
  return [
    `### tuple ### ${verb} tcp ${port} ${anywhere} any ${source ?? anywhere} in`,
    `-A ${ufw}-user-input -p tcp --dport ${port}${source === undefined ? "" : ` -s ${source}`} -j ${target}`,
  ];
}

/** A setting of ufw that can decide: the default policy for incoming packets, or `IPV6=no`. */
const decidingSetting = /^\s*(?:DEFAULT_INPUT_POLICY|IPV6)=/;

/** If such a setting decided: the end of the family's user rules, and their chain. */
export function afterUserRules(
  { files }: RemedyInputs,
  { rule, file, line }: DecidingRule,
): { at: DecidingRule; chain: string } | undefined {
  if (!decidingSetting.test(linesOf(files[file] ?? "")[line - 1] ?? "")) return undefined;
  const chain = rule.startsWith("ip6 ") ? "ufw6-user-input" : "ufw-user-input";
  for (const [name, text] of Object.entries(files)) {
    const lines = linesOf(text);
    const last = endOfRules(lines);
    if (last !== undefined && lines.some((each) => each.startsWith(`:${chain} `))) return { at: { rule, file: name, line: last }, chain };
  }
  return undefined;
}

/** With `IPV6=no`, ufw drops all incoming IPv6; with `yes`, its IPv6 rules apply. Empty if something else decided. */
export function withIpv6({ files }: RemedyInputs, { file, line }: DecidingRule): Edit[] {
  const setting = linesOf(files[file] ?? "")[line - 1] ?? "";
  return /^\s*IPV6=/.test(setting) ? [{ file, line, action: "replace", lines: ["IPV6=yes"] }] : [];
}
