/** Several servers in one policy: what their names on an ssh line mean, and what each is given of the policy. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isServer, lansOf } from "../../../harness/core/lab-spec.ts";
import { reviewServers } from "../../../harness/pipelines/review.ts";
import { type LoadedPolicy, loadPolicy } from "../../../harness/policy/load-policy.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { reviewPlan } from "../../../harness/policy/review/plan.ts";
import { reviewedServer } from "../../../harness/policy/review/reviewed-server.ts";
import { warningText } from "../../../harness/report/warnings.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-servers-"));
  for (const name of ["bastion", "inner"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "bastion", "sshd_config"), "AllowTcpForwarding local\nMatch User nobody-here\n  GatewayPorts yes\n");
  await writeFile(
    join(folder, "inner", "sshd_config"),
    "GatewayPorts yes\nMatch Address 10.20.0.1\n  PermitListen 8080\nMatch Address 192.0.2.1\n  GatewayPorts no\n",
  );
  await writeFile(
    join(folder, "ssh_config"),
    `Host gate
  HostName 198.51.100.10
  User jump
  Port 2222
Host deep
  HostName 10.20.0.5
  ProxyJump gate
  RemoteForward 8080 localhost:80
Host front
  HostName 198.51.100.10
  RemoteForward 8080 localhost:80
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const policy = (forwards: string, servers = "inner: { sshd_config: ./inner, accounts: { dev: {} } }") => `server:
  sshd_config: ./bastion
  names: { bastion.example.org: 198.51.100.10 }
  accounts: { jump: {}, admin: {} }
servers:
  ${servers}
home: { ssh_config: ./ssh_config }
network:
  server:
    - { address: [198.51.100.10/24, "2001:db8:100::10/64"] }
    - { interface: eth1, address: [10.20.0.1/24], ipv6: false }
  vantages:
    inner: { lan: eth1, address: [10.20.0.5/24] }
forwards:
  web: ${forwards}
`;

async function load(text: string): Promise<LoadedPolicy> {
  await writeFile(join(folder, "policy.yaml"), text);
  return loadPolicy(join(folder, "policy.yaml"));
}

/** `line: message (found; expected)` of each fault. */
async function told(text: string): Promise<string[]> {
  const error = await load(text).catch((thrown: unknown) => thrown);
  return error instanceof PolicyErrors ? error.errors.map(({ place, message }) => `${place?.line}: ${message}`) : [];
}

