import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { standardCertificate } from "../../../harness/openssh/certificate.ts";
import type { LoadedPolicy } from "../../../harness/policy/load-policy.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { readSshdOptions } from "../../../harness/policy/sshd-options.ts";
import { warningText } from "../../../harness/report/warnings.ts";
import { signCertificate } from "../../../harness/ssh/certify.ts";
import { makeKey } from "../../../harness/ssh/keys.ts";

const told = ({ warnings }: LoadedPolicy["inputs"]) => warnings.map((each) => warningText(each));

const key = (options: string, comment: string) => `${options}ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWI ${comment}\n`;

async function load(policy: string, files: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "policy-inputs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ "ssh/sshd_config": "GatewayPorts yes\n", ...files, "policy.yaml": policy })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return loadPolicy(folder);
}

/** `line message` of each fault. */
async function faults(policy: string, files: Record<string, string> = {}): Promise<string[]> {
  const error = await load(policy, files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  expect(error).toBeInstanceOf(PolicyErrors);
  return (error as PolicyErrors).errors.map(({ place, message }) => `${place?.line} ${message}`);
}

const rdp = "forwards:\n  rdp: { ssh: '-R :43234:localhost:3389' }\n";
test.each([
  ["ssh -fN -R :43234:localhost:3389 server", "tunnel"],
  ["ssh -fN -R :43234:localhost:3389 alice@vps.example.org", "alice"],
  ["-N -l alice -p 22 -R :43234:localhost:3389 198.51.100.10", "alice"],
  ["autossh -M 0 -N -R :43234:localhost:3389 alice@server", "alice"],
])("a whole command: %s", async (ssh, account) => {
  const text = (ssh: string) => `server: { sshd_config: ssh, accounts: { tunnel: {}, alice: {} } }\nforwards:\n  rdp: { ${ssh} }\n`;
  const { policy, arguments: given } = await load(text(`ssh: ${ssh}${account === "tunnel" ? ", as: tunnel" : ""}`));
  expect(policy.forwards.rdp?.as).toBe(account);
  // The lab adds the destination itself.
  expect(given.rdp?.argv.at(-1)).toBe(":43234:localhost:3389");
  expect(given.rdp?.requested).toBe(":43234");
});

test("a whole command that contradicts its entry, or asks for more", async () => {
  const told = (forward: string) =>
    faults(`server: { sshd_config: ssh, accounts: { tunnel: {}, alice: {} } }\nforwards:\n  rdp: { ${forward} }\n`);
  expect(await told("ssh: ssh -N -R 1:h:1 alice@server, as: tunnel")).toEqual(["3 forwards.rdp.as contradicts the ssh line"]);
  expect(await told("ssh: ssh -N -R 1:h:1 bob@server")).toEqual(["3 unknown account `bob`"]);
  expect(await told("ssh: ssh -R 1:h:1 alice@server uptime")).toEqual(["3 a command is given"]);
  expect(await told("ssh: ssh -M 20000 -N -R 1:h:1 alice@server")).toEqual([
    expect.stringContaining("a destination or command is given: 20000"),
  ]);
});

const withForward = (entry: string) => `server: { sshd_config: ssh }\nforwards:\n  rdp: { ${entry} }\n`;

test("every file is read once and listed, includes and keys among them", async () => {
  const { inputs } = await load(`server: { sshd_config: ssh, firewall: [fw.nft], files: { /opt/site: site } }\n${rdp}`, {
    "ssh/sshd_config": "Include /opt/site/*.conf\nAuthorizedKeysFile /etc/ssh/keys/%u\n",
    "ssh/keys/tunnel": key("restrict,port-forwarding ", "t@site"),
    "site/10.conf": "GatewayPorts yes\n",
    "fw.nft": 'include "fw.d/a.nft"\n',
    "fw.d/a.nft": "table inet filter { chain input { type filter hook input priority 0; policy accept; } }\n",
  });
  expect(inputs.files.map(({ display }) => display).sort()).toEqual(
    ["fw.d/a.nft", "fw.nft", "policy.yaml", "site/10.conf", "ssh/keys/tunnel", "ssh/sshd_config"].sort(),
  );
  expect(inputs.accounts[0]?.keyFiles.map(({ display }) => display)).toEqual(["ssh/keys/tunnel"]);
});

test("an sshd_config without a byte gets a warning, one with comments alone does not", async () => {
  const warned = async (config: string) => told((await load(`server: { sshd_config: ssh }\n${rdp}`, { "ssh/sshd_config": config })).inputs);
  expect(await warned("")).toEqual(["ssh/sshd_config: the file is empty, so sshd's defaults apply: is the copy complete?"]);
  expect(await warned("\n \n")).toHaveLength(1);
  expect(await warned("# as installed\n")).toEqual([]);
});

test("a file with both families' dumps is listed whole, though each tool gets its own part", async () => {
  const dump = (policy: string) => `*filter\n:INPUT ${policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n`;
  const both = `# Generated by iptables-save\n${dump("ACCEPT")}# Generated by ip6tables-save\n${dump("DROP")}`;
  const { inputs } = await load(`server: { sshd_config: ssh, firewall: both }\n${rdp}`, { both });
  const contents = Object.values(inputs.firewall?.files ?? {}).map(({ content }) => String(content).includes(":INPUT ACCEPT"));
  expect(contents).toEqual([true, false]);
  expect(inputs.files.find(({ display }) => display === "both")?.content.toString()).toBe(both);
});

test("an account's keys come from the file that AuthorizedKeysFile names for it, the policy's own file before", async () => {
  const { inputs } = await load(
    `server:\n  sshd_config: ssh\n  accounts: { alice: { groups: [staff] }, bob: {}, carol: { authorized_keys: carol.keys }, dave: { uid: 1500 } }\nforwards:\n  rdp: { as: alice, ssh: '-R :1:localhost:1' }\n`,
    {
      "ssh/sshd_config":
        "AuthorizedKeysFile /etc/ssh/keys/%u /etc/ssh/more/%u\nMatch Group staff\nAuthorizedKeysFile /etc/ssh/staff\nMatch User dave\nAuthorizedKeysFile /etc/ssh/by-uid/%U\n",
      "ssh/keys/alice": key("", "never"),
      "ssh/staff": key("", "s"),
      "ssh/keys/carol": key("", "never"),
      "carol.keys": key("", "c"),
      "ssh/by-uid/1500": key("", "d"),
    },
  );
  // The first value counts, in a Match block or not.
  expect(inputs.accounts.map(({ name, keyFiles }) => [name, keyFiles.map(({ display }) => display)])).toEqual([
    ["alice", ["ssh/keys/alice"]],
    ["bob", []],
    ["carol", ["carol.keys"]],
    ["dave", []],
  ]);
  expect(told(inputs).filter((text) => text.startsWith("bob"))).toEqual([
    expect.stringContaining("no key at /etc/ssh/keys/bob, /etc/ssh/more/bob"),
  ]);
});

test("a value in a Match block that comes first counts for the logins it is for", async () => {
  const { inputs } = await load(
    "server:\n  sshd_config: ssh\n  accounts: { alice: { groups: [staff] }, bob: {} }\nforwards:\n  rdp: { as: alice, ssh: '-R :1:localhost:1' }\n",
    {
      "ssh/sshd_config": "Match Group staff\nAuthorizedKeysFile /etc/ssh/staff\nMatch all\nAuthorizedKeysFile /etc/ssh/all\n",
      "ssh/staff": key("", "s"),
      "ssh/all": key("", "a"),
    },
  );
  expect(inputs.accounts.map(({ keyFiles }) => keyFiles.map(({ display }) => display))).toEqual([["ssh/staff"], ["ssh/all"]]);
});

test("`key` counts usable keys, of whatever line they are on", async () => {
  const keys = `# two keys\n${key('permitlisten="x:y:z" ', "bad@site")}${key("", "a@site")}\n${key("restrict ", "b@site")}`;
  const policy = (which: string) =>
    `server: { sshd_config: ssh, accounts: { alice: { authorized_keys: alice.keys } } }\nforwards:\n  rdp: { key: ${which}, ssh: '-R :1:localhost:1' }\n`;
  expect((await load(policy("3"), { "alice.keys": keys })).keyIndex).toEqual({ rdp: 0 });
  expect((await load(policy("b@site"), { "alice.keys": keys })).keyIndex).toEqual({ rdp: 1 });
  for (const which of ["1", "2", "4", "bad@site", "site"])
    expect(await faults(policy(which), { "alice.keys": keys })).toEqual(["3 forwards.rdp.key matches no key"]);
});

test("principals come from the file that AuthorizedPrincipalsFile names, the policy's own file before; `key` names them, too", async () => {
  const policy = (which: string) =>
    `server:\n  sshd_config: ssh\n  accounts: { alice: {}, bob: { authorized_principals: bob.principals }, carol: {} }\nforwards:\n  rdp: { as: alice, key: ${which}, ssh: '-R :1:localhost:1' }\n`;
  const files = {
    "ssh/sshd_config": "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedPrincipalsFile /etc/ssh/principals/%u\n",
    "ssh/principals/alice": "# who\nrestrict web\nops\n",
    "bob.principals": "bob\n",
  };
  const loaded = await load(policy("web"), files);
  expect(loaded.keyIndex).toEqual({ rdp: 0 });
  expect((await load(policy("3"), files)).keyIndex).toEqual({ rdp: 1 });
  expect(await faults(policy("who"), files)).toEqual(["5 forwards.rdp.key matches no key"]);
  expect(loaded.inputs.accounts.map(({ name, principalFiles }) => [name, principalFiles.map(({ display }) => display)])).toEqual([
    ["alice", ["ssh/principals/alice"]],
    ["bob", ["bob.principals"]],
    ["carol", []],
  ]);
  expect(loaded.inputs.files.map(({ display }) => display)).toEqual(expect.arrayContaining(["ssh/principals/alice", "bob.principals"]));
  expect(told(loaded.inputs)).toEqual([
    "carol: there is no AuthorizedPrincipalsFile /etc/ssh/principals/carol; in the lab it holds the principal carol, without options",
    "ssh/principals/alice:3: no forward logs in as alice with `ops`: what its options allow is not tested (`key:` selects a login)",
  ]);
});

test("a forward's certificate goes before the account's, a key before both", async () => {
  const ca = await makeKey("ed25519");
  const certificate = (name: string) => `${signCertificate(standardCertificate([name], name), ca, ca)}\n`;
  const keyFile = key("", "laptop");
  const policy =
    "server: { sshd_config: ssh, accounts: { alice: { authorized_keys: k, certificate: a.pub } } }\nforwards:\n  one: { ssh: '-R :1:localhost:1' }\n  two: { certificate: b.pub, ssh: '-R :2:localhost:1' }\n  three: { key: laptop, ssh: '-R :3:localhost:1' }\n";
  const loaded = await load(policy, { k: keyFile, "a.pub": certificate("a"), "b.pub": certificate("b") });
  expect(loaded.certificate).toEqual({ one: "a.pub", two: "b.pub", three: undefined });
  expect(loaded.inputs.accounts[0]?.certificates.map(({ certificate: { principals, ca: blob } }) => [...principals, blob])).toEqual([
    ["a", ca.publicKey.split(" ")[1]],
    ["b", ca.publicKey.split(" ")[1]],
  ]);
  await expect(load(policy, { k: keyFile, "a.pub": certificate("a"), "b.pub": keyFile })).rejects.toMatchObject({
    code: "certificate",
    place: { file: "b.pub", line: 1 },
    found: "a plain public key",
  });
  expect(await faults(policy, { k: keyFile, "a.pub": certificate("a") })).toEqual(["4 b.pub does not exist"]);
});

test("several forwards in one line, and those of an ssh_config's host, are forwards of their own", async () => {
  const policy =
    "server: { sshd_config: ssh }\nhome: { ssh_config: ssh_config }\nforwards:\n  two: { ssh: '-N -R 8080:localhost:80 -L 9000:localhost:90' }\n  alias: { host: site }\n";
  const config = "Include more\nHost si*\n  HostName server.example\n  GatewayPorts yes\n";
  const loaded = await load(policy, { ssh_config: config, more: 'Host site\n  RemoteForward "*:8081" localhost:81 # all\n' });
  expect(
    Object.entries(loaded.arguments).map(([name, { requested, request, gatewayPorts }]) => [name, request.kind, requested, gatewayPorts]),
  ).toEqual([
    ["two-1", "remote", "8080", false],
    ["two-2", "local", "9000", false],
    ["alias", "remote", "*:8081", true],
  ]);
  expect(loaded.policy.forwards["two-2"]?.ssh).toBe("-N -L 9000:localhost:90");
  expect(loaded.policy.forwards.alias?.ssh).toBe("-N -o 'remoteforward *:8081 localhost:81' -o 'gatewayports yes'");
  expect(loaded.together).toEqual([["two-1", "two-2"]]);
  expect(loaded.place(["forwards", "two-2", "ssh"])).toMatchObject({ line: 4, column: 15 });
  expect(loaded.inputs.files.map(({ display }) => display)).toContain("more");
});

describe("an ssh_config that includes files outside of ~/.ssh", () => {
  const policy = (files: string) =>
    `server: { sshd_config: ssh }\nhome: { ssh_config: config, files: { ${files} } }\nforwards:\n  f: { host: site }\n`;
  const given = {
    config: "Include ~/.tool/*.conf /opt/none\nInclude ~/.ssh/own\n",
    own: "Host site\n  RemoteForward 1 home:1\n",
    "tool/a.conf": "Host site\n  RemoteForward 2 home:2\n",
    "tool/b.txt": "Host site\n  RemoteForward 3 home:3\n",
  };

  test("reads the copies that home.files names; `none` is nothing", async () => {
    const loaded = await load(policy('"~/.tool": tool, /opt/none: none'), given);
    expect(Object.values(loaded.arguments).map(({ requested }) => requested)).toEqual(["2", "1"]);
    expect(loaded.inputs.files.map(({ display }) => display)).toEqual(expect.arrayContaining(["tool/a.conf", "own"]));
    expect(loaded.inputs.files.map(({ display }) => display)).not.toContain("tool/b.txt");
  });

  test.each([
    ["/opt/none: none", given.config, "home: { files: { ~/.tool: ./COPY } }"],
    ['"~/.tool": tool', given.config, "home: { files: { /opt/none: ./COPY } }"],
    ['"~/.tool": tool', "Include ~other/config\n", "home: { files: { PATH: ./COPY } }"],
    // A token, which ssh 9.9 and newer fill in.
    ['"~/.tool": tool', "Include %d/.tool/a.conf\n", "home: { files: { PATH: ./COPY } }"],
  ])("asks for what is not given: %s, %j", async (files, config, todo) => {
    await expect(load(policy(files), { ...given, config })).rejects.toMatchObject({
      code: "ssh-config",
      todo: expect.stringContaining(todo),
    });
  });
});

test.each([
  ["no request", "reachable_from: [campus]", ["3 forwards.rdp has no `ssh`"]],
  ["a client's listener that should go", "ssh: '-L 1:localhost:1', gone_within: 9s", ["3 forwards.rdp has no listener on the server"]],
  [
    "gone, and never there",
    "ssh: '-R 1:localhost:1', refused_by_server: true, gone_within: 9s",
    ["3 forwards.rdp has both `gone_within` and a refusal"],
  ],
  ["a time that is none", "ssh: '-R 1:localhost:1', gone_within: 5 minutes", [expect.stringContaining("3 ") as unknown as string]],
  ["both requests", "ssh: '-R 1:localhost:1', host: x", ["3 forwards.rdp has both `ssh` and `host`"]],
  ["a host without a config", "host: x", ["3 forwards.rdp uses a host of an ssh_config, but there is no home.ssh_config"]],
  [
    "a login refused and probed",
    "ssh: '-R 1:localhost:1', login: refused, reachable_from: [campus]",
    ["3 forwards.rdp cannot be probed: its login must be refused"],
  ],
  [
    "a login refused and granted",
    "ssh: '-R 1:localhost:1', login: refused, refused_by_server: false",
    ["3 forwards.rdp cannot be granted if the login must be refused"],
  ],
  ["an unknown account", "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: server, as: bob }]", ["3 unknown account `bob`"]],
  [
    "an account elsewhere",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, as: tunnel }]",
    ["3 forwards.rdp: `as` works only for accounts of the server"],
  ],
  [
    "a key and a certificate",
    "ssh: '-R 1:localhost:1', key: 1, certificate: ssh/sshd_config",
    ["3 forwards.rdp has both `key` and `certificate`"],
  ],
  ["targets of a forward with one", "ssh: '-R 1:localhost:1', targets: ['a:1']", ["3 forwards.rdp already has a fixed target"]],
  [
    "an address that nobody has",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: 192.0.2.99 }]",
    ["3 forwards.rdp: server has no such address that campus can use"],
  ],
  [
    "a link-local address from elsewhere",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: internet, address: link-local }]",
    ["3 forwards.rdp: internet shares no LAN with server on which both have a link-local address"],
  ],
  [
    "a link-local address of the lab",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: 'fe80::10%eth0' }]",
    ["3 forwards.rdp.reachable_from[0].address has a wrong value"],
  ],
  [
    "a link-local address of IPv4",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: link-local, family: 4 }]",
    ["3 forwards.rdp: a link-local address is always IPv6, and takes no next hop"],
  ],
  [
    "link-local addresses twice",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: link-local }, { vantage: campus, address: link-local, is: filtered }]",
    ["3 campus appears twice in reachable_from of rdp for IPv6"],
  ],
  [
    "an address that is not a next hop",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, via: 198.51.100.10 }]",
    ["3 forwards.rdp: campus cannot use this address of server as its next hop"],
  ],
  [
    "a next hop of another family",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: '2001:db8:100::10', via: 198.51.100.10 }]",
    ["3 via and the rest of the entry have different address families"],
  ],
  ["a target without a port", "ssh: '-D 1080', targets: [db]", ["3 forwards.rdp.targets[0] has a wrong value"]],
])("misuse: %s", async (_, entry, expected) => {
  expect(await faults(withForward(entry))).toEqual(expected);
});

