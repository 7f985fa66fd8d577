/** Through a bastion to servers behind it: the real ssh -J, what refuses it, and who reaches what it opens. One lab for all. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Result, ResultForward } from "../../harness/core/result.ts";
import { type SharedLab, shareLab } from "../../harness/pipelines/verify.ts";
import { loadPolicy } from "../../harness/policy/load-policy.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

const everything = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }], Ipv6Ranges: [{ CidrIpv6: "::/0" }] };

const files = {
  bastion: `AllowTcpForwarding no
DenyUsers leaver
ChannelTimeout direct-tcpip=1h
Match User jump,deputy,free
    AllowTcpForwarding local
Match User jump
    PermitOpen inner.lan:2222 10.20.0.6:22
`,
  "deputy.keys": `restrict,port-forwarding,permitopen="10.20.0.5:2222" ${key} phone\n${key} laptop\n`,
  inner: `Port 2222
AllowTcpForwarding no
Match User dev Address 10.20.0.1
    AllowTcpForwarding yes
    GatewayPorts yes
`,
  walled: "GatewayPorts clientspecified\n",
  "walled.nft": `table inet filter {
    chain input {
        type filter hook input priority filter; policy accept;
        ip saddr 10.20.0.1 tcp dport 22 drop
        ip saddr 10.20.0.40 tcp dport 8080 drop
        ip6 saddr fe80::/10 tcp dport 8080 drop
    }
}
`,
  dual: "Match LocalAddress 2001:db8:100::33\n    PermitOpen none\n",
  "dual.nft": `table inet filter {
    chain input {
        type filter hook input priority filter; policy accept;
        ip saddr 198.51.100.10 drop
    }
}
`,
  cloud: "GatewayPorts clientspecified\n",
  "cloud.nft": `table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        ct state established,related accept
        iifname "ens5" tcp dport { 22, 8080 } accept
    }
}
`,
  "sg.json": JSON.stringify(
    {
      SecurityGroups: [
        { GroupId: "sg-bastion", IpPermissions: [everything], IpPermissionsEgress: [everything] },
        {
          GroupId: "sg-cloud",
          IpPermissions: [
            { IpProtocol: "tcp", FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: "sg-bastion" }] },
            { IpProtocol: "tcp", FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: "203.0.113.50/32" }] },
          ],
          IpPermissionsEgress: [everything],
        },
      ],
    },
    null,
    1,
  ),
  ssh_config: `Host gate
    HostName 198.51.100.10
    User deputy
Host preview
    HostName 10.20.0.5
    ProxyJump gate
    RemoteForward 8080 localhost:3000
`,
  "policy.yaml": `server:
  sshd_config: bastion
  front_firewall: { file: sg.json, groups: [sg-bastion] }
  names: { bastion.example.org: 198.51.100.10, inner.lan: 10.20.0.5, dual.v4: 198.51.100.33 }
  accounts: { jump: {}, deputy: { authorized_keys: deputy.keys }, free: {}, admin: {}, leaver: {} }
servers:
  inner: { sshd_config: inner, accounts: { dev: {} } }
  dual: { sshd_config: dual, firewall: dual.nft }
  walled: { sshd_config: walled, firewall: walled.nft, accounts: { dev: {} } }
  cloud: { sshd_config: cloud, firewall: cloud.nft, front_firewall: { file: sg.json, groups: [sg-cloud] } }
home: { ssh_config: ssh_config }
network:
  server:
    - { address: [198.51.100.10/24, "2001:db8:100::10/64"] }
    - { interface: eth1, address: [10.20.0.1/24], ipv6: false }
  servers:
    cloud: { interface: ens5, address: [172.31.5.10/20], ipv6: false, behind: nat, public: 203.0.113.150, ports: { 2222: 22, 8080: 8080 } }
  vantages:
    inner: { lan: eth1, address: [10.20.0.5/24] }
    dual: { lan: server, address: [198.51.100.33/24, "2001:db8:100::33/64"] }
    walled: { lan: eth1, address: [10.20.0.6/24] }
    ci: { lan: eth1, address: [10.20.0.30/24] }
    printer: { lan: eth1, address: [10.20.0.40/24] }
forwards:
  # GatewayPorts yes: every neighbour, the bastion too, and nobody beyond.
  open: { ssh: "-J jump@bastion.example.org -R 8080:localhost:3000 inner.lan", reachable_from: [server, walled, ci, printer] }
  configured: { host: preview, reachable_from: [server, walled, ci, printer] }
  local: { ssh: "-J jump@server -L 8081:localhost:3000 inner.lan", reachable_from: [home] }
  # Who comes from the neighbour has no right there, as sshd sees another address.
  from-neighbour: { from: ci, server: inner, ssh: "-R 8080:localhost:3000", refused_by_server: true }
  # The bastion lists a name, and this is none of it; its admin goes nowhere; its leaver does not even get in.
  other-name: { ssh: "-J jump@server -R 8080:localhost:3000 inner", login: refused }
  by-key: { ssh: "-J deputy@server -R 8080:localhost:3000 inner.lan", jump_keys: { server: laptop }, reachable_from: [server, walled, ci, printer] }
  other-key: { ssh: "-J deputy@server -R 8080:localhost:3000 inner.lan", login: refused }
  admin: { ssh: "-J admin@server -R 8080:localhost:3000 inner.lan", login: refused }
  leaver: { ssh: "-J leaver@server -R 8080:localhost:3000 inner.lan", login: refused }
  # The bastion would go on, but the firewall behind it drops its packets; from a neighbour the same sshd is open.
  walled: { ssh: "-J jump@server -R :8080:localhost:3000 10.20.0.6", login: refused }
  beside: { from: ci, server: walled, ssh: "-R :8080:localhost:3000", reachable_from: [server, inner] }
  # Of a name's addresses the bastion takes one that it gets to, and the config's lines for that one count.
  by-name: { ssh: "-J free@server -L 8082:localhost:3000 dual", reachable_from: [{ vantage: home, is: blocked }] }
  by-address: { ssh: "-J free@server -R 8080:localhost:3000 dual.v4", login: refused }
  # Two jump hosts.
  # To an sshd: its own, another server's, and one that a firewall keeps the dialling server from.
  own-sshd: { ssh: "-J jump@server -L 8083:localhost:2222 inner.lan", reachable_from: [home] }
  other-sshd: { ssh: "-J jump@server -L 8084:10.20.0.6:22 inner.lan", reachable_from: [home] }
  walled-sshd: { server: server, as: free, ssh: "-L 8085:10.20.0.6:22", reachable_from: [{ vantage: home, is: blocked }] }
  # In a cloud: a NAT in front, whose ports alone lead in; and a security group, which lets the bastion in by the group that it is in.
  cloud: { ssh: "-J free@server -p 2222 -R :8080:localhost:3000 203.0.113.150", reachable_from: [other-lan] }
  two: { ssh: "-J deputy@server,dev@10.20.0.5 -R 8080:localhost:3000 walled", reachable_from: [walled] }
`,
};

/** The same servers with this forward, and one of the neighbour's: the same hosts run ssh. */
const policyWith = (web: string) =>
  files["policy.yaml"].replace(
    /forwards:[\s\S]*/,
    `forwards:\n  web: ${web}\n  other: { from: ci, server: walled, ssh: "-R 8081:localhost:80" }\n`,
  );

