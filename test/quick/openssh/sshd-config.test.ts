import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatUserError } from "../../../harness/core/errors.ts";
import { lexConfigLine } from "../../../harness/openssh/config-lexer.ts";
import { locateSetting, settingsElsewhere } from "../../../harness/openssh/setting-source.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { readSshdMessage, sshdConfigError } from "../../../harness/openssh/sshd-messages.ts";
import { loadSshdConfig } from "../../../harness/policy/load-sshd-config.ts";
import { warningText } from "../../../harness/report/warnings.ts";
import { groupsNamedIn } from "../../../harness/ssh/server-files.ts";

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sshd-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const who = { user: "alice", addr: "203.0.113.7", laddr: "198.51.100.10", lport: 22, groups: ["alice", "staff"] };

test.each([
  ["GatewayPorts clientspecified", "gatewayports", ["clientspecified"], 28],
  ["  PermitListen=localhost:1  2 # note", "permitlisten", ["localhost:1", "2"], 29],
  ["AuthorizedKeysFile = %h/.ssh/a 'b c'\r", "authorizedkeysfile", ["%h/.ssh/a", "b c"], 36],
  ['Banner "/etc/ssh/a \\"b\\""', "banner", ['/etc/ssh/a "b"'], 25],
  ["Match User alice Address 10.0.0.0/8", "match", ["User", "alice", "Address", "10.0.0.0/8"], 35],
])("a line is split as sshd splits it: %s", (line, keyword, args, end) => {
  expect(lexConfigLine(line)).toEqual({ keyword, args, end });
});

test.each(["", "   ", "# GatewayPorts yes", "GatewayPorts", 'Banner "x', "GatewayPorts #x"])("a line without a setting: %j", (line) => {
  expect(lexConfigLine(line)).toBeUndefined();
});

test("a folder like /etc/ssh: Include relative and absolute, names in byte order, hidden ones left out", async () => {
  const folder = await folderOf({
    sshd_config:
      "Include sshd_config.d/*.conf\nInclude /etc/ssh/extra/[ab].conf\nPort 2222\nBanner /etc/ssh/banner\nHostKey /etc/ssh/my_key\n",
    "sshd_config.d/b.conf": "GatewayPorts yes\n",
    "sshd_config.d/B.conf": "GatewayPorts no\n",
    "sshd_config.d/.hidden.conf": "X11Forwarding yes\n",
    "sshd_config.d/README": "PermitTunnel yes\n",
    "extra/a.conf": "AllowTcpForwarding remote\n",
    "extra/c.conf": "AllowTcpForwarding no\n",
    banner: "hello\n",
    my_key: "secret\n",
    ssh_host_ed25519_key: "secret\n",
  });
  const config = await loadSshdConfig(folder, "etc/ssh");
  expect(config.lines.map(({ file, line, keyword, args }) => `${file}:${line} ${keyword} ${args.join(" ")}`)).toEqual([
    "etc/ssh/sshd_config.d/B.conf:1 gatewayports no",
    "etc/ssh/sshd_config.d/b.conf:1 gatewayports yes",
    "etc/ssh/extra/a.conf:1 allowtcpforwarding remote",
    "etc/ssh/sshd_config:3 port 2222",
    "etc/ssh/sshd_config:4 banner /etc/ssh/banner",
    "etc/ssh/sshd_config:5 hostkey /etc/ssh/my_key",
  ]);
  expect(Object.keys(config.files).sort()).toEqual([
    "/etc/ssh/banner",
    "/etc/ssh/extra/a.conf",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/B.conf",
    "/etc/ssh/sshd_config.d/b.conf",
  ]);
  expect(config.warnings.map((each) => warningText(each))).toEqual([
    "etc/ssh/sshd_config.d/.hidden.conf: no Include line reads this file; sshd ignores it",
  ]);
});

test("a single file includes what stands in its own folder; a pattern that matches nothing in a folder is a warning", async () => {
  const folder = await folderOf({
    "my.conf": "Include /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config.d/*.local\n",
    "sshd_config.d/x.conf": "Port 1\n",
  });
  const config = await loadSshdConfig(join(folder, "my.conf"), "conf/my.conf");
  expect(config.lines.map(({ file }) => file)).toEqual(["conf/sshd_config.d/x.conf"]);
  expect(config.displayOf["/etc/ssh/sshd_config"]).toBe("conf/my.conf");
  expect(config.warnings.map((each) => warningText(each))).toEqual([
    "conf/my.conf:1: Include /etc/ssh/sshd_config.d/*.local matches no file in conf/my.conf; sshd continues without it",
  ]);
});

