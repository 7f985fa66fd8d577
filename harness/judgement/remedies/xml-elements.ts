/** Elements of firewalld's XML by the line that they begin on. Knows tags well enough to keep elements apart; firewalld itself has read the file. Pure. */

export interface XmlElement {
  name: string;
  /** 1-based, both inclusive. */
  first: number;
  last: number;
  /** The tag that opens it. */
  tag: string;
  /** From its tag to its end. */
  text: string;
  /** Nothing else stands on its lines. */
  alone: boolean;
}

const tagPattern = /<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w-]*)((?:"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>/g;

/** @param line 1-based. Undefined where no element begins, or it does not end */
export function xmlElementAt(lines: readonly string[], line: number): XmlElement | undefined {
  const rest = lines.slice(line - 1).join("\n");
  const [head = ""] = rest.split("\n");
  let open: { name: string; from: number; tag: string } | undefined;
  let depth = 0;
  for (const match of rest.matchAll(tagPattern)) {
    const [tag, closing, name, , empty] = match;
    if (name === undefined) continue;
    if (!open) {
      if (match.index > head.length || closing === "/") return undefined;
      open = { name, from: match.index, tag };
    }
    if (closing === "/") depth--;
    else if (empty !== "/") depth++;
    if (depth === 0) return elementOf(rest, line, open, match.index + tag.length);
  }
  return undefined;
}

function elementOf(rest: string, line: number, { name, from, tag }: { name: string; from: number; tag: string }, to: number): XmlElement {
  const text = rest.slice(from, to);
  const [before = ""] = [rest.slice(0, from)];
  const [after = ""] = rest.slice(to).split("\n");
  const alone = before.trim() === "" && after.trim() === "";
  return { name, first: line, last: line + rest.slice(0, to).split("\n").length - 1, tag, text, alone };
}

/** The value of an attribute of the opening tag. */
export function xmlAttribute(tag: string, name: string): string | undefined {
  const [, double, single] = new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`).exec(tag) ?? [];
  return double ?? single;
}
