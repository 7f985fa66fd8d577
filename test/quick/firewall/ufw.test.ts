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
  const firewall = await load({ "default/ufw": settings.replace("IPV6=yes", "IPV6=no"), "ufw/user6.rules": undefined });
  expect(firewall.rules.filter(({ family }) => family === "ip6").map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([
    "default/ufw:2 policy drop",
    "default/ufw:2 -i lo -j ACCEPT",
    "default/ufw:2 policy drop",
    "default/ufw:2 policy drop",
    "default/ufw:2 -o lo -j ACCEPT",
  ]);
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
    "ufw/sysctl.conf": "net/ipv4/conf/all/log_martians=0\n#x=1\nnet/ipv4/ip_forward=1\n",
  });
  chmodSync(join(folder, "ufw/before.init"), 0o755);
  const { warnings } = (await loadFirewall("ufw", folder)) as IptablesFirewall;
  expect(warnings.map((each) => warningText(each))).toEqual([
    expect.stringMatching(/^ufw\/before.init: ufw runs this script/),
    expect.stringMatching(/^ufw\/sysctl.conf:3: net.ipv4.ip_forward /),
  ]);
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
