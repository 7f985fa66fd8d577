import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { warningText } from "../../../harness/report/warnings.ts";
import { loadFixture } from "./fixtures.ts";
import { writeFiles } from "./write-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "firewall-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(files: Record<string, string | Uint8Array>, source: string | [string, string?] = Object.keys(files)[0] ?? "") {
  writeFiles(folder, files);
  return loadFirewall(source, folder);
}
const chain = (content: string) =>
  `table inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n${content}\n  }\n}\n`;
const rulesOf = ({ rules }: Awaited<ReturnType<typeof load>>) =>
  rules.filter(({ kind }) => kind === "rule").map(({ file, line, text }) => `${file}:${line} ${text}`);

test("a listing whose rules nft could not print in full is an error with the line", async () => {
  const listing = chain("tcp dport 8080 # match-set office src counter packets 0 bytes 0 accept");
  await expect(load({ "fw.nft": listing })).rejects.toMatchObject({
    code: "firewall-file",
    place: { file: "fw.nft", line: 4 },
    todo: expect.stringContaining("`iptables-save`"),
  });
  await expect(load({ "fw.nft": listing.replace("#", "counter accept #") })).resolves.toBeDefined();
});

describe("what is uploaded", () => {
  test("an nft ruleset with everything that it includes, under the paths that it names", async () => {
    const firewall = await loadFixture("includes");
    expect(firewall).toMatchObject({ kind: "nft", main: "/etc/nftables.conf" });
    expect(Object.fromEntries(Object.entries(firewall.files).map(([path, { display }]) => [path, display]))).toEqual({
      "/etc/nftables.conf": "nftables.conf",
      "/etc/nftables.d/00-defines.nft": "nftables.d/00-defines.nft",
      "/etc/nftables.d/sets.nft": "nftables.d/sets.nft",
      "/etc/nftables.d/blocked6.elements": "nftables.d/blocked6.elements",
      "/etc/nftables.d/input/10-established.nft": "nftables.d/input/10-established.nft",
      "/etc/nftables.d/input/20-ssh.nft": "nftables.d/input/20-ssh.nft",
      "/etc/nftables.d/input/9-last.nft": "nftables.d/input/9-last.nft",
      "/etc/nftables.d/tables/nat.nft": "nftables.d/tables/nat.nft",
    });
    expect(firewall.warnings.map((each) => warningText(each))).toEqual([
      'nftables.conf:15:1: include "/etc/nftables.d/local/*.nft" matches no file',
    ]);
  });

  test("display paths are relative to the policy's folder, also upwards", async () => {
    writeFiles(folder, { "a/fw.nft": chain("tcp dport 1 drop"), "policies/p.yaml": "" });
    const firewall = await loadFirewall("../a/fw.nft", join(folder, "policies"));
    expect(firewall.files["/etc/fw.nft"]?.display).toBe("../a/fw.nft");
    expect(rulesOf(firewall)).toEqual(["../a/fw.nft:4 tcp dport 1 drop"]);
  });

  test("an absolute include outside /etc is looked for beside the folder that stands for /etc", async () => {
    writeFiles(folder, { "etc/fw.nft": chain('include "/usr/share/fw/x.nft"'), "usr/share/fw/x.nft": "tcp dport 1 drop\n" });
    const firewall = await loadFirewall("etc/fw.nft", folder);
    expect(firewall.files["/usr/share/fw/x.nft"]?.display).toBe("usr/share/fw/x.nft");
  });

  test("nft reads a pattern without a folder twice: so do we, and say so", async () => {
    const firewall = await load({ "fw.nft": chain('include "d/*.nft"'), "d/x.nft": "tcp dport 1 drop\n" });
    expect(rulesOf(firewall)).toEqual(["d/x.nft:1 tcp dport 1 drop", "d/x.nft:1 tcp dport 1 drop"]);
    expect(firewall.warnings).toMatchObject([{ code: "nft-include-twice" }]);
  });

  test("bytes that are not UTF-8 arrive as they are", async () => {
    const bytes = Buffer.concat([Buffer.from("# "), Buffer.from([0x93, 0xfa]), Buffer.from(`\n${chain("tcp dport 1 drop")}`)]);
    const firewall = await load({ "fw.nft": bytes });
    expect(firewall.files["/etc/fw.nft"]?.content).toEqual(bytes);
    expect(rulesOf(firewall)).toEqual(["fw.nft:5 tcp dport 1 drop"]);
  });

  test("two dumps of the same name do not overwrite each other", async () => {
    const v4 = "*filter\n-A INPUT -s 1.2.3.4 -j DROP\nCOMMIT\n";
    const v6 = "*filter\n-A INPUT -s 2001:db8::1 -j DROP\nCOMMIT\n";
    const firewall = await load({ "4/rules": v4, "6/rules": v6 }, ["4/rules", "6/rules"]);
    expect(firewall).toMatchObject({ kind: "iptables", main: "/etc/iptables/rules", main6: "/etc/ip6tables/rules", warnings: [] });
    expect(firewall.rules.map(({ family, file, line }) => `${family} ${file}:${line}`)).toEqual(["ip 4/rules:2", "ip6 6/rules:2"]);
  });

  test("one dump is IPv4 unless its content says IPv6, and the unfiltered family is a warning", async () => {
    expect(await loadFixture("docker-host")).toMatchObject({
      main: "/etc/iptables/rules.v4",
      warnings: [{ code: "one-family-only", params: { filtered: 4, open: 6 } }],
    });
    expect(await loadFixture("ipv6-dump")).toMatchObject({
      main6: "/etc/ip6tables/rules.v6",
      warnings: [{ code: "one-family-only", params: { filtered: 6, open: 4 } }],
    });
  });

  test("a ruleset without a chain filters nothing, and says so", async () => {
    expect((await load({ "fw.nft": "flush ruleset\n" })).warnings).toMatchObject([{ code: "no-chain", file: "fw.nft" }]);
  });
});

