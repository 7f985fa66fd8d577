/**
 * apt's package lists, cut down to what its resolver may look at: for each query, apt reads the whole list of 70,000 packages, which takes a
 * second.
 */

/**
 * From each list, the paragraphs of the essential packages, of the named packages, of all packages that these may depend on, and of all that
 * provide any of them: apt picks the same packages from these as from the whole list, as long as it installs no mere recommendations.
 */
export function reachable(lists: readonly string[], names: readonly string[]): string[] {
  const byName = new Map<string, Paragraph[]>();
  const essential = lists.flatMap((text) => enter(text, byName));
  const wanted = new Set<Paragraph>();
  const seen = new Set<string>();
  const waiting = [...names, ...essential];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const paragraph of byName.get(name) ?? []) {
      if (wanted.has(paragraph)) continue;
      wanted.add(paragraph);
      const text = paragraph.list.slice(paragraph.start, paragraph.end);
      waiting.push(fieldOf(text, "Package"), ...namesIn(fieldOf(text, "Pre-Depends")), ...namesIn(fieldOf(text, "Depends")));
    }
  }
  const inOrder = [...wanted].sort((one, other) => one.start - other.start);
  return lists.map((list) => inOrder.flatMap((each) => (each.list === list ? [`${list.slice(each.start, each.end)}\n\n`] : [])).join(""));
}

/** A part of a list, without the empty line after it. Positions rather than text, because a list has 50 MB. */
interface Paragraph {
  list: string;
  start: number;
  end: number;
}

/**
 * Adds the packages of a list under their own names and those that they provide.
 * @returns the names of the essential ones
 */
function enter(list: string, byName: Map<string, Paragraph[]>): string[] {
  const add = (name: string, paragraph: Paragraph) => {
    const others = byName.get(name);
    if (others) others.push(paragraph);
    else byName.set(name, [paragraph]);
  };
  const all: Paragraph[] = [];
  for (let start = 0; start < list.length; ) {
    const found = list.indexOf("\n\n", start);
    const paragraph = { list, start, end: found < 0 ? list.trimEnd().length : found };
    all.push(paragraph);
    add(nameAt(paragraph), paragraph);
    start = found < 0 ? list.length : found + 2;
  }
  for (const [paragraph, value] of withField(all, "Provides")) for (const name of namesIn(value)) add(name, paragraph);
  return [...withField(all, "Essential")].flatMap(([paragraph, value]) => (value === "yes" ? [nameAt(paragraph)] : []));
}

/** In Debian's lists, paragraphs begin with this field; in others it may come later. */
function nameAt({ list, start, end }: Paragraph): string {
  if (!list.startsWith("Package: ", start)) return fieldOf(list.slice(start, end), "Package");
  return list.slice(start + "Package: ".length, Math.min(list.indexOf("\n", start), end));
}

/** The paragraphs of one list that have the field, in order, each with its value. */
function* withField(paragraphs: readonly Paragraph[], field: string): Generator<[Paragraph, string]> {
  const [list, mark] = [paragraphs[0]?.list ?? "", `\n${field}: `];
  let index = 0;
  for (let at = list.indexOf(mark); at >= 0; at = list.indexOf(mark, at + 1)) {
    while ((paragraphs[index]?.end ?? list.length) < at) index += 1;
    const end = list.indexOf("\n", at + 1);
    yield [paragraphs[index] as Paragraph, list.slice(at + mark.length, end < 0 ? list.length : end)];
  }
}

/** Package names in a relationship field, deb-control(5): `name:any (>= 1) [amd64] | name, …`. */
function namesIn(relations: string): string[] {
  return relations
    .split(/[,|]/)
    .map((relation) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(relation)?.[1] ?? "")
    .filter(Boolean);
}

/** In Debian's lists, each of these fields is a single line. */
function fieldOf(paragraph: string, field: string): string {
  return new RegExp(`^${field}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
}
