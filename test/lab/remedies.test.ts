/** Servers with several faults: the proposed changes, applied by `patch -p1`, mend them all. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { verifyPolicy } from "../../harness/pipelines/verify.ts";

type Files = Record<string, string>;

const base = mkdtempSync(join(tmpdir(), "forwardlab-remedies-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function folderWith(files: Files): string {
  const folder = mkdtempSync(join(base, "server-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

/** What `verify` proposes, and the files as `patch -p1` leaves them with what it wrote. */
async function mend(files: Files) {
  const folder = folderWith(files);
  const policyFile = join(folder, "policy.yaml");
  let patch = "";
  const told: string[] = [];
  const before = await verifyPolicy(policyFile, {
    onPatch: (text) => (patch = text),
    onEvent: (event) => told.push(event.type === "step" ? event.text : event.type),
  });
  const remedies = [...before.cells, ...before.forwards].flatMap(({ remedy }) => (remedy?.patch ? [remedy] : []));
  const codes = [...new Set(remedies.map(({ summary }) => summary.code))].sort();
  if (patch !== "") execFileSync("patch", ["-p1", "--silent"], { cwd: folder, input: patch });
  const mended = (file: string) => readFileSync(join(folder, file), "utf8");
  return { before, codes, told, patch, mended, verifyMended: () => verifyPolicy(policyFile, { remedies: false }) };
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPI5xCOhCLsGyZHZ0I4kSjyrG3dGHcRQGYZBRYT1ob7I";
const campus = { 4: "198.51.100.20", 6: "2001:db8:100::20" };
const dump = (family: 4 | 6, rules: string) =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p ${family === 4 ? "icmp" : "ipv6-icmp"} -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n${rules}COMMIT\n`;

/** On `dumps`. */
const policy = (...forwards: string[]) => `server:
  sshd_config: sshd_config
  firewall: [rules.v4, rules.v6]
  accounts:
    alice: { authorized_keys: alice.keys }
    bob: {}
    carol: {}
forwards:
${forwards.join("\n")}
`;

describe("a server with several faults", () => {
  test("of accounts: what their keys, lists and settings lack, and a firewall behind one of them", async () => {
    const files = {
      "policy.yaml": policy(
        '  key: { as: alice, ssh: "-R 43201:localhost:3389", reachable_from: [server] }',
        '  listed: { as: bob, ssh: "-R 43202:localhost:3389", reachable_from: [server] }',
        '  twin: { as: bob, ssh: "-R 43203:localhost:3389", reachable_from: [server] }',
        '  stacked: { as: bob, ssh: "-R :43204:localhost:3389", reachable_from: [campus] }',
        '  needed: { as: carol, ssh: "-L 43213:localhost:3389", reachable_from: [home] }',
        '  forbidden: { as: carol, ssh: "-L 43214:localhost:5432", refused_by_server: true }',
      ),
      sshd_config: "GatewayPorts clientspecified\nMatch User bob\n\tPermitListen 43210 # no more\n",
      "alice.keys": `restrict,pty ${key} alice\n`,
      "rules.v4": dump(4, ""),
      "rules.v6": dump(6, ""),
    };
    const { before, codes, told, patch, mended, verifyMended } = await mend(files);
    // One list lacks several, and behind it the firewall keeps one of them out, by a dump for each family: each remedy takes both changes.
    const stacked = before.cells.filter(({ forward, status }) => forward === "stacked" && status === "violated");
    for (const { remedy } of stacked)
      expect(remedy).toMatchObject({ summary: { code: "accept-before" }, further: [{ code: "set-setting" }] });
    // What is opened and probed while changes are tried is not told: it is no part of the run.
    const tried = told.findIndex((text) => text.startsWith("trying remedies for "));
    expect(new Set(told.slice(tried))).toEqual(
      new Set(["forbidden", "key", "listed", "stacked", "twin"].map((name) => `trying remedies for ${name}`)),
    );
    expect(told.slice(0, tried)).toContain("probed");
    expect(codes).toEqual(["accept-before", "allow-in-key", "set-for-account", "set-setting"]);
    expect(mended("sshd_config")).toBe(
      "GatewayPorts clientspecified\nMatch User bob\n\tPermitListen 43210 localhost:43202 localhost:43203 43204 # no more\nMatch User carol\n    PermitOpen localhost:3389\n",
    );
    expect((await verifyMended()).outcome, patch).toBe("pass");
  });

  test("of the firewall and the client, with iptables-save dumps", async () => {
    const accept = (family: 4 | 6, port: number) =>
      `-A INPUT -s ${campus[family]}/${family === 4 ? 32 : 128} -p tcp -m tcp --dport ${port} -j ACCEPT\n`;
    const files = {
      "policy.yaml": policy(
        "  colon:\n    as: bob\n    ssh: -fN -R 43210:localhost:3389\n    reachable_from: [campus]",
        '  late: { as: bob, ssh: "-R :43211:localhost:3389", reachable_from: [campus] }',
        '  open: { as: bob, ssh: "-R :43212:localhost:3389", reachable_from: [campus] }',
      ),
      sshd_config: "GatewayPorts clientspecified\n",
      "alice.keys": `${key} alice\n`,
      "rules.v4": dump(4, `${accept(4, 43210)}-A INPUT -p tcp -m tcp --dport 43212 -j ACCEPT\n-A INPUT -j REJECT\n${accept(4, 43211)}`),
      "rules.v6": dump(6, `${accept(6, 43210)}-A INPUT -p tcp -m tcp --dport 43212 -j ACCEPT\n`),
    };
    const { codes, patch, verifyMended } = await mend(files);
    expect(codes).toEqual(["accept-before", "add-leading-colon", "move-accept", "narrow-accept"]);
    expect((await verifyMended()).outcome, patch).toBe("pass");
  });

  const only = (forwards: string, firewall: string) =>
    `server: { sshd_config: sshd_config, firewall: ${firewall} }\nforwards:\n${forwards}`;

  test.each([
    [
      "an nft ruleset in blocks",
      "table inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n    iif lo accept\n    ct state established,related accept\n    meta l4proto { icmp, ipv6-icmp } accept\n    tcp dport 22 accept\n    tcp dport 43212 accept\n  }\n}\n",
    ],
    [
      "an nft ruleset of commands",
      'add table inet filter\nadd chain inet filter input { type filter hook input priority 0 ; policy drop ; }\nadd rule inet filter input iif "lo" accept\nadd rule inet filter input ct state established,related accept\nadd rule inet filter input meta l4proto { icmp, ipv6-icmp } accept\nadd rule inet filter input tcp dport 22 accept\nadd rule inet filter input tcp dport 43212 accept\n',
    ],
  ])("with %s", async (_, ruleset) => {
    const forwards =
      "  late: { ssh: '-R :43211:localhost:3389', reachable_from: [campus] }\n  open: { ssh: '-R :43212:localhost:3389', reachable_from: [campus] }\n";
    const files = {
      "policy.yaml": only(forwards, "nftables.conf"),
      sshd_config: "GatewayPorts clientspecified\n",
      "nftables.conf": ruleset,
    };
    const { codes, patch, verifyMended } = await mend(files);
    expect(codes).toEqual(["accept-before", "narrow-accept"]);
    expect((await verifyMended()).outcome, patch).toBe("pass");
  });

  test.each([
    ["sshd and the firewall", "-R 43221:localhost:3389", "GatewayPorts no\n", "  ", ["accept-before", "set-gateway-ports-and-colon"]],
    [
      "two lines of sshd_config",
      "-R :43221:localhost:3389",
      "GatewayPorts clientspecified\nDisableForwarding yes\nPermitListen none\n",
      "  tcp dport 43221 ip saddr 198.51.100.20 accept\n  tcp dport 43221 ip6 saddr 2001:db8:100::20 accept\n",
      ["set-setting", "set-setting"],
    ],
  ])("%s stand in the way at once: two changes are told as one patch", async (_, ssh, sshd, rules, codes) => {
    const files = {
      "policy.yaml": only(`  both: { ssh: "${ssh}", reachable_from: [campus] }\n`, "nftables.conf"),
      sshd_config: sshd,
      "nftables.conf": `table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n  iif lo accept\n  ct state established,related accept\n  meta l4proto { icmp, ipv6-icmp } accept\n  tcp dport 22 accept\n${rules} }\n}\n`,
    };
    const { before, patch, verifyMended } = await mend(files);
    const violated = before.cells.filter(({ status }) => status === "violated");
    expect(violated.map(({ vantage }) => vantage)).toEqual(["campus", "campus"]);
    for (const { remedy } of violated) expect([remedy?.summary, ...(remedy?.further ?? [])].map((change) => change?.code)).toEqual(codes);
    expect((await verifyMended()).outcome, patch).toBe("pass");
  });

  test("a forward that is refused ends the others of its ssh, which its remedy mends", async () => {
    const exiting = "-o ExitOnForwardFailure=yes -R 43214:localhost:3389 -R 43215:localhost:80";
    const files = {
      "policy.yaml": `server: { sshd_config: sshd_config }\nforwards:\n  both: { ssh: "${exiting}", reachable_from: [server] }\n`,
      sshd_config: "PermitListen localhost:43214\n",
    };
    const { before, verifyMended } = await mend(files);
    const ofFirst = before.cells.filter(({ forward, status }) => forward === "both-1" && status === "violated");
    expect(ofFirst.length).toBeGreaterThan(0);
    for (const { decidedBy, remedy } of ofFirst)
      expect([decidedBy, remedy?.summary]).toMatchObject([
        { code: "ended-with-sibling", file: "sshd_config", line: 1, params: { sibling: "both-2" } },
        { code: "set-setting", params: { setting: "PermitListen localhost:43214 localhost:43215" } },
      ]);
    expect((await verifyMended()).outcome).toBe("pass");
  });

  test("nothing is proposed that would open a loopback forward, and nothing mends it", async () => {
    const files = {
      "policy.yaml": `server: { sshd_config: sshd_config }\nforwards:\n  own: { ssh: "-R 127.0.0.1:43213:localhost:3389", reachable_from: [campus] }\n`,
      sshd_config: "GatewayPorts clientspecified\n",
    };
    const { before, codes, patch } = await mend(files);
    expect([before.outcome, codes, patch]).toEqual(["fail", [], ""]);
  });
});
