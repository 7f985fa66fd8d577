/** `forwardlab doctor` where no engine can be used. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { whatToDo } from "../../../harness/engine/find.ts";
import { cli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "forwardlab-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["unix:///nowhere/docker.sock", "no such socket"],
  ["tcp://127.0.0.1:1", "nothing listens there: the engine has been stopped or has died"],
  ["ftp://somewhere", "not an address of the form unix:///path or tcp://host:port"],
])("an engine that DOCKER_HOST names and that does not answer is missing: %s", async (endpoint, reason) => {
  const { code, stdout } = await cli(["doctor"], { DOCKER_HOST: endpoint, FORWARDLAB_CACHE: folder });
  const lines = stdout.split("\n").map((line) => line.trim());
  expect(lines).toContain(`${endpoint} (DOCKER_HOST): ${reason}`);
  expect(lines).toContain("to do: start that engine, correct the variable, or unset it so that forwardlab searches for an engine itself.");
  expect(stdout.match(/✘ missing +\S+/g)).toEqual(["✘ missing  Engine"]);
  expect(code).toBe(2);
});

test("what to do depends on why no engine answers", () => {
  const absent = { endpoint: "unix:///run/podman/podman.sock", source: "Podman", reason: "no such socket" };
  const closed = {
    endpoint: "unix:///var/run/docker.sock",
    source: "the usual socket",
    reason: "permission denied",
    remedy: "permission",
  } as const;
  expect(whatToDo([absent], false)).toMatch(/^start Docker \(.*\) or Podman/);
  expect(whatToDo([{ ...absent, remedy: "permission" }], false)).toMatch(/is root's: start this account's own/);
  for (const explicit of [true, false])
    expect(whatToDo([absent, closed], explicit)).toMatch(
      /^give this account the right to use unix:\/\/\/var\/run\/docker\.sock: .*usermod -aG docker/,
    );
});
