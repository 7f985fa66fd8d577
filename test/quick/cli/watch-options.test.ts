import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, folderOf, goodPolicy } from "./run-cli.ts";

test.for([
  [["--only", "web"], "--only cannot be used with --watch and several policies"],
  [["--shard", "1/2"], "--shard cannot be used with --watch and several policies"],
  [["--keep"], "--keep cannot be used with --watch and several policies"],
] as const)("of several policies that are watched: %s", async ([words, message]) => {
  await using folder = await folderOf({ "a/policy.yaml": goodPolicy, "b/policy.yaml": goodPolicy });
  const { code, stderr } = await cli(["verify", folder.path, "--watch", ...words]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("where there is no policy, nothing is watched", async () => {
  await using folder = await folderOf({ "a/notes.txt": "" });
  const { code, stderr } = await cli(["verify", folder.path, join(folder.path, "a"), "--watch"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("error[policy-not-found]: there is no policy.yaml in ")]);
});
