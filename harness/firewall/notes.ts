/** What rules only note on a packet or its connection (a mark, a zone, a priority), for other rules to ask for. Pure. */
import { entriesBelow, field, type Json, statementsOf } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";

/** The notes, if the statements do nothing but make some; a mark is one wherever it is, as one may be copied to the other. */
export function notesIn(statements: readonly Json[]): ReadonlySet<string> | undefined {
  const notes = statements.map(noteIn);
  return notes.every((note) => note !== undefined) ? new Set(notes) : undefined;
}

function noteIn(statement: Json): string | undefined {
  const target = field(statement, "xt");
  if (target !== undefined) return /^(CONN)?MARK$/.test(String(field(target, "name"))) ? "mark" : undefined;
  const key = field(field(statement, "mangle"), "key");
  return field(field(key, "meta"), "key") === "pkttype" ? undefined : nameOf(key);
}

/** `meta mark` and `ct mark` by the same name, `ct zone` and `meta priority` by theirs. Undefined: it is of neither kind. */
function nameOf(expression: Json): string | undefined {
  const key = field(field(expression, "meta"), "key") ?? field(field(expression, "ct"), "key");
  return typeof key === "string" ? key : undefined;
}

/** @param words of an iptables rule, where nft does not show all of it */
export function asksFor(rule: ListedRule, words: readonly string[], notes: ReadonlySet<string>): boolean {
  const asked = statementsOf(rule).flatMap((statement) =>
    entriesBelow(statement).map(([key, content]) => {
      // A route may hang on the mark.
      if (key === "fib") return [field(content, "flags") ?? []].flat().includes("mark") ? "mark" : undefined;
      return nameOf({ [key]: content });
    }),
  );
  const byWords = words.some((word) => word === "--mark" || word === "--validmark");
  return (byWords && notes.has("mark")) || asked.some((name) => name !== undefined && notes.has(name));
}
