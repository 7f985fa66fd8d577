import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { verdicts } from "../../../harness/core/verdict.ts";
import { ownTargets } from "../../../harness/engine/recipe.ts";
import { topics } from "../../../harness/learn/topics.ts";
import { policySchema } from "../../../harness/policy/policy.ts";
import { jsonSchemas } from "../../../harness/policy/schemas.ts";
import { reportFormats } from "../../../harness/report/render.ts";
import { askPrograms, commandLines, complaint, type Programs } from "./commands.ts";
import { errorCodes } from "./error-codes.ts";
import { anchor, type Document, documentAt, documents, root } from "./markdown.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("commands", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = await askPrograms();
  }, 60_000);

  test.each(documents.map((document) => [document.path, document] as const))("%s names only what is there", (_, document) => {
    const wrong = commandLines(document).map((line) => ({ line, complaint: complaint(line, programs) }));
    expect(wrong.filter((each) => each.complaint !== undefined)).toEqual([]);
  });

  test.each([
    ["npm run -s forwardlab -- exec home --lab mine -- ls", "after an operand of exec, --lab is no option any more"],
    ["npm run -s forwardlab -- up --nmae mine", "forwardlab up has no option --nmae"],
    ["npm run verfiy", "there is no npm script verfiy"],
    ["npm run -s forwardlab -- up a b", "forwardlab up takes at most 1 operands"],
    ["npx forwardlab capture", "forwardlab capture needs 1 operands"],
    ["forwardlab ps", "forwardlab has no command ps"],
    ["npm run gate -- lintt", "lintt: no step of the gate"],
    ["npm run soak -- kil --seed x", "kil x: nothing that soak takes"],
    ["npm test -- --project fast", "fast: not there"],
  ])("the check itself sees: %s", (line, what) => {
    expect(complaint(line, programs)).toBe(what);
  });
});

test("`npm run verify` tells the values of options from policies", async () => {
  const [, list = ""] = /const WITH_VALUE = \[(.*)\];/.exec(read("harness/cli/bootstrap.mjs")) ?? [];
  const { forwardlab } = await askPrograms();
  const withValue = [...(forwardlab.get("verify")?.options ?? [])].filter(([, takesValue]) => takesValue).map(([name]) => name);
  expect(list.match(/--[\w-]+/g)?.sort()).toEqual(withValue.sort());
});

