/** What sshd refuses in a config, told without it. `test/lab/sshd-keywords.test.ts` asks sshd the same. */

import { describe, expect, test } from "vitest";
import { singleFile } from "../../../harness/openssh/file-tree.ts";
import { configFaults, distributionNotes, requireAcceptable } from "../../../harness/openssh/sshd-check.ts";
import { readSshdConfig, sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { settingText, spell, sshdKeywords } from "../../../harness/openssh/sshd-keywords.ts";
import { sshdConfigError } from "../../../harness/openssh/sshd-messages.ts";
import { warningText } from "../../../harness/report/warnings.ts";

const faults = async (text: string, version?: { major: number; minor: number }) =>
  configFaults(await sshdConfigFromText(text), version).map(({ line, text: fault }) => `${line}: ${fault}`);

describe("values of the settings that decide about forwards", () => {
  test.each([
    ["GatewayPorts clientspecified", true],
    ["GatewayPorts YES", true],
    ["GatewayPorts true", false],
    ["AllowTcpForwarding all", true],
    ["AllowTcpForwarding maybe", false],
    ["AllowTcpForwarding yes # both", true],
    ["AllowTcpForwarding yes no", false],
    ["PermitListen 8080 localhost:9090 [::1]:*", true],
    ["PermitListen http", true],
    ["PermitListen 0", false],
    ["PermitListen localhost:0", false],
    ["PermitListen any", true],
    ["PermitListen 80 none", false],
    ["PermitOpen localhost:80 *:*", true],
    ["PermitOpen localhost", false],
    ["PermitOpen 80", false],
    ["StreamLocalBindMask 0177", true],
    ["StreamLocalBindMask 0188", true],
    ["StreamLocalBindMask 1000", false],
    ["StreamLocalBindMask x", false],
    ["Port 22", true],
    ["Port 0", false],
    ["AddressFamily inet4", false],
    ["Match all", true],
    ["Match User alice Address 192.0.2.0/24", true],
    ["Match all x", false],
    ["Match User alice all", false],
    ["Match Users alice", false],
    ["Match User", false],
    ["Match", false],
  ])("%s", async (line, accepted) => {
    expect(await faults(`${line}\n`)).toHaveLength(accepted ? 0 : 1);
  });
});

test("a Match block takes only some keywords; Match all takes any", async () => {
  expect(await faults("Match User bob\n GatewayPorts yes\n UsePAM no\n")).toEqual([
    "3: Directive 'UsePAM' is not allowed within a Match block",
  ]);
  expect(await faults("Match all\n UsePAM no\n")).toEqual([]);
  expect(await faults("Match User bob\n Subsystem sftp internal-sftp\n", { major: 9, minor: 2 })).toHaveLength(1);
  expect(await faults("Match User bob\n Subsystem sftp internal-sftp\n", { major: 10, minor: 0 })).toEqual([]);
});

test("keywords by version", async () => {
  expect(await faults("ChannelTimeout *=5m\n", { major: 8, minor: 4 })).toEqual([
    "1: Bad configuration option: channeltimeout (OpenSSH knows ChannelTimeout from 9.2 on)",
  ]);
  expect(await faults("ChannelTimeout *=5m\n", { major: 9, minor: 2 })).toEqual([]);
  expect(await faults("NoSuchKeyword yes\nUseLogin no\n")).toEqual(["1: Bad configuration option: nosuchkeyword"]);
});

test("a keyword of some distribution alone is a note, as the server may know it", async () => {
  const config = await sshdConfigFromText("UseBlocklist yes\n");
  expect(configFaults(config)).toEqual([]);
  expect(distributionNotes(config).map((each) => warningText(each))).toEqual([
    "sshd_config:1: only the sshd of FreeBSD and NetBSD supports UseBlocklist; any other rejects it",
  ]);
});

test("lines that sshd cannot take apart", async () => {
  expect(await faults('GatewayPorts\nBanner "x\n# comment\n\n')).toEqual([
    '1: no argument after keyword "GatewayPorts"',
    "2: invalid quotes",
  ]);
});

test("an encoding that sshd does not read: the first line is refused, and how to save the file is told", async () => {
  const text = "# a comment\nGatewayPorts no\n";
  const configOf = (content: string, encoding: BufferEncoding = "utf8") =>
    readSshdConfig(singleFile("/etc/ssh/sshd_config", Buffer.from(content, encoding), "sshd_config"), { display: "sshd_config" });
  const marked = await configOf(`\uFEFF${text}`);
  expect(() => requireAcceptable(marked)).toThrow(
    expect.objectContaining({
      place: { file: "sshd_config", line: 1 },
      todo: expect.stringContaining("without a byte order mark"),
      fault: { code: "sshd-refuses", params: { said: "Bad configuration option: \uFEFF#", encoding: "byte-order-mark" } },
    }),
  );
  const wide = await configOf(`\uFEFF${text}`, "utf16le");
  const said = '/etc/ssh/sshd_config line 1: no argument after keyword "\\377\\376#"\n';
  expect(sshdConfigError(wide, said).todo).toMatch(/^save the file as UTF-8: it is UTF-16; /);
  const plain = await configOf(text);
  expect(() => requireAcceptable(plain)).not.toThrow();
  expect(sshdConfigError(plain, "/etc/ssh/sshd_config: line 1: Bad configuration option: x\n").todo).toMatch(/^correct the line; /);
});

test("spelling", () => {
  expect(spell("permitlisten")).toBe("PermitListen");
  expect(spell("useblocklist")).toBe("UseBlocklist");
  expect(settingText({ keyword: "gatewayports", value: "no" })).toBe("GatewayPorts no");
  expect(settingText({ keyword: "permitlisten", value: 'permitlisten="80"', keyOption: true })).toBe('permitlisten="80"');
  for (const [key, { name }] of sshdKeywords) expect(name.toLowerCase()).toBe(key);
});

describe("a keyword that this sshd does not know", () => {
  const refusal = async (keyword: string) =>
    sshdConfigError(
      await sshdConfigFromText(`${keyword} yes\n`),
      `/etc/ssh/sshd_config: line 1: Bad configuration option: ${keyword}\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\n`,
    );

  test.each([
    ["UseBlocklist", "the sshd of FreeBSD and NetBSD"],
    ["RefuseConnection", "OpenSSH 9.9 or newer"],
  ])("%s: another one does", async (keyword, knows) => {
    expect(await refusal(keyword)).toMatchObject({
      code: "sshd-config",
      place: { file: "sshd_config", line: 1 },
      expected: expect.stringContaining(knows),
      todo: expect.stringContaining("ignore_unknown"),
    });
  });

  test("all that another one may know are told at once", async () => {
    const config = await sshdConfigFromText("UseBlacklist no\nHPNDisabled no\nNoSuchThing 1\nDebianBaner no\n");
    const bad = ["UseBlacklist", "HPNDisabled", "NoSuchThing"].map(
      (each, at) => `/etc/ssh/sshd_config: line ${at + 1}: Bad configuration option: ${each}\n`,
    );
    const { todo, fault } = sshdConfigError(config, `${bad.join("")}/etc/ssh/sshd_config: terminating, 3 bad configuration options\n`);
    expect(todo).toContain("list UseBlacklist and HPNDisabled under `ignore_unknown:` of the server if they have nothing");
    expect(fault).toMatchObject({ params: { keywords: ["UseBlacklist", "HPNDisabled"] } });
    expect(sshdConfigError(config, bad[0] as string).todo).toContain("list UseBlacklist under");
  });

  test.each(["SSH2 mac spec", "SSH2 cipher spec", "SSH2 KexAlgorithms", "key types"])("nor all algorithms (%s)", async (what) => {
    const config = await sshdConfigFromText("Port 22\nmacs hmac-ripemd160\n");
    expect(sshdConfigError(config, `/etc/ssh/sshd_config line 2: Bad ${what} 'hmac-ripemd160'.\n`)).toMatchObject({
      place: { file: "sshd_config", line: 2 },
      todo: expect.stringContaining("list MACs under `ignore_unknown:`"),
    });
    expect(sshdConfigError(config, "/etc/ssh/sshd_config line 1: Badly formatted port number.\n").todo).toContain("correct the line");
  });

  test("one that none knows is a mistake", async () => {
    expect((await refusal("GatewayPort")).todo).toContain("correct the line");
  });
});
