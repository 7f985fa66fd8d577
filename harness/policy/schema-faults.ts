/** What the schema finds wrong, in words and with the place of each fault. */
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import {
  faultOf,
  type PolicyExpectation,
  type PolicyExpected,
  type PolicyForm,
  type PolicyFound,
  type PolicyPattern,
  type PolicyTodo,
} from "../core/fault.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { policySchema } from "./policy.ts";
import { forms } from "./schema-values.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

/** Every violation of the policy schema; empty when there is none. */
export function schemaFaults(source: YamlSource): UserError[] {
  const parsed = policySchema.safeParse(source.value, { reportInput: true });
  return parsed.success ? [] : withAlternatives(parsed.error.issues, source.value).flatMap((issue) => faults(issue, [], source));
}

/** Where only one alternative has all the keys that it needs, Zod tells what is wrong with that one, however many others it does not know. */
function withAlternatives(issues: readonly Issue[], root: unknown): Issue[] {
  const decided = issues.flatMap((issue): UnionIssue[] => {
    if (issue.code !== "unrecognized_keys") return [];
    const value = valueAt(root, issue.path as KeyPath);
    const options = schemasAt(issue.path as KeyPath, root).filter((schema) => schema instanceof z.ZodObject);
    if (options.length < 2) return [];
    const errors = options.map((schema) => schema.safeParse(value, { reportInput: true }).error?.issues ?? []);
    return [{ code: "invalid_union", path: issue.path, message: "Invalid input", input: value, errors }];
  });
  const below = ({ path }: Issue, union: UnionIssue) => union.path.every((step, at) => path[at] === step);
  return [...issues.filter((issue) => !decided.some((union) => below(issue, union))), ...decided];
}

/** The path as people write it, e.g. `forwards.rdp.reachable_from[1]`. */
export function showPath(path: KeyPath): string {
  return joined(path) || "the policy";
}

/** Empty: the policy itself. */
function joined(path: KeyPath): string {
  const written = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return written.replace(/^\./, "");
}

/** A value of the policy, short enough for one line. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list: ${cut(JSON.stringify(value))}`;
  if (typeof value === "object")
    return `a mapping with ${
      Object.keys(value)
        .map((key) => `\`${key}\``)
        .join(", ") || "no keys"
    }`;
  if (typeof value !== "string") return String(value);
  return value.trim() === "" ? `an empty text${value === "" ? "" : `: ${cut(JSON.stringify(value))}`}` : cut(value);
}

function cut(value: string): string {
  const text = value.replaceAll(/\s+/g, " ");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function faults(issue: Issue, above: KeyPath, source: YamlSource): UserError[] {
  const path: KeyPath = [...above, ...(issue.path as (string | number)[])];
  const place = source.place(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, path, source));
    case "invalid_union": {
      if (valueAt(source.value, path) === undefined) return missing(path, source, place);
      const best = nearestBranch(issue);
      return best ? best.flatMap((inner) => faults(inner, path, source)) : [fault(issue, path, source)];
    }
    case "invalid_key": {
      const [inner] = issue.issues;
      const expected = inner ? expectations(inner) : [];
      const key = String(path.at(-1));
      return [
        new UserError("policy-key", `${showPath(path)}: \`${key}\` is not a valid name here`, {
          place: source.keyPlace(path),
          found: key.trim() === "" ? `an empty name: ${JSON.stringify(key)}` : key,
          expected: expected.length > 0 ? expectedText(expected) : "another name",
          todo: "rename it",
          fault: faultOf("policy-name", { name: key, path: showPath(path.slice(0, -1)), expected }),
        }),
      ];
    }
    case "invalid_element":
      return issue.issues.flatMap((inner) => faults(inner, path, source));
    case "invalid_type":
      if (valueAt(source.value, path) === undefined) return missing(path, source, place);
      return [fault(issue, path, source)];
    default:
      return [fault(issue, path, source)];
  }
}

function fault(issue: Issue, path: KeyPath, source: YamlSource): UserError {
  const value = valueAt(source.value, path);
  if (path.length === 0 && typeof value === "string") return foreign(value, source);
  const written = typeof value === "number" ? source.written(path) : undefined;
  const todo = todoFor(issue, value, written);
  const known = expectations(issue);
  const expected = known.length > 0 ? known : [{ said: issue.message }];
  return new UserError("policy-value", `${showPath(path)} has a wrong value`, {
    place: source.place(path),
    found: written === undefined ? showValue(value) : `${written} (a number)`,
    expected: expectedText(expected),
    todo: todoText(todo),
    fault: faultOf("policy-value", {
      path: showPath(path),
      found: written === undefined ? foundOf(value) : { text: written },
      todo,
      expected,
    }),
  });
}

/** A whole file that is one text to YAML: a config of some other program. */
function foreign(text: string, source: YamlSource): UserError {
  const begins = cut(text);
  return new UserError("policy-value", "this is not a policy", {
    place: source.place([]),
    found: begins,
    expected: "a mapping with `server` and `forwards`",
    todo: "name a policy; `forwardlab init` makes one from an sshd_config, and `forwardlab review` needs none",
    fault: faultOf("policy-foreign", { begins }),
  });
}