describe("a line with -J", () => {
  test.each([
    ["-J jump@server -R 8080:localhost:80 inner", "inner"],
    ["-J jump@bastion.example.org -R 8080:localhost:80 dev@10.20.0.5", "10.20.0.5"],
    ["-o ProxyJump=jump@198.51.100.10:22 -R 8080:localhost:80 inner", "inner"],
  ])("%s", async (ssh, destination) => {
    const { policy: read, through, arguments: given } = await load(policy(`{ ssh: "${ssh}", reachable_from: [inner] }`));
    expect(read.forwards.web?.server).toBe("inner");
    expect(through.web).toEqual([{ server: "server", account: "jump" }]);
    expect(given.web?.jump?.destination).toBe(destination);
    // The lab adds the destination; ssh gets the rest as typed.
    expect(given.web?.argv).not.toContain(destination);
  });

  test("a line without jump hosts goes to the server that it names", async () => {
    for (const way of ["", "-J none "]) {
      const { policy: read, through } = await load(policy(`{ ssh: 'ssh ${way}-R 8080:localhost:80 dev@inner', reachable_from: [inner] }`));
      expect(read.forwards.web).toMatchObject({ server: "inner", as: "dev" });
      expect(through.web ?? []).toEqual([]);
    }
  });

  test("a jump host with one account needs no name for it", async () => {
    const { through } = await load(policy("{ ssh: '-J inner -R 8080:localhost:80 server', as: jump }"));
    expect(through.web).toEqual([{ server: "inner", account: "dev" }]);
  });

  test("an ssh_config's ProxyJump, with what it says of the jump host; and a host without one", async () => {
    const deep = await load(policy("{ host: deep, reachable_from: [inner] }"));
    expect(deep.policy.forwards.web?.server).toBe("inner");
    expect(deep.through.web).toEqual([{ server: "server", account: "jump" }]);
    expect(deep.arguments.web?.jump).toEqual({
      destination: "10.20.0.5",
      hops: [{ name: "gate", hostName: "198.51.100.10", account: "jump", port: 2222 }],
    });
    const front = await load(policy("{ host: front, as: jump }"));
    expect([front.policy.forwards.web?.server, front.through.web]).toEqual([undefined, undefined]);
  });

  test.each([
    ["{ ssh: '-J jump@server -R 8080:localhost:80' }", "-J without a destination"],
    ["{ ssh: '-J server -R 8080:localhost:80 inner' }", "-J server names no account"],
    ["{ ssh: '-J jmp@server -R 8080:localhost:80 inner' }", "unknown account `jmp`"],
    ["{ ssh: '-J jump@gateway -R 8080:localhost:80 inner' }", "the jump host gateway is not a server of the policy"],
    ["{ ssh: '-J jump@server -R 8080:localhost:80 campus' }", "the destination campus is not a server of the policy"],
    ["{ ssh: '-J jump@server,inner -R 8080:localhost:80 server' }", "ssh reaches server twice"],
    ["{ ssh: '-J jump@server -R 8080:localhost:80 inner', server: server }", "forwards.web.server contradicts the ssh line"],
    ["{ ssh: '-J jump@server -R 8080:localhost:80 dev@inner', as: other }", "forwards.web.as contradicts the ssh line"],
    [
      "{ ssh: '-J jump@server:0 -R 8080:localhost:80 inner' }",
      "ssh refuses this: Invalid -J argument 'jump@server:0' (port 0 is none that a connection can go to)",
    ],
    [
      "{ ssh: '-J jump@server:70000 -R 8080:localhost:80 inner' }",
      "ssh refuses this: Invalid -J argument 'jump@server:70000' (port 70000 is out of range: the highest is 65535)",
    ],
    ["{ ssh: '-q -J jump@server -R 8080:localhost:80 inner' }", "the lab reads ssh's own messages; leave -q out"],
    ["{ ssh: '-J jump@server -R 8080:localhost:80 inner uptime' }", "a command is given"],
    ["{ ssh: '-R 8080:localhost:80 campus' }", "the destination campus is not a server of the policy"],
    ["{ ssh: '-R 8080:localhost:80 dev@inner', server: server }", "forwards.web.server contradicts the ssh line"],
  ])("%s: %s", async (forward, message) => {
    expect(await told(policy(forward))).toEqual([`15: ${message}`]);
  });

  test("without `servers` there is nothing to jump to", async () => {
    const text = "server: { sshd_config: ./bastion }\nforwards:\n  web: { ssh: '-J jump@server -R 8080:localhost:80' }\n";
    expect(await told(text)).toEqual(["3: jump hosts (-J) need a policy with `servers:`, which describes the servers behind them"]);
  });
});

describe("a forward says its server", () => {
  test("without -J it is opened there directly, by an account of that server", async () => {
    const { policy: read } = await load(policy("{ from: campus, server: inner, ssh: '-R 8080:localhost:80' }"));
    expect(read.forwards.web).toMatchObject({ server: "inner" });
    expect(await told(policy("{ server: inner, as: jump, ssh: '-R 8080:localhost:80' }"))).toEqual(["15: unknown account `jump`"]);
    expect(await told(policy("{ server: outer, ssh: '-R 8080:localhost:80' }"))).toContain("15: unknown server `outer`");
    expect(await told(policy("{ server: inner, from: inner, ssh: '-R 8080:localhost:80' }"))).toEqual(["15: unknown host `inner`"]);
  });

  test("`as` of an entry is an account there", async () => {
    const entry = (vantage: string, as: string) =>
      policy(`{ server: inner, ssh: '-R 8080:localhost:80', reachable_from: [{ vantage: ${vantage}, as: ${as} }] }`);
    expect(await told(entry("inner", "dev"))).toEqual([]);
    expect(await told(entry("inner", "admin"))).toEqual(["15: unknown account `admin`"]);
    expect(await told(entry("server", "dev"))).toEqual(["15: forwards.web: `as` works only for accounts of the server"]);
  });
});

