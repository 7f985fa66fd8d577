/** What the documentation's files hold, as far as the tests ask. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dirname, "../../..");

interface Block {
  /** The word after the fence: `sh`, `yaml`, `text`, … */
  language: string;
  text: string;
  /** What a comment right above the block says it is: `file: PATH`, `output: COMMAND`. */
  claim: { kind: string; of: string } | undefined;
  /** 1-based. */
  line: number;
  /** The heading that it stands under. */
  section: string;
}

interface Table {
  /** Rows without the head and the line below it; cells trimmed. */
  rows: string[][];
  section: string;
}

export interface Document {
  path: string;
  headings: { level: number; text: string }[];
  blocks: Block[];
  tables: Table[];
  /** Targets of links and pictures, as written. */
  links: string[];
  /** Inline code, without the backticks. */
  code: string[];
}

/** Every document of the repository, by path from the root. */
export const documents: readonly Document[] = [
  ...globSync("*.md", { cwd: root }),
  ...globSync("{docs,scenarios,examples,bench}/**/*.md", { cwd: root }),
]
  .sort()
  .map((path) => parse(path, readFileSync(join(root, path), "utf8")));

/** @throws when there is none */
export function documentAt(path: string): Document {
  const found = documents.find((document) => document.path === path);
  if (!found) throw new Error(`no document ${path}`);
  return found;
}

/** The section's only block, or its only one of a language. */
export function blockOf(path: string, section: string, language: string): Block {
  const [block, ...others] = documentAt(path).blocks.filter((each) => each.section === section && each.language === language);
  if (!block || others.length > 0)
    throw new Error(`${path}: not one ${language} block under ${section}, but ${block ? others.length + 1 : 0}`);
  return block;
}

function parse(path: string, source: string): Document {
  const document: Document = { path, headings: [], blocks: [], tables: [], links: [], code: [] };
  const lines = source.split("\n");
  let section = "";
  let claim: Block["claim"];
  let inTable = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const fence = /^```(\w*)/.exec(line);
    if (fence) {
      const end = lines.indexOf("```", at + 1);
      if (end < 0) throw new Error(`${path}:${at + 1} a block without an end`);
      document.blocks.push({ language: fence[1] as string, text: lines.slice(at + 1, end).join("\n"), claim, line: at + 1, section });
      at = end;
      claim = undefined;
      continue;
    }
    const comment = /^<!-- (\w+): (.+) -->$/.exec(line);
    if (comment) claim = { kind: comment[1] as string, of: comment[2] as string };
    else if (line !== "") claim = undefined;
    const heading = /^(#+) (.*)$/.exec(line);
    if (heading) {
      section = heading[2] as string;
      document.headings.push({ level: (heading[1] as string).length, text: section });
    }
    if (line.startsWith("|")) readRow(document, line, section, !inTable);
    inTable = line.startsWith("|");
    const plain = line.replace(/(`+)(.+?)\1/g, (_, __, text: string) => {
      document.code.push(text.trim());
      return "";
    });
    for (const [, target] of plain.matchAll(/\]\(([^)\s]+)\)/g)) document.links.push(target as string);
  }
  return document;
}

/** The first row of a table begins it and names its columns. */
function readRow(document: Document, line: string, section: string, first: boolean): void {
  if (first) document.tables.push({ rows: [], section });
  else if (!/^[|\s:-]+$/.test(line)) {
    const cells = line.slice(1, -1).split(/(?<!\\)\|/);
    document.tables.at(-1)?.rows.push(cells.map((cell) => cell.trim()));
  }
}

/** The anchor that a heading gets. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(" ", "-");
}
