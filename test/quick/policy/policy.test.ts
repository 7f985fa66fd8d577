import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatUserError, type UserError } from "../../../harness/core/errors.ts";
import { didYouMean } from "../../../harness/core/suggestion.ts";
import { type LoadedPolicy, loadPolicy } from "../../../harness/policy/load-policy.ts";
import { formatErrors, PolicyErrors } from "../../../harness/policy/policy-errors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-policy-"));
  await mkdir(join(folder, "ssh"));
  await mkdir(join(folder, "empty"));
  await writeFile(join(folder, "ssh", "sshd_config"), "GatewayPorts clientspecified\n");
  await writeFile(join(folder, "nftables.conf"), "flush ruleset\n");
  await writeFile(join(folder, "alice.keys"), "# alice\nrestrict ssh-ed25519 AAAA alice@work\n\nssh-ed25519 BBBB alice@home\n");
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string): Promise<LoadedPolicy> {
  const file = join(folder, "policy.yaml");
  await writeFile(file, text);
  return loadPolicy(file);
}

async function faults(text: string): Promise<readonly UserError[]> {
  const error = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  expect(error).toBeInstanceOf(PolicyErrors);
  return (error as PolicyErrors).errors;
}

/** `line:column message` of each fault. */
async function told(text: string): Promise<string[]> {
  return (await faults(text)).map((error) => `${error.place?.line}:${error.place?.column} ${error.message}`);
}

const forwards = "forwards:\n  rdp: { ssh: '-R :43234:localhost:3389', reachable_from: [campus] }\n";
const server = "server: { sshd_config: ./ssh }\n";

describe("a policy without faults", () => {
  test("tells every file that was read, with its hash and as reports show it", async () => {
    const loaded = await load(
      `server:\n  sshd_config: ./ssh\n  firewall: ./nftables.conf\n  accounts: { alice: { authorized_keys: ./alice.keys } }\n${forwards}`,
    );
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(loaded.inputs.files.map(({ display, sha256 }) => ({ display, sha256 }))).toEqual(
      ["policy.yaml", "ssh/sshd_config", "nftables.conf", "alice.keys"].map((display) => ({ display, sha256 })),
    );
    expect(loaded.inputs.accounts.map(({ name, keyFiles }) => [name, keyFiles.map(({ display }) => display)])).toEqual([
      ["alice", ["alice.keys"]],
    ]);
    expect(loaded.place(["forwards", "rdp", "ssh"])).toEqual({ file: join(folder, "policy.yaml"), line: 6, column: 15 });
    expect(loaded.forwardLines).toEqual({ rdp: 6 });
    expect(loaded.arguments.rdp?.listenPort).toBe(43234);
  });

  test("may be named by its folder", async () => {
    await load(server + forwards);
    expect((await loadPolicy(folder)).policy.server.sshd_config).toBe("./ssh");
  });

  test("may choose a key by its line or its comment", async () => {
    const withKey = (key: string) =>
      told(
        `server: { sshd_config: ./ssh, accounts: { alice: { authorized_keys: ./alice.keys } } }\nforwards:\n  rdp: { key: ${key}, ssh: '-R :1234:localhost:3389' }\n`,
      );
    expect(await withKey("2")).toEqual([]);
    expect(await withKey("alice@home")).toEqual([]);
    expect(await withKey("3")).toEqual(["3:15 forwards.rdp.key matches no key"]);
    expect(await withKey("bob@home")).toEqual(["3:15 forwards.rdp.key matches no key"]);
  });

  test("may use everything of the contract", async () => {
    expect(
      await told(`server:
  sshd_config: ./ssh
  firewall: ./nftables.conf
  openssh: "9.2"
  accounts:
    alice: { authorized_keys: ./alice.keys, groups: [staff], uid: 1500, shell: /usr/sbin/nologin }
  services: { 8080: http, "127.0.0.1:5432": database, "[::1]:81": http }
network:
  server: { interface: eth0, address: [133.1.17.5/24, "2001:db8:17::5/64"] }
  vantages:
    campus:    { lan: server, address: [133.1.17.80/24] }
    other-lan: { behind: nat, public: 203.0.113.50, address: ["2001:db8:50::10/64"] }
    internet:  { address: [192.0.2.66, "2001:db8:66::66"] }
    office:    { behind: none, public: 203.0.113.80 }
  home: { behind: [nat, cgnat], public: 203.0.113.7, port_forward: { 3389: 3389 } }
home:
  services: { 3389: rdp, 8080: http }
forwards:
  rdp:
    from: home
    as: alice
    key: alice@work
    ssh: -R :43234:localhost:3389
    reachable_from: [campus, other-lan, { vantage: office, family: 4 }, { vantage: internet, is: filtered }]
  denied:
    ssh: -R 0.0.0.0:22222:localhost:22
    refused_by_server: true
waivers:
  - { id: W1, forward: rdp, vantage: internet, family: 6, reason: "r", owner: "o", expires: 2027-03-31 }
`),
    ).toEqual([]);
  });
});