describe("a further server", () => {
  test("is a host of the lab that runs sshd; put nowhere, it stands beside the first", async () => {
    const { policy: read } = await load(
      policy(
        "{ ssh: '-R 8080:localhost:80', as: jump }",
        "inner: { sshd_config: ./inner }\n  next: { sshd_config: ./inner, sysctl: { net.ipv4.ip_forward: 1 } }",
      ),
    );
    const spec = labSpecOf(read);
    expect(["server", "inner", "next", "campus"].map((host) => isServer(spec, host))).toEqual([true, true, true, false]);
    expect(spec.hosts.inner).toMatchObject({ kind: "container", sshd: true });
    expect(spec.hosts.next).toMatchObject({ sysctl: { "net.ipv4.ip_forward": 1 } });
    expect(lansOf(spec, "next")).toEqual(["server-lan"]);
    expect(spec.hosts.server).not.toHaveProperty("sshd");
  });

  test("has files of its own; what no login tests is told of each, and whoever jumps comes from the jump host", async () => {
    const { inputs, servers } = await load(policy("{ ssh: '-J jump@server -R 8080:localhost:80 inner' }"));
    expect(inputs.sshdConfig.display).toBe("bastion");
    expect(servers.inner?.sshdConfig.display).toBe("inner");
    expect(servers.inner?.accounts.map(({ name }) => name)).toEqual(["dev"]);
    expect(inputs.files.map(({ display }) => display)).toEqual(["policy.yaml", "ssh_config", "bastion/sshd_config", "inner/sshd_config"]);
    expect(inputs.warnings.map((each) => warningText(each))).toEqual([
      "bastion/sshd_config:2: `Match User nobody-here` matches no login of the policy: what this block grants is not tested",
      "inner/sshd_config:4: `Match Address 192.0.2.1` matches no login of the policy: what this block grants is not tested",
    ]);
  });

  test.each([
    ["home: { sshd_config: ./inner }", "6: a further server cannot be called home"],
    ["inner: { sshd_config: ./nowhere }", "6: nowhere does not exist"],
    ["inner: { sshd_config: ./inner, openssh: '9.2', image: x }", "6: inner has both `openssh` and `image`"],
    ["inner: { sshd_config: ./inner, sshd_options: [-D] }", "6: servers.inner.sshd_options contains a word that is not a setting"],
  ])("%s", async (servers, message) => {
    expect(await told(policy("{ ssh: '-R 8080:localhost:80', as: jump }", servers))).toContain(message);
  });

  test("what concerns the whole lab stays with `server`", async () => {
    const [fault] = await told(
      policy("{ ssh: '-R 8080:localhost:80', as: jump }", "inner: { sshd_config: ./inner, names: { a.b: 10.0.0.1 } }"),
    );
    expect(fault).toMatch(/^6: .*names/);
  });
});