/** What would be right. Empty: only the issue's own message says it. */
function expectations(issue: Issue): PolicyExpectation[] {
  switch (issue.code) {
    case "custom":
      return issue.params?.form === undefined ? [] : [{ form: issue.params.form as PolicyForm }];
    case "invalid_type":
      return [expectedTypes[issue.expected] ?? { said: issue.expected }];
    case "invalid_value":
      return [{ values: issue.values.map(String) }];
    case "invalid_format":
      return [patterns[issue.pattern ?? ""] ?? { pattern: "other" }];
    case "too_small":
      return [expectedLeast[issue.origin] ?? { least: Number(issue.minimum) }];
    case "too_big":
      return [{ most: Number(issue.maximum), entries: issue.origin === "array" }];
    case "invalid_union":
      if (issue.message !== "Invalid input") return [];
      return issue.errors.flatMap((branch) => branch.filter((inner) => inner.path.length === 0).flatMap(expectations));
    default:
      return [];
  }
}

const patterns: Record<string, PolicyExpectation> = {
  "/^[a-z][a-z0-9-]{0,30}$/": { pattern: "name" },
  "/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/": { pattern: "account" },
  "/^[a-z][a-z0-9-]*$/": { pattern: "service" },
  "/^[^\\s/]{1,15}$/": { pattern: "interface" },
  "/^\\//": { pattern: "server-path" },
  "/\\S/": "full-text",
};

/** In English. */
function expectedText(all: readonly PolicyExpectation[]): string {
  return [...new Set(all.map(expectationText))].join(" or ");
}

function expectationText(one: PolicyExpectation): string {
  if (typeof one === "string") return kinds[one];
  if ("form" in one) return forms[one.form];
  if ("values" in one) return one.values.map((value) => (/^(\d+|true|false)$/.test(value) ? value : `\`${value}\``)).join(", ");
  if ("pattern" in one) return patternText[one.pattern];
  if ("least" in one) return `at least ${one.least}`;
  if ("said" in one) return one.said;
  return one.entries ? `at most ${one.most} entries` : `at most ${one.most}`;
}

const kinds: Readonly<Record<PolicyExpected, string>> = {
  mapping: "a mapping",
  list: "a list",
  text: "a text",
  number: "a number",
  "whole-number": "a whole number",
  boolean: "true or false",
  entries: "at least one entry",
  "full-text": "a text that is not empty",
};

const patternText: Readonly<Record<PolicyPattern, string>> = {
  name: "a name: a lower-case letter, then lower-case letters, digits and hyphens, at most 31 in all",
  account: "the name of an account or group",
  service: "the name of a service, e.g. http",
  interface: "an interface name of at most 15 characters",
  "server-path": "an absolute path on the server",
  other: "a text of another form",
};

