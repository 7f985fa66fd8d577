/** What the policy itself says: a forward's `ssh:` line, an entry of `reachable_from`. */
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { type Edit, linesOf, type RemedyInputs } from "./candidate.ts";

/** The `ssh:` of a forward with another listener; empty where it does not stand on one line as it is. */
export function setListener(inputs: RemedyInputs, forward: string, from: string, to: string): Edit[] {
  return replaceValue(inputs, ["forwards", forward, "ssh"], (source) => {
    const at = listenerAt(source, from);
    return at < 0 ? undefined : `${source.slice(0, at)}${to}${source.slice(at + from.length)}`;
  });
}

/** The listener stands at the start of an argument, followed by the target or the end. */
function listenerAt(source: string, listener: string): number {
  for (let at = source.indexOf(listener); at >= 0; at = source.indexOf(listener, at + 1)) {
    const before = source[at - 1] ?? " ";
    const after = source[at + listener.length] ?? " ";
    if (/[\s'"LRD=]/.test(before) && /[\s'":]/.test(after)) return at;
  }
  return -1;
}

/** The `ssh:` of a forward without `-g`; empty where it is not there as a word of its own, or with other options that take no value. */
export function dropGatewayOption(inputs: RemedyInputs, forward: string): Edit[] {
  return replaceValue(inputs, ["forwards", forward, "ssh"], (source) => {
    const without = source.replace(
      /(^|[\s"'])-([46AaCfGKkMNnqsTtVvXxYy]*)g([46AaCfGKkMNnqsTtVvXxYy]*)(\s+)/,
      (_, before: string, some: string, more: string, blank: string) => (some + more === "" ? before : `${before}-${some}${more}${blank}`),
    );
    return without === source ? undefined : without;
  });
}

/** An entry of `reachable_from` that names a vantage point alone is bound to one address. */
export function setEntryAddress(inputs: RemedyInputs, forward: string, vantage: string, address: string): Edit[] {
  const entries = inputs.policy.forwards[forward]?.reachable_from ?? [];
  const index = entries.indexOf(vantage);
  if (index < 0) return [];
  const quoted = address.includes(":") ? `"${address}"` : address;
  return replaceValue(inputs, ["forwards", forward, "reachable_from", index], () => `{ vantage: ${vantage}, address: ${quoted} }`);
}

/** Replaces a scalar that stands on one line; everything beside it stays as written. */
function replaceValue(inputs: RemedyInputs, path: (string | number)[], change: (source: string) => string | undefined): Edit[] {
  const text = inputs.files[inputs.policyFile] ?? "";
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (!isMap(document.contents)) return [];
  const node = document.getIn(path, true) as Node | undefined;
  if (!isScalar(node) || !node.range) return [];
  const [start, end] = node.range;
  const source = text.slice(start, end);
  const changed = change(source);
  if (changed === undefined || source.includes("\n")) return [];
  const { line, col } = lines.linePos(start);
  const old = linesOf(text)[line - 1] as string;
  const whole = `${old.slice(0, col - 1)}${changed}${old.slice(col - 1 + source.length)}`;
  return [{ file: inputs.policyFile, line, action: "replace", lines: [whole.replace(/\r$/, "")] }];
}
