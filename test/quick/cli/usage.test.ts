/** A command line that cannot be parsed: an error as every other one is, in the language that is asked for, and exit code 2. */
import { test } from "vitest";
import { cli } from "./run-cli.ts";

test.concurrent.for([
  ["an option that is none", ["verify", "x", "--wold"], ["forwardlab verify has no option --wold", "to do     did you mean `--world`?"]],
  ["one that looks like none", ["ls", "--bogus"], ["forwardlab ls has no option --bogus", "to do     see `forwardlab ls --help`"]],
  [
    "an option before the command",
    ["--lang", "en", "verify", "x"],
    ["--lang must come after the command", "expected  forwardlab COMMAND --lang …"],
  ],
  ["an argument that is missing", ["verify"], ["forwardlab verify needs an argument: policy", "forwardlab verify [options] <policy...>"]],
  ["a value that is missing", ["verify", "x", "--shard"], ["option --shard <i/n> needs a value"]],
  ["a value that cannot be", ["verify", "x", "--shard", "5/2"], ["5/2 is not a valid value for --shard", "expected  I/N with 1 <= I <= N"]],
  ["a choice that is none", ["engine", "halt"], ["halt is not a valid value for action", "expected  start, stop, status, rm"]],
  ["a command that is none", ["veryfy"], ["forwardlab has no command veryfy", "did you mean `verify`?"]],
  ["too many arguments", ["ls", "a"], ["too many arguments for 'ls'"]],
  [
    "Japanese",
    ["verify", "x", "--wold", "--lang", "ja"],
    ["forwardlab verify に --wold というオプションはありません。", "対処  `--world` の"],
  ],
] as const)("%s", async ([, args, says], { expect }) => {
  const { code, stdout, stderr } = await cli([...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error\[option\]: /);
  for (const each of says) expect(stderr).toContain(each);
});

test.concurrent.for([
  [["--help"], 0, "stdout"],
  [["verify", "--help"], 0, "stdout"],
  [["--version"], 0, "stdout"],
  [[], 2, "stderr"],
] as const)("the control: %s is no error of an option", async ([args, code, where], { expect }) => {
  const seen = await cli([...args]);
  expect(seen.code).toBe(code);
  expect(seen[where]).toMatch(/^(Usage: forwardlab|\d+\.\d+\.\d+)/);
  expect(seen.stderr).not.toContain("error");
});
