/** The reference of the library, from its source: each export with its declaration and what its comment says. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type Comment, parseSync } from "oxc-parser";
import { root } from "./imports.ts";
import { exportsOf } from "./public-api.ts";

type Statement = ReturnType<typeof parseSync>["program"]["body"][number];

interface Parsed {
  source: string;
  body: readonly Statement[];
  comments: readonly Comment[];
}

const parsed = new Map<string, Parsed>();

function parse(path: string): Parsed {
  const known = parsed.get(path);
  if (known) return known;
  const source = readFileSync(join(root, path), "utf8");
  const { program, comments } = parseSync(path, source);
  const read = { source, body: program.body, comments };
  parsed.set(path, read);
  return read;
}

/** A declaration, and what stands around it. */
interface Found {
  path: string;
  statement: Statement;
  /** Where the statement begins with its `export`. */
  start: number;
}

/** Where a name that a module exports is declared; undefined: in a package. */
function find(path: string, name: string): Found | undefined {
  const { body } = parse(path);
  for (const outer of body) {
    const inner = outer.type === "ExportNamedDeclaration" && outer.declaration ? outer.declaration : outer;
    if (namesOf(inner as Statement).includes(name)) return { path, statement: inner as Statement, start: outer.start };
  }
  for (const statement of body) {
    const from = originIn(statement, name);
    const target = from && posix.join(dirname(path), from.source);
    if (from?.source.startsWith(".") && target && existsSync(join(root, target))) return find(target, from.name);
  }
  return undefined;
}

function namesOf(statement: Statement): string[] {
  if (statement.type === "VariableDeclaration")
    return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  const declares = /^(TS(Interface|TypeAlias|Enum)Declaration|TSDeclareFunction|FunctionDeclaration|ClassDeclaration)$/.test(
    statement.type,
  );
  return declares && "id" in statement && statement.id && "name" in statement.id ? [statement.id.name] : [];
}

function originIn(statement: Statement, wanted: string): { source: string; name: string } | undefined {
  const word = (node: object) => ("name" in node ? String(node.name) : String((node as { value?: unknown }).value));
  if (statement.type === "ExportNamedDeclaration" && statement.source) {
    const specifier = statement.specifiers.find(({ exported }) => word(exported) === wanted);
    return specifier && { source: statement.source.value, name: word(specifier.local) };
  }
  if (statement.type !== "ImportDeclaration") return undefined;
  const specifier = statement.specifiers.find(({ local }) => local.name === wanted);
  return specifier?.type === "ImportSpecifier" ? { source: statement.source.value, name: word(specifier.imported) } : undefined;
}

/** The declaration as a reader needs it: no bodies, nothing private. */
function declarationOf({ path, statement }: Found, name: string): string {
  const { source, comments } = parse(path);
  const text = (from: number, to: number) => source.slice(from, to).trim();
  switch (statement.type) {
    case "FunctionDeclaration":
      return `${text(statement.start, statement.body?.start ?? statement.end)};`.replace(/^async /, "");
    case "VariableDeclaration": {
      const declared = statement.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
      const annotated = declared?.id && "typeAnnotation" in declared.id && declared.id.typeAnnotation;
      return `const ${annotated ? text(declared.id.start, declared.id.end) : text(declared?.start ?? 0, declared?.end ?? 0)};`;
    }
    case "ClassDeclaration": {
      const members = statement.body.body.flatMap((member) => {
        const key = "key" in member ? member.key : undefined;
        if (!key || key.type === "PrivateIdentifier" || ("accessibility" in member && member.accessibility === "private")) return [];
        const comment = commentBefore(comments, source, member.start);
        const end = member.type === "MethodDefinition" ? (member.value.body?.start ?? member.end) : endOfField(member);
        return [
          `${comment === undefined ? "" : `  ${comment}\n`}  ${text(member.start, end).replace(/^async |^override /, "")};`.replace(
            /;;$/,
            ";",
          ),
        ];
      });
      return `${text(statement.start, statement.body.start)} {\n${members.join("\n")}\n}`;
    }
    default:
      return text(statement.start, statement.end);
  }
}

function endOfField(member: { end: number; value?: unknown }): number {
  const value = member.value as { start?: number } | null | undefined;
  return value?.start === undefined ? member.end : value.start - 2;
}

/** The documentation comment that ends right before a place, as written. */
function commentBefore(comments: readonly Comment[], source: string, place: number): string | undefined {
  const comment = comments.findLast(({ end }) => end <= place);
  if (comment?.type !== "Block" || !comment.value.startsWith("*") || source.slice(comment.end, place).trim() !== "") return undefined;
  return source.slice(comment.start, comment.end);
}

/** Its words, without stars; `@param` and the like as a list. */
function prose(comment: string): string {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .filter((line) => line !== "");
  const joined = lines.join("\n").replace(/\n(?!@)/g, " ");
  const [words = "", ...tags] = joined.split(/(?:^|\n)@/);
  const list = tags.map((tag) => `- *${tag.replace(/^(\w+)\s*/, "$1:* ")}`);
  return [words.trim(), list.join("\n")].filter((part) => part !== "").join("\n\n");
}

/** Markdown of one entry point. */
function section(name: string, path: string): string {
  const parts = [...exportsOf(path).keys()]
    .sort((one, other) => one.localeCompare(other, "en"))
    .flatMap((exported) => {
      const found = find(path, exported);
      if (!found) return [];
      const comment = commentBefore(parse(found.path).comments, parse(found.path).source, found.start);
      return [
        [`### ${name} · ${exported}`, ...(comment ? [prose(comment)] : []), `\`\`\`ts\n${declarationOf(found, exported)}\n\`\`\``].join(
          "\n\n",
        ),
      ];
    });
  return `## ${name}\n\n${parts.join("\n\n")}`;
}

export function apiReference(entries: Readonly<Record<string, string>>): string {
  const sections = Object.entries(entries).map(([name, path]) => section(name, path));
  return `# API\n\nGenerated from the source by a test (\`npm test -- --project quick test/quick/house/public-api\`): every export with its comment. [The library](library.md) shows how they work together.\n\n${sections.join("\n\n")}\n`;
}