test.each([
  ["a file elsewhere", "Include /opt/more.conf", "/opt/more.conf"],
  ["a pattern elsewhere", "Include /opt/company/*.conf", "/opt/company/*.conf"],
  ["a pattern above /etc/ssh", "Include /etc/*/more.conf", "/etc/*/more.conf"],
])("an Include of %s is an error at its line: what sshd reads there is not known", async (_, line, found) => {
  const folder = await folderOf({ sshd_config: `Port 22\n${line}\n` });
  await expect(loadSshdConfig(folder, "ssh")).rejects.toMatchObject({
    code: "sshd-include",
    place: { file: "ssh/sshd_config", line: 2 },
    found,
  });
});

test("a single file whose drop-ins are not beside it is an error; in a folder the same line is a warning", async () => {
  const folder = await folderOf({ sshd_config: "Include /etc/ssh/sshd_config.d/*.conf\n" });
  await expect(loadSshdConfig(join(folder, "sshd_config"), "sshd_config")).rejects.toMatchObject({
    code: "sshd-include",
    place: { file: "sshd_config", line: 1 },
  });
  expect((await loadSshdConfig(folder, "ssh")).warnings).toMatchObject([{ code: "sshd-include-matches-nothing" }]);
});

test("crypto-policies set algorithms only: left out, with a warning", async () => {
  const folder = await folderOf({ sshd_config: "Include /etc/crypto-policies/back-ends/opensshserver.config\nGatewayPorts yes\n" });
  const config = await loadSshdConfig(folder, "ssh");
  expect(config.lines.map(({ keyword }) => keyword)).toEqual(["gatewayports"]);
  expect(config.warnings.map((each) => warningText(each))).toEqual([
    expect.stringMatching(/^ssh\/sshd_config:1: .*only set cryptographic algorithms/),
  ]);
});

test("keywords to ignore are commented out where they stand, and that is said", async () => {
  const folder = await folderOf({ sshd_config: "Port 22\n  UseBlacklist yes\nGatewayPorts yes\n" });
  const config = await loadSshdConfig(folder, "ssh", { ignoredKeywords: ["useblacklist"] });
  expect(new TextDecoder().decode(config.files["/etc/ssh/sshd_config"])).toBe("Port 22\n#  UseBlacklist yes\nGatewayPorts yes\n");
  expect(config.lines.map(({ keyword, line }) => [keyword, line])).toEqual([
    ["port", 1],
    ["gatewayports", 3],
  ]);
  expect(config.adaptations).toEqual([{ code: "keyword-commented-out", params: { place: "ssh/sshd_config:2", keyword: "useblacklist" } }]);
});

test("what cannot be read is told by its name", async () => {
  await expect(loadSshdConfig("/nonexistent/x", "etc/ssh")).rejects.toMatchObject({ code: "sshd-config", place: { file: "etc/ssh" } });
  const folder = await folderOf({ "sshd_config.d/x.conf": "" });
  await expect(loadSshdConfig(folder, "etc/ssh")).rejects.toMatchObject({ code: "sshd-config", place: { file: "etc/ssh/sshd_config" } });
});

test("a Match in an included file ends with that file; an Include inside a Match is conditional", async () => {
  const folder = await folderOf({
    sshd_config: "Include a.conf\nGatewayPorts no\nMatch User bob\nInclude b.conf\nPermitOpen none\n",
    "a.conf": "Match Group staff\nGatewayPorts yes\n",
    "b.conf": "GatewayPorts clientspecified\n",
  });
  const config = await loadSshdConfig(folder, "ssh");
  expect(
    config.lines
      .filter(({ keyword }) => keyword !== "match")
      .map(({ file, line, match }) => [file, line, match.map(({ criteria }) => criteria)]),
  ).toEqual([
    ["ssh/a.conf", 2, [["Group", "staff"]]],
    ["ssh/sshd_config", 2, []],
    ["ssh/b.conf", 1, [["User", "bob"]]],
    ["ssh/sshd_config", 5, [["User", "bob"]]],
  ]);
  expect(locateSetting(config, "GatewayPorts", "yes", who)).toMatchObject({ file: "ssh/a.conf", line: 2 });
  expect(locateSetting(config, "gatewayports", "no", { ...who, groups: ["x"] })).toMatchObject({ file: "ssh/sshd_config", line: 2 });
  expect(locateSetting(config, "gatewayports", "clientspecified", { ...who, user: "bob", groups: ["bob"] })).toMatchObject({
    file: "ssh/b.conf",
  });
});

