import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatPlace, formatUserError } from "../../../harness/core/errors.ts";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { mapToolError } from "../../../harness/firewall/tool-error.ts";
import { broken, sourceOf } from "./broken.ts";
import complaints from "./complaints.json" with { type: "json" };
import { writeFiles } from "./write-files.ts";

async function errorOf(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "broken-"));
  const files = broken[name] ?? {};
  // Below a folder, so that no path is the same in the lab and for the user.
  writeFiles(join(folder, "site"), files);
  const source = sourceOf(files);
  const below = (path = "") => `site/${path}`;
  const paths = source.slice(1).length > 0 && typeof source !== "string" ? ([below(source[0]), below(source[1])] as const) : undefined;
  const firewall = await loadFirewall(typeof source === "string" ? below(source) : (paths ?? [below(source[0])]), folder);
  rmSync(folder, { recursive: true });
  return mapToolError((complaints as Record<string, string>)[name] ?? "", firewall);
}

test.each([
  ["unknown word", "site/nftables.conf:3:23", "syntax error, unexpected newline"],
  ["in an included file", "site/d/a.nft:2:5", "syntax error, unexpected string"],
  ["in a file included twice over", "site/d/b.nft:2:7", "syntax error, unexpected newline"],
  ["missing chain", "site/nftables.conf:3:10", "No such file or directory: `"],
  ["unclosed", "site/nftables.conf:2:1", "unexpected end of file"],
  ["made by iptables", "site/nftables.conf:3:5", "unsupported xtables compat expression"],
  ["CRLF", "site/nftables.conf:1:13", "CRLF"],
  ["option", "site/rules.v4:3", 'unknown option "--dprt"'],
  ["target", "site/rules.v4:4", "Chain 'NOWHERE' does not exist"],
  ["chain", "site/rules.v4:3", "No chain/target/match by that name"],
  ["refused by the kernel", "site/rules.v4:4", "RULE_APPEND failed (Numerical result out of range): rule in chain INPUT"],
  ["no commit", "site/rules.v4:4", "COMMIT expected"],
  ["table", "site/rules.v4:1", "table name 'fitler' invalid"],
  ["second of two", "site/rules.v6:3", 'unknown option "--dprt"'],
])("%s: what the real tool said, at the user's own line", async (name, place, message) => {
  const error = await errorOf(name);
  expect(error.code).toBe("firewall-load");
  expect(error.place && formatPlace(error.place)).toBe(place);
  expect(error.message).toContain(message);
  expect(error.todo).toBeTruthy();
  expect(formatUserError(error)).not.toMatch(/\/etc\/|\.\/d\//);
});

test("the tool's excerpt and the way through the includes are kept, about the user's paths", async () => {
  expect((await errorOf("in a file included twice over")).log).toBe(
    [
      "In file included from site/d/a.nft:1:3-20:",
      "                 from site/nftables.conf:3:5-24:",
      "site/d/b.nft:2:7-7: Error: syntax error, unexpected newline",
      "accpet",
      "      ^",
    ].join("\n"),
  );
});

test("a dump with CRLF is told as one, and the control as what its tool said", async () => {
  const complaint = "iptables-nft-restore v1.8.11 (nf_tables): \nline 1 table name 'filter\r' invalid\n";
  const told = async (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "broken-"));
    writeFiles(folder, { "rules.v4": text });
    const firewall = await loadFirewall(["rules.v4"], folder);
    rmSync(folder, { recursive: true });
    return mapToolError(complaint, firewall);
  };
  const dump = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
  const { message, todo } = await told(dump.replaceAll("\n", "\r\n"));
  expect(message).toContain("CRLF");
  expect(todo).toContain("iptables-restore on the server rejects CRLF");
  expect((await told(dump)).message).not.toContain("CRLF");
});

