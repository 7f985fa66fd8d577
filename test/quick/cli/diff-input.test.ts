/** `diff` and `merge` need no engine for results, and tell what they cannot compare. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { good, mixed } from "../report/fleet-sample.ts";
import { failing, inconclusive, passing } from "../report/sample.ts";
import { cli, folderOf, goodPolicy } from "./run-cli.ts";

const nft = "table inet filter {\n  chain input { type filter hook input priority 0; policy drop; }\n}\n";
const files = {
  "policy.yaml": goodPolicy,
  "wrong.yaml": goodPolicy.replace("_from", "_form"),
  "two.yaml": goodPolicy.replace("sshd_config }", "sshd_config, firewall: [rules.v4, rules.v4] }"),
  "pass.json": JSON.stringify(passing),
  "fail.json": JSON.stringify(failing, null, 2),
  "unknown.json": JSON.stringify(inconclusive),
  "newer.json": JSON.stringify({ ...passing, schemaVersion: 99 }),
  "cut.json": JSON.stringify(passing).slice(0, 400),
  "fleet.json": JSON.stringify(good),
  "worse.json": JSON.stringify(mixed),
  "servers/a/policy.yaml": goodPolicy,
  "servers/a/sshd_config": "Port 22\n",
  "servers/b/policy.yaml": goodPolicy.replace("_from", "_form"),
  "faulty/a/policy.yaml": goodPolicy.replace("_from", "_form"),
  "other.json": '{ "hello": "world" }',
  "part.json": JSON.stringify({ ...passing, provenance: { ...passing.provenance, forwards: ["rdp"], shard: { index: 1, count: 2 } } }),
  "etc/sshd_config": "Port 22\n",
  sshd_config: "Port 22\n",
  "nftables.conf": nft,
  "rules.v4": "# by iptables-save\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
  "notes.txt": "buy milk\n",
  "empty/readme": "",
};

/** A word that names a file of the folder is its path there. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  await using folder = await folderOf(files);
  return await cli(
    args.map((word) =>
      word in files || ["empty", "etc", "nowhere.yaml", "servers", "servers/*", "faulty", "faulty/*"].includes(word)
        ? join(folder.path, word)
        : word,
    ),
    { DOCKER_HOST: "unix:///nowhere.sock", ...env },
  );
}

describe.concurrent("results are compared without an engine", () => {
  test.each([
    { args: ["pass.json", "fail.json"], code: 1, says: /^✘ EXPOSURE ADDED {2}3 cells newly open, 1 cell not known\n/ },
    {
      args: ["pass.json", "pass.json"],
      code: 0,
      says: /^✔ NO EXPOSURE ADDED {2}nothing changed\n[\s\S]*Nothing changed: \d+ cells as before\.\n$/,
    },
    { args: ["pass.json", "unknown.json"], code: 2, says: /^\? INCONCLUSIVE {2}\d+ cells not known, 1 forward changed\n/ },
    { args: ["fail.json", "pass.json", "--lang", "ja"], code: 2, says: /^\? 判定不能/ },
    { args: ["pass.json", "fail.json", "--report", "markdown=-"], code: 1, says: /^## ✘ EXPOSURE ADDED: / },
    { args: ["pass.json", "fail.json", "--report", "junit=-"], code: 1, says: /^<\?xml [\s\S]* failures="[1-9]\d*" errors="1"/ },
    { args: ["pass.json", "pass.json", "--report", "tap=-"], code: 0, says: /^TAP version 14\n1\.\.1\nok 1 - Nothing changed/ },
    { args: ["pass.json", "unknown.json", "--report", "sarif=-"], code: 2, says: /"executionSuccessful": false/ },
    { args: ["pass.json", "fail.json", "--report", "gitlab=-"], code: 1, says: /"check_name": "forwardlab\/diff-opened"/ },
    { args: ["pass.json", "fail.json", "--report", "html=-"], code: 1, says: /^<!doctype html>\n[\s\S]*<\/html>\n$/ },
    { args: ["pass.json", "fail.json", "--quiet"], code: 1, says: /^$/ },
    { args: ["fleet.json", "fleet.json"], code: 0, says: /^✔ NO EXPOSURE ADDED {2}nothing changed on 2 servers\n/ },
    { args: ["fleet.json", "worse.json"], code: 1, says: /^✘ EXPOSURE ADDED {2}of 4 servers: 2 newly exposed, 1 not known/ },
    { args: ["fleet.json", "faulty"], code: 2, says: /^\? INCONCLUSIVE [\s\S]*error\[policy-key\][\s\S]*faulty\/a\/policy\.yaml:3:41/ },
    { args: ["fleet.json", "worse.json", "--report", "html=-"], code: 1, says: /^<!doctype html>\n[\s\S]*<\/html>\n$/ },
  ])("$args", async ({ args, code, says }) => {
    const { code: ended, stdout, stderr } = await run(["diff", ...args]);
    expect({ ended, stderr }).toEqual({ ended: code, stderr: "" });
    expect(stdout).toMatch(says);
  });

  test("on GitHub, annotations go to the log", async () => {
    const { code, stdout, stderr } = await run(["diff", "pass.json", "fail.json"], { GITHUB_ACTIONS: "true" });
    expect(code).toBe(1);
    expect(stdout).toContain("EXPOSURE ADDED");
    expect(stderr).toMatch(/^::error file=examples\/article\/sshd_config,line=12,title=rdp/);
  });
});

describe.concurrent("what cannot be compared ends with 2 and says why", () => {
  test.each<{ args: string[]; says: string[] }>([
    { args: ["pass.json"], says: ["forwardlab diff needs an argument: after"] },
    { args: ["nowhere.yaml", "policy.yaml"], says: ["diff-side", "nowhere.yaml", "no such file", "an sshd_config"] },
    { args: ["policy.yaml", "notes.txt"], says: ["diff-side", "notes.txt", "a file of another kind"] },
    { args: ["policy.yaml", "empty"], says: ["diff-side", "a folder without policy.yaml and without sshd_config"] },
    { args: ["fleet.json", "pass.json"], says: ["diff-side", "fleet.json holds the results of several servers", "on the other side, too"] },
    { args: ["policy.yaml", "servers"], says: ["diff-side", "servers holds the policies of several servers"] },
    { args: ["faulty", "faulty/*"], says: ["policy-key", "faulty/a/policy.yaml:3:41", "did you mean `reachable_from`?"] },
    // Of one that is without a fault, a lab has to be asked.
    { args: ["servers", "servers/*"], says: ["engine.named-but-dead"] },
    { args: ["servers", "servers", "servers"], says: ["option", "diff compares two sides", "put a pattern in quotes"] },
    { args: ["pass.json", "newer.json"], says: ["result-file", "newer.json", "schemaVersion 99", "schemaVersion 1"] },
    { args: ["cut.json", "pass.json"], says: ["result-file", "cut.json", "no JSON"] },
    { args: ["pass.json", "other.json"], says: ["result-file", "other.json", "schemaVersion"] },
    { args: ["policy.yaml", "wrong.yaml"], says: ["policy-key", "wrong.yaml:3:41", "did you mean `reachable_from`?"] },
    { args: ["sshd_config", "etc"], says: ["diff-policy", "--policy policy.yaml"] },
    { args: ["pass.json", "nftables.conf"], says: ["diff-policy", "a firewall"] },
    { args: ["rules.v4", "rules.v4"], says: ["diff-policy", "a firewall"] },
    { args: ["two.yaml", "nftables.conf"], says: ["diff-policy", "names two firewall files"] },
    { args: ["policy.yaml", "policy.yaml", "--policy", "policy.yaml"], says: ["option", "--policy means nothing here"] },
    { args: ["pass.json", "pass.json", "--openssh", "9.2"], says: ["option", "--openssh means nothing here"] },
    {
      args: ["pass.json", "fail.json", "--report", "xml=-"],
      says: ["report-format", "unknown report format `xml`", "text, json, html, junit, sarif"],
    },
    { args: ["pass.json", "fail.json", "--lang", "fr"], says: ["option", "--lang fr", "en, ja"] },
    { args: ["policy.yaml", "sshd_config"], says: ["engine.named-but-dead"] },
    { args: ["main..HEAD", "--", "policy.yaml"], says: ["error[git]", "git reads no repository at"] },
    { args: ["main..HEAD", "policy.yaml"], says: ["error[git]"] },
  ])("$args", async ({ args, says }) => {
    const { code, stdout, stderr } = await run(["diff", ...args]);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toContain("error[internal]");
  });

  test.each<{ args: string[]; says: string[] }>([
    { args: ["part.json"], says: ["merge-part", "part 2/2 missing", "part.json"] },
    { args: ["part.json", "part.json"], says: ["merge-part", "part 1/2 is given 2 times"] },
    { args: ["pass.json", "part.json"], says: ["merge-part", "pass.json is not a part of a run"] },
    { args: ["notes.txt"], says: ["result-file", "notes.txt"] },
  ])("merge $args", async ({ args, says }) => {
    const { code, stdout, stderr } = await run(["merge", ...args]);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

test("a revision or a path that git does not know, and git itself missing", async () => {
  await using folder = await folderOf({ ...files });
  const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder.path });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "sshd_config");
  git("commit", "--quiet", "--message=first");
  const policy = join(folder.path, "policy.yaml");
  const said = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stderr } = await cli(["diff", ...args], env);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await said(["nosuch..main", "--", policy])).toMatch(/error\[git-revision\]: git has no revision nosuch[\s\S]*fetch-depth/);
  expect(await said(["main", "--", policy])).toMatch(/error\[git-path\]: .*policy\.yaml is not in main/);
  expect(await said(["main", "--", join(folder.path, "sshd_config")])).toMatch(/error\[diff-side\]: main:.*sshd_config is not a policy/);
  // As in a hook of another repository.
  expect(await said(["main", "--", policy], { GIT_DIR: "/nowhere" })).toContain("error[git-path]");
  expect(await said(["main", "--", policy], { PATH: "/nowhere" })).toMatch(/error\[git\]: git is not installed/);
});
