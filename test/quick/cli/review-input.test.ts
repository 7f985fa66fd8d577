/** What `review` refuses before it starts a lab: exit code 2, and what to do. */
import { afterAll, beforeAll, test } from "vitest";
import { closed } from "../report/review-sample.ts";
import { passing } from "../report/sample.ts";
import { cli, folderOf, goodPolicy } from "./run-cli.ts";

let folder: Awaited<ReturnType<typeof folderOf>>;
beforeAll(async () => {
  folder = await folderOf({
    sshd_config: "GatewayPorts yes\n",
    "policy.yaml": goodPolicy,
    "copy/etc/ssh/sshd_config": "GatewayPorts yes\n",
    "copy/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nalice:x:1000\n",
    "copy/etc/group": "root:x:0:\n",
    "half/etc/ssh/sshd_config": "GatewayPorts yes\n",
    "half/etc/group": "root:x:0:\n",
    "empty/etc/motd": "",
    "etc.tar": `sshd_config${"\0".repeat(500)}GatewayPorts yes\n`,
    "fw.nft": "table inet filter {\n}\n",
    "rules.v4": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    "result.json": JSON.stringify(passing),
    "review.json": JSON.stringify(closed),
  });
});
afterAll(() => folder[Symbol.asyncDispose]());

test.concurrent.for([
  ["a firewall", ["fw.nft"], ["error[review-subject]", "fw.nft", "found     a firewall", "--firewall"]],
  ["a dump", ["rules.v4"], ["error[review-subject]", "found     a firewall"]],
  ["a result", ["result.json"], ["error[review-subject]", "found     a result", "name the policy"]],
  ["a review", ["review.json"], ["error[review-subject]", "found     a review", "forwardlab diff"]],
  [
    "nothing there",
    ["missing"],
    ["error[review-subject]", "missing cannot be reviewed", "no such file", "a folder laid out like /etc/ssh"],
  ],
  ["an archive", ["etc.tar"], ["error[review-subject]", "a binary file", "unpack it"]],
  ["a copy of /etc with a line cut short", ["copy/etc"], ["error[accounts-file]", "copy/etc/passwd:2\n", "3 fields", "NAME:PASSWORD:UID"]],
  ["a copy of / that lists groups alone", ["half"], ["error[accounts-file]", "half/etc/group", "copy /etc/passwd, too"]],
  ["a folder without a server's files", ["empty"], ["error[review-subject]", "a copy of /etc or of the server's root folder"]],
  [
    "an audience that is none",
    ["sshd_config", "--fail-on", "nonsense"],
    ["error[option]", "--fail-on nonsense", "internet, networks, lan, server, account"],
  ],
  [
    "a patch without remedies",
    ["sshd_config", "--fix-patch", "fix.patch", "--no-remedies"],
    ["error[option]", "--fix-patch and --no-remedies"],
  ],
  ["a policy and a firewall", ["policy.yaml", "--firewall", "fw.nft"], ["error[option]", "--firewall means nothing with a policy"]],
  ["a policy and an address", [".", "--address", "192.0.2.1/24"], ["error[option]", "--address means nothing with a policy"]],
  ["a policy and accounts", [".", "--account", "alice"], ["error[option]", "--account means nothing with a policy"]],
  ["a policy and an interface", [".", "--interface", "ens3"], ["error[option]", "--interface means nothing with a policy"]],
  ["a report format that does not exist", ["sshd_config", "--report", "pdf=x"], ["error[report-format]", "pdf", "html"]],
  ["a report that is no file", ["sshd_config", "--report", "text"], ["error[report]", "FORMAT=PATH"]],
  ["keys that are not there", ["sshd_config", "--account", "alice=missing.keys"], ["missing.keys"]],
  [
    "a firewall that is not there",
    ["sshd_config", "--firewall", "missing.nft"],
    ["error[option-file]", "--firewall: cannot read", "missing.nft"],
  ],
] as const)("%s", async ([, args, says], { expect }) => {
  const at = (each: string) =>
    each === "." || /^[\w.]+\.(nft|v4|yaml|patch|json|tar)$|^(sshd_config|missing|copy\/etc|half|empty)$/.test(each)
      ? `${folder.path}/${each}`
      : each;
  const { code, stdout, stderr } = await cli(["review", ...args.map(at)], { DOCKER_HOST: "unix:///nowhere.sock" });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const text of says) expect(stderr).toContain(text);
});
