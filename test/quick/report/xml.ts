/** A strict reader of XML 1.0 without DTDs: elements, attributes, text. Throws where a conforming parser would. */

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Characters that XML 1.0 forbids, production [2] `Char`: https://www.w3.org/TR/xml/#charsets */
function assertLegal(text: string): void {
  for (const one of text) {
    const code = one.codePointAt(0) as number;
    const legal =
      code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
    if (!legal) throw new Error(`illegal character U+${code.toString(16)}`);
  }
}

function decode(text: string): string {
  if (text.includes("<")) throw new Error("< in text");
  const decoded = text.replace(/&(?:#(\d+)|([a-z]+));|&/g, (all, number?: string, name?: string) => {
    if (number !== undefined) return String.fromCodePoint(Number(number));
    const known = entities[name ?? ""];
    if (known === undefined) throw new Error(`unknown entity ${all}`);
    return known;
  });
  assertLegal(decoded);
  return decoded;
}

function readAttributes(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key, value] of text.matchAll(/([A-Za-z][\w-]*)="([^"]*)"/g)) {
    if (found[key as string] !== undefined) throw new Error(`attribute ${key} twice`);
    found[key as string] = decode(value as string);
  }
  return found;
}

/** The root element. */
export function parseXml(text: string): XmlElement {
  assertLegal(text);
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, "");
  if (body === text) throw new Error("no XML declaration");
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  while (at < body.length) {
    const here = open.at(-1) as XmlElement;
    const tag = body.indexOf("<", at);
    here.text += decode(body.slice(at, tag < 0 ? body.length : tag));
    if (tag < 0) break;
    const match = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w-]*="[^"<]*")*)\s*(\/?)>/.exec(body.slice(tag));
    if (!match) throw new Error(`no tag: ${body.slice(tag, tag + 40)}`);
    const [all, closing, name, attributes, empty] = match as unknown as [string, string, string, string, string];
    if (closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
    } else {
      const element: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: "" };
      here.children.push(element);
      if (!empty) open.push(element);
    }
    at = tag + all.length;
  }
  const [only, ...rest] = root.children;
  if (open.length !== 1 || !only || rest.length > 0 || root.text.trim() !== "") throw new Error("not one closed root element");
  return only;
}

/** All elements of a name, at any depth. */
export function elements(root: XmlElement, name: string): XmlElement[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}
