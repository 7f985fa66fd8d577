/** The names that the package exports, with what each is, read from the source. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { root } from "./imports.ts";

const kinds: Record<string, string> = {
  FunctionDeclaration: "function",
  TSDeclareFunction: "function",
  ClassDeclaration: "class",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  TSEnumDeclaration: "enum",
};

/** Export name -> kind, re-exports followed to where they are declared; what comes from a package is `from NAME`. */
export function exportsOf(path: string): Map<string, string> {
  const { program } = parseSync(path, readFileSync(join(root, path), "utf8"));
  const declared = declarations(program.body);
  const imported = imports(program.body);
  return new Map(program.body.flatMap((statement) => exportedBy(statement, path, declared, imported)));
}

type Export = [name: string, kind: string];

function exportedBy(
  statement: Statement,
  path: string,
  declared: ReadonlyMap<string, string>,
  imported: ReadonlyMap<string, Origin>,
): Export[] {
  switch (statement.type) {
    case "ExportAllDeclaration": {
      const { source, exported } = statement;
      if (exported) return [[nameOf(exported), "namespace"]];
      return [...(ownExports(path, source.value) ?? [["*", `from ${source.value}`] as Export])];
    }
    case "ExportDefaultDeclaration":
      return [["default", kinds[statement.declaration.type] ?? "const"]];
    case "ExportNamedDeclaration": {
      const { declaration, specifiers, source } = statement;
      const named = specifiers.map(({ local, exported }): Export => {
        const name = nameOf(local);
        const from = source ? { source: source.value, name } : imported.get(name);
        return [nameOf(exported), from ? kindIn(path, from) : (declared.get(name) ?? "unknown")];
      });
      return [...(declaration ? declarations([declaration]) : []), ...named];
    }
    default:
      return [];
  }
}

type Statement = ReturnType<typeof parseSync>["program"]["body"][number];

function declarations(body: readonly Statement[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const outer of body) {
    const statement = outer.type === "ExportNamedDeclaration" && outer.declaration ? outer.declaration : outer;
    if (statement.type === "VariableDeclaration") {
      for (const { id } of statement.declarations) if (id.type === "Identifier") found.set(id.name, "const");
    } else {
      const kind = kinds[statement.type];
      if (kind && "id" in statement && statement.id && "name" in statement.id) found.set(statement.id.name, kind);
    }
  }
  return found;
}

/** Where an imported name comes from. */
interface Origin {
  source: string;
  /** Its name there; `*` for all of them. */
  name: string;
}

function imports(body: readonly Statement[]): Map<string, Origin> {
  const found = new Map<string, Origin>();
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers)
      found.set(specifier.local.name, { source: statement.source.value, name: importedName(specifier) });
  }
  return found;
}

function importedName(specifier: Extract<Statement, { type: "ImportDeclaration" }>["specifiers"][number]): string {
  if (specifier.type === "ImportSpecifier") return nameOf(specifier.imported);
  return specifier.type === "ImportDefaultSpecifier" ? "default" : "*";
}

function kindIn(path: string, { source, name }: Origin): string {
  return ownExports(path, source)?.get(name) ?? `from ${source}`;
}

function ownExports(path: string, source: string): Map<string, string> | undefined {
  const target = posix.join(dirname(path), source);
  return source.startsWith(".") && existsSync(join(root, target)) ? exportsOf(target) : undefined;
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value);
}
