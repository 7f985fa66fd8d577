/** Errors on the terminal in the language of `--lang`. */
import { expect, test } from "vitest";
import { errorText, wrappedError } from "../../../harness/cli/error-text.ts";
import { UserError } from "../../../harness/core/errors.ts";
import { faultOf } from "../../../harness/core/fault.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { columnsOf } from "../../../harness/report/wrap.ts";

const known = new UserError("policy-path", "etc/ssh does not exist", {
  place: { file: "policy.yaml", line: 2, column: 7 },
  found: "etc/ssh",
  fault: faultOf("policy-file-missing", { file: "etc/ssh" }),
});
const foreign = new UserError("option", "no such option", { found: "--x", fault: { code: "of-another-version", params: {} } as never });

test("in Japanese, with its own labels and its place", () => {
  const [message = "", ...parts] = errorText(known, "ja").split("\n");
  expect(message).toMatch(/^error\[policy-path\]: etc\/ssh が/);
  expect(parts).toEqual([
    "  場所  policy.yaml:2:7",
    "  実際  etc/ssh",
    expect.stringMatching(/^ {2}期待 {2}\S/),
    expect.stringMatching(/^ {2}対処 {2}\S/),
  ]);
});

test("several: each in Japanese, and how many", () => {
  const text = errorText(new PolicyErrors("policy.yaml", [known, known]), "ja");
  expect(text.split("\n\n")).toEqual([errorText(known, "ja"), errorText(known, "ja"), "エラーは 2 件です。"]);
});

test("in English: the error's own", () => {
  expect(errorText(known, "en")).toBe("error[policy-path]: etc/ssh does not exist\n  at        policy.yaml:2:7\n  found     etc/ssh");
});

test("one without words in Japanese is English throughout", () => {
  expect(errorText(foreign, "ja")).toBe("error[option]: no such option\n  found     --x");
});

test("on a terminal, wrapped beside its labels; what a tool said stays as it is", () => {
  const error = new UserError("option", "no such option in this version of the tool", {
    fault: foreign.fault,
    found: "--x",
    todo: "leave it out, or take another version",
    log: "a line of some tool that is wider than the terminal",
  });
  expect(wrappedError(errorText(error, "en"), 34)).toBe(`error[option]: no such option in
  this version of the tool
  found     --x
  to do     leave it out, or take
            another version
  | a line of some tool that is wider than the terminal`);
  expect(wrappedError(errorText(known, "en"), 80)).toBe(errorText(known, "en"));
  const wide = wrappedError(errorText(known, "ja"), 40).split("\n");
  expect(wide.length).toBeGreaterThan(5);
  expect(Math.max(...wide.map(columnsOf))).toBeLessThanOrEqual(40);
});