describe("what is read", () => {
  test("a flow table is not a chain (needs a kernel module that not every machine has)", async () => {
    const ruleset =
      "table inet fw {\n flowtable ft { hook ingress priority 0; devices = { eth0,\n eth1 }; }\n chain f {\n  type filter hook forward priority 0\n  flow add @ft\n }\n}\n";
    expect(rulesOf(await load({ "fw.nft": ruleset }))).toEqual(["fw.nft:6 flow add @ft"]);
  });

  test("a chain whose rules are named by handle has no lines, the others have", async () => {
    const ruleset = `${chain("tcp dport 1 drop")}delete rule inet filter input handle 2\ntable ip x { chain y { accept; }; }\n`;
    expect(rulesOf(await load({ "fw.nft": ruleset }))).toEqual(["fw.nft:8 accept"]);
  });
});

describe("what is refused", () => {
  test.each([
    [
      "an empty file",
      { "fw.nft": "" },
      { found: expect.stringContaining("no rules"), todo: expect.stringContaining("remove `firewall:`") },
    ],
    ["comments alone", { "fw.nft": "#!/usr/sbin/nft -f\n\n# later\n" }, { found: expect.stringContaining("no rules") }],
    ["a script", { "fw.sh": "#!/bin/sh\niptables -F\niptables -A INPUT -j DROP\n" }, { todo: expect.stringContaining("iptables-save") }],
    ["iptables -L", { "fw.txt": "Chain INPUT (policy DROP)\ntarget prot opt\n" }, { todo: expect.stringContaining("iptables-save") }],
    ["JSON", { "fw.json": '{"nftables": []}' }, { todo: expect.stringContaining("without -j") }],
    ["prose", { "fw.txt": "Dear firewall,\n" }, { expected: expect.stringContaining("nft ruleset") }],
    ["binary data", { "fw.bin": new Uint8Array([127, 69, 76, 70, 0, 1]) }, { found: "binary data" }],
  ])("%s", async (_, files, error) => {
    await expect(load(files)).rejects.toMatchObject({ name: "UserError", code: "firewall-file", ...error });
  });

  test("a missing file, a folder, a device", async () => {
    await expect(load({}, "none.nft")).rejects.toMatchObject({ code: "firewall-file", found: "no such file" });
    await expect(load({ "rules/fw.nft": "flush ruleset\n" }, "rules")).rejects.toMatchObject({
      found: "a folder",
      todo: expect.stringContaining("a copy of /etc/ufw"),
    });
    await expect(load({}, "/dev/null")).rejects.toMatchObject({ found: "a device" });
    await expect(load({ "fw.nft": "x" }, "fw.nft/x")).rejects.toMatchObject({ code: "firewall-file" });
  });

  test("an include that does not exist, at its place", async () => {
    await expect(load({ "fw.nft": chain('    include "/etc/d/none.nft"') })).rejects.toMatchObject({
      code: "firewall-include",
      place: { file: "fw.nft", line: 4, column: 5 },
      found: 'include "/etc/d/none.nft"',
      expected: expect.stringContaining("d/none.nft"),
    });
  });

  test("an included file that includes itself", async () => {
    await expect(load({ "fw.nft": 'include "./a.nft"\ntable ip t\n', "a.nft": 'include "./a.nft"\n' })).rejects.toMatchObject({
      code: "firewall-include",
      place: { file: "a.nft", line: 1 },
    });
  });

  test("one level more than nft takes; not many files at one level", async () => {
    const nested = (levels: number) =>
      Object.fromEntries(
        Array.from({ length: levels }, (_, at) => [`${at}.nft`, at < levels - 1 ? `include "./${at + 1}.nft"\n` : chain("")]),
      );
    await expect(load(nested(17))).rejects.toMatchObject({
      code: "firewall-include",
      place: { file: "15.nft", line: 1 },
      expected: "at most 16 levels, as nft allows",
    });
    expect((await load(nested(16))).files).toHaveProperty("/etc/15.nft");
    // Each of many files includes one more.
    const wide = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`d/${at}.nft`, 'include "./x.nft"\n']));
    const firewall = await load({ "fw.nft": chain('include "./d/*.nft"\n'), ...wide, "x.nft": "tcp dport 1 drop\n" });
    expect(rulesOf(firewall)).toEqual(Array.from({ length: 40 }, () => "x.nft:1 tcp dport 1 drop"));
  });

  test("files that each include the next one twice", async () => {
    const doubled = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`${at}.nft`, `include "./${at + 1}.nft"\n`.repeat(2)]));
    await expect(load({ ...doubled, "15.nft": "" })).rejects.toMatchObject({
      code: "firewall-include",
      message: "The firewall's files include too many files",
      expected: "at most 4096 files",
    });
  });

  test("dumps in the wrong order, or not dumps", async () => {
    const v4 = "*filter\n-A INPUT -s 1.2.3.4 -j DROP\nCOMMIT\n";
    const v6 = "*filter\n-A INPUT -s fe80::/10 -j DROP\nCOMMIT\n";
    await expect(load({ v4, v6 }, ["v6", "v4"])).rejects.toMatchObject({
      found: "-A INPUT -s fe80::/10 -j DROP",
      todo: "swap the two files",
    });
    await expect(load({ v4, "fw.nft": chain("") }, ["v4", "fw.nft"])).rejects.toMatchObject({
      found: expect.stringContaining("nft ruleset"),
    });
  });
});
