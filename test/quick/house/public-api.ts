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
  const found = new Map<string, string>();
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const all = ownExports(path, statement.source.value);
      if (statement.exported) found.set(nameOf(statement.exported), "namespace");
      else if (all) for (const [name, kind] of all) found.set(name, kind);
      else found.set("*", `from ${statement.source.value}`);
    } else if (statement.type === "ExportDefaultDeclaration") found.set("default", kinds[statement.declaration.type] ?? "const");
    else if (statement.type === "ExportNamedDeclaration") {
      if (statement.declaration) for (const [name, kind] of declarations([statement.declaration])) found.set(name, kind);
      for (const { local, exported } of statement.specifiers) {
        const name = nameOf(local);
        const from = statement.source ? { source: statement.source.value, name } : imported.get(name);
        found.set(nameOf(exported), from ? kindIn(path, from) : (declared.get(name) ?? "unknown"));
      }
    }
  }
  return found;
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

function imports(body: readonly Statement[]): Map<string, { source: string; name: string }> {
  const found = new Map<string, { source: string; name: string }>();
  for (const statement of body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers)
      found.set(specifier.local.name, {
        source: statement.source.value,
        name:
          specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : specifier.type === "ImportDefaultSpecifier" ? "default" : "*",
      });
  }
  return found;
}

function kindIn(path: string, { source, name }: { source: string; name: string }): string {
  return ownExports(path, source)?.get(name) ?? `from ${source}`;
}

function ownExports(path: string, source: string): Map<string, string> | undefined {
  const target = posix.join(dirname(path), source);
  return source.startsWith(".") && existsSync(join(root, target)) ? exportsOf(target) : undefined;
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value);
}
