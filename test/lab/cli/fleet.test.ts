/** `forwardlab verify` with several policies, and with `--watch`: real servers, right and wrong. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { Fleet } from "../../../harness/core/fleet.ts";
import type { Result } from "../../../harness/core/result.ts";
import { cli, endOf, folderOf, startCli } from "../../quick/cli/run-cli.ts";

const policy = (more: string) => `server: { sshd_config: sshd_config }
${more}forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [anyone] }
  own: { ssh: "-R localhost:43235:localhost:3389", reachable_from: [] }
`;
const own = 'network: { server: { address: ["203.0.113.130/25"], ipv6: false } }\n';

const files = {
  "right/policy.yaml": policy(""),
  "right/sshd_config": "GatewayPorts clientspecified\n",
  "wrong/policy.yaml": policy(""),
  "wrong/sshd_config": "GatewayPorts no\n",
  "typo/policy.yaml": policy(""),
  "typo/sshd_config": "GatewayPort yes\n",
  "unread/policy.yaml": 'server: { sshd_config: sshd_config }\nforwards:\n  rdp: { ssh: "-R :43234:localhost:3389", reachable_by: [] }\n',
  "unread/sshd_config": "",
  "elsewhere/policy.yaml": policy(own),
  "elsewhere/sshd_config": "GatewayPorts clientspecified\n",
};

test("one result for all: labs are shared, a server that cannot be verified keeps nobody else from a verdict", async () => {
  await using folder = await folderOf(files);
  const at = (name: string) => join(folder.path, name);
  const read = (name: string) => JSON.parse(readFileSync(at(name), "utf8")) as Fleet;
  const formats = ["junit", "sarif", "tap", "markdown", "github", "gitlab"];
  const reports = formats.flatMap((format) => ["--report", `${format}=${at(format)}`]);
  const whole = await cli(["verify", folder.path, "--labs", "1", "--report", `json=${at("fleet.json")}`, "--report", "text=-", ...reports]);
  expect(whole.code, whole.stderr).toBe(1);
  expect(whole.stdout).toMatch(/^✘ FAIL {2}1 of 5 servers violates its policy; 2 have no trustworthy verdict\n/);
  // The policy that is wrong in itself, with its line.
  for (const report of [whole.stdout, ...formats.map((format) => readFileSync(at(format), "utf8"))]) {
    expect(report).toContain("reachable_by");
    expect(report).toMatch(/unread\/policy\.yaml(?:,line=3|:3:\d+|[\s\S]{0,200}(?:startLine|begin)\W+3\b)/);
  }
  const fleet = read("fleet.json");
  expect(fleet.servers.map(({ name, result, error }) => [name.slice(folder.path.length + 1), result?.outcome ?? error?.code])).toEqual([
    ["elsewhere", "pass"],
    ["right", "pass"],
    ["typo", "sshd-config"],
    ["unread", "policy-key"],
    ["wrong", "fail"],
  ]);
  // Three of one network, of which one breaks the lab that it is in; one of another.
  expect(fleet.labs).toBeLessThanOrEqual(3);
  const [violated] = fleet.servers[4]?.result?.cells.filter(({ status }) => status === "violated") ?? [];
  expect(violated).toMatchObject({ observed: "refused", decidedBy: { layer: "bind-address", file: "sshd_config", line: 1 } });
  expect(violated?.remedy?.patch).toContain("+GatewayPorts clientspecified");

  // In parts, and joined.
  for (const index of [1, 2])
    await cli(["verify", folder.path, "--quiet", "--no-remedies", "--shard", `${index}/2`, "--report", `json=${at(`${index}.json`)}`]);
  const merged = await cli(["merge", at("1.json"), at("2.json"), "--report", `json=${at("merged.json")}`, "--quiet"]);
  expect(merged.code, merged.stderr).toBe(1);
  const told = ({ servers }: Fleet) => servers.map(({ name, result, error }) => [name, result?.counts, error?.code]);
  expect(told(read("merged.json"))).toEqual(told(fleet));
});

const nft = (sources: string) => `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept
    ip saddr ${sources} tcp dport 43234 accept
  }
}
`;
const watched = (more: string) => `server: { sshd_config: sshd_config, firewall: nftables.conf }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [other-lan] }
  low: { ssh: "-R :443:localhost:3389", refused_by_server: true }
${more}`;
const right = { "policy.yaml": watched(""), sshd_config: "GatewayPorts clientspecified\n", "nftables.conf": nft("203.0.113.50") };

test("--watch: each edit of a running lab's files gives the verdicts of a fresh run; a file that is wrong ends nothing", async () => {
  const more = '  own: { ssh: "-R localhost:43235:localhost:3389", reachable_from: [campus] }\n';
  const edits = { sshd_config: "GatewayPorts no\n", "nftables.conf": nft("198.51.100.20"), "policy.yaml": watched(more) };
  await using folder = await folderOf({
    ...at("watched", right),
    ...Object.assign({}, ...Object.entries(edits).map(([name, text]) => at(`fresh/with ${name}`, { ...right, [name]: text }))),
  });
  const inFolder = (path: string) => join(folder.path, path);
  const json = inFolder("watched.json");
  await using child = watching([inFolder("watched"), "--report", `json=${json}`]);
  const edit = async (name: string, text: string) => {
    save(inFolder(`watched/${name}`), text);
    return child.round();
  };
  await child.round();
  const whole = told(json);
  const broken: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(edits)) {
    await edit(name, text);
    broken[`with ${name}`] = told(json);
    await edit(name, right[name as keyof typeof right]);
    expect(told(json), `${name} as it was`).toEqual(whole);
  }
  expect(await edit("sshd_config", "GatewayPort yes\n")).toMatch(/error\[sshd-config\][\s\S]*sshd_config:1/);
  await edit("sshd_config", right.sshd_config);
  expect(told(json)).toEqual(whole);

  // Each in a lab of its own.
  const fleet = inFolder("fleet.json");
  await cli(["verify", inFolder("fresh"), "--labs", "3", "--no-remedies", "--quiet", "--report", `json=${fleet}`]);
  const { labs, servers } = JSON.parse(readFileSync(fleet, "utf8")) as Fleet;
  expect([labs, whole.outcome, ...servers.map(({ result }) => result?.outcome)]).toEqual([3, "pass", "fail", "fail", "fail"]);
  expect(Object.fromEntries(servers.map(({ name, result }) => [basename(name), result && verdictsOf(result)]))).toEqual(broken);
});

test("--watch of a folder: only the policies are judged whose files were saved, and those that are new", async () => {
  await using folder = await folderOf({ ...at("fleet/one", right), ...at("fleet/two", right) });
  const json = join(folder.path, "fleet.json");
  await using child = watching([join(folder.path, "fleet"), "--labs", "1", "--report", `json=${json}`]);
  const outcomes = () => {
    const { outcome, labs, servers } = JSON.parse(readFileSync(json, "utf8")) as Fleet;
    return [outcome, labs, servers.map(({ result, error }) => result?.outcome ?? error?.code)];
  };
  expect(await child.round()).toMatch(/judged all 2 in/);
  expect(outcomes()).toEqual(["pass", 1, ["pass", "pass"]]);
  save(join(folder.path, "fleet/two/sshd_config"), "GatewayPorts no\n");
  expect(await child.round()).toMatch(/judged \S*fleet\/two in/);
  expect(outcomes()).toEqual(["fail", 1, ["pass", "fail"]]);
  save(join(folder.path, "fleet/one/policy.yaml"), "server: {}\n");
  expect(await child.round()).toMatch(/judged \S*fleet\/one in/);
  expect(outcomes()).toEqual(["fail", 1, ["policy", "fail"]]);
  await using other = await folderOf(at("three", right));
  renameSync(join(other.path, "three"), join(folder.path, "fleet/three"));
  expect(await child.round()).toMatch(/judged \S*fleet\/three in/);
  expect(outcomes()).toEqual(["fail", 1, ["policy", "pass", "fail"]]);
  renameSync(join(folder.path, "fleet/one"), join(other.path, "one"));
  renameSync(join(folder.path, "fleet/two"), join(other.path, "two"));
  expect(await child.round()).toMatch(/judged none in/);
  expect(outcomes()).toEqual(["pass", 1, ["pass"]]);
});

const at = (folder: string, all: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).map(([name, text]) => [`${folder}/${name}`, text]));

/** As editors do: another file of the same name. */
function save(path: string, text: string): void {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

function told(path: string) {
  return verdictsOf(JSON.parse(readFileSync(path, "utf8")) as Result);
}

/** All that a run says of who gets in, and why. */
function verdictsOf({ outcome, forwards, cells }: Result) {
  return {
    outcome,
    forwards: forwards.map(({ name, granted, status, decidedBy, listeners }) => [name, granted, status, decidedBy, listeners]),
    cells: cells.map(({ forward, vantage, target, observed, status, decidedBy }) => [
      forward,
      vantage,
      target,
      observed,
      status,
      decidedBy,
    ]),
  };
}

/** The command, until it is told to end. */
function watching(args: readonly string[]) {
  const child = startCli(["verify", "--watch", ...args, "--report", "text=-"]);
  const end = endOf(child);
  const said = { stdout: "", stderr: "" };
  let look: () => void = () => undefined;
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk) => {
      said[name] += chunk;
      look();
    });
  return {
    /** What it says of the next time that it judges. */
    round: () =>
      new Promise<string>((resolve, reject) => {
        child.on("exit", () => reject(new Error(`it ended: ${said.stderr}`)));
        look = () => {
          // Whichever stream comes first.
          if (said.stdout === "" || !/waiting for the next change/.test(said.stderr)) return;
          look = () => undefined;
          resolve(said.stdout + said.stderr);
          Object.assign(said, { stdout: "", stderr: "" });
        };
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      expect((await end).code).toBe(130);
    },
  };
}
