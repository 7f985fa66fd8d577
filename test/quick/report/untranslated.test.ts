/**
 * Errors that Japanese readers get in English: none. The compiler wants a fault of each error, and Japanese words of each fault; what it does not see is
 * looked for here.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import type { FaultCode } from "../../../harness/core/fault.ts";
import { errorIn } from "../../../harness/report/faults.ts";
import { everyFault as words } from "../../../harness/report/faults-ja-all.ts";
import { root } from "../house/imports.ts";
import { everyFault } from "./fault-samples.ts";

type Visited = { type: string; [key: string]: unknown };

/** Two English words, or one with its article: not a path, a command or a setting. */
const prose = /(?:^|[^\w./`-])(?:an? |no |nothing|none|not )[a-z]*|[a-z]{2,}[ …]+(?:of|for|and|on|in|with) /;

/** Codes of errors whose `found` is a sentence of the source's, not a quotation: Japanese has to say it, too. */
function foundInWords(source: string): string[] {
  if (!source.includes("new UserError(")) return [];
  const codes: string[] = [];
  const { program } = parseSync("source.ts", source);
  new Visitor({
    NewExpression: (call) => {
      const details = (call.arguments as unknown as Visited[])[2];
      if ((call.callee as { name?: string }).name !== "UserError" || details?.type !== "ObjectExpression") return;
      const property = (name: string) =>
        (details.properties as Visited[]).find((each) => (each.key as { name?: string } | undefined)?.name === name)?.value as
          | Visited
          | undefined;
      codes.push(...told(property("found"), property("fault")));
    },
  }).visit(program);
  return codes;
}

/** Where the same condition decides both, each side by itself. */
function told(found: Visited | undefined, fault: Visited | undefined): string[] {
  if (found?.type === "ConditionalExpression" && fault?.type === "ConditionalExpression")
    return [
      ...told(found.consequent as Visited, fault.consequent as Visited),
      ...told(found.alternate as Visited, fault.alternate as Visited),
    ];
  return literals(found).some((text) => prose.test(text)) ? codesOf(fault) : [];
}

/** Every fixed text of an expression. */
function literals(expression: Visited | undefined): string[] {
  if (expression?.type === "Literal") return typeof expression.value === "string" ? [expression.value] : [];
  if (expression?.type === "TemplateLiteral")
    return [(expression.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join("…")];
  if (expression?.type === "ConditionalExpression")
    return [...literals(expression.consequent as Visited), ...literals(expression.alternate as Visited)];
  return expression?.type === "LogicalExpression"
    ? [...literals(expression.left as Visited), ...literals(expression.right as Visited)]
    : [];
}

function codesOf(fault: Visited | undefined): string[] {
  if (fault?.type === "ConditionalExpression") return [...codesOf(fault.consequent as Visited), ...codesOf(fault.alternate as Visited)];
  return fault?.type === "CallExpression" ? literals((fault.arguments as Visited[])[0]) : [];
}

/** Japanese words that leave what was found as the error has it. */
function leftInEnglish(codes: readonly string[]): string[] {
  const samples = (code: string) => everyFault.filter((fault) => fault.code === (code as FaultCode));
  const says = (code: string) =>
    samples(code).some((fault) => errorIn({ message: "m", found: "English", fault }, "ja", words).found !== "English");
  return [...new Set(codes)].filter((code) => !says(code)).sort();
}

test("what was found is in Japanese, too, where English says it in words", () => {
  const codes = globSync("harness/**/*.ts", { cwd: root }).flatMap((file) => foundInWords(readFileSync(join(root, file), "utf8")));
  expect(codes.length).toBeGreaterThan(20);
  expect(leftInEnglish(codes)).toEqual([]);
});

test("what is found, and what is not", () => {
  const of = (found: string) => foundInWords(`throw new UserError("a", "b", { found: ${found}, fault: faultOf("c-d", {}) });`);
  expect(of('"a folder"')).toEqual(["c-d"]);
  expect(of('x ? "no such file" : y')).toEqual(["c-d"]);
  expect(of("`part $" + "{i} of $" + "{n}`")).toEqual(["c-d"]);
  for (const quoted of ["text", '"cgroups"', "`$" + "{key}=$" + "{value}`"]) expect(of(quoted)).toEqual([]);
  expect(leftInEnglish(["side-none", "host-unknown"])).toEqual(["host-unknown"]);
});

test("no error goes round the compiler", () => {
  const roundabout = /\bas (?:unknown as )?(?:Fault|UserError)\b|fault: undefined/;
  const files = globSync("harness/**/*.ts", { cwd: root }).filter((file) => roundabout.test(readFileSync(join(root, file), "utf8")));
  // The one place that joins a code and its parameters.
  expect(files.sort()).toEqual(["harness/core/fault.ts"]);
  expect(roundabout.test("fault: {} as Fault")).toBe(true);
});
