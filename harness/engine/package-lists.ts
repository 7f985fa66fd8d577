/**
 * apt's lists of packages, cut down to what a resolver may look at: apt reads a whole list, of 70,000 packages, for each question, and that
 * takes a second.
 */

/**
 * Of each list, the paragraphs of the essential packages, of those with the given names, of all that these may depend on, and of whoever
 * provides any of it: what apt picks among them is what it picks among all, as long as it installs nothing that is only recommended.
 */
export function reachable(lists: readonly string[], names: readonly string[]): string[] {
  const paragraphs = lists.map(paragraphsOf);
  const { byName, essential } = indexOf(paragraphs.flat());
  const wanted = new Set<string>();
  const seen = new Set<string>();
  const waiting = [...names, ...essential];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const paragraph of byName.get(name) ?? []) {
      if (wanted.has(paragraph)) continue;
      wanted.add(paragraph);
      waiting.push(nameOf(paragraph), ...namesIn(paragraph, "Pre-Depends"), ...namesIn(paragraph, "Depends"));
    }
  }
  return paragraphs.map((each) => each.flatMap((paragraph) => (wanted.has(paragraph) ? [`${paragraph}\n\n`] : [])).join(""));
}

/** By their own names and by those that they provide. */
function indexOf(paragraphs: readonly string[]): { byName: Map<string, string[]>; essential: string[] } {
  const byName = new Map<string, string[]>();
  const essential: string[] = [];
  for (const paragraph of paragraphs) {
    const name = nameOf(paragraph);
    for (const each of [name, ...namesIn(paragraph, "Provides")]) {
      const others = byName.get(each);
      if (others) others.push(paragraph);
      else byName.set(each, [paragraph]);
    }
    if (paragraph.includes("\nEssential: yes")) essential.push(name);
  }
  return { byName, essential };
}

function paragraphsOf(list: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < list.length; ) {
    const end = list.indexOf("\n\n", at);
    found.push(list.slice(at, end < 0 ? list.length : end).trimEnd());
    at = end < 0 ? list.length : end + 2;
  }
  return found;
}

const nameOf = (paragraph: string) => fieldOf(paragraph, "Package");

/** Of a relation, deb-control(5): `name:any (>= 1) [amd64] | name, …`. */
function namesIn(paragraph: string, field: string): string[] {
  return fieldOf(paragraph, field)
    .split(/[,|]/)
    .map((relation) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(relation)?.[1] ?? "")
    .filter(Boolean);
}

/** Debian's lists have each of these fields in one line. */
function fieldOf(paragraph: string, field: string): string {
  const start = paragraph.startsWith(`${field}: `) ? 0 : paragraph.indexOf(`\n${field}: `) + 1;
  if (start === 0 && !paragraph.startsWith(`${field}: `)) return "";
  const end = paragraph.indexOf("\n", start);
  return paragraph.slice(start + field.length + 2, end < 0 ? paragraph.length : end);
}
