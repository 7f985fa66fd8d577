/** What a policy gives besides config and firewall counts on the running server. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Result } from "../../harness/core/result.ts";
import { verifyPolicy } from "../../harness/pipelines/verify.ts";
import { findings } from "../../harness/report/findings.ts";

async function verify(files: Record<string, string>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "policy-inputs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return verifyPolicy(folder, { remedies: false });
}

/** `vantage target observed`, of IPv4 cells. */
const seen = (result: Result, forward: string, ...vantages: string[]) =>
  result.cells
    .filter((cell) => cell.forward === forward && cell.family === 4 && vantages.includes(cell.vantage))
    .map((cell) => `${cell.vantage} ${cell.target} ${cell.observed}`);

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

test("a server behind NAT: published ports lead in, others nowhere; its own key files, options and settings count", async () => {
  const result = await verify({
    "ssh/sshd_config": "AuthorizedKeysFile /etc/ssh/keys/%u\nVendorOnly yes\nInclude /opt/site/*.conf\n",
    "ssh/keys/alice": `restrict,port-forwarding,permitlisten="8080" ${key} alice@site\n`,
    "ssh/keys/bob": `${key} bob@site\n`,
    "site/forwarding.conf": "AllowTcpForwarding no\n",
    "policy.yaml": `server:
  sshd_config: ssh
  files: { /opt/site: site }
  ignore_unknown: [VendorOnly]
  sshd_options: [AllowTcpForwarding=yes, GatewayPorts=yes]
  sysctl: { net/ipv6/conf/all/disable_ipv6: 1 }
  accounts: { alice: {}, bob: {}, carol: {} }
  behind: nat
  public: 203.0.113.140
  ports: { 2222: 22, 8000: 8080 }
network:
  server: { interface: ens5, address: [172.31.5.10/20] }
forwards:
  web: { as: alice, ssh: "-R 8080:localhost:80", reachable_from: [anyone, server] }
  other: { as: alice, ssh: "-R 8081:localhost:80", refused_by_server: true }
  unpublished: { as: bob, ssh: "-R 8081:localhost:80", reachable_from: [campus] }
`,
  });
  expect(result.outcome).toBe("pass");
  expect(seen(result, "web", "internet", "campus", "server")).toEqual([
    "server 127.0.0.1:8080 reached",
    "server 172.31.5.10:8080 reached",
    "campus 172.31.5.10:8080 reached",
    "internet 203.0.113.140:8000 reached",
  ]);
  expect(result.cells.filter(({ target }) => target.startsWith("[::1]"))).toEqual([]);
  expect(result.forwards.find(({ name }) => name === "other")?.decidedBy?.file).toBe("ssh/keys/alice");
  expect(seen(result, "unpublished", "internet", "campus")).toEqual([
    "campus 172.31.5.10:8081 reached",
    "internet 203.0.113.140:8081 filtered",
  ]);
  expect(result.provenance.adaptations.some((text) => text.includes("vendoronly commented out"))).toBe(true);
  expect(result.warnings.some((text) => text.startsWith("carol: no key at /etc/ssh/keys/carol"))).toBe(true);
});

test("a gateway elsewhere: a /32 and a /128 reach, and are reached by, everybody", async () => {
  const result = await verify({
    sshd_config: "GatewayPorts yes\n",
    "policy.yaml": `server: { sshd_config: sshd_config }
network:
  server: { interface: ens3, address: [203.0.113.130/32, "2001:db8:aa::5/128"] }
forwards:
  web: { ssh: "-R 8080:localhost:80", reachable_from: [anyone] }
`,
  });
  expect(result.outcome).toBe("pass");
  expect(seen(result, "web", "campus", "internet")).toEqual(["campus 203.0.113.130:8080 reached", "internet 203.0.113.130:8080 reached"]);
});

test("home's own firewall stops ssh: an error that names its rule, no verdict", async () => {
  const files = (verdict: string) => ({
    sshd_config: "GatewayPorts yes\n",
    "home.nft": `table inet filter {\n  chain output {\n    type filter hook output priority 0; policy accept;\n    tcp dport 22 ${verdict}\n  }\n}\n`,
    "policy.yaml": `server: { sshd_config: sshd_config }
home: { firewall: home.nft }
forwards:
  web: { ssh: "-R 8080:localhost:80", reachable_from: [anyone] }
`,
  });
  await expect(verify(files("reject"))).rejects.toMatchObject({ code: "ssh-filtered", place: { file: "home.nft", line: 4 } });
  expect((await verify(files("accept"))).outcome).toBe("pass");
});

test("a login that the config turns away is what the policy may expect; one that succeeds is then a violation", async () => {
  const result = await verify({
    sshd_config: "AllowGroups tunnels\nGatewayPorts yes\n",
    "policy.yaml": `server:
  sshd_config: sshd_config
  accounts: { alice: { groups: [tunnels] }, bob: {} }
forwards:
  denied: { as: bob, ssh: "-R 8080:localhost:80", login: refused }
  also-denied: { as: bob, ssh: "-R 8080:localhost:80", refused_by_server: true }
  let-in: { as: alice, ssh: "-R 8080:localhost:80", login: refused }
`,
  });
  expect(Object.fromEntries(result.forwards.map(({ name, status }) => [name, status]))).toEqual({
    denied: "held",
    "also-denied": "held",
    "let-in": "violated",
  });
  expect(result.forwards.find(({ name }) => name === "denied")?.decidedBy).toMatchObject({ file: "sshd_config", line: 1 });
  expect(findings(result)[0]).toMatchObject({
    title: "let-in: the account can log in and must not",
    expected: "refused at login",
    observed: "let in at login",
  });
});