describe("a forward to a host that the network lacks", () => {
  const network = "network: { server: [{ interface: eth0 }, { interface: eth1, address: [10.20.0.1/16], ipv6: false }] }\n";
  const forward = (ssh: string) => `${server}${network}forwards:\n  f: { ssh: '${ssh}', reachable_from: [] }\n`;

  test.each([
    ["-R :80:172.30.32.1:80", 'target: { lan: home, address: ["172.30.32.1/24"] }', "network.home.address"],
    ["-R :80:Printer:80", "printer: { lan: home }", undefined],
    ["-L 80:10.20.0.5:80", 'target: { lan: eth1, address: ["10.20.0.5/16"] }', "network.server"],
  ])("%s", async (ssh, entry, own) => {
    const [fault, ...others] = await faults(forward(ssh));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ code: "forward-target", place: { line: 4 } });
    expect(fault?.todo).toContain(`\`${entry}\``);
    expect(/or under (\S+)/.exec(fault?.todo ?? "")?.[1]).toBe(own);
    const vantages = `vantages: { ${entry} }, `;
    await expect(load(forward(ssh).replace("network: { ", `network: { ${vantages}`))).resolves.toBeDefined();
  });

  test("that it has is none", async () => {
    expect(await faults(forward("-R :80:192.168.1.20:80"))).toEqual([]);
    expect(await faults(forward("-L 80:10.20.0.1:80"))).toEqual([]);
  });
});