let folder: string;
let lab: SharedLab;
let result: Result;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jump-hosts-"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const loaded = await loadPolicy(folder);
  lab = (await shareLab([loaded], {})) as SharedLab;
  [result] = (await lab.verify(loaded)) as [Result];
}, 180_000);
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** In the lab that runs. */
async function verify(web: string): Promise<Result> {
  await writeFile(join(folder, "other.yaml"), policyWith(web));
  const loaded = await loadPolicy(join(folder, "other.yaml"));
  expect(lab.fits(loaded)).toBe(true);
  const [other] = await lab.verify(loaded);
  return other as Result;
}

const forward = (name: string) => result.forwards.find((each) => each.name === name) as ResultForward;
const why = (name: string) => {
  const { code, layer, file, line } = forward(name).decidedBy ?? {};
  return { code, layer, at: `${file}:${line}` };
};
/** `vantage verdict`, of IPv4 cells at the addresses that others use. */
const seen = (name: string) =>
  Object.fromEntries(
    result.cells
      .filter(({ forward: of, family, target }) => of === name && family === 4 && !target.startsWith("127."))
      .map(({ vantage, observed }) => [vantage, observed]),
  );

test("all is as the policy says", () => {
  expect(result.cells.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.forwards.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.outcome).toBe("pass");
});

test("behind the jump host a forward is opened at the inner sshd, which sees the jump host's address", () => {
  expect(forward("open")).toMatchObject({ server: "inner", jump: ["server"], account: "dev", granted: true, listensOn: "inner" });
  expect(forward("open").settings).toContainEqual({ keyword: "gatewayports", value: "yes", file: "inner", line: 5 });
  expect(seen("open")).toMatchObject({
    server: "reached",
    ci: "reached",
    printer: "reached",
    internet: "unreachable",
    campus: "unreachable",
  });
  expect(why("from-neighbour")).toEqual({ code: "allow-tcp-forwarding", layer: "sshd-policy", at: "inner:2" });
});

test("an ssh_config's ProxyJump leads the same way; -L listens on the client's side", () => {
  expect(forward("configured")).toMatchObject({ server: "inner", jump: ["server"], granted: true });
  expect(forward("local")).toMatchObject({ server: "inner", jump: ["server"], listensOn: "home" });
});

