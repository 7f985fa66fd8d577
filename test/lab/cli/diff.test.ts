/** `forwardlab diff`: what a change of the user's files opens, proven in the lab. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Diff } from "../../../harness/core/diff.ts";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

const policy = (firewall = "nftables.conf") => `server: { sshd_config: sshd_config, firewall: ${firewall} }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [campus] }
  local: { ssh: "-R 43235:localhost:3389", reachable_from: [] }
`;
const rules = (drop = "    ip saddr != 198.51.100.20 tcp dport { 43234, 43235 } drop\n") => `table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    iif lo accept
${drop}    ip6 saddr != 2001:db8:100::20 tcp dport { 43234, 43235 } drop
  }
}
`;
const files = {
  "policy.yaml": policy(),
  "after.yaml": policy("after.conf"),
  sshd_config: "GatewayPorts clientspecified\n",
  "nftables.conf": rules(),
  "after.conf": rules(""),
};

const opened = ({ cells }: Diff) =>
  cells.filter(({ change }) => change === "opened").map(({ forward, vantage, target }) => `${forward} ${vantage} ${target}`);
const newlyOpen = ["home", "home-lan", "other-lan", "internet"].map((vantage) => `rdp ${vantage} 198.51.100.10:43234`);
const readDiff = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Diff;

describe.concurrent("one line of the firewall less", () => {
  test("adds exposure, and every newly open cell is named with both rules; the way back adds none", async () => {
    await using folder = await folderOf(files);
    const at = (name: string) => join(folder.path, name);
    const there = await cli(["diff", at("policy.yaml"), at("after.yaml"), "--report", `json=${at("there.json")}`]);
    expect(there.code, there.stderr).toBe(1);
    expect(there.stderr.match(/starting \d+ containers/g)?.length).toBe(1);
    const diff = readDiff(at("there.json"));
    expect(opened(diff)).toEqual(newlyOpen);
    expect(there.stdout).toMatch(/^✘ EXPOSURE ADDED {2}4 cells newly open/);
    expect(there.stdout).toMatch(
      /✘ rdp: home-lan, other-lan and internet reach it over IPv4 now\n {4}Before {6}filtered {2}server-firewall {2}nftables\.conf:5/,
    );
    // Behind the rule nothing listens: blocked still, and yet one layer less.
    expect(there.stdout).toContain("! local: still blocked for");
    expect(diff.cells.filter(({ forward, change }) => forward === "local" && change === "weaker").map(({ lost }) => lost)).toEqual(
      Array.from({ length: 4 }, () => ["server-firewall"]),
    );

    const back = await cli(["diff", at("after.yaml"), at("policy.yaml"), "--report", `json=${at("back.json")}`]);
    expect(back.code, back.stderr).toBe(0);
    const mirror = readDiff(at("back.json"));
    expect([mirror.counts.opened, mirror.counts.closed, mirror.counts.stronger]).toEqual([0, diff.counts.opened, diff.counts.weaker]);
    expect(back.stdout).toContain("Nothing else changed");
  });

  test("as a firewall in the place of the policy's, as results, and as two firewalls of one policy", { timeout: 300_000 }, async () => {
    await using folder = await folderOf(files);
    const at = (name: string) => join(folder.path, name);
    const replaced = await cli(["diff", at("policy.yaml"), at("after.conf"), "--quiet", "--report", `json=${at("replaced.json")}`]);
    expect(replaced.code, replaced.stderr).toBe(1);
    expect(readDiff(at("replaced.json")).after.name).toBe(at("after.conf"));

    for (const [side, file] of Object.entries({ before: "policy.yaml", after: "after.yaml" }))
      await cli(["verify", at(file), "--quiet", "--no-remedies", "--report", `json=${at(`${side}.json`)}`]);
    const recorded = await cli(["diff", at("before.json"), at("after.json"), "--quiet", "--report", `json=${at("recorded.json")}`]);
    expect(recorded.code, recorded.stderr).toBe(1);
    const two = await cli([
      "diff",
      at("nftables.conf"),
      at("after.conf"),
      "--policy",
      at("policy.yaml"),
      "--report",
      `json=${at("two.json")}`,
    ]);
    expect(two.code, two.stderr).toBe(1);
    const cells = (name: string) => readDiff(at(name)).cells;
    expect(cells("recorded.json")).toEqual(cells("replaced.json"));
    expect(cells("two.json")).toEqual(cells("replaced.json"));
    expect((await cli(["diff", at("before.json"), at("before.json")])).stdout).toContain("Nothing changed: ");
  });
});

test("a forward that the policy gains is new, and where it is open exposure is added; another network needs a lab of its own", async () => {
  const gained = `${policy()}  web: { ssh: "-R :8080:localhost:8080", reachable_from: [] }\nnetwork: { vantages: { office: { address: [192.0.2.99] } } }\n`;
  await using folder = await folderOf({ ...files, "gained.yaml": gained });
  const at = (name: string) => join(folder.path, name);
  const { code, stdout, stderr } = await cli(["diff", at("policy.yaml"), at("gained.yaml"), "--report", `json=${at("d.json")}`]);
  expect(code, stderr).toBe(1);
  expect(stderr.match(/starting \d+ containers/g)?.length).toBe(2);
  const diff = readDiff(at("d.json"));
  expect(diff.forwards.map(({ name, change }) => `${name} ${change}`)).toEqual(["web added"]);
  expect(new Set(opened(diff).map((cell) => cell.split(" ")[0]))).toEqual(new Set(["web"]));
  expect(opened(diff)).toContain("web office 198.51.100.10:8080");
  // A vantage point that only one of them has: blocked there, over both families, and not looked at before.
  expect(diff.cells.filter(({ vantage, forward }) => vantage === "office" && forward === "rdp").map(({ change }) => change)).toEqual([
    "added",
    "added",
  ]);
  expect(stdout).toContain("  + web  new: granted, listens on 0.0.0.0:8080 and [::]:8080 of server");
});

test("revisions of git: the policy with its files, from each of them; the work tree stays as it is, and nothing is left behind", async () => {
  await using folder = await folderOf({ ".gitattributes": "*.conf export-ignore\n", ...files });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder.path, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=before");
  await writeFile(join(folder.path, "nftables.conf"), rules(""));
  git("commit", "--quiet", "--all", "--message=after");
  await writeFile(join(folder.path, "nftables.conf"), rules());
  const before = git("status", "--porcelain");
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("forwardlab-revision-"));
  const path = join(folder.path, "policy.yaml");
  const report = join(folder.path, "d.json");
  const diffOf = async (range: string) => ({
    ...(await cli(["diff", "--quiet", "--report", `json=${report}`, range, "--", path])),
    diff: readDiff(report),
  });
  const commits = git("rev-list", "HEAD").trim().split("\n").reverse();

  const there = await diffOf(`${commits[0]}..main`);
  expect(there.code, there.stderr).toBe(1);
  expect(there.diff.before.name).toBe(`${commits[0]}:${path}`);
  expect(there.diff.files).toEqual([{ file: "nftables.conf", change: "changed" }]);
  expect(opened(there.diff).length).toBe(4);
  expect((await diffOf("HEAD")).code).toBe(0);
  expect(readDiff(report).counts.closed).toBe(4);
  // Several paths are compared one by one; of those that are the same on both sides, nothing changed.
  const several = await cli(["diff", `${commits[0]}..main`, "--", path, join(folder.path, "after.yaml")]);
  expect(several.code, several.stderr).toBe(1);
  expect(several.stdout).toMatch(/^✘ EXPOSURE ADDED {2}of 2 servers: 1 newly exposed\n[\s\S]*4 cells newly open[\s\S]*nothing changed/);
  expect(git("status", "--porcelain").replace(/^.*d\.json\n/m, "")).toBe(before);
  expect(leftovers()).toEqual([]);
});