describe("where a further server is", () => {
  /** @param inner what `servers.inner` says besides its config; `network` without `server` */
  const at = (
    inner: string,
    network: string,
    server = "{ behind: nat, public: 203.0.113.140, ports: { 2222: 22 } }",
    web = "{ as: jump, ssh: '-R 8080:localhost:80' }",
  ) => `server: { sshd_config: ./bastion, accounts: { jump: {} } }
servers:
  inner: { sshd_config: ./inner, accounts: { dev: {} }${inner} }
network:
  server: ${server}
  ${network}
forwards:
  web: ${web}
`;

  test("interfaces in the form of `network.server`: a NAT of its own in front, and one on another's LAN", async () => {
    const { policy: read } = await load(
      at(
        ", ports: { 2201: 22 }",
        "servers: { inner: [{ interface: ens5, address: [172.31.5.10/20], ipv6: false, behind: nat, public: 203.0.113.150 }, { interface: ens6, lan: server }] }",
      ),
    );
    const spec = labSpecOf(read);
    expect(spec.hosts.inner?.interfaces.map(({ name, link }) => [name, link])).toEqual([
      ["ens5", { lan: "inner-lan" }],
      ["ens6", { lan: "server-lan" }],
    ]);
    expect(spec.hosts.inner?.interfaces[0]?.addresses).toEqual(["172.31.5.10/20"]);
    expect(spec.routers["inner-router"]).toMatchObject({
      uplink: { address: "203.0.113.150" },
      inbound: "accept",
      portForwards: [{ port: 2201, to: { address: "172.31.5.10", port: 22 } }],
    });
    expect(spec.routers["inner-router"]).not.toHaveProperty("exposedHost");
  });

  test("`behind: nat` alone is enough, and all ports lead to it", async () => {
    const { policy: read } = await load(at(", behind: nat, public: 203.0.113.150", ""));
    const { hosts, routers } = labSpecOf(read);
    expect(hosts.inner?.interfaces).toMatchObject([{ name: "eth0", link: { lan: "inner-lan" } }]);
    const own = hosts.inner?.interfaces[0]?.addresses.find((each) => !each.includes(":"))?.split("/")[0];
    expect(routers["inner-router"]).toMatchObject({ uplink: { address: "203.0.113.150" }, exposedHost: own });
  });

  test("two servers behind one NAT are told apart by the port", async () => {
    const read = await load(
      at(
        ", ports: { 2201: 22 }",
        "servers: { inner: { lan: server } }",
        undefined,
        "{ ssh: '-J dev@203.0.113.140:2201 -R 8080:localhost:80 server', as: jump }",
      ),
    );
    expect(read.through.web).toEqual([{ server: "inner", account: "dev" }]);
    const own = labSpecOf(read.policy).hosts.inner?.interfaces[0]?.addresses[0]?.split("/")[0];
    expect(labSpecOf(read.policy).routers["server-router"]?.portForwards).toEqual([
      { port: 2222, to: { address: expect.stringMatching(/\.10$/), port: 22 } },
      { port: 2201, to: { address: own, port: 22 } },
    ]);
    const other = at("", "", undefined, "{ ssh: '-J dev@inner -p 2222 -R 8080:localhost:80 203.0.113.140', as: jump }");
    expect((await load(other)).policy.forwards.web?.server).toBeUndefined();
  });

  test.each([
    [", ports: { 2222: 22 }", "", "3: port 2222 of 203.0.113.140 is published twice"],
    ["", "servers: { inner: { lan: server, ports: { 2222: 22 } } }", "6: port 2222 of 203.0.113.140 is published twice"],
    ["", "servers: { inner: { lan: nowhere } }", "6: unknown LAN `nowhere`"],
    ["", "servers: { inner: { lan: inner } }", "6: unknown LAN `inner`"],
    ["", "servers: { iner: { lan: server } }", "6: unknown server `iner`"],
    ["", "servers: { server: { lan: server } }", "6: server does not belong under `network.servers`"],
    [
      "",
      "servers: { inner: { address: [10.9.0.5/24], ipv6: false } }",
      "6: inner has only private addresses, which cannot be reached from the internet",
    ],
    [
      ", behind: nat, public: 203.0.113.150",
      "servers: { inner: { lan: server } }",
      "3: `behind` describes a router for inner alone, but `lan: server` puts it behind another",
    ],
    [", behind: nat, public: 203.0.113.150", "vantages: { inner: { lan: server } }", "3: network.vantages.inner already places inner"],
    [", public: 203.0.113.150", "", "3: `public` describes the router in front of inner, and it has none of its own"],
    [", behind: nat", "", "3: a server behind NAT needs the public address of its router"],
  ])("servers.inner with %j, network with %j: %s", async (inner, network, message) => {
    expect((await told(at(inner, network)))[0]).toBe(message);
  });

  test("without NAT in front there is nothing to publish on", async () => {
    expect(await told(at(", ports: { 2201: 22 }", "", "{ interface: eth0 }"))).toEqual([
      "3: `ports` needs a router with NAT in front of inner, and there is none",
    ]);
  });
});

describe("`jump_keys`", () => {
  const keyed = (more: string) =>
    policy(`{ ssh: '-J jump@server -R 8080:localhost:80 inner'${more} }`).replace("jump: {}", "jump: { authorized_keys: ./jump.keys }");
  beforeAll(() => writeFile(join(folder, "jump.keys"), ["work", "laptop"].map((name) => `${key} ${name}\n`).join("")));

  test("choose a login at a jump host; left out, it is the first, and a warning names it", async () => {
    const chosen = await load(keyed(", jump_keys: { server: laptop }"));
    expect(chosen.through.web).toEqual([{ server: "server", account: "jump", keyIndex: 1 }]);
    expect(chosen.inputs.warnings.filter(({ code }) => code === "jump-by-first-key")).toEqual([]);
    const first = await load(keyed(""));
    expect(first.through.web).toEqual([{ server: "server", account: "jump" }]);
    expect(first.inputs.warnings.map((each) => warningText(each))).toContainEqual(
      expect.stringMatching(/^-J logs in to server as jump with the first of 2 keys, jump.keys:1;/),
    );
  });

  test("that name none, or no jump host", async () => {
    expect(await told(keyed(", jump_keys: { server: desktop }"))).toEqual(["15: forwards.web.jump_keys.server matches no key"]);
    expect(await told(keyed(", jump_keys: { inner: 1 }"))).toEqual(["15: forwards.web.jump_keys.inner: ssh does not go through inner"]);
  });
});