describe("every fault is named with its place", () => {
  test.each([
    ["unknown key", "server: { sshd_confg: ./ssh }\n", ["1:11 unknown key `sshd_confg` in server"]],
    [
      "kinds of vantage points",
      `${server}network:\n  vantages:\n    a: { behind: nat, address: [172.30.32.1/23] }\n    b: { behnd: nat, public: 203.0.113.9 }\n    c: { lan: home, hue: red }\n`,
      [
        "4:5 network.vantages.a has no `public`",
        "5:10 unknown key `behnd` in network.vantages.b",
        "6:21 unknown key `hue` in network.vantages.c",
      ],
    ],
    ["missing key", "server: { firewall: ./nftables.conf }\n", ["1:1 server has no `sshd_config`"]],
    ["version that reads as a number", "server: { sshd_config: ./ssh, openssh: 10.0 }\n", ["1:40 server.openssh has a wrong value"]],
    ["path that does not exist", "server: { sshd_config: ./sshd }\n", ["1:24 sshd does not exist"]],
    ["folder without sshd_config", "server: { sshd_config: ./empty }\n", ["1:24 the folder empty contains no sshd_config"]],
    ["missing dump", "server: { sshd_config: ./ssh, firewall: [./nftables.conf, ./v6] }\n", ["1:59 v6 does not exist"]],
    ["missing keys", "server: { sshd_config: ./ssh, accounts: { a: { authorized_keys: ./k } } }\n", ["1:65 k does not exist"]],
    ["image and version", 'server: { sshd_config: ./ssh, openssh: "9.2", image: x }\n', ["1:47 server has both `openssh` and `image`"]],
    [
      "service port",
      "server: { sshd_config: ./ssh, services: { 70000: http } }\n",
      ["1:43 server.services.70000: `70000` is not a valid name here"],
    ],
    ["duplicate key", "server: { sshd_config: ./ssh, sshd_config: ./ssh }\n", ["1:31 duplicate key `sshd_config`"]],
    ["duplicate key in two spellings", 'server: { sshd_config: ./ssh, services: { 80: a, "80": b } }\n', ["1:50 duplicate key `80`"]],
    ["no mapping", "server: 5\n", ["1:9 server has a wrong value"]],
  ])("%s", async (_, text, expected) => {
    expect(await told(text + forwards)).toEqual(expected);
  });

  test.each([
    ["unknown vantage", "reachable_from: [campuss]", "3 unknown vantage point `campuss`"],
    ["unknown verdict", "reachable_from: [{ vantage: campus, is: filterd }]", "3 forwards.rdp.reachable_from[0].is has a wrong value"],
    ["wrong family", "reachable_from: [{ vantage: campus, family: 5 }]", "3 forwards.rdp.reachable_from[0].family has a wrong value"],
    ["a vantage twice", "reachable_from: [campus, campus]", "3 campus appears twice in reachable_from of rdp for IPv4"],
    ["unknown host", "from: hom", "3 unknown host `hom`"],
    ["server as client", "from: server", "3 unknown host `server`"],
    ["unknown account", "as: alice", "3 unknown account `alice`"],
    ["refused and reachable", "reachable_from: [campus], refused_by_server: true", "3 forwards.rdp cannot be both refused and reachable"],
    ["wrong type", "refused_by_server: 1", "3 forwards.rdp.refused_by_server has a wrong value"],
  ])("%s", async (_, entry, expected) => {
    const faulty = await told(`${server}forwards:\n  rdp: { ssh: '-R :1234:localhost:1', ${entry} }\n`);
    expect(faulty.map(withoutColumn)).toEqual([expected]);
  });

  test.each([
    ["-R /tmp/x.sock:localhost:1", "[server, campus]", ["3 forwards.rdp listens on /tmp/x.sock, a path that campus cannot open"]],
    ["-L /tmp/x.sock:localhost:1", "[server]", ["3 forwards.rdp listens on /tmp/x.sock, a path that server cannot open"]],
    ["-D /tmp/x.sock", "[{ vantage: internet, is: blocked }]", ["3 forwards.rdp listens on /tmp/x.sock, a path that internet cannot open"]],
    [
      "-R /tmp/x.sock:localhost:1",
      "[{ vantage: server, family: 4 }]",
      ["3 forwards.rdp listens on /tmp/x.sock, which has neither family nor address"],
    ],
    ["-R /tmp/x.sock:/run/y.sock", "[server]", []],
    ["-L /tmp/x.sock:/run/y.sock", "[{ vantage: home, is: blocked }]", []],
    ["-R :1234:/run/y.sock", "[campus]", []],
  ])("%s, reachable_from: %s", async (ssh, entries, expected) => {
    const faulty = await told(`${server}forwards:\n  rdp: { ssh: '${ssh}', reachable_from: ${entries} }\n`);
    expect(faulty.map(withoutColumn)).toEqual(expected);
  });

  test("a service may have a path", async () => {
    const services = "{ /run/docker.sock: docker, 80: http }";
    expect(await told(`server: { sshd_config: ./ssh, services: ${services} }\nhome: { services: ${services} }\n${forwards}`)).toEqual([]);
  });

  test.each([
    ["bad date", "expires: 2027-02-31", "5 waivers[0].expires has a wrong value"],
    ["another date format", "expires: 31.03.2027", "5 waivers[0].expires has a wrong value"],
    ["no address", "expires: 2027-03-31, address: eth0", "5 waivers[0].address has a wrong value"],
    [
      "a family that its address has not",
      "expires: 2027-03-31, address: link-local, family: 4",
      "5 waiver W: a link-local address is always IPv6, and takes no next hop",
    ],
  ])("waiver: %s", async (_, entry, expected) => {
    const waiver = `waivers:\n  - { id: W, forward: rdp, vantage: campus, ${entry}, reason: r, owner: o }\n`;
    expect((await told(server + forwards + waiver)).map(withoutColumn)).toEqual([expected]);
  });

  test("the neighbour that the lab adds is a vantage point of the policy, as long as nobody else is there", async () => {
    const two = "network: { server: [{ interface: eth0 }, { interface: wg0 }]";
    const named = `forwards:\n  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [server-lan-wg0] }\nwaivers:
  - { id: W, forward: rdp, vantage: server-lan-wg0, expires: 2027-03-31, reason: r, owner: o }\n`;
    expect(await told(`${server}${two} }\n${named}`)).toEqual([]);
    expect((await told(`${server}${two}, vantages: { peer: { lan: wg0 } } }\n${named}`)).map(withoutColumn)).toEqual([
      "4 unknown vantage point `server-lan-wg0`",
      "6 unknown vantage point `server-lan-wg0`",
    ]);
    const elsewhere = `${two}, vantages: { server-lan-wg0: { address: [192.0.2.80] } } }`;
    expect((await told(`${server}${elsewhere}\n${named}`)).map(withoutColumn)).toEqual([
      "2 server-lan-wg0 is the lab's own neighbour on the network of server's wg0",
    ]);
  });

  test("a waiver for nothing, and an id twice", async () => {
    const waiver = (forward: string) => `  - { id: W, forward: ${forward}, vantage: campus, expires: 2027-01-01, reason: r, owner: o }\n`;
    expect(await told(`${server}${forwards}waivers:\n${waiver("rpd")}${waiver("rdp")}`)).toEqual([
      "5:23 unknown forward `rpd`",
      "6:11 waiver id `W` is used twice",
    ]);
  });

  test("all faults of a file at once, also those of ssh's arguments and of the network", async () => {
    const errors = await faults(`server: { sshd_config: ./nope }
network: { server: { address: [133.1.17.5/24] } }
forwards:
  a: { ssh: -R nonsense }
  b: { ssh: '-R :1:localhost:1', reachable_from: [nobody] }
`);
    expect(errors.map((error) => error.place?.line)).toEqual([1, 2, 4, 5]);
  });

  test("what was found, what is expected and what to do", async () => {
    const [error] = await faults(`${server}network: { server: { address: [133.1.17.5] } }\n${forwards}`);
    expect(error).toMatchObject({
      found: "133.1.17.5",
      expected: expect.stringContaining("133.1.17.5/24"),
      todo: expect.stringContaining("133.1.17.5/24"),
    });
    const [mistyped] = await faults(`server: { sshd_confg: ./ssh }\n${forwards}`);
    expect(mistyped?.todo).toBe("did you mean `sshd_config`?");
  });

  test.each([
    ["empty", ""],
    ["comment only", "# nothing\n"],
    ["broken", "server: { sshd_config: [\n"],
    ["two documents", "a: 1\n---\nb: 2\n"],
    ["unknown tag (a warning of the parser)", `server: !thing { sshd_config: ./ssh }\n${forwards}`],
  ])("not a YAML mapping: %s", async (_, text) => {
    const errors = await faults(text);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error.place?.file).toContain("policy.yaml");
  });

  test.each([
    ["a tab", `${server}forwards:\n  web:\n\tas: alice\n    ssh: -R 1:h:2\n`, "indent with spaces instead of tabs"],
    [
      "a missing colon",
      `${server}forwards:\n  web\n    as: alice\n    ssh: -R 1:h:2\n`,
      expect.stringMatching(/^end the key with a colon/),
    ],
    [
      "a text with a colon",
      `${server}forwards:\n  web: { ssh: -R 1:h:2, reachable_from: [] }\n  note: a: b\n`,
      expect.stringContaining("needs quotes"),
    ],
  ])("%s: one fault, and what to do about it", async (_, text, todo) => {
    const errors = await faults(text);
    expect(errors.map((error) => error.todo)).toEqual([todo]);
  });

  test("faults of YAML that have nothing to do with each other are each told", async () => {
    const errors = await faults(`${server}forwards:\n  a:\n\tssh: -R 1:h:2\n  b: { ssh: -R 1:h:2 }\n  c:\n\tssh: -R 1:h:2\n`);
    expect(errors.map((error) => error.place?.line)).toEqual([4, 6]);
  });

  test.each(["", "no", "none", "nobody", "false"])("`reachable_from: %s` means an empty list", async (word) => {
    const [error] = await faults(`${server}forwards:\n  web:\n    ssh: -R 1:h:2\n    reachable_from: ${word}\n`);
    expect(error?.todo).toBe("write []");
    const [other] = await faults(`${server}forwards:\n  web:\n    ssh: -R 1:h:2\n    reachable_from: campus\n`);
    expect(other?.todo).toBe("write [campus]");
  });

  test("a policy in another encoding is to be saved again, one that is not there to be looked for", async () => {
    await writeFile(join(folder, "utf-16.yaml"), Buffer.from("\ufeffserver: {}\n", "utf16le"));
    await expect(loadPolicy(join(folder, "utf-16.yaml"))).rejects.toMatchObject({ todo: expect.stringContaining("save it as UTF-8") });
    await expect(loadPolicy(join(folder, "nope.yaml"))).rejects.toMatchObject({ todo: expect.stringContaining("check the path") });
  });

  test("a path is told as it is written", async () => {
    const [error] = await faults(`server: { sshd_config: /nowhere/at/all }\n${forwards}`);
    expect(error?.found).toBe("/nowhere/at/all");
  });

  test("a file or folder that is not there", async () => {
    await expect(loadPolicy(join(folder, "nope.yaml"))).rejects.toMatchObject({ code: "policy-not-found" });
    await expect(loadPolicy(join(folder, "empty"))).rejects.toThrow("contains no policy.yaml");
  });

  test("one fault prints as itself, several print all, either way", async () => {
    const one = await load(`server: {}\n${forwards}`).catch((error: PolicyErrors) => error);
    expect(formatUserError(one as UserError)).toContain("server has no `sshd_config`");
    const two = (await load("server: { a: 1 }\nforwards: []\n").catch((error: PolicyErrors) => error)) as UserError;
    for (const text of [formatUserError(two), formatErrors(two)]) {
      expect(text).toContain("unknown key `a`");
      expect(text).toContain("forwards has a wrong value");
      expect(text).toContain("3 errors in");
    }
  });
});