test("the server's own accounts: primary groups, numbers and names in rules, locks, and shells that forwards do not need", async () => {
  const result = await verify({
    "etc/passwd":
      "root:x:0:0:root:/root:/bin/bash\nalice:x:2001:300::/srv/alice:/usr/sbin/nologin\nold:x:2002:300::/srv/old:/bin/sh\nweb:x:33:33::/var/www:/bin/false\n",
    "etc/group": "root:x:0:\ntunnel:x:300:\nweb:x:33:\n",
    "etc/shadow": "alice:*:19000::::::\nold:!:19000::::::\nweb:*:19000::::::\n",
    "ssh/sshd_config": "AllowTcpForwarding no\nMatch Group tunnel\n  AllowTcpForwarding yes\n",
    "rules.nft": `table inet f {
  chain output {
    type filter hook output priority 0; policy accept;
    tcp dport 8080 meta skuid "web" drop
    tcp dport 8081 meta skgid "tunnel" accept
    tcp dport 8081 drop
  }
}
`,
    "policy.yaml": `server:
  sshd_config: ssh
  firewall: rules.nft
  files: { /etc: etc }
  accounts: { alice: {}, old: {}, web: {} }
forwards:
  number: { as: alice, ssh: "-R 8080:localhost:80", reachable_from: [{ vantage: server, as: alice }, { vantage: server, as: web, is: filtered }] }
  group: { as: alice, ssh: "-R 8081:localhost:80", reachable_from: [{ vantage: server, as: alice }, { vantage: server, as: web, is: filtered }] }
  locked: { as: old, ssh: "-R 8082:localhost:80", login: refused }
  outside: { as: web, ssh: "-R 8083:localhost:80", refused_by_server: true }
`,
  });
  expect(result.outcome).toBe("pass");
  expect(JSON.stringify(result.forwards.find(({ name }) => name === "locked"))).toContain("User old not allowed because account is locked");
  expect(result.provenance.adaptations.join("\n")).toContain("the 4 accounts of etc/passwd and the 3 groups of etc/group");
});

test("rules that match control groups: sshd's, and those into which PAM moves logins", async () => {
  const files = (usePam: "yes" | "no") => ({
    sshd_config: `GatewayPorts yes\nUsePAM ${usePam}\n`,
    "nftables.conf": `table inet devbox {
  chain input {
    type filter hook input priority -10; policy accept;
    ct state established accept
    iifname lo accept
    socket cgroupv2 level 2 "user.slice/user-1001.slice" drop
  }
  chain output {
    type filter hook output priority 0; policy accept;
    oifname lo tcp dport 8081 socket cgroupv2 level 2 != "user.slice/user-1002.slice" drop
    tcp dport 9000 socket cgroupv2 level 5 "user.slice/user-1001.slice/user@1001.service/app.slice/worker.slice" reject
    tcp dport 9001 socket cgroupv2 level 2 "system.slice/ssh.service" drop
  }
}
`,
    "policy.yaml": `server:
  sshd_config: sshd_config
  firewall: nftables.conf
  accounts: { tenant: { uid: 1001 }, worker: { uid: 1002 }, carol: {} }
  cgroups:
    sshd: /system.slice/ssh.service
    logins: { tenant: /user.slice/user-1001.slice/session-1.scope, worker: /user.slice/user-1002.slice/session-2.scope }
    others: [/user.slice/user-1001.slice/user@1001.service/app.slice/worker.slice]
forwards:
  tenants: { as: tenant, ssh: "-R :8080:localhost:80", reachable_from: [server] }
  local: { as: worker, ssh: "-R 8081:localhost:80", reachable_from: [{ vantage: server, as: worker }, { vantage: server, as: carol }] }
  out: { as: tenant, ssh: "-L 9000:campus:9000", reachable_from: [home] }
  sshds: { as: carol, ssh: "-L 9001:campus:9001", reachable_from: [home] }
  moved: { as: worker, ssh: "-L 9001:campus:9001", reachable_from: [home] }
`,
  });
  const moved = await verify(files("yes"));
  expect(seen(moved, "tenants", "campus", "server")).toEqual([
    "server 127.0.0.1:8080 reached",
    "server 198.51.100.10:8080 reached",
    "campus 198.51.100.10:8080 filtered",
  ]);
  const asAccounts = moved.cells.filter(({ forward, family, target }) => forward === "local" && family === 4 && target.startsWith("127."));
  expect(asAccounts.map(({ as, observed }) => `${as} ${observed}`)).toEqual(["undefined filtered", "carol filtered", "worker reached"]);
  const inward = moved.cells.filter(({ target }) => /^127\.0\.0\.1:900\d$/.test(target));
  expect(Object.fromEntries(inward.map(({ forward, observed, decidedBy }) => [forward, [observed, decidedBy?.line]]))).toEqual({
    out: ["reached", undefined],
    sshds: ["filtered", 12],
    moved: ["reached", undefined],
  });
  // Without PAM a login stays where sshd is, here as on the server.
  const stay = await verify(files("no"));
  expect(seen(stay, "tenants", "campus")).toEqual(["campus 198.51.100.10:8080 reached"]);
  expect(stay.warningDetails?.map(({ code }) => code)).toContain("logins-stay-in-cgroup");
  expect(moved.warningDetails?.map(({ code }) => code)).not.toContain("logins-stay-in-cgroup");
});
