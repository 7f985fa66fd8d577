import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IptablesFirewall } from "../../../harness/firewall/firewall-files.ts";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { sourceTexts } from "../../../harness/firewall/source-texts.ts";
import { mapToolError } from "../../../harness/firewall/tool-error.ts";
import { warningText } from "../../../harness/report/warnings.ts";
import { writeFiles } from "./write-files.ts";

const example = join(import.meta.dirname, "..", "..", "..", "examples", "ufw", "etc");
const names = ["before", "after", "user"].flatMap((name) => [`ufw/${name}.rules`, `ufw/${name}6.rules`]);
const files = Object.fromEntries(
  [...names, "ufw/ufw.conf", "default/ufw"].map((name) => [name, readFileSync(join(example, name), "utf8")]),
);
const settings = files["default/ufw"] as string;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ufw-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The example with other files, or without some. */
async function load(changed: Record<string, string | undefined> = {}): Promise<IptablesFirewall> {
  const given = Object.entries({ ...files, ...changed }).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]));
  writeFiles(folder, Object.fromEntries(given));
  return (await loadFirewall("ufw", folder)) as IptablesFirewall;
}

const placesOf = ({ rules }: IptablesFirewall, chain: string) =>
  rules.filter((rule) => rule.chain === chain).map(({ file, line, text }) => `${file}:${line} ${text}`);

describe("what leads back to the user's own lines", () => {
  test("rules, policies, and what ufw does for a setting", async () => {
    const firewall = await load();
    expect(placesOf(firewall, "ufw-user-input")).toEqual([
      "ufw/user.rules:21 -p tcp --dport 22 -j ACCEPT -m comment --comment 'dapp_OpenSSH'",
      "ufw/user.rules:24 -p tcp --dport 43234 -s 198.51.100.0/24 -j ACCEPT",
      "ufw/user.rules:27 -p tcp --dport 43234 -s 203.0.113.50 -j ACCEPT",
    ]);
    expect(placesOf(firewall, "INPUT")[0]).toBe("default/ufw:3 policy drop");
    expect(placesOf(firewall, "ufw-before-input").at(-1)).toBe("ufw/ufw.conf:2 -j ufw-user-input");
    expect(placesOf(firewall, "ufw6-track-output")[0]).toMatch(/^default\/ufw:4 /);
    expect(firewall.warnings).toEqual([]);
    expect(sourceTexts(firewall).map(({ display }) => display)).toEqual(expect.arrayContaining(Object.keys(files)));
  });

  test("what iptables-restore complains of", async () => {
    const firewall = await load();
    const before = firewall.sequence?.[6]?.slice(0, 4) ?? [];
    const lines = before.map((path) => String(firewall.files[path]?.content).split("\n").length).reduce((sum, count) => sum + count);
    const said = (line: number) =>
      mapToolError(`ip6tables-restore v1.8.11 (nf_tables): unknown option "--dports"\nError occurred at line: ${line}`, firewall).place;
    expect(said(lines + 24)).toEqual({ file: "ufw/user6.rules", line: 24 });
    expect(said(1)).toEqual({ file: "ufw/ufw.conf", line: 2 });
  });
});