describe("security groups that refer to each other", () => {
  const groups = (peer: object) => ({
    SecurityGroups: ["sg-bastion", "sg-inner"].map((GroupId) => ({
      GroupId,
      GroupName: GroupId.slice(3),
      IpPermissions: GroupId === "sg-inner" ? [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, UserIdGroupPairs: [peer] }] : [],
      IpPermissionsEgress: [],
    })),
  });
  const withGroups = (bastion: string) =>
    policy(
      "{ ssh: '-J jump@server -R 8080:localhost:80 inner' }",
      "inner: { sshd_config: ./inner, accounts: { dev: {} }, front_firewall: { file: sg.json, groups: [sg-inner] } }",
    ).replace("sshd_config: ./bastion", `sshd_config: ./bastion\n  front_firewall: { file: sg.json, groups: [${bastion}] }`);
  const letIn = ({ servers }: LoadedPolicy) =>
    servers.inner?.firewall?.front?.rules.filter(({ chain, text }) => chain === "in" && text.includes("dport 22")).map(({ text }) => text);

  test.each([{ GroupId: "sg-bastion" }, { GroupName: "bastion" }])("by %j: the addresses of the servers in it", async (peer) => {
    await writeFile(join(folder, "sg.json"), JSON.stringify(groups(peer), null, 1));
    const read = await load(withGroups("sg-bastion"));
    const bastion = ["ip saddr 198.51.100.10", "ip6 saddr 2001:db8:100::10", "ip saddr 10.20.0.1"];
    expect(letIn(read)).toEqual(bastion.map((each) => `${each} tcp dport 22 accept`));
    expect(read.servers.inner?.firewall?.warnings).toEqual([]);
  });

  test("without a member nobody gets in, and a warning says so", async () => {
    await writeFile(join(folder, "sg.json"), JSON.stringify(groups({ GroupId: "sg-bastion" }), null, 1));
    const read = await load(withGroups("sg-inner"));
    expect(letIn(read)).toEqual([]);
    expect(read.servers.inner?.firewall?.warnings).toMatchObject([{ code: "group-without-members", params: { direction: "in" } }]);
  });
});

describe("a review of one of several", () => {
  const own = (host: string, forward: string) => `  ${host}-own: ${forward}\n`;

  test("has that server's files as those of `server`, and the others as plain hosts", async () => {
    const whole = await load(
      `${policy("{ ssh: '-J jump@server -R 8080:localhost:80 inner' }")}${own("bastion", "{ as: jump, ssh: '-R 8081:localhost:80' }")}`,
    );
    const first = reviewedServer(whole, "server");
    expect(Object.keys(first.loaded.policy.forwards)).toEqual(["bastion-own"]);
    expect(first.loaded.inputs.sshdConfig).toBe(whole.inputs.sshdConfig);
    const kinds = ({ spec }: typeof first) =>
      ["server", "inner", "main-server"].map((name) => [spec.hosts[name]?.kind, spec.hosts[name]?.sshd]);
    expect(kinds(first)).toEqual([
      ["container", undefined],
      ["namespace", undefined],
      [undefined, undefined],
    ]);

    const inner = reviewedServer(whole, "inner");
    expect(inner.loaded.inputs.sshdConfig).toBe(whole.servers.inner?.sshdConfig);
    expect(inner.loaded.inputs.sshdConfig).not.toBe(whole.inputs.sshdConfig);
    expect(inner.loaded.policy.forwards).toEqual({});
    expect(kinds(inner)).toEqual([
      ["container", undefined],
      [undefined, undefined],
      ["namespace", undefined],
    ]);
    const addresses = ({ spec }: typeof first, name: string) => spec.hosts[name]?.interfaces.flatMap((each) => each.addresses);
    expect(addresses(inner, "server")).toEqual(addresses(first, "inner"));
    expect(addresses(inner, "main-server")).toEqual(addresses(first, "server"));
    // Faults of its files are told at the place where the policy names them.
    expect(inner.loaded.place(["server", "sshd_config"])).toEqual(whole.place(["servers", "inner", "sshd_config"]));
    expect(reviewPlan(inner).accounts).toEqual(whole.servers.inner?.accounts.map(({ name }) => name));
  });

  test("of a policy with one it is that one", async () => {
    await writeFile(join(folder, "one.yaml"), "server: { sshd_config: ./inner }\nforwards: {}\n");
    const loaded = await loadPolicy(join(folder, "one.yaml"));
    expect(reviewedServer(loaded, "server").loaded).toBe(loaded);
  });

  test("of a server that the policy does not have: an error that names those it has", async () => {
    const file = join(folder, "unknown.yaml");
    await writeFile(file, policy("{ ssh: '-J jump@server -R 8080:localhost:80 inner' }"));
    const wrong = reviewServers(file, { server: "iner" });
    await expect(wrong).rejects.toMatchObject({ code: "option", found: "iner", expected: "server, inner" });
    await expect(reviewServers(join(folder, "inner", "sshd_config"), { server: "inner" })).rejects.toMatchObject({ code: "option" });
  });
});