test("a last line without its end is told as one, and the control as what its tool said", () => {
  const told = (content: string) =>
    mapToolError("/etc/f.nft:2:24-24: Error: syntax error, unexpected end of file, expecting newline or semicolon\n", {
      ...{ kind: "nft", main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: { "/etc/f.nft": { content, display: "f.nft" } },
    }).todo;
  expect(told('table ip t { }\ninclude "/etc/f.d/*.nft"')).toContain("end the last line with a newline");
  expect(told('table ip t { }\ninclude "/etc/f.d/*.nft"\n')).toContain("nft -c -f FILE");
});

test("a template is told as one wherever it misleads the tool, and the control as what its tool said", () => {
  const told = (first: string) =>
    mapToolError("/etc/f.nft:3:1-1: Error: syntax error, unexpected '}'\n", {
      ...{ kind: "nft", main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: { "/etc/f.nft": { content: `table ip t {\n${first}\n}\n`, display: "f.nft" } },
    }).todo;
  expect(told("tcp dport {{ ssh_port }} accept")).toContain("fill in the template");
  expect(told("ip saddr ${OFFICE} accept")).toContain("fill in the template");
  expect(told("ip saddr $OFFICE accept")).toContain("nft -c -f FILE");
  expect(told("# tcp dport {{ ssh_port }} accept")).toContain("nft -c -f FILE");
});

test("an unknown service is no module that the kernel lacks; a rule that the kernel refuses may be", () => {
  const told = (message: string, rule: string) =>
    mapToolError(`/etc/f.nft:1:1-9: Error: ${message}\n${rule}\n^^^^^^^^^\n`, {
      ...{ kind: "nft", main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: { "/etc/f.nft": { content: `${rule}\n`, display: "f.nft" } },
    });
  const service = "Could not resolve service: Servname not supported for ai_socktype";
  const refused = "Could not process rule: Operation not supported";
  expect(told(service, "th dport 53 dnat to nowhere")).toMatchObject({ code: "firewall-load", todo: expect.stringContaining("nft -c -f") });
  expect(told(refused, "th dport 53 dnat to 192.0.2.1")).toMatchObject({
    code: "firewall-needs",
    todo: expect.stringContaining("nft_nat"),
  });
  expect(told(refused, "meta obrname br0 drop")).toMatchObject({
    code: "firewall-needs",
    todo: expect.stringContaining("nft_meta_bridge"),
  });
  expect(told(refused, "tcp dport 53 drop")).toMatchObject({ code: "firewall-load", todo: expect.stringContaining("kernel may lack") });
  const missing = (before: string, name: string, after: string) =>
    mapToolError(
      `/etc/f.nft:1:1-3: Error: Could not process rule: No such file or directory\n${before}${name}${after}\n${" ".repeat(before.length)}${"^".repeat(name.length)}\n`,
      {
        ...{ kind: "nft", main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
        files: { "/etc/f.nft": { content: `${before}${name}${after}\n`, display: "f.nft" } },
      },
    );
  expect(missing("add rule inet ", "nat", " post snat ip to 192.0.2.1")).toMatchObject({
    code: "firewall-load",
    message: expect.stringContaining("`nat`"),
  });
  expect(missing("add rule inet nat ", "post", " snat ip to 192.0.2.1")).toMatchObject({ code: "firewall-load" });
  expect(missing("add rule inet nat post ", "snat ip to 192.0.2.1", "")).toMatchObject({
    code: "firewall-needs",
    todo: expect.stringContaining("nft_nat"),
  });
});

test.each([
  ["control group", "site/nftables.conf:3:29"],
  ["control group of a dump", "site/rules.v4:3"],
])("%s: the path is named, and where to state it", async (name, place) => {
  const error = await errorOf(name);
  expect(error).toMatchObject({
    code: "firewall-needs",
    todo: expect.stringMatching(/server\.cgroups.* none of them runs in \/nobodys\.slice/),
  });
  expect(formatPlace(error.place as never)).toBe(place);
});

test("a target that iptables does not have is told as one, and any other chain that is missing as a chain", () => {
  const told = (name: string) =>
    mapToolError(`iptables-nft-restore v1.8.11 (nf_tables): Chain '${name}' does not exist\nError occurred at line: 4\n`, {
      ...{ kind: "iptables", main: "/etc/rules.v4", warnings: [], rules: [], objects: [] },
      files: { "/etc/rules.v4": { content: `*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ${name}\nCOMMIT\n`, display: "rules.v4" } },
    });
  expect(told("TARPIT")).toMatchObject({
    code: "firewall-needs",
    place: { file: "rules.v4", line: 3 },
    message: expect.stringContaining("iptables has no target `TARPIT` here"),
    todo: expect.stringContaining("xtables-addons"),
  });
  expect(told("TARPITS")).toMatchObject({ code: "firewall-load", place: { file: "rules.v4", line: 3 } });
});

describe("names that the lab lacks are told all at once:", () => {
  const dump = (...rules: string[]) => ({
    ...{ kind: "iptables" as const, main: "/etc/rules.v4", warnings: [], rules: [], objects: [] },
    files: { "/etc/rules.v4": { content: `*filter\n${rules.join("\n")}\nCOMMIT\n`, display: "rules.v4" } },
  });
  const known = { account: new Set(["root", "tunnel"]), set: new Set(["office"]) };

  test("sets", () => {
    const files = dump(
      "-A INPUT -m set --match-set f2b-sshd src -j DROP",
      "-A INPUT -m set --match-set office src -j ACCEPT",
      "# -A INPUT -m set --match-set old src -j DROP",
      "-A INPUT -j SET --add-set seen src",
    );
    const error = mapToolError(
      "iptables-nft-restore v1.8.11 (nf_tables): Set f2b-sshd doesn't exist.\n\nError occurred at line: 2\n",
      files,
      known,
    );
    expect(error).toMatchObject({ code: "firewall-needs", todo: expect.stringMatching(/ipset save.*; the same goes for seen$/) });
    expect(error.fault).toMatchObject({ params: { name: "f2b-sshd", also: ["seen"] } });
  });

  test("accounts and groups, of dumps and of nft", () => {
    const files = dump(
      "-A OUTPUT -m owner --uid-owner web -j ACCEPT",
      "-A OUTPUT -m owner --uid-owner 0 -j ACCEPT",
      "-A OUTPUT -m owner --gid-owner mail -j DROP",
    );
    const said = 'iptables-nft-restore v1.8.11 (nf_tables): owner: Bad value for "--uid-owner" option: "web"\nError occurred at line: 2\n';
    expect(mapToolError(said, files, known).fault).toMatchObject({ params: { lacks: "account", also: ["mail"] } });
    const nft = {
      ...{ kind: "nft" as const, main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: { "/etc/f.nft": { content: 'meta skuid web drop\nmeta skuid != tunnel drop\nskgid "mail" accept\n', display: "f.nft" } },
    };
    const complaint = "/etc/f.nft:1:12-14: Error: User does not exist\nmeta skuid web drop\n           ^^^\n";
    expect(mapToolError(complaint, nft, known)).toMatchObject({ todo: expect.stringMatching(/; the same goes for mail$/) });
  });

  test("host names, of dumps and of nft; addresses are none", () => {
    const files = dump(
      "-A INPUT ! -s boot.example.org -p tcp --dport 22 -j REJECT",
      "-A OUTPUT -d 198.51.100.20,lib.example.org,gate -j RETURN",
      "-A OUTPUT -s 2001:db8::ab/64 -j RETURN",
    );
    const said = "iptables-nft-restore v1.8.11 (nf_tables): host/network `boot.example.org' not found\nError occurred at line: 2\n";
    const error = mapToolError(said, files, { "host-name": new Set(["gate"]) });
    expect(error.fault).toMatchObject({ params: { lacks: "host-name", also: ["lib.example.org"] } });
    const nft = {
      ...{ kind: "nft" as const, main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: {
        "/etc/f.nft": { content: "ip saddr a.example accept\nip6 daddr != b.example drop\nip saddr and 1 drop\n", display: "f.nft" },
      },
    };
    const complaint =
      "/etc/f.nft:1:10-18: Error: Could not resolve hostname: Name or service not known\nip saddr a.example accept\n         ^^^^^^^^^\n";
    expect(mapToolError(complaint, nft, { "host-name": new Set() }).todo).toMatch(/; the same goes for b\.example$/);
  });

  test("interfaces that nft looks up", () => {
    const content = 'iif lo accept\niif "docker0" accept\noif { "eth0", wg0 } accept\niifname "br-lan" accept\n';
    const nft = {
      ...{ kind: "nft" as const, main: "/etc/f.nft", warnings: [], rules: [], objects: [] },
      files: { "/etc/f.nft": { content, display: "f.nft" } },
    };
    const complaint = '/etc/f.nft:2:5-13: Error: Interface does not exist\niif "docker0" accept\n    ^^^^^^^^^\n';
    const error = mapToolError(complaint, nft, { interface: new Set(["lo", "eth0"]) });
    expect(error.message).toBe("The firewall does not load: the lab's server has no interface docker0");
    expect(error.todo).toMatch(/\{ interface: docker0, … \}\]`\); the same goes for wg0$/);
  });

  test("the control: one alone, and what is not known", () => {
    const files = dump("-A INPUT -m set --match-set f2b-sshd src -j DROP", "-A INPUT -m set --match-set office src -j DROP");
    const stderr = "iptables-nft-restore v1.8.11 (nf_tables): Set f2b-sshd doesn't exist.\n\nError occurred at line: 2\n";
    expect(mapToolError(stderr, files, known).todo).not.toContain("the same goes");
    expect(mapToolError(stderr, files).todo).not.toContain("the same goes");
  });
});

test("rules made by iptables, as nft lists them itself", () => {
  const firewall = { kind: "nft" as const, main: "/etc/nft.dump", files: {}, warnings: [], rules: [], objects: [] };
  const stderr =
    "/etc/nft.dump:3:9-22: Error: unsupported xtables compat expression, use iptables-nft with this ruleset\n  xt match icmp6 accept\n";
  expect(mapToolError(stderr, firewall).todo).toContain("iptables-save");
});

test("what nft says of each of many rules is shown of the first ones, and counted", () => {
  const firewall = { kind: "nft" as const, main: "/etc/nft.dump", files: {}, warnings: [], rules: [], objects: [] };
  const alike = (line: number) => `/etc/nft.dump:${line}:3-4: Error: syntax error\n  xt\n  ^^`;
  const other = "/etc/nft.dump:9:3-4: Error: no such chain\n  ab\n  ^^";
  const log = (...blocks: string[]) => mapToolError(`${blocks.join("\n")}\n`, firewall).log;
  expect(log(alike(1), alike(2), alike(3), other, alike(4), alike(5))).toBe(
    [alike(1), alike(2), alike(3), other, "2 × Error: syntax error"].join("\n"),
  );
  expect(log(alike(1), alike(2), alike(3))).toBe([alike(1), alike(2), alike(3)].join("\n"));
});

test("rules made by iptables: what to give instead", async () => {
  expect((await errorOf("made by iptables")).todo).toContain("iptables-save");
});

test("a complaint without a place is still an error", async () => {
  const firewall = await loadFirewall(join(import.meta.dirname, "fixtures/article/nftables.conf"), import.meta.dirname);
  expect(mapToolError("netlink: Error: cache initialization failed: Operation not permitted\n", firewall)).toMatchObject({
    message: "The firewall does not load: cache initialization failed: Operation not permitted",
    place: undefined,
  });
  expect(mapToolError("", firewall).message).toContain("no reason");
});