test("IPV6=no drops IPv6, whatever user6.rules says", async () => {
  const firewall = await load({ "default/ufw": settings.replace("IPV6=yes", "IPV6=no"), "ufw/before6.rules": undefined });
  expect(firewall.rules.filter(({ family }) => family === "ip6").map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([
    "default/ufw:2 policy drop",
    "default/ufw:2 -i lo -j ACCEPT",
    "default/ufw:2 policy drop",
    "default/ufw:2 policy drop",
    "default/ufw:2 -o lo -j ACCEPT",
  ]);
  // A remedy may turn them on.
  expect(Object.keys(firewall.files)).toContain("/etc/ufw/user6.rules");
  expect(sourceTexts(firewall).map(({ display }) => display)).not.toContain("ufw/user6.rules");
});

test("ENABLED=no is no firewall, and is told", async () => {
  const firewall = await load({ "ufw/ufw.conf": "ENABLED=no\n" });
  expect(firewall).toMatchObject({
    sequence: {},
    rules: [],
    warnings: [{ code: "ufw-not-enabled", file: "ufw/ufw.conf", line: 1 }],
  });
});

test("scripts and kernel settings are told where they could matter", async () => {
  await load({
    "ufw/before.init": "#!/bin/sh\n",
    "ufw/after.init": "#!/bin/sh\n",
    "ufw/sysctl.conf": [
      "net/ipv4/conf/all/log_martians=0",
      "#x=1",
      "vm.swappiness = 10",
      "net.core.rmem_max=16777216",
      "net/ipv4/tcp_sack=1",
      "net/ipv4/ip_forward=0",
      "net/ipv4/conf/eth0.100/rp_filter=1",
      "net.ipv4.tcp_keepalive_time = 60 # seconds",
      "net.ipv4.ip_forward = 1",
    ].join("\n"),
  });
  chmodSync(join(folder, "ufw/before.init"), 0o755);
  const { warnings } = (await loadFirewall("ufw", folder)) as IptablesFirewall;
  expect(warnings.map((each) => warningText(each))).toEqual([
    expect.stringMatching(/^ufw\/before.init: ufw runs this script/),
    expect.stringMatching(/^ufw\/sysctl.conf:7: .*sysctl: \{ net.ipv4.conf.eth0\/100.rp_filter: 1, net.ipv4.ip_forward: 1 \}/),
  ]);
  const loaded = async (sysctl: readonly string[]) => (await loadFirewall("ufw", folder, undefined, { sysctl })).warnings;
  expect(await loaded(["net.ipv4.ip_forward", "net.ipv4.conf.eth0/100.rp_filter"])).toHaveLength(1);
  await load({ "default/ufw": settings.replace(/^IPT_SYSCTL=.*$/m, "IPT_SYSCTL=") });
  expect(await loaded([])).toHaveLength(1);
});

test("the defaults may lie in the folder", async () => {
  const inside = await load({ "default/ufw": undefined, "ufw/default": settings });
  expect(placesOf(inside, "INPUT")[0]).toBe("ufw/default:3 policy drop");
});

describe("what ufw would not start with", () => {
  test.each([
    ["ufw/user6.rules", { file: "ufw/user6.rules" }],
    ["default/ufw", { file: "default/ufw" }],
    ["ufw/before.rules", { file: "ufw/before.rules" }],
  ])("without %s", async (name, place) => {
    await expect(load({ [name]: undefined })).rejects.toMatchObject({ code: "firewall-file", found: "no such file", place });
  });

  test("all files that a copy lacks are told at once, of those that count", async () => {
    const lacking = { "ufw/before.rules": undefined, "ufw/before6.rules": undefined, "default/ufw": settings };
    await expect(load({ ...lacking, "ufw/ufw.conf": undefined })).rejects.toMatchObject({
      message: "ufw/ufw.conf, ufw/before.rules and ufw/before6.rules are missing; ufw does not start without them",
      expected: "copies of the server's /etc/ufw/ufw.conf, /etc/ufw/before.rules and /etc/ufw/before6.rules",
    });
    rmSync(folder, { recursive: true });
    await expect(load({ ...lacking, "default/ufw": settings.replace("IPV6=yes", "IPV6=no") })).rejects.toMatchObject({
      message: "ufw/before.rules is missing; ufw does not start without it",
    });
    rmSync(folder, { recursive: true });
    expect((await load({ ...lacking, "ufw/ufw.conf": "ENABLED=no\n" })).rules).toEqual([]);
  });

  test("a copy of nothing but after.rules is known for what it is", async () => {
    writeFiles(folder, { "ufw/after.rules": files["ufw/after.rules"] as string });
    await expect(loadFirewall("ufw", folder)).rejects.toThrow(/^ufw\/ufw.conf, default\/ufw, .* are missing/);
  });

  test.each([
    ["a policy that there is not", 'DEFAULT_INPUT_POLICY="DENY"', "DENY"],
    ["a value that a shell works out", "DEFAULT_INPUT_POLICY=$(cat /etc/policy)", "DEFAULT_INPUT_POLICY=$(cat /etc/policy)"],
  ])("%s", async (_, line, found) => {
    await expect(load({ "default/ufw": settings.replace('DEFAULT_INPUT_POLICY="DROP"', line) })).rejects.toMatchObject({
      code: "firewall-ufw",
      place: { file: "default/ufw", line: 3 },
      found,
    });
  });
});