test("a host whose forwards stand under its canonical name: the name is told", async () => {
  const config = (canonicalize: string) =>
    `Host web.example.org\n  RemoteForward 8080 localhost:80\nHost *\n  CanonicalizeHostname ${canonicalize}\n  CanonicalDomains example.org\n`;
  const policy = (host: string) => `server: { sshd_config: ssh }\nhome: { ssh_config: ssh_config }\nforwards:\n  web: { host: ${host} }\n`;
  const error = await load(policy("web"), { ssh_config: config("yes") }).catch(String);
  expect(error).toContain("the ssh_config defines forwards for web.example.org, not for web");
  const plain = await load(policy("web"), { ssh_config: config("no") }).catch(String);
  expect(plain).toContain("the ssh_config defines no forward for web");
  const { policy: read } = await load(policy("web.example.org"), { ssh_config: config("yes") });
  expect(Object.keys(read.forwards)).toEqual(["web"]);
});

test("a family that one end does not speak cannot be reachable", async () => {
  const network = "network: { server: { address: [198.51.100.5/24], ipv6: false } }\n";
  expect(await faults(`${network}${withForward("ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, family: 6 }]")}`)).toEqual([
    "4 forwards.rdp: no address of server of IPv6 is routed to campus, so nothing there can be reachable",
  ]);
});