describe("references", () => {
  test.each(documents.map((document) => [document.path, document] as const))("%s: links and files are there", (_, document) => {
    const lost = document.links.filter((link) => !/^https:/.test(link)).filter((link) => !leadsSomewhere(document, link));
    const files = document.code.filter((text) => /^(harness|scenarios|containers|test|examples|bench|docs)\/[a-z\d./-]*$/.test(text));
    expect([...lost, ...files.filter((path) => !existsSync(join(root, path)))]).toEqual([]);
  });

  test("every document is reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const path of reached)
      for (const link of documentAt(path).links)
        if (/\.md(#|$)/.test(link) && !link.startsWith("https:")) reached.add(targetOf(path, link));
    expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe("what a document shows is what is there", () => {
  const shown = documents.flatMap(({ path, blocks }) =>
    blocks.filter(({ claim }) => claim?.kind === "file").map((block) => [`${path}:${block.line}`, block] as const),
  );

  test.each(shown)("%s", (_, { claim, text }) => {
    const file = claim?.of ?? "";
    // Inside the repository the package is imported by path.
    const source = read(file)
      .replace(/"[./]+harness\/vitest\/index\.ts"/, '"forwardlab/vitest"')
      .replace(/"[./]+harness\/index\.ts"/, '"forwardlab"');
    expect(`${text}\n`).toBe(source);
  });

  const yaml = documents.flatMap(({ path, blocks }) =>
    blocks.filter(({ language }) => language === "yaml").map((block) => [`${path}:${block.line}`, block] as const),
  );

  test.each(yaml)("%s is YAML, and a policy is one", (_, { text }) => {
    const document = parse(text) as object;
    if ("forwards" in document && "server" in document) expect(policySchema.safeParse(document).error).toBeUndefined();
  });

  test("some do", () => expect(shown.length).toBeGreaterThan(3));
});

describe("lists", () => {
  const firstColumn = (document: Document, sections?: readonly string[]) =>
    document.tables
      .filter(({ section }) => !sections || sections.includes(section))
      .flatMap(({ rows }) => rows.map(([first]) => /^`([^`]+)`/.exec(first ?? "")?.[1] ?? ""));

  test("every error code is explained, and no other", () => {
    const codes = [...errorCodes(globSync("harness/**/*.ts", { cwd: root }).map((path) => join(root, path))).keys(), "internal"];
    expect(firstColumn(documentAt("docs/errors.md")).sort()).toEqual(codes.sort());
  });

  test("every image of the lab's own is listed, and every topic of the scenarios", () => {
    const document = documentAt("scenarios/README.md");
    const images = ownTargets().filter(({ name }) => name !== "fabric" && name !== "host");
    expect(firstColumn(document, ["Images"]).sort()).toEqual(images.map(({ name }) => `forwardlab/${name}`).sort());
    expect(firstColumn(document, ["Topics"])).toEqual(Object.keys(topics));
  });

  test.each([
    ["README.md", "Verdicts"],
    ["README.ja.md", "判定"],
  ])("%s: the verdicts", (path, section) => {
    expect(firstColumn(documentAt(path), [section])).toEqual([...verdicts]);
  });

  test.each(["README.md", "README.ja.md"])("%s: the report formats", (path) => {
    const line = read(path)
      .split("\n")
      .find((each) => each.includes("--report FORMAT=PATH"));
    const named = [...(line ?? "").matchAll(/`([a-z]+)`/g)].map(([, name]) => name as string);
    expect(named.sort()).toEqual([...reportFormats].sort());
  });

  test("every key of a policy is explained", () => {
    const keys = new Set<string>();
    const visit = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const key of Object.keys((schema as { properties?: object }).properties ?? {})) keys.add(key);
      for (const value of Object.values(schema)) visit(value);
    };
    visit(JSON.parse(jsonSchemas()["policy.schema.json"] as string));
    const words = new Set(read("docs/policy.md").match(/\w+/g));
    expect([...keys].filter((key) => !words.has(key))).toEqual([]);
  });
});

describe("README.ja.md says what README.md says", () => {
  const english = documentAt("README.md");
  const japanese = documentAt("README.ja.md");

  test("the same headings, tables and links", () => {
    const levels = ({ headings }: Document) => headings.map(({ level }) => level);
    const rows = ({ tables }: Document) => tables.map((table) => table.rows.length);
    // Each of the two links to the other, and shows the picture in its own language.
    const links = (document: Document) => document.links.map((link) => link.replace(/\.ja\./, ".").replace(/#.*/, "#")).sort();
    expect(levels(japanese)).toEqual(levels(english));
    expect(rows(japanese)).toEqual(rows(english));
    expect(links(japanese)).toEqual(links(english));
  });

  test("the same code", () => {
    const shown = ({ blocks }: Document) => blocks.map(({ language, text, claim }) => ({ language, text, claim }));
    expect(shown(japanese)).toEqual(shown(english));
    expect([...new Set(japanese.code)].sort()).toEqual([...new Set(english.code)].sort());
  });

  test("the same picture, words aside", () => {
    const drawing = (path: string) => read(path).replace(/>[^<\n]+</g, "><");
    expect(drawing("docs/lab.ja.svg")).toBe(drawing("docs/lab.svg"));
  });
});

function leadsSomewhere({ path }: Document, link: string): boolean {
  const [file = "", fragment] = link.split("#");
  const target = file === "" ? path : targetOf(path, link);
  if (!existsSync(join(root, target))) return false;
  return fragment === undefined || documentAt(target).headings.some(({ text }) => anchor(text) === decodeURIComponent(fragment));
}

function targetOf(path: string, link: string): string {
  return relative(root, join(root, dirname(path), link.split("#")[0] ?? "")).replaceAll("\\", "/");
}
