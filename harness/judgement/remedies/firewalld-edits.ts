/** Settings in a zone or a policy of firewalld: the elements that `firewall-cmd --permanent` writes, each on a line. Pure. */
import type { Family } from "../../core/address.ts";
import { type Edit, indentOf, linesOf, type RemedyInputs } from "./candidate.ts";
import { type DecidingRule, type PortRule, partsOf } from "./port-rule.ts";
import { type XmlElement, xmlAttribute, xmlElementAt } from "./xml-elements.ts";

/** A file of firewalld's settings: a rule is made of an element, and stands nowhere itself. */
export function isFirewalldXml({ file }: Pick<DecidingRule, "file">): boolean {
  return file.endsWith(".xml");
}

/** The element is gone. Empty where it shares a line, or is the zone or the policy itself. */
export function withoutElement(inputs: RemedyInputs, deciding: DecidingRule): Edit[] {
  const element = settingAt(inputs, deciding);
  return element ? replaced(deciding.file, element, []) : [];
}

/** The element is gone. Empty where it is about more than accepting this port. */
export function withoutPort(inputs: RemedyInputs, deciding: DecidingRule, port: number): Edit[] {
  const element = settingAt(inputs, deciding);
  return element && acceptsPort(element, port) ? replaced(deciding.file, element, []) : [];
}

/** The element that let everybody in, for these peers alone. Empty where it names a source, or is about more than accepting this port. */
export function narrowedPort(inputs: RemedyInputs, deciding: DecidingRule, port: number, peers: PortRule["peers"]): Edit[] {
  const element = settingAt(inputs, deciding);
  if (!element || !acceptsPort(element, port) || /<(?:source|destination)\b/.test(element.text)) return [];
  const family = xmlAttribute(element.tag, "family");
  const met = peers.filter((peer) => family === undefined || family === familyName(peer.family));
  const priority = xmlAttribute(element.tag, "priority");
  const indent = indentAt(inputs, deciding);
  const rules = met.map(({ address, family: own }) => richRule({ family: own, address, port, action: "accept", priority }));
  return replaced(
    deciding.file,
    element,
    rules.map((line) => `${indent}${line}`),
  );
}

/** New rules that are asked before the element that decided; where the zone's target decided, in that zone. */
export function beforeElement(inputs: RemedyInputs, deciding: DecidingRule, rules: readonly PortRule[]): Edit[] {
  if (!isInput(deciding) || rules.some(({ direction }) => direction !== "request")) return [];
  const lines = linesOf(inputs.files[deciding.file] ?? "");
  const element = xmlElementAt(lines, deciding.line);
  if (!element) return [];
  const { file } = deciding;
  if (isRoot(element)) {
    const close = (lines[element.last - 1] ?? "").trim() === `</${element.name}>`;
    // Without a priority, firewalld puts what it drops before all that it accepts.
    const first = rules.some(({ action }) => action === "drop") ? -rules.length : undefined;
    return close ? [{ file, line: element.last, action: "before", lines: written(rules, "  ", first) }] : [];
  }
  if (!element.alone) return [];
  // firewalld sorts by priority: below zero comes before whatever has none.
  const priority = Math.min(0, Number(xmlAttribute(element.tag, "priority") ?? 0)) - rules.length;
  if (priority < -32_768) return [];
  return [{ file, line: element.first, action: "before", lines: written(rules, indentAt(inputs, deciding), priority) }];
}

/** @param priority of the first one; each that follows comes after it */
function written(rules: readonly PortRule[], indent: string, priority: number | undefined): string[] {
  return rules
    .flatMap(({ peers, family, port, action }, at) => {
      const own = priority === undefined ? undefined : String(priority + at);
      if (peers.length > 0)
        return peers.map((peer) => richRule({ family: peer.family, address: peer.address, port, action, priority: own }));
      if (family === undefined && action === "accept" && own === undefined) return [`<port port="${port}" protocol="tcp"/>`];
      return [richRule({ family, port, action, priority: own })];
    })
    .map((line) => `${indent}${line}`);
}

interface RichRule {
  family: Family | undefined;
  address?: string;
  port: number;
  action: PortRule["action"];
  priority: string | undefined;
}

function richRule({ family, address, port, action, priority }: RichRule): string {
  const attributes = [
    ...(priority === undefined ? [] : [`priority="${priority}"`]),
    ...(family === undefined ? [] : [`family="${familyName(family)}"`]),
  ];
  const source = address === undefined ? "" : `<source address="${address}"/>`;
  return `<rule${attributes.map((each) => ` ${each}`).join("")}>${source}<port port="${port}" protocol="tcp"/><${action}/></rule>`;
}

function familyName(family: Family): "ipv4" | "ipv6" {
  return family === 4 ? "ipv4" : "ipv6";
}

/** The chains for packets to the server itself, with nft and with iptables. */
function isInput(deciding: DecidingRule): boolean {
  return /^(?:filter_)?IN(?:PUT)?_/.test(partsOf(deciding).chain);
}

function settingAt({ files }: RemedyInputs, { file, line }: DecidingRule): XmlElement | undefined {
  const element = xmlElementAt(linesOf(files[file] ?? ""), line);
  return element?.alone && !isRoot(element) ? element : undefined;
}

export function isRoot({ name }: XmlElement): boolean {
  return ["zone", "policy", "direct"].includes(name);
}

function acceptsPort({ name, tag, text }: XmlElement, port: number): boolean {
  if (name === "port") return isPort(tag, port);
  const [, ports = ""] = /(<port\b[^>]*>)/.exec(text) ?? [];
  return name === "rule" && isPort(ports, port) && /<accept\s*\/>|<accept>/.test(text);
}

function isPort(tag: string, port: number): boolean {
  return xmlAttribute(tag, "port") === String(port) && xmlAttribute(tag, "protocol") === "tcp";
}

function replaced(file: string, { first, last }: XmlElement, lines: readonly string[]): Edit[] {
  return Array.from(
    { length: last - first + 1 },
    (_, at): Edit => ({ file, line: first + at, action: "replace", lines: at === 0 ? lines : [] }),
  );
}

function indentAt({ files }: RemedyInputs, { file, line }: DecidingRule): string {
  return indentOf(linesOf(files[file] ?? "")[line - 1] ?? "");
}