test("the first value wins, whatever comes later", async () => {
  const config = await sshdConfigFromText("GatewayPorts no\nGatewayPorts yes\nGatewayPorts no\n");
  const ignored = [{ value: "yes", file: "sshd_config", line: 2 }];
  expect(locateSetting(config, "gatewayports", "no", who)).toEqual({
    keyword: "gatewayports",
    value: "no",
    file: "sshd_config",
    line: 1,
    ignored,
  });
});

test("sshd's default, and the lab's own addition, have no line", async () => {
  const config = await sshdConfigFromText("AuthenticationMethods publickey,password\n");
  expect(locateSetting(config, "authenticationmethods", "publickey", who)).toEqual({
    keyword: "authenticationmethods",
    value: "publickey",
  });
  expect(locateSetting(config, "permitlisten", "any", who)).toEqual({ keyword: "permitlisten", value: "any" });
});

test("sshd prints its own spelling of what people write", async () => {
  const config = await sshdConfigFromText(
    "AllowTcpForwarding all\nPermitListen 8080 localhost:9\nPermitRootLogin without-password\nAllowUsers x alice\nUnusedConnectionTimeout 1m30s\nClientAliveInterval 5m\n",
  );
  expect(locateSetting(config, "AllowTcpForwarding", "yes", who).line).toBe(1);
  expect(locateSetting(config, "PermitListen", "*:8080 localhost:9", who).line).toBe(2);
  expect(locateSetting(config, "PermitRootLogin", "prohibit-password", who).line).toBe(3);
  expect(locateSetting(config, "AllowUsers", "x alice", who).line).toBe(4);
  expect(locateSetting(config, "UnusedConnectionTimeout", "90", who).line).toBe(5);
  expect(locateSetting(config, "ClientAliveInterval", "300", who).line).toBe(6);
  expect(locateSetting(config, "ClientAliveInterval", "30", who).line).toBeUndefined();
});

test.each([
  ["User alice", "yes"],
  ["User !bob,al*", "yes"],
  ["User *,!alice", "no"],
  ["Group staff User alice", "yes"],
  ["Group !staff,*", "no"],
  ["Address 203.0.113.0/24", "yes"],
  ["Address 203.0.113.*", "yes"],
  ["Address !203.0.113.7,203.0.113.0/24", "no"],
  ["Address 2001:db8::/32", "no"],
  ["LocalAddress 198.51.100.10 LocalPort 22", "yes"],
  ["LocalPort 2222", "no"],
  ["user=alice", "yes"],
  ["all", "yes"],
  ["invalid-user", "no"],
  ["User alice RDomain mgmt", "no"],
])("Match %s decides which line counts", async (criteria, value) => {
  const config = await sshdConfigFromText(`GatewayPorts no\nMatch ${criteria}\n  GatewayPorts yes\n`);
  expect(locateSetting(config, "gatewayports", value, who).line).toBe(value === "yes" ? 3 : 1);
});

test("of two Match blocks that hold the first one's line counts", async () => {
  const config = await sshdConfigFromText("Match User alice\nGatewayPorts yes\nMatch Group staff\nGatewayPorts yes\n");
  expect(locateSetting(config, "gatewayports", "yes", who).line).toBe(2);
});

test("a Match that cannot be decided here counts when its value is the effective one", async () => {
  const config = await sshdConfigFromText("GatewayPorts no\nMatch Host *.example.net\nGatewayPorts yes\n");
  expect(locateSetting(config, "gatewayports", "yes", who).line).toBe(3);
  expect(locateSetting(config, "gatewayports", "no", who).line).toBe(1);
});

test("groups that the config names are found, patterns are not", async () => {
  const config = await sshdConfigFromText(
    "AllowGroups staff ssh-* wheel\nMatch Group=tunnel,!bad\nGatewayPorts yes\nMatch group ops\nPermitOpen none\n",
  );
  expect(groupsNamedIn(config)).toEqual(["staff", "wheel", "tunnel", "ops"]);
});

test("sshd's complaint is told in the user's file", async () => {
  const folder = await folderOf({ sshd_config: "Include sshd_config.d/*.conf\n", "sshd_config.d/50.conf": "# x\n\nGatewayPorts maybe\n" });
  const config = await loadSshdConfig(folder, "etc/ssh");
  const error = sshdConfigError(config, '/etc/ssh/sshd_config.d/50.conf line 3: unsupported option "maybe".\r\n');
  expect(formatUserError(error)).toBe(
    [
      'error[sshd-config]: sshd refuses the config: unsupported option "maybe".',
      "  at        etc/ssh/sshd_config.d/50.conf:3",
      "  to do     correct the line; `sshd -t` on the server reports the same",
      '  | etc/ssh/sshd_config.d/50.conf line 3: unsupported option "maybe".',
    ].join("\n"),
  );
});