test.each([
  ["an option that sets nothing", 'sshd_options: ["-f", "/etc/x"]', ["1 server.sshd_options contains a word that is not a setting"]],
  ["a port with an owner", "services: { 80: { as: root } }", ["1 server.services.80 is not a file, so no account can own it"]],
  ["an unknown owner", "services: { /run/a.sock: { as: bob } }", ["1 unknown account `bob`"]],
  ["files below no root", "files: { opt/x: y }", ["1 server.files.opt/x: `opt/x` is not a valid name here"]],
  ["files that are not there", "files: { /opt/x: y }", ["1 y does not exist"]],
  [
    "a setting of something else",
    "sysctl: { kernel.hostname: x }",
    ["1 server.sysctl.kernel.hostname: `kernel.hostname` is not a valid name here"],
  ],
  ["a name with an address of nothing", "names: { db.internal: 0.0.0.0 }", ["1 server.names.db.internal has a wrong value"]],
  ["a name without address", "names: { db.internal: nowhere }", ["1 server.names.db.internal has a wrong value"]],
  ["a keyword with a value", "ignore_unknown: ['UseBlacklist yes']", ["1 server.ignore_unknown[0] has a wrong value"]],
  ["ports without NAT", "ports: { 2222: 22 }", ["1 `ports` describes the router in front of the server, and there is none"]],
  ["NAT without a public address", "behind: nat", ["1 a server behind NAT needs the public address of its router"]],
  ["sets without rules", "ipsets: ssh/sshd_config", ["1 server.ipsets needs a firewall, and there is none"]],
  ["control groups without rules", "cgroups: { sshd: /a.slice }", ["1 server.cgroups needs a firewall, and there is none"]],
  ["control groups without sshd's", "firewall: ssh, cgroups: { others: [/a.slice] }", ["1 server.cgroups has no `sshd`"]],
  ["no path of a control group", "firewall: ssh, cgroups: { sshd: system.slice }", ["1 server.cgroups.sshd has a wrong value"]],
  ["a control group above", "firewall: ssh, cgroups: { sshd: /a/../b }", ["1 server.cgroups.sshd has a wrong value"]],
  ["a login of nobody", "firewall: ssh, cgroups: { sshd: /a, logins: { bob: /b } }", ["1 unknown account `bob`"]],
])("misuse of a server's key: %s", async (_, entry, expected) => {
  expect(await faults(`server: { sshd_config: ssh, ${entry} }\n${rdp}`)).toEqual(expected);
});

