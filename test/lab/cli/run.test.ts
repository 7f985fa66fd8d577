import { expect, test } from "vitest";
import { cli } from "../../quick/cli/run-cli.ts";

test.for(["8.4", "10.6"])("the scenarios against OpenSSH %s", async (version) => {
  const { code, stdout, stderr } = await cli(["run", "--openssh", version, "leading-colon", "channel-timeout"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain(version === "8.4" ? "1 of 1 claims hold" : "2 of 2 claims hold");
});

test("the scenarios against an image by its name", async () => {
  const { code, stdout, stderr } = await cli(["run", "--image", "forwardlab/dropbear", "leading-colon"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain("1 of 1 claims hold");
});

test("the scenarios against an image that has no sshd give no verdict", async () => {
  const { code, stdout } = await cli(["run", "--image", "forwardlab/fabric", "leading-colon"]);
  expect(code).toBe(2);
  expect(stdout).toContain("no built-in image called fabric");
});