const expectedLeast: Record<string, PolicyExpected> = { array: "entries", string: "full-text" };

const expectedTypes: Record<string, PolicyExpected> = {
  object: "mapping",
  record: "mapping",
  array: "list",
  tuple: "list",
  string: "text",
  number: "number",
  int: "whole-number",
  boolean: "boolean",
};

function foundOf(value: unknown): PolicyFound {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "empty-list" : "list";
  if (typeof value === "object") return "mapping";
  return value === "" ? "empty-text" : { text: cut(String(value)) };
}

/** @param written a number as the user wrote it */
function todoFor(issue: Issue, value: unknown, written: string | undefined): PolicyTodo {
  const meant = meantBy(value, issue);
  if (meant !== undefined) return { meant };
  const list = listFor(issue, written ?? value);
  if (list !== undefined) return { write: list };
  if (value === undefined || value === null) return "value-or-nothing";
  if (issue.code === "custom")
    return typeof issue.params?.write === "string"
      ? { write: issue.params.write, ...(issue.params.guessed ? { guessed: true } : {}) }
      : "correct";
  if (issue.code === "too_small" && issue.origin === "array") return "entry-or-nothing";
  if (["number", "boolean"].includes(typeof value) && expectsText(issue)) return { write: `"${written ?? value}"` };
  const unquoted = issue.code === "invalid_type" && typeof value === "string" ? quotedKinds[issue.expected]?.test(value) : false;
  return unquoted ? "no-quotes" : "correct";
}

/** The list that a value without brackets means. */
function listFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code !== "invalid_type" || !["array", "tuple"].includes(issue.expected)) return undefined;
  if (issue.expected === "array" && meansNone(value)) return "[]";
  return value === undefined || typeof value === "object" ? undefined : `[${value}]`;
}

/** An empty value, or a word for an empty list. */
function meansNone(value: unknown): boolean {
  return value === null || value === false || (typeof value === "string" && /^(no|none|nobody|nothing|no one)$/i.test(value));
}

/** Texts that would be a value of the kind without their quotes. */
const quotedKinds: Readonly<Record<string, RegExp>> = { number: /^-?\d+(\.\d+)?$/, int: /^-?\d+$/, boolean: /^(true|false)$/ };

function todoText(todo: PolicyTodo): string {
  if (typeof todo === "string") return todoTexts[todo];
  if ("write" in todo && todo.write.startsWith('"')) return `put it in quotes: ${todo.write}`;
  if ("write" in todo) return `write ${todo.write}${todo.guessed ? " (use the network's real prefix length)" : ""}`;
  return suggestionText(todo.meant) ?? "";
}

const todoTexts: Readonly<Record<Extract<PolicyTodo, string>, string>> = {
  "value-or-nothing": "give it a value, or remove the key",
  "entry-or-nothing": "add an entry, or remove the key",
  "no-quotes": "remove the quotes",
  correct: "correct the value; docs/policy.md explains the key",
};

function expectsText(issue: Issue): boolean {
  return (
    (issue.code === "invalid_type" && issue.expected === "string") ||
    (issue.code === "invalid_value" && issue.values.every((value) => typeof value === "string"))
  );
}

function meantBy(value: unknown, issue: Issue): string | undefined {
  return typeof value === "string" ? didYouMean(value, allowedValues(issue).map(String)) : undefined;
}

function allowedValues(issue: Issue): readonly unknown[] {
  if (issue.code === "invalid_value") return issue.values;
  return issue.code === "invalid_union" ? literals(issue) : [];
}