/** Columns are looked at where the text is short enough to count. */
function withoutColumn(line: string): string {
  return line.replace(/:\d+ /, " ");
}

test("whatever a YAML value is, the answer is a policy or faults with places", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom("server", "network", "forwards", "waivers", "home"),
      async (value, key) => {
        const text = JSON.stringify({ server: { sshd_config: "./ssh" }, forwards: {}, [key]: value });
        const errors = await load(text).then(
          () => [],
          (error: unknown) => {
            if (!(error instanceof PolicyErrors)) throw error;
            return error.errors;
          },
        );
        for (const error of errors) {
          expect(error.place?.line, error.message).toBeGreaterThan(0);
          for (const part of ["found", "expected", "todo"] as const) expect(error[part], `${error.message}: ${part}`).toMatch(/\S/);
        }
      },
    ),
    { numRuns: 300, examples: [[{ " ": 0 }, "forwards"]] },
  );
});

test("suggestions: near words only", () => {
  expect(didYouMean("reachable_form", ["reachable_from", "ssh"])).toBe("reachable_from");
  expect(didYouMean("xyz", ["reachable_from", "ssh"])).toBeUndefined();
});

test("suggestions: a part of the only word that has it", () => {
  expect(didYouMean("options", ["sshd_config", "sshd_options", "files"])).toBe("sshd_options");
  expect(didYouMean("options", ["ssh_options", "sshd_options"])).toBeUndefined();
  expect(didYouMean("lan", ["home-lan", "server"])).toBeUndefined();
});
