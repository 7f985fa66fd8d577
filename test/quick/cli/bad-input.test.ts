/** What is wrong with the input is told before any engine is asked: which line, what was found, what was expected. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folderOf, goodPolicy } from "./run-cli.ts";

interface Case {
  what: string;
  policy?: string;
  files?: Record<string, string>;
  args?: string[];
  env?: Record<string, string>;
  says: string[];
}

const server = (more: string) => goodPolicy.replace("sshd_config }", `sshd_config, ${more} }`);
const policies: Case[] = [
  {
    what: "an unknown key",
    policy: goodPolicy.replace("_from", "_form"),
    says: ["policy-key", "policy.yaml:3:41", "did you mean `reachable_from`?"],
  },
  { what: "a wrong type", policy: goodPolicy.replace("[]", "campus"), says: ["policy-value", "policy.yaml:3:57", "a list"] },
  {
    what: "a vantage point that nobody described",
    policy: goodPolicy.replace("[]", "[office]"),
    says: ["unknown vantage point `office`", "to do     describe office under `network.vantages`"],
  },
  {
    what: "an sshd_config in place of a policy",
    policy: "Port 22\n\nGatewayPorts no\n",
    says: ["this is not a policy", "found     Port 22 GatewayPorts no", "`forwardlab init`"],
  },
  {
    what: "two policies in a file",
    policy: `${goodPolicy}---\n${goodPolicy}`,
    says: ["policy.yaml:4:1", "a second document begins here", "a file of its own"],
  },
  { what: "an unknown vantage point", policy: goodPolicy.replace("[]", "[campsu]"), says: ["policy.yaml:3:58", "did you mean `campus`?"] },
  { what: "a missing file", policy: goodPolicy.replace("sshd_config }", "etc/sshd_config }"), says: ["policy-path", "policy.yaml:1:24"] },
  {
    what: "a bad address",
    policy: `${goodPolicy}network: { server: { address: [300.1.2.3/24] } }\n`,
    says: ["policy.yaml:4:32", "133.1.17.5/24"],
  },
  { what: "a YAML fault", policy: `${goodPolicy}waivers: [\n`, says: ["policy-yaml", "policy.yaml:5:1"] },
  { what: "a key twice", policy: `${goodPolicy}forwards: {}\n`, says: ["policy.yaml:4:1", "first at line 2"] },
  { what: "an empty policy", policy: "", says: ["the policy is empty"] },
  { what: "no forwards", policy: goodPolicy.replace(/ {2}web.*\n/, "").replace("forwards:", "forwards: {}"), says: ["nothing-selected"] },
  {
    what: "an unknown account",
    policy: goodPolicy.replace("web: {", "web: { as: mallory,"),
    says: ["unknown account `mallory`", "expected  tunnel"],
  },
  { what: "an unknown OpenSSH version", policy: server('openssh: "7.4"'), says: ["policy.yaml:1:46", "`9.2`"] },
  { what: "a version without quotes", policy: server("openssh: 10.0"), says: ['put it in quotes: "10.0"'] },
  { what: "a forward that ssh refuses", policy: goodPolicy.replace("5000:l", "5000::l"), says: ["ssh-arguments", "policy.yaml:3:15"] },
  { what: "an option that ssh does not know", policy: goodPolicy.replace("-R", "-Z -R"), says: ["ssh has no option -Z"] },
  {
    what: "a firewall without rules",
    policy: server("firewall: rules"),
    files: { rules: "# none\n" },
    says: ["firewall-file", "remove `firewall:`"],
  },
  {
    what: "an included file that is missing",
    policy: server("firewall: rules"),
    files: { rules: 'table inet f {}\ninclude "./d/x.nft"\n' },
    says: ["firewall-include", "rules:2:1", "d/x.nft"],
  },
];

const options: Case[] = [
  { what: "an unknown option", args: ["--frobnicate"], says: ["has no option --frobnicate"] },
  { what: "an unknown report format", args: ["--report", "xml=-"], says: ["unknown report format `xml`", "junit"] },
  { what: "a report without a path", args: ["--report", "json"], says: ["FORMAT=PATH"] },
  { what: "a page in a folder that takes no files", args: ["--report", "html=/proc/x/y.html"], says: ["error[report]", "/proc/x/y.html"] },
  {
    what: "a report in a folder that takes no files",
    args: ["--report", "json=/proc/x/y.json"],
    says: ["error[report]", "/proc/x/y.json"],
  },
  { what: "a report that is a folder", args: ["--report", "json=/tmp"], says: ["error[report]", "/tmp: it is a folder"] },
  { what: "an unknown forward", args: ["--only", "rdp"], says: ["no forward rdp", "expected  web"] },
  { what: "a mistyped forward", args: ["--only", "wbe"], says: ["did you mean `web`?"] },
  { what: "a name that no shell takes as one word", args: ["--keep", "--name", "a b"], says: ["error[lab-name]", "found     a b"] },
  { what: "a name for a lab that is not kept", args: ["--name", "mine"], says: ["error[option]", "--name needs --keep"] },
  { what: "a part of nothing", args: ["--shard", "2/2"], says: ["nothing-selected", "part 2 of 2"] },
  { what: "a part beyond the last", args: ["--shard", "3/2"], says: ["1 <= I <= N"] },
  { what: "labs for a single policy", args: ["--labs", "2"], says: ["error[option]", "--labs is for several policies"] },
  {
    what: "an engine that is not there",
    env: { DOCKER_HOST: "unix:///nowhere.sock" },
    says: ["engine.named-but-dead", "unix:///nowhere.sock"],
  },
  { what: "an engine's address that is none", env: { DOCKER_HOST: "what" }, says: ["engine.named-but-dead"] },
];

describe.concurrent("verify ends with 2 and says why", () => {
  test.each([...policies, ...options])("$what", async ({ policy = goodPolicy, files = {}, args = [], env = {}, says }) => {
    await using folder = await folderOf({ sshd_config: "", "policy.yaml": policy, ...files });
    const { code, stdout, stderr } = await cli(["verify", folder.path, "--quiet", ...args], env);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toContain("error[internal]");
  });

  test("several policies of which none is without a fault: all of them are told, and no engine is asked for", async () => {
    const wrong = { "a/policy.yaml": "server: {}\n", "b/policy.yaml": goodPolicy, "c/policy.yaml": goodPolicy, "c/sshd_config": "" };
    await using folder = await folderOf(wrong);
    const env = { DOCKER_HOST: "unix:///nowhere.sock" };
    const none = await cli(["verify", join(folder.path, "a"), join(folder.path, "b"), "--quiet"], env);
    expect({ code: none.code, stdout: none.stdout }).toEqual({ code: 2, stdout: "" });
    for (const part of ["a/policy.yaml:1:1", "b/policy.yaml:1:24", "errors in 2 policies"]) expect(none.stderr).toContain(part);
    // The control: one is without, so that a lab is needed.
    const one = await cli(["verify", folder.path, "--quiet"], env);
    expect([one.code, one.stderr]).toEqual([2, expect.stringContaining("engine.named-but-dead")]);
  });

  test.each([
    { what: "an unknown command", args: ["frob"], says: "forwardlab has no command frob" },
    { what: "no command", args: [], says: "Usage: forwardlab" },
    { what: "no policy", args: ["verify"], says: "forwardlab verify needs an argument: policy" },
    { what: "a policy that is not there", args: ["verify", join("nowhere", "policy.yaml")], says: "policy-not-found" },
    { what: "a name that is too long for any file", args: ["verify", "x".repeat(300)], says: "policy-not-found" },
    { what: "a mistyped lesson", args: ["learn", "--terminal", "leading-colom"], says: "did you mean `leading-colon`?" },
    { what: "a mistyped scenario", args: ["run", "leadng-colon"], says: "did you mean `leading-colon`?" },
    { what: "a wrong action", args: ["engine", "frob"], says: "start, stop, status, rm" },
  ])("$what", async ({ args, says }) => {
    const { code, stderr } = await cli(args);
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });
});