test("an address of loopback can be named where the forward listens; rules may name groups", async () => {
  const entry = (address: string) =>
    withForward(`ssh: '-R 127.3.0.1:43234:localhost:3389', reachable_from: [{ vantage: server, address: ${address} }]`);
  expect(await faults(entry("127.3.0.1"))).toEqual([]);
  expect(await faults(entry("127.0.0.1"))).toEqual([]);
  expect(await faults(entry("127.9.9.9"))).toEqual(["3 forwards.rdp: server has no such address that server can use"]);
  expect(await faults(`server: { sshd_config: ssh, names: { all.mcast.net: 224.0.0.1 } }\n${rdp}`)).toEqual([]);
});

test("kernel settings are known by one name, whichever separator they are written with", async () => {
  const sysctl = "{ net/ipv4/conf/eth0.100/rp_filter: 1, net.ipv4.ip_forward: 1 }";
  const { policy } = await load(`server: { sshd_config: ssh, sysctl: ${sysctl} }\n${rdp}`);
  expect(policy.server.sysctl).toEqual({ "net.ipv4.conf.eth0/100.rp_filter": 1, "net.ipv4.ip_forward": 1 });
  const twice = "server: { sshd_config: ssh, sysctl: { net.ipv4.ip_forward: 1, net/ipv4/ip_forward: 0 } }\n";
  expect(await faults(`${twice}${rdp}`)).toEqual(["1 net/ipv4/ip_forward is given twice"]);
  expect(await faults(`server: { sshd_config: ssh, sysctl: { net/ipv4/../x: 1 } }\n${rdp}`)).toEqual([
    "1 server.sysctl.net/ipv4/../x: `net/ipv4/../x` is not a valid name here",
  ]);
});

