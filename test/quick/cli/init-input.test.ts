/** What `init` refuses before it starts a lab: exit code 2, and the option that is at fault. */
import { afterAll, beforeAll, test } from "vitest";
import { cli, folderOf } from "./run-cli.ts";

let folder: Awaited<ReturnType<typeof folderOf>>;
beforeAll(async () => {
  folder = await folderOf({ sshd_config: "GatewayPorts yes\n" });
});
afterAll(() => folder[Symbol.asyncDispose]());

test.concurrent.for([
  ["a firewall that is not there", ["--firewall", "missing.conf"], "error[option-file]: --firewall: cannot read missing.conf"],
  ["keys that are not there", ["--account", "dev=missing.keys"], "error[option-file]: --account: cannot read missing.keys"],
  ["an address without its prefix length", ["--address", "203.0.113.130"], "  at        --address 203.0.113.130\n"],
  ["an interface that cannot be", ["--interface", "my eth"], "  at        --interface my eth\n"],
  ["a forward that ssh refuses", ["--forward", "-R 99999:localhost:1"], "  at        --forward\n"],
  ["nothing wrong with the options", ["--address", "203.0.113.130/25"], "error[engine.named-but-dead]"],
] as const)("%s", async ([, args, says], { expect }) => {
  const words = ["init", `${folder.path}/sshd_config`, "--out", "-", "--quiet", ...args];
  const { code, stdout, stderr } = await cli(words, { DOCKER_HOST: "unix:///nowhere.sock" });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
});
