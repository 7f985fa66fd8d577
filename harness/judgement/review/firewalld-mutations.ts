/** Changes of what stands in firewalld's XML: an element gone, or with the opposite verdict. Pure. */

import { type Edit, indentOf } from "../remedies/candidate.ts";
import { isRoot } from "../remedies/firewalld-edits.ts";
import { xmlAttribute, xmlElementAt } from "../remedies/xml-elements.ts";

export interface ElementChange {
  kind: "removed" | "changed";
  /** On one line. */
  text: string;
  instead: string;
  edits: Edit[];
}

/** Undefined where no element begins on the line, or others stand on its lines. */
export function elementChanges(file: string, lines: readonly string[], line: number): ElementChange[] | undefined {
  const element = xmlElementAt(lines, line);
  if (!element) return undefined;
  if (isRoot(element)) return targetChanges(file, lines, line, element.tag);
  if (!element.alone) return undefined;
  const { text, first, last } = element;
  const inPlaceOf = (by: string | undefined): Edit[] =>
    Array.from({ length: last - first + 1 }, (_, at) => ({
      file,
      line: first + at,
      action: "replace" as const,
      lines: at === 0 && by !== undefined ? `${indentOf(lines[first - 1] ?? "")}${by}`.split("\n") : [],
    }));
  const opposite = oppositeVerdict(text);
  return [
    { kind: "removed", text: onOneLine(text), instead: "", edits: inPlaceOf(undefined) },
    ...(opposite === undefined
      ? []
      : [{ kind: "changed" as const, text: onOneLine(text), instead: onOneLine(opposite), edits: inPlaceOf(opposite) }]),
  ];
}

/** What a zone or a policy does with packets that no setting is about. */
function targetChanges(file: string, lines: readonly string[], line: number, tag: string): ElementChange[] | undefined {
  const written = lines[line - 1] ?? "";
  if (tag.includes("\n") || !/^<(?:zone|policy)\b/.test(tag)) return undefined;
  const accepts = xmlAttribute(tag, "target") === "ACCEPT";
  const bare = tag.replace(/\s+target\s*=\s*(?:"[^"]*"|'[^']*')/, "");
  const instead = bare.replace(/\s*(\/?)>$/, (_, empty) => ` target="${accepts ? "DROP" : "ACCEPT"}"${empty}>`);
  return [
    {
      kind: "changed",
      text: onOneLine(tag),
      instead,
      edits: [{ file, line, action: "replace", lines: [written.replace(tag, () => instead)] }],
    },
  ];
}

/** Of a rich rule. */
function oppositeVerdict(text: string): string | undefined {
  const accepted = text.replace(/<accept\b([^>]*)>|<\/accept>/g, (verdict) => verdict.replace("accept", "drop"));
  if (accepted !== text) return accepted;
  const denied = text.replace(/<(?:drop|reject)\b[^>]*?(\/?)>|<\/(?:drop|reject)>/g, (verdict) =>
    verdict.startsWith("</") ? "</accept>" : `<accept${verdict.endsWith("/>") ? "/" : ""}>`,
  );
  return denied === text ? undefined : denied;
}

/** Does it keep anything back? */
export function deniesInXml(text: string): boolean {
  return /<(?:drop|reject|icmp-block)\b|\starget\s*=\s*["'](?:DROP|REJECT|%%REJECT%%)/.test(text);
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("> <", "><").trim();
}
