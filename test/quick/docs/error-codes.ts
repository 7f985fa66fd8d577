/** Every code that an error of harness/ can carry, from the source itself. */
import { readFileSync } from "node:fs";
import { parseSync, Visitor } from "oxc-parser";

type Visited = { type: string; [key: string]: unknown };

/** Calls that make a `UserError` of their first argument. */
const makers = ["UserError", "toolError"];

/** Codes by file. A first argument that holds no text passes on a code that was named elsewhere. */
export function errorCodes(files: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    // A class of errors calls its own maker by the name `super`.
    if (![...makers, "super"].some((maker) => source.includes(`${maker}(`))) continue;
    const { program } = parseSync(file, source);
    const note = (call: { callee: unknown; arguments: unknown[] }) => {
      const callee = call.callee as Visited;
      const isMaker = callee.type === "Super" || (callee.type === "Identifier" && makers.includes(callee.name as string));
      if (!isMaker) return;
      for (const code of texts(call.arguments[0] as Visited)) found.set(code, [...(found.get(code) ?? []), file]);
    };
    new Visitor({ NewExpression: note, CallExpression: note }).visit(program);
  }
  return found;
}

/** Texts that an expression may be: a literal, or either side of a choice. */
function texts(expression: Visited | undefined): string[] {
  if (expression?.type === "Literal") return typeof expression.value === "string" ? [expression.value] : [];
  if (expression?.type === "ConditionalExpression")
    return [...texts(expression.consequent as Visited), ...texts(expression.alternate as Visited)];
  return [];
}