test.each([
  [
    "/etc/ssh/sshd_config: line 2: Bad configuration option: Foo\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\n",
    2,
    /: Bad configuration option: Foo$/,
  ],
  [
    "Unsupported Match attribute Foo\n/etc/ssh/sshd_config line 3: Bad Match condition\n",
    3,
    /Bad Match condition: Unsupported Match attribute Foo$/,
  ],
  [
    "/etc/ssh/sshd_config line 1: Deprecated option RSAAuthentication\n/etc/ssh/sshd_config line 4: missing argument.\n",
    4,
    /missing argument/,
  ],
  ["Invalid Match address argument '10.0.0.1/8' at line 3\n", 3, /10\.0\.0\.1/],
  ["AuthenticationMethods cannot be satisfied by enabled authentication methods\n", 1, /cannot be satisfied/],
])("sshd's other ways to complain: %j", async (stderr, line, message) => {
  const config = await sshdConfigFromText("AuthenticationMethods publickey\nFoo bar\nMatch Address 10.0.0.1/8\nPort\n");
  const error = sshdConfigError(config, stderr);
  expect(error.place).toEqual({ file: "sshd_config", line });
  expect(error.message).toMatch(message);
});

test("a deprecated option is a message with a place too", async () => {
  const config = await sshdConfigFromText("UsePrivilegeSeparation yes\n", "my/sshd_config");
  expect(readSshdMessage(config, "/etc/ssh/sshd_config line 1: Deprecated option UsePrivilegeSeparation\r")).toEqual({
    text: "Deprecated option UsePrivilegeSeparation",
    place: { file: "my/sshd_config", line: 1 },
  });
});

test("a line in a Match that does not hold is found, with the Match line it belongs to", async () => {
  const config = await sshdConfigFromText(
    "AllowTcpForwarding no\nMatch User bob\n GatewayPorts yes\nMatch Group administrators\n X11Forwarding no\nAllowTcpForwarding yes\n",
  );
  const groups = (names: string[]) => ({ ...who, groups: names });
  const sources = [
    { keyword: "allowtcpforwarding", value: "no", file: "sshd_config", line: 1 },
    { keyword: "gatewayports", value: "no" },
  ];
  expect(settingsElsewhere(config, sources, groups(["staff"]))).toEqual([
    {
      keyword: "gatewayports",
      value: "yes",
      file: "sshd_config",
      line: 3,
      match: { file: "sshd_config", line: 2, text: "Match User bob" },
    },
    {
      keyword: "allowtcpforwarding",
      value: "yes",
      file: "sshd_config",
      line: 6,
      match: { file: "sshd_config", line: 4, text: "Match Group administrators" },
    },
  ]);
  expect(settingsElsewhere(config, sources.slice(0, 1), groups(["administrators"]))).toEqual([]);
});

test("lines that come too late are named, those that were never meant to count are not", async () => {
  const text = `PermitListen 8080
PermitListen 43234
PermitListen *:8080
GatewayPorts yes
StreamLocalBindMask 0177
StreamLocalBindMask 0111
Match User alice
  GatewayPorts no
  GatewayPorts clientspecified
Match User bob
  GatewayPorts clientspecified
`;
  const config = await sshdConfigFromText(text);
  expect(locateSetting(config, "permitlisten", "*:8080", who).ignored).toEqual([{ value: "43234", file: "sshd_config", line: 2 }]);
  expect(locateSetting(config, "gatewayports", "no", { ...who, user: "alice" }).ignored).toEqual([
    { value: "clientspecified", file: "sshd_config", line: 9 },
  ]);
  // A Match goes before the global lines, another's does not hold, and of the mask the last line wins.
  expect(locateSetting(config, "gatewayports", "clientspecified", { ...who, user: "bob" })).not.toHaveProperty("ignored");
  expect(locateSetting(config, "gatewayports", "yes", { ...who, user: "carol" })).not.toHaveProperty("ignored");
  expect(locateSetting(config, "streamlocalbindmask", "0111", who)).not.toHaveProperty("ignored");
});

test("PermitOpen and PermitListen inside a Match name its line", async () => {
  const config = await sshdConfigFromText("PermitOpen any\nMatch User alice\n PermitOpen db:5432 [2001:db8::5]:80\n PermitListen 8080\n");
  const alice = { ...who, user: "alice" };
  expect(locateSetting(config, "permitopen", "db:5432 [2001:db8::5]:80", alice)).toMatchObject({ line: 3 });
  expect(locateSetting(config, "permitlisten", "*:8080", alice)).toMatchObject({ line: 4 });
  expect(locateSetting(config, "permitopen", "any", { ...who, user: "bob" })).toMatchObject({ line: 1 });
});
