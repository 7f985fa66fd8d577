/** `init`: what it captures verifies, twice gives the same, and notices what changes afterwards. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { verifyPolicy } from "../../../harness/pipelines/verify.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";

const root = join(import.meta.dirname, "..", "..", "..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-init-test-"));
  await cp(join(root, "test/lab/docs/your-server/etc"), folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

async function init(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = join(root, "harness/cli/main.ts");
  const child = spawn(process.execPath, ["--no-warnings", main, "init", ...words, "--quiet"], { cwd: folder });
  const [stdout, stderr] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    child.stderr.setEncoding("utf8").toArray(),
    once(child, "close"),
  ]);
  return { code: child.exitCode ?? -1, stdout: stdout.join(""), stderr: stderr.join("") };
}

const server = [
  "ssh",
  "--firewall",
  "nftables.conf",
  "--interface",
  "ens3",
  "--address",
  "203.0.113.130/25",
  "--address",
  "2001:db8:aa::5/64",
];

test("a server with a firewall: the policy verifies, again gives the same bytes, and a rule that opens a port is noticed", async () => {
  const first = await init(...server);
  expect(first.code).toBe(0);
  // The office that the firewall lets in has no vantage point in the new policy.
  expect(first.stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^forwardlab: warning: nftables\.conf:14: .* may let in 192\.0\.2\.10, which no vantage point stands for/),
    expect.stringMatching(/^forwardlab: warning: nftables\.conf:15: .* may let in 2001:db8:bb::\/64, which no vantage point stands for/),
  ]);
  expect(first.stdout).toMatch(/^policy\.yaml: \d+ expectations, all of them hold\n$/);
  const text = await readFile(join(folder, "policy.yaml"), "utf8");
  expect(Object.keys(parse(text).forwards)).toContain("alice-remote-all");
  expect(text).toContain("# campus, home-lan, other-lan, internet: filtered by nftables.conf:6\n");

  const again = await init(...server);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("error[init-exists]: policy.yaml exists");
  expect((await init(...server, "--out", "-")).stdout).toBe(text);

  const rules = await readFile(join(folder, "nftables.conf"), "utf8");
  await writeFile(join(folder, "nftables.conf"), rules.replace(/ip saddr 192.0.2.10 tcp dport 43234/, "tcp dport 43234"));
  const { cells, outcome } = await verifyPolicy(join(folder, "policy.yaml"), { remedies: false });
  expect(outcome).toBe("fail");
  expect(new Set(cells.filter(({ status }) => status === "violated").map(({ forward }) => forward))).toEqual(new Set(["alice-remote-all"]));
});

test("who reaches a forward of one's own over one family only, and what is refused", async () => {
  await writeFile(join(folder, "open_config"), "GatewayPorts clientspecified\nAddressFamily inet\nPermitListen *:8080\n");
  const { code, stdout, stderr } = await init(
    "open_config",
    "--forward",
    "-R :8080:localhost:80",
    "--forward",
    "-R :9090:localhost:80",
    "--out",
    "open.yaml",
  );
  expect({ code, stdout }).toMatchObject({ code: 0 });
  // No firewall, so nothing is let in that a vantage point would have to stand for.
  expect(stderr).not.toContain("no vantage point stands for");
  const { policy } = await loadPolicy(join(folder, "open.yaml"));
  const [open, refused] = Object.values(policy.forwards);
  expect(open?.reachable_from).toContainEqual({ vantage: "internet", family: 4 });
  expect(refused?.refused_by_server).toBe(true);
});

test("an interface that the firewall names and nobody told: how to tell it; nothing is left", async () => {
  const { code, stderr } = await init("ssh", "--firewall", "nftables.conf", "--out", "other.yaml");
  expect(code).toBe(2);
  expect(stderr).toContain("--interface NAME");
  await expect(readFile(join(folder, "other.yaml"))).rejects.toThrow("ENOENT");
});

test("a bastion elsewhere: its accounts are those with key files and one of each group, or those given with keys and groups", async () => {
  const away = await mkdtemp(join(tmpdir(), "forwardlab-init-away-"));
  onTestFinished(() => rm(away, { recursive: true }));
  const server = join(away, "a bastion", "etc", "ssh");
  await mkdir(join(server, "keys"), { recursive: true });
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC";
  await writeFile(
    join(server, "sshd_config"),
    "AuthorizedKeysFile /etc/ssh/keys/%u\nPermitListen none\nMatch Group ops\n  PermitListen 8080\n",
  );
  await writeFile(join(server, "keys", "deploy"), `restrict ${key}\n`);
  await writeFile(join(folder, "carol.keys"), `${key} carol\n`);
  const found = await init(server, "--forward", "-R 8080:localhost:80", "--out", "found.yaml");
  expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining("verify it with --allow-outside") });
  const { server: written, forwards } = parse(await readFile(join(folder, "found.yaml"), "utf8"));
  expect(written.accounts).toEqual({ deploy: {}, "ops-member": { groups: ["ops"] } });
  expect(forwards["deploy-forward-1"].refused_by_server).toBe(true);
  expect(forwards["ops-member-forward-1"].refused_by_server).toBeUndefined();
  const given = await init(
    server,
    "--account",
    "carol:ops=carol.keys",
    "--forward",
    "-R 8080:localhost:80",
    "--out",
    join(away, "given.yaml"),
  );
  expect(given).toMatchObject({ code: 0, stdout: expect.not.stringContaining("--allow-outside") });
  expect(parse(await readFile(join(away, "given.yaml"), "utf8")).server).toMatchObject({
    sshd_config: "a bastion/etc/ssh",
    accounts: { carol: { groups: ["ops"], authorized_keys: expect.stringMatching(/^\.\..*carol\.keys$/) } },
  });
});

test("a copy of /etc: its accounts, with what their lists permit; a forward of which not all can be proven is left out and told", async () => {
  const copy = await mkdtemp(join(tmpdir(), "forwardlab-init-copy-"));
  onTestFinished(() => rm(copy, { recursive: true }));
  const put = async (file: string, text: string) => {
    await mkdir(join(copy, file, ".."), { recursive: true });
    await writeFile(join(copy, file), text);
  };
  await put(
    "etc/ssh/sshd_config",
    "UsePAM yes\nAllowTcpForwarding no\nMatch Group tunnels\n  AllowTcpForwarding yes\n  GatewayPorts clientspecified\n  PermitListen 43234\n  PermitOpen 10.20.0.5:5432\n",
  );
  await put("etc/passwd", "root:x:0:0::/root:/bin/bash\nana:x:1000:1000::/home/ana:/bin/bash\njo.doe:x:1001:1001::/home/jo:/bin/false\n");
  await put("etc/group", "root:x:0:\nana:x:1000:\njo.doe:x:1001:\ntunnels:x:500:jo.doe\n");
  const out = join(copy, "policy.yaml");
  const { code, stdout, stderr } = await init(join(copy, "etc"), "--out", out);
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringMatching(/: \d+ expectations, all of them hold\n$/) });
  expect(stderr).toContain("warning: jo-doe-dynamic is left out, as not all of it could be proven: ");
  const text = await readFile(out, "utf8");
  const { server: written, forwards } = parse(text);
  expect(written).toEqual({ sshd_config: "etc/ssh", files: { "/etc": "etc" }, accounts: { "jo.doe": {} } });
  expect(forwards["jo-doe-remote-all-43234"].reachable_from).toContain("internet");
  expect(forwards["jo-doe-remote-all"].refused_by_server).toBe(true);
  expect(forwards["jo-doe-dynamic"]).toBeUndefined();
  expect(text).toMatch(
    /^ {2}# Left out, as not all of it could be proven: .*10\.20\.0\.5:\d+.*\n {2}# jo-doe-dynamic:\n {2}# {3}ssh: "-D \d+"\n {2}# {3}as: jo\.doe\n/m,
  );
  // Where the folder of sshd_config alone is named, a hint says where the accounts are.
  const alone = await init(join(copy, "etc/ssh"), "--forward", "-L 8080:localhost:80", "--out", "-");
  expect(alone).toMatchObject({ code: 0, stderr: expect.stringMatching(/etc\/passwd: not read: name .*etc instead/) });
});