test("a forward to an sshd of the lab is known by that sshd's greeting", () => {
  const proofs = (name: string) => {
    const own = result.cells.filter(({ forward: of, target }) => of === name && target.startsWith("127."));
    return own.map(({ vantage, observed, evidence }) => `${vantage} ${observed} ${evidence.received?.split(" ").at(-1)}`);
  };
  expect(proofs("own-sshd")).toEqual(["home reached forwardlab-inner"]);
  expect(proofs("other-sshd")).toEqual(["home reached forwardlab-walled"]);
  // The control: of one that a rule keeps away, nothing is heard.
  expect(proofs("walled-sshd")).toEqual(["home filtered undefined"]);
});

test("a jump host that closes idle channels ends the connections that it carries", () => {
  const [warning, ...more] = (result.warningDetails ?? []).filter(({ code }) => code === "idle-jump");
  const { setting, hop, forwards } = (warning?.params ?? {}) as { setting: string; hop: string; forwards: string[] };
  expect({ setting, hop, at: `${warning?.file}:${warning?.line}` }).toEqual({
    setting: "ChannelTimeout direct-tcpip=1h",
    hop: "server",
    at: "bastion:3",
  });
  // Neither one that does not go through it, nor one that does not stand.
  expect(forwards.toSorted()).toEqual(["by-key", "cloud", "configured", "local", "open", "other-sshd", "own-sshd", "two"]);
  expect(more).toEqual([]);
});

test("a jump host that refuses to go on: its line, or its key's", () => {
  expect(why("other-name")).toEqual({ code: "jump-refused", layer: "sshd-policy", at: "bastion:7" });
  expect(forward("other-name").decidedBy?.text).toBe(
    "The jump host server lets jump in, but refuses to connect to inner:2222: `PermitOpen inner.lan:2222 10.20.0.6:22`.",
  );
  expect(why("other-key")).toEqual({ code: "jump-refused", layer: "key-options", at: "deputy.keys:1" });
  expect(why("admin")).toEqual({ code: "jump-refused", layer: "sshd-policy", at: "bastion:1" });
  expect(why("leaver")).toEqual({ code: "login-failed", layer: "sshd-policy", at: "bastion:2" });
});

test("a firewall that keeps the jump host from the inner sshd, and nobody else", () => {
  expect(why("walled")).toEqual({ code: "jump-filtered", layer: "server-firewall", at: "walled.nft:4" });
  expect(seen("beside")).toMatchObject({ server: "reached", inner: "reached", printer: "filtered", internet: "unreachable" });
  const printer = result.cells.find((cell) => cell.forward === "beside" && cell.vantage === "printer");
  expect(printer?.decidedBy).toMatchObject({ layer: "server-firewall", file: "walled.nft", line: 5 });
});

test("a name with two addresses, one of which is filtered", () => {
  const visited = result.cells.find((cell) => cell.forward === "by-name" && cell.target === "127.0.0.1:8082");
  expect(visited).toMatchObject({ observed: "closed", decidedBy: { code: "permit-open", file: "dual", line: 2 } });
  expect(why("by-address")).toEqual({ code: "jump-filtered", layer: "server-firewall", at: "dual.nft:4" });
});

test("a server behind a NAT of its own, with a security group in front, through the bastion that is in the group it lets in", () => {
  expect(forward("cloud")).toMatchObject({ server: "cloud", jump: ["server"], granted: true });
  expect(seen("cloud")).toMatchObject({ "other-lan": "reached", internet: "filtered", server: "filtered" });
  const [internet] = result.cells.filter((cell) => cell.forward === "cloud" && cell.vantage === "internet");
  expect(internet).toMatchObject({ target: "203.0.113.150:8080", decidedBy: { layer: "cloud-firewall", file: "sg.json" } });
});

test("another key of the jump host's account", () => {
  expect(forward("by-key")).toMatchObject({ server: "inner", granted: true });
  expect(forward("other-key")).toMatchObject({ granted: false });
});

test("two jump hosts, one after the other", () => {
  expect(forward("two")).toMatchObject({ server: "walled", jump: ["server", "inner"], granted: true });
  expect(seen("two")).toMatchObject({ ci: "refused", walled: "refused", internet: "unreachable" });
});

test("a jump that must be refused and is not, and one that is refused and must not be", async () => {
  const granted = await verify('{ ssh: "-J jump@server -R 8080:localhost:3000 inner.lan", login: refused }');
  expect(granted.forwards[0]).toMatchObject({ status: "violated", granted: true });
  await expect(verify('{ ssh: "-J admin@server -R 8080:localhost:3000 inner.lan", reachable_from: [ci] }')).rejects.toMatchObject({
    code: "ssh-login",
    message: "the jump host server refuses to connect to inner.lan, port 2222: AllowTcpForwarding no",
    place: { file: "bastion", line: 1 },
  });
});
