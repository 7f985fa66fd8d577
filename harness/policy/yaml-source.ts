/** YAML text as plain data that remembers where each value stands. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf, type YamlTodo } from "../core/fault.ts";
import { excessOf } from "./yaml-bounds.ts";

/** A way to a value: keys of mappings and indexes of lists. */
export type KeyPath = readonly (string | number)[];

export interface YamlSource {
  value: unknown;
  /** Where the value at `path` stands; the nearest thing above it that exists when it does not. */
  place(path: KeyPath): Place;
  /** Where the key that ends `path` stands. */
  keyPlace(path: KeyPath): Place;
  /** Text of a scalar as written, e.g. `10.0` for the number 10. */
  written(path: KeyPath): string | undefined;
}

const yamlTodos: ReadonlyMap<string, YamlTodo> = new Map([
  ["TAB_AS_INDENT", "indent-with-spaces"],
  ["MULTILINE_IMPLICIT_KEY", "end-key-with-colon"],
  ["BAD_SCALAR_START", "quote"],
  ["MULTIPLE_DOCS", "one-document"],
]);

const yamlTodoTexts: Readonly<Record<YamlTodo, string>> = {
  "indent-with-spaces": "indent with spaces instead of tabs",
  "end-key-with-colon": "end the key with a colon and a space, or put a text of several lines in quotes",
  quote: "put the value in quotes",
  "one-document": "put each policy into a file of its own; `verify` takes several",
  correct: "correct the line; a value with `: `, ` #` or a bracket at its start needs quotes",
};

const mostSyntaxErrors = 20;

/** What a parser finds in a faulty line and in the one below it is mostly what the first fault there led to. */
function firstOfEach<Problem>(problems: readonly Problem[], lineOf: (problem: Problem) => number): Problem[] {
  const sorted = [...problems].sort((one, other) => lineOf(one) - lineOf(other));
  return sorted.filter((problem, at) => at === 0 || lineOf(problem) > lineOf(sorted[at - 1] as Problem) + 1).slice(0, mostSyntaxErrors);
}

/**
 * Parses one YAML document. `file` is the name shown in places.
 * Errors and warnings of the parser, a duplicate key and an empty document is a fault in `errors`.
 * @param isJson it is known to be JSON
 */
export function parseYaml(text: string, file: string, isJson = false): { source: YamlSource; errors: UserError[] } {
  const tooMuch = excessOf(text, isJson);
  if (tooMuch) {
    const { message, line, ...details } = tooMuch;
    const { source } = parseYaml("", file);
    return { source, errors: [new UserError("policy-yaml", message, { place: { file, line }, ...details })] };
  }
  const lines = new LineCounter();
  const written = text.split("\n");
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, strict: true, version: "1.2" });
  const placeAt = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = firstOfEach([...document.errors, ...document.warnings], ({ pos }) => placeAt(pos[0]).line ?? 1).map((problem) => {
    const place = placeAt(problem.pos[0]);
    const todo = yamlTodos.get(problem.code) ?? "correct";
    const line = written[(place.line ?? 1) - 1]?.trim().slice(0, 80) ?? "";
    // The parser's own words advise programmers.
    const said = todo === "one-document" ? "a second document begins here" : problem.message;
    return new UserError("policy-yaml", `not valid YAML: ${said}`, {
      place,
      found: line || "nothing",
      expected: todo === "one-document" ? "one document" : "YAML 1.2",
      todo: yamlTodoTexts[todo],
      fault: faultOf("policy-no-yaml", { said, line, todo }),
    });
  });
  const collection = collectionKey(document);
  if (collection) {
    const place = placeAt(collection.range?.[0]);
    errors.push(
      new UserError("policy-yaml", "a list or a mapping cannot be a key", {
        fault: faultOf("policy-key-collection", {}),
        place,
        found: "a list or a mapping",
        expected: "a text",
        todo: "put the key in quotes",
      }),
    );
  }
  for (const { key, first } of collection ? [] : duplicateKeys(document)) {
    errors.push(
      new UserError("policy-yaml", `duplicate key \`${keyText(key)}\``, {
        place: placeAt(key.range?.[0]),
        found: `\`${keyText(key)}\` again`,
        expected: `each key once (first at line ${placeAt(first.range?.[0]).line})`,
        todo: "remove one of them",
        fault: faultOf("policy-key-twice", { key: keyText(key), line: placeAt(first.range?.[0]).line ?? 0 }),
      }),
    );
  }
  if (errors.length === 0 && (document.contents === null || (isScalar(document.contents) && document.contents.value === null))) {
    errors.push(
      new UserError("policy-yaml", "the policy is empty", {
        place: { file },
        found: "no content",
        expected: "a mapping with `server` and `forwards`",
        todo: "start from an example in docs/policy.md, or let `forwardlab init` write one",
        fault: faultOf("policy-empty", {}),
      }),
    );
  }
  let value: unknown = null;
  if (errors.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      errors.push(
        new UserError("policy-yaml", `not valid YAML: ${(error as Error).message}`, {
          place: { file },
          fault: faultOf("policy-no-yaml", { said: (error as Error).message, todo: "correct" }),
        }),
      );
    }
  }
  return {
    source: {
      value,
      place: (path) => placeAt(startOf(walk(document, path).node)),
      keyPlace: (path) => {
        const { node, key, complete } = walk(document, path);
        return placeAt(complete && key ? key.range?.[0] : startOf(node));
      },
      written: (path) => {
        const { node, complete } = walk(document, path);
        return complete && isScalar(node) ? node.source : undefined;
      },
    },
    errors,
  };
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function resolve(document: Document, node: unknown): Node | undefined {
  return isAlias(node) ? (node.resolve(document) as Node | undefined) : ((node ?? undefined) as Node | undefined);
}

/** Goes down as far as the document does. */
function walk(document: Document, path: KeyPath): { node: Node | undefined; key: Node | undefined; complete: boolean } {
  let node = resolve(document, document.contents);
  let key: Node | undefined;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = pairOf(node, step);
      if (!pair) return { node: key ?? node, key, complete: false };
      key = pair.key as Node;
      next = pair.value ?? key;
    } else if (isSeq(node) && typeof step === "number" && step < node.items.length) {
      next = node.items[step];
      key = undefined;
    } else {
      return { node: key ?? node, key, complete: false };
    }
    const resolved = resolve(document, next);
    // An empty value (`key:`) has a range but no text: the key is the better place.
    node = isScalar(resolved) && resolved.value === null && !resolved.source ? (key ?? resolved) : resolved;
  }
  return { node, key, complete: true };
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => keyText(pair.key) === String(key));
}

/** The first key that is no text: as a text it would be twice as long with each level. */
function collectionKey(document: Document): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isMap(key) && !isSeq(key)) return undefined;
      found = key;
      return visit.BREAK;
    },
  });
  return found;
}

/** Keys that a mapping holds twice, also when one is written `8080` and the other `"8080"`. */
function duplicateKeys(document: Document): { key: Node; first: Node }[] {
  const found: { key: Node; first: Node }[] = [];
  const look = (node: unknown): void => {
    if (isMap(node)) {
      const seen = new Map<string, Node>();
      for (const pair of node.items) {
        const key = pair.key as Node;
        const first = seen.get(keyText(key));
        if (first) found.push({ key, first });
        else seen.set(keyText(key), key);
        look(pair.value);
      }
    } else if (isSeq(node)) {
      node.items.forEach(look);
    }
  };
  look(document.contents);
  return found;
}
