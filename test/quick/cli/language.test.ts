/** `--lang`: every command takes it; what people read follows it, what programs read does not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { languageIn } from "../../../harness/cli/language.ts";
import { commandWords } from "../../../harness/cli/words.ts";
import { passing } from "../report/sample.ts";
import { cli, folderOf, goodPolicy, main } from "./run-cli.ts";

const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/;

test("every command has it", () => {
  const [, ...commands] = readFileSync(main, "utf8").split('.command("');
  expect(commands.length).toBeGreaterThan(15);
  const without = (all: readonly string[]) =>
    all.filter((text) => !/common\.lang(OfBrowser)?\(\)/.test(text)).map((text) => text.split('"')[0]);
  expect(without(commands)).toEqual([]);
  expect(without(['x").action()'])).toEqual(["x"]);
});

describe("errors", () => {
  test.each([
    { args: ["verify", "POLICY"], says: "error[policy-key]: ポリシーにキー `forwardss` はありません。" },
    { args: ["verify", "nowhere/*.yaml"], says: "に一致するポリシーはありません" },
    { args: ["verify", "POLICY", "--labs", "2"], says: "--labs は、複数のポリシーを検証するときのオプションです" },
    { args: ["verify", "POLICY", "--report", "pdf=x"], says: "そのレポート形式はありません" },
    { args: ["init", "nowhere"], says: "を読み込めません" },
    { args: ["init", "sshd_config", "--out", "POLICY"], says: "はすでに存在します" },
    { args: ["merge", "POLICY"], says: "forwardlab の結果ではありません" },
    { args: ["explain", "-Z", "-R", "1:h:2", "host"], says: "ssh に -Z というオプションはありません" },
  ])("$args", async ({ args, says }) => {
    await using folder = await folderOf({ "policy.yaml": goodPolicy.replace("forwards:", "forwardss:"), sshd_config: "" });
    const given = args.map((each) => (each === "POLICY" ? join(folder.path, "policy.yaml") : each));
    const { code, stdout, stderr } = await cli([...given, "--lang", "ja"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/\n {2}(期待|対処) {2}/);
  });

  test("without it they are English; a language that is none is an error", async () => {
    const { stderr } = await cli(["merge", "nowhere.json"]);
    expect(stderr).toContain("is not a result of forwardlab");
    expect(stderr).not.toMatch(japanese);
    for (const command of [["verify", "x"], ["merge", "x"], ["init", "x"], ["ls"]])
      expect(await cli([...command, "--lang", "fr"])).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining("no such language"),
      });
  });
});

test("merge: the text report and Markdown follow it, what programs read does not", async () => {
  const shard = { index: 1, count: 1 };
  const forwards = passing.forwards.map(({ name }) => name);
  const part = { ...passing, provenance: { ...passing.provenance, shard, forwards } };
  await using folder = await folderOf({ "part.json": JSON.stringify(part) });
  const at = (name: string) => join(folder.path, name);
  const reports = (suffix: string) =>
    ["markdown=report.md", "json=report.json", "junit=report.xml"].flatMap((each) => ["--report", each.replace("=", `=${at(suffix)}-`)]);
  const english = await cli(["merge", at("part.json"), ...reports("en")]);
  const told = await cli(["merge", at("part.json"), ...reports("ja"), "--lang", "ja"]);
  expect([english.code, told.code]).toEqual([0, 0]);
  expect(english.stdout).toContain("✔ PASS");
  expect(told.stdout).toContain("✔ 合格");
  const read = (name: string) => readFileSync(at(name), "utf8");
  expect(read("ja-report.md")).toContain("合格");
  expect(read("en-report.md")).not.toMatch(japanese);
  for (const format of ["json", "xml"]) expect(read(`ja-report.${format}`)).toBe(read(`en-report.${format}`));
});

test("where a command's words follow its options", () => {
  expect(languageIn(["-R", "1:h:1", "--lang", "ja"])).toBe("ja");
  expect(languageIn(["--lang=ja", "-R", "1:h:1"])).toBe("ja");
  expect(languageIn(["-R", "1:h:1"])).toBeUndefined();
  expect(languageIn(["--lang"])).toBeUndefined();
});

test("each word of a command is there in Japanese", () => {
  const said = [
    commandWords.ja.interrupted,
    commandWords.ja.bug,
    commandWords.ja.warning("x"),
    commandWords.ja.keeps("x"),
    commandWords.ja.init.done({ file: "x", held: 7, outcome: "pass", outside: true }),
    commandWords.ja.init.done({ file: "x", held: 7, outcome: "fail", outside: false }),
    ...Object.values(commandWords.ja.lab).flatMap((word) => {
      if (typeof word === "function") return (word as (...of: unknown[]) => string)("7", "8");
      return typeof word === "string" ? word : Object.values(word).filter((each) => each !== "ID");
    }),
    commandWords.ja.engine.running("29", "unix:///x"),
    ...[true, false].flatMap((was) => [commandWords.ja.engine.stopped(was), commandWords.ja.engine.removed(was)]),
    commandWords.ja.learn.invitation("http://x"),
    commandWords.ja.learn.otherwise("x"),
  ];
  for (const text of said) expect(text).toMatch(japanese);
});