test("a Match block that no login of the policy falls under is told; `Match Host` is told for what it is", async () => {
  const config = [
    "Match Group tunnels",
    "Match User tunnel",
    "Match User tunnel Address 203.0.113.0/24",
    "Match Address 10.8.0.0/24",
    "Match Host db.internal",
  ].map((line) => `${line}\n  GatewayPorts yes\n`);
  const { inputs } = await load(`server: { sshd_config: ssh }\n${rdp}`, { "ssh/sshd_config": config.join("") });
  expect(told(inputs)).toEqual([
    "ssh/sshd_config:1: `Match Group tunnels` matches no login of the policy: what this block grants is not tested",
    "ssh/sshd_config:7: `Match Address 10.8.0.0/24` matches no login of the policy: what this block grants is not tested",
    "ssh/sshd_config:9: it is unknown whether `Match Host db.internal` matches: without `UseDNS yes` sshd compares the client's address, not its name",
  ]);
  const named = await load(`server: { sshd_config: ssh, names: { db.internal: 203.0.113.7 } }\n${rdp}`, {
    "ssh/sshd_config": "UseDNS yes\nMatch Host db.internal\n  GatewayPorts yes\n",
  });
  expect(told(named.inputs)).toEqual([]);
});

test.each([
  [["AllowTcpForwarding=yes"], ["AllowTcpForwarding=yes"]],
  [
    ["-o", "AllowTcpForwarding=yes", "-oGatewayPorts=no"],
    ["AllowTcpForwarding=yes", "GatewayPorts=no"],
  ],
  [["PermitListen 8080 localhost:81"], ["PermitListen=8080 localhost:81"]],
  [
    ["-p", "2222", "-p23"],
    ["Port=2222", "Port=23"],
  ],
])("sshd's words %j set %j", (words, settings) => {
  expect(readSshdOptions(words)).toEqual({ settings });
});

test.each([
  [["-f", "x"], 0],
  [["GatewayPorts=yes", "-D"], 1],
  [["-o"], 0],
  [["-o", "-o"], 0],
  [["="], 0],
])("sshd's words %j set nothing", (words, fault) => {
  expect(readSshdOptions(words as string[])).toMatchObject({ fault });
});