function unknownKey(key: string, path: KeyPath, source: YamlSource): UserError {
  const known = knownKeys(path, source.value);
  const meant = didYouMean(key, known);
  return new UserError("policy-key", `unknown key \`${key}\` in ${showPath(path)}`, {
    place: source.keyPlace([...path, key]),
    found: `\`${key}\``,
    expected: known.length > 0 ? known.map((one) => `\`${one}\``).join(", ") : "another key",
    todo: suggestionText(meant) ?? "remove it",
    fault: faultOf("policy-key-unknown", { key, path: joined(path), known, meant }),
  });
}

/** Nothing when a mistyped key next to it was most likely meant to be it: one fault is enough. */
function missing(path: KeyPath, source: YamlSource, place: UserError["place"]): UserError[] {
  const parent = path.slice(0, -1);
  const known = knownKeys(parent, source.value);
  const siblings = Object.keys((valueAt(source.value, parent) as object | undefined) ?? {});
  if (siblings.some((key) => !known.includes(key) && didYouMean(key, known) === path.at(-1))) return [];
  const description = schemasAt(path, source.value)
    .map((schema) => schema.description)
    .find((text) => text !== undefined);
  return [
    new UserError("policy-missing", `${showPath(parent)} has no \`${String(path.at(-1))}\``, {
      place,
      found: "nothing",
      expected: description ?? `\`${String(path.at(-1))}\``,
      todo: `add \`${String(path.at(-1))}\``,
      fault: faultOf("policy-key-missing", { key: String(path.at(-1)), path: joined(parent) }),
    }),
  ];
}

function literals(issue: UnionIssue): unknown[] {
  return issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === "invalid_value" && inner.path.length === 0 ? inner.values : [])),
  );
}

/** The alternative that the author most likely meant: the one with the fewest offences; undefined when none has the right type. */
function nearestBranch(issue: UnionIssue): readonly Issue[] | undefined {
  const offences = (branch: readonly Issue[]) => branch.reduce((sum, inner) => sum + offence(inner), 0);
  const ranked = issue.errors.map((branch) => ({ branch, score: offences(branch) })).sort((one, other) => one.score - other.score);
  return ranked[0] && ranked[0].score < wrongType ? ranked[0].branch : undefined;
}

/** Weight of an offence that no slip of the pen explains. */
const wrongType = 1000;

function offence(issue: Issue): number {
  if (issue.code === "unrecognized_keys") return 3 * issue.keys.length;
  const ofType = issue.code === "invalid_type";
  if (issue.path.length > 0) return ofType && issue.input === undefined ? 2 : 1;
  if (issue.code === "invalid_union") return nearestBranch(issue) ? 2 : wrongType;
  return ofType || issue.code === "invalid_value" ? wrongType : 1;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (inner, step) => (inner !== null && typeof inner === "object" ? (inner as Record<string, unknown>)[step] : undefined),
    value,
  );
}

/** Keys that a mapping at this path may have: of the alternative with most keys in common, when there are several. */
function knownKeys(path: KeyPath, root: unknown): string[] {
  const here = valueAt(root, path);
  const present = here !== null && typeof here === "object" ? Object.keys(here) : [];
  const options = schemasAt(path, root).flatMap((schema) => (schema instanceof z.ZodObject ? [Object.keys(schema.shape)] : []));
  const common = (keys: string[]) => keys.filter((key) => present.includes(key)).length;
  return options.sort((one, other) => common(other) - common(one))[0] ?? [];
}

/** The schemas that may apply at a path, wrappers and alternatives opened. */
function schemasAt(path: KeyPath, root: unknown): z.ZodType[] {
  let here: z.ZodType[] = open(policySchema);
  path.forEach((step, index) => {
    const wrappers = index === path.length - 1;
    const next = here.flatMap((schema): z.ZodType[] => {
      if (schema instanceof z.ZodObject) return schema.shape[step] ? [schema.shape[step] as z.ZodType] : [];
      if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
      if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
      return [];
    });
    here = wrappers ? [...next, ...next.flatMap(open)] : next.flatMap(open);
  });
  return root === undefined ? [] : here;
}

function open(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional) return open(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(open);
  return [schema];
}
