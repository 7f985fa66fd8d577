/** Reviews of real servers: what each principal is granted, who reaches it, what takes it away, and what each line is worth. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Review, ReviewFinding, ReviewMutation } from "../../harness/core/review.ts";
import { type ReviewOptions, reviewPath } from "../../harness/pipelines/review.ts";
import type { SubjectOptions } from "../../harness/pipelines/review-subject.ts";
import { verifyPolicy } from "../../harness/pipelines/verify.ts";
import { cli } from "../quick/cli/run-cli.ts";

vi.setConfig({ testTimeout: 180_000 });

type Files = Readonly<Record<string, string>>;

function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-review-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

/** Of a folder's policy, or else its sshd_config; files are named as from the folder. */
async function reviewIn(folder: string, options: ReviewOptions & SubjectOptions = {}): Promise<Review> {
  const path = (file: string) => join(folder, file);
  const { firewall, accounts, ...rest } = options;
  const review = await reviewPath(path(options.firewall || accounts ? "sshd_config" : "policy.yaml"), {
    remedies: false,
    ...rest,
    ...(firewall ? { firewall: firewall.map(path) } : {}),
    ...(accounts ? { accounts: accounts.map((each) => each.replace("=", `=${path("")}`)) } : {}),
  });
  return JSON.parse(JSON.stringify(review).replaceAll(`${relative(process.cwd(), folder)}/`, "")) as Review;
}

/** The same with a policy of one forward, or of none. */
function policyFor(server: object, forwards: object = {}): string {
  return JSON.stringify({ server: { sshd_config: "sshd_config", ...server }, forwards });
}

const placesOf = (finding: ReviewFinding | undefined) =>
  finding?.decidedBy.map(({ file, line, rule }) => [file, line, rule].filter(Boolean).join(":"));
const kindsOf = ({ findings }: Review) => findings.map(({ kind, audience }) => `${kind} ${audience}`);

test("nothing is allowed: every request is refused, and the line that refuses it is told", async () => {
  const folder = folderWith({
    sshd_config: "DisableForwarding yes\nX11Forwarding no\nAllowAgentForwarding no\nPermitTunnel no\n",
    "policy.yaml": policyFor({ accounts: { alice: {}, root: {} } }),
  });
  const report = join(folder, "review.json");
  const { code, stdout } = await cli([
    "review",
    folder,
    "--report",
    "text=-",
    "--report",
    `json=${report}`,
    "--fail-on",
    "account",
    "--quiet",
  ]);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^✔ NOTHING CAN BE EXPOSED {2}no request opens anything to anyone/),
  });
  const review = JSON.parse(readFileSync(report, "utf8")) as Review;
  expect(review).toMatchObject({ outcome: "complete", reasons: [], findings: [], reach: [], counts: { internet: 0, account: 0 } });
  expect(review.principals.map(({ id, loggedIn, vantage }) => ({ id, loggedIn, vantage }))).toEqual(
    ["alice", "root"].map((id) => ({ id, loggedIn: true, vantage: "home" })),
  );
  expect(review.answers.filter(({ granted }) => granted)).toEqual([]);
  expect(new Set(review.answers.map(({ request }) => request.kind))).toEqual(
    new Set(["listener", "target", "socket", "x11", "agent", "tunnel"]),
  );
  for (const { refusedBy, request } of review.answers)
    expect({ request, at: `${refusedBy?.file}:${refusedBy?.line}` }).toEqual({ request, at: "sshd_config:1" });
  expect(review.agreement).toEqual({ asked: 1, differing: [] });
});

test("rules that let ssh in only where the lab's server is not: an error that names the options, never a clean bill", async () => {
  const input = (rule: string) =>
    `table inet f {\n  chain input {\n    type filter hook input priority 0; policy drop;\n    ${rule} accept\n    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n    ct state established accept\n  }\n}\n`;
  const folder = folderWith({
    sshd_config: "AllowTcpForwarding no\n",
    interface: input("iifname ens3 tcp dport 22"),
    address: input("ip daddr 203.0.113.130 tcp dport 22"),
    closed: input("iifname ens3 tcp dport 2222"),
  });
  const review = (firewall: string) => reviewIn(folder, { firewall: [firewall], accounts: ["alice"] });
  await expect(review("interface")).rejects.toMatchObject({
    code: "firewall-interface",
    place: { line: 4 },
    todo: expect.stringContaining("--interface NAME"),
  });
  await expect(review("address")).rejects.toMatchObject({ code: "firewall-address", todo: expect.stringContaining("--address") });
  const { principals } = await review("closed");
  expect(principals).toMatchObject([{ account: "alice", vantage: null }]);
});

test("the server is open to everybody, and --fail-on says that networks are too many", async () => {
  const folder = folderWith({ sshd_config: "GatewayPorts yes\n" });
  const { code, stdout } = await cli([
    "review",
    join(folder, "sshd_config"),
    "--account",
    "alice",
    "--no-remedies",
    "--fail-on",
    "networks",
    "--report",
    "text=-",
    "--quiet",
  ]);
  expect({ code, stdout }).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("alice can open ports 1024-65535 to anyone on the internet"),
  });
});

test("one network for one range of ports: exactly these, with their lines, and a remedy that takes just this away", async () => {
  const folder = folderWith({
    sshd_config: "GatewayPorts clientspecified\n",
    "fw.nft": `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif "lo" accept
    meta l4proto ipv6-icmp accept
    tcp dport 22 accept
    ip saddr 45.13.7.0/24 tcp dport 8000-8099 accept
  }
}
`,
  });
  const given = { firewall: ["fw.nft"], accounts: ["alice"] };
  const review = await reviewIn(folder, { ...given, remedies: true });
  const [found, ...others] = review.findings;
  expect(others.map(({ audience }) => audience)).not.toContain("networks");
  expect(found).toMatchObject({
    kind: "listener",
    audience: "networks",
    accounts: ["alice"],
    ports: "8000-8099",
    listeners: ["0.0.0.0", "198.51.100.10", "[::]"],
    visitors: { prefixes: ["45.13.7.0/24"], families: [{ family: 4, rest: false, except: [], only: ["45.13.7.0/24"] }] },
    lan: false,
    server: true,
    remedy: { summary: { code: "review-remove-rule" }, tried: true, also: [] },
  });
  expect(placesOf(found)).toEqual([
    "sshd_config:1:GatewayPorts clientspecified",
    "fw.nft:8:inet filter input ip saddr 45.13.7.0/24 tcp dport 8000-8099 accept",
  ]);
  execFileSync("patch", ["-p1", "--silent"], { cwd: folder, input: found?.remedy?.patch ?? "" });
  expect(readFileSync(join(folder, "fw.nft"), "utf8")).not.toContain("8000");
  const after = await reviewIn(folder, given);
  expect(after.outcome).toBe("complete");
  expect(kindsOf(after)).toEqual(kindsOf(review).slice(1));
  expect(after.findings.filter(({ audience }) => audience !== "server" && audience !== "account")).toEqual([]);
});

test("--fix-patch: the fixes of all findings that work together, with what is left out, and the folder where they apply", async () => {
  const folder = folderWith({
    "etc/ssh/sshd_config": "GatewayPorts clientspecified\nX11Forwarding yes\nX11UseLocalhost no\nPermitTunnel yes\n",
    "etc/nftables.conf": `table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif "lo" accept
    meta l4proto ipv6-icmp accept
    tcp dport 22 accept
    ip saddr 45.13.7.0/24 tcp dport 8000-8099 accept
    meta nfproto ipv4 tcp dport 9000 accept
    meta nfproto ipv6 tcp dport 9000 accept
  }
}
`,
  });
  const patch = join(folder, "fix.patch");
  const report = join(folder, "review.json");
  const paths = [join(folder, "etc/ssh"), "--firewall", join(folder, "etc/nftables.conf"), "--account", "alice"];
  const run = await cli(["review", ...paths, "--fix-patch", patch, "--report", `json=${report}`, "--report", "text=-"]);
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining(`run \`patch -p1\` in ${folder}/etc`) });
  const text = readFileSync(patch, "utf8");
  expect(text.match(/^(?:---|\+\+\+) .*/gm)).toEqual([
    "--- a/nftables.conf",
    "+++ b/nftables.conf",
    "--- a/ssh/sshd_config",
    "+++ b/ssh/sshd_config",
  ]);
  const told = (heading: "Fixes" | "Left out") =>
    (new RegExp(`^# ${heading}.*\\n((?:#   .*\\n)*)`, "m").exec(text)?.[1] ?? "").match(/(?<=^# {3})[^:]+/gm) ?? ([] as string[]);
  const [fixed, left] = [told("Fixes"), told("Left out")];
  const { findings } = JSON.parse(readFileSync(report, "utf8")) as Review;
  expect([...fixed, ...left].sort()).toEqual(findings.map(({ id }) => id).sort());
  expect(fixed.length).toBeGreaterThan(3);
  const open = findings.filter(({ audience }) => ["internet", "networks", "lan"].includes(audience));
  // Neither rule alone lets everybody in: only both changes together take it away, and nothing with it.
  const at9000 = findings.find(({ audience, ports }) => audience === "internet" && ports === "9000")?.remedy;
  expect(at9000).toMatchObject({ also: [], summary: { code: "review-remove-rule" }, further: [{ code: "review-remove-rule" }] });
  expect([at9000?.summary, ...(at9000?.further ?? [])].map((each) => String(each?.params.place).replace(/.*:/, ""))).toEqual(["9", "10"]);
  expect(fixed).toEqual(expect.arrayContaining(open.map(({ id }) => id)));
  execFileSync("patch", ["-p1", "--silent"], { cwd: join(folder, "etc"), input: text });
  await cli(["review", ...paths, "--no-remedies", "--report", `json=${report}`, "--quiet"]);
  const after = JSON.parse(readFileSync(report, "utf8")) as Review;
  expect(after.outcome).toBe("complete");
  expect(after.findings.filter(({ id }) => fixed.includes(id))).toEqual([]);
  expect(after.findings.filter(({ audience }) => ["internet", "networks", "lan"].includes(audience))).toEqual([]);
  // Nothing that was not there before.
  expect(kindsOf(after).filter((each) => !findings.some(({ kind, audience }) => each === `${kind} ${audience}`))).toEqual([]);
});

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI";

test("key options, sources, Match blocks: who is a principal, who cannot log in, and what plain `sshd -T` does not show", async () => {
  const folder = folderWith({
    sshd_config: `GatewayPorts no
DenyUsers mallory
Match User bob
  GatewayPorts yes
Match Group ops
  PermitListen 9000
Match Address 45.13.7.0/24
  AllowTcpForwarding no
`,
    "alice.keys": `from="45.13.7.0/24" ${key}A laptop
restrict,port-forwarding,permitlisten="localhost:8080" ${key}B ci
`,
    "policy.yaml": policyFor({
      accounts: { alice: { authorized_keys: "alice.keys" }, bob: {}, carol: { groups: ["ops"] }, mallory: {} },
    }),
  });
  const review = await reviewIn(folder);
  expect(
    review.principals.map(({ id, loggedIn, refusedBy }) => `${id}: ${loggedIn ? "in" : `${refusedBy?.file}:${refusedBy?.line}`}`),
  ).toEqual([
    "alice alice.keys:1 from elsewhere: alice.keys:1",
    "alice alice.keys:1 from 45.13.7.0/24: in",
    "alice alice.keys:2 from elsewhere: in",
    "alice alice.keys:2 from 45.13.7.0/24: in",
    "bob from elsewhere: in",
    "bob from 45.13.7.0/24: in",
    "carol from elsewhere: in",
    "carol from 45.13.7.0/24: in",
    "mallory from elsewhere: sshd_config:2",
    "mallory from 45.13.7.0/24: sshd_config:2",
  ]);
  const listeners = review.findings.filter(({ kind }) => kind === "listener");
  expect(listeners.map(({ audience, principals, ports }) => ({ audience, principals, ports }))).toEqual([
    { audience: "internet", principals: ["bob from elsewhere"], ports: "1024-65535" },
    { audience: "server", principals: ["carol from elsewhere"], ports: "9000" },
    { audience: "server", principals: ["alice alice.keys:2 from elsewhere"], ports: "8080" },
  ]);
  expect(review.findings.filter(({ kind }) => kind === "settings")).toMatchObject([
    { params: { setting: "GatewayPorts yes", shown: "GatewayPorts no" }, principals: ["bob from elsewhere", "bob from 45.13.7.0/24"] },
  ]);
  const refusedAt = (principal: string, bind: string) =>
    review.answers.flatMap(({ request, principals, refusedBy }) =>
      request.kind === "listener" && request.bind === bind && principals.includes(principal) && refusedBy
        ? `${request.ports} ${refusedBy.file}:${refusedBy.line}`
        : [],
    );
  expect(refusedAt("alice alice.keys:2 from elsewhere", ":")).toEqual(["1-65535 alice.keys:2"]);
  expect(refusedAt("bob from 45.13.7.0/24", ":")).toEqual(["1-65535 sshd_config:8"]);
  expect(refusedAt("carol from elsewhere", "")).toEqual(["1-8999, 9001-65535 sshd_config:6"]);
});

test("the server's end of a login: Match LocalAddress and LocalPort make logins of their own", async () => {
  const folder = folderWith({
    sshd_config: `Port 22
Port 2222
Match LocalPort 2222
  GatewayPorts yes
Match LocalAddress 198.51.100.11
  DisableForwarding yes
`,
    "policy.yaml": JSON.stringify({
      server: { sshd_config: "sshd_config", accounts: { alice: {} } },
      network: { server: { address: ["198.51.100.10/24", "198.51.100.11/24"], ipv6: false } },
      forwards: {},
    }),
  });
  const review = await reviewIn(folder);
  expect(review.reasons).toEqual([]);
  const ids = ["10 port 22", "10 port 2222", "11 port 22", "11 port 2222"].map((end) => `alice to 198.51.100.${end}`);
  expect(review.principals.map(({ id, loggedIn, to }) => [id, loggedIn, to])).toEqual(
    ids.map((id) => [id, true, { addresses: [id.split(" ")[2]], ports: [Number(id.split(" ").at(-1))] }]),
  );
  const opens = review.findings.filter(({ kind }) => kind === "listener").map(({ audience, principals }) => [audience, ...principals]);
  expect(opens).toEqual([
    ["internet", ids[1]],
    ["server", ids[0]],
  ]);
  expect(placesOf(review.findings[0])).toContain("sshd_config:4:GatewayPorts yes");
  expect(review.coverage.filter(({ state }) => state === "unmet")).toEqual([]);
  const [refused] = review.answers.filter(({ principals, request }) => request.kind === "listener" && principals.includes(ids[2] ?? ""));
  expect(refused).toMatchObject({ granted: false, principals: [ids[2], ids[3]], refusedBy: { file: "sshd_config", line: 6 } });
});

test("X11 displays: for everybody with X11UseLocalhost no, for the account alone without", async () => {
  const folder = folderWith({ sshd_config: "AllowTcpForwarding no\nX11Forwarding yes\nMatch User alice\n  X11UseLocalhost no\n" });
  const review = await reviewIn(folder, { accounts: ["alice", "bob"] });
  const of = (account: string) => review.findings.filter(({ kind, accounts }) => kind === "x11" && accounts.includes(account));
  const [[open, ...more], [own, ...others]] = [of("alice"), of("bob")];
  expect([more, others]).toEqual([[], []]);
  expect(open).toMatchObject({ audience: "internet", accounts: ["alice"], lan: true, server: true });
  expect(placesOf(open)).toEqual(["sshd_config:4:X11UseLocalhost no"]);
  expect(own).toMatchObject({ audience: "account", accounts: ["bob"], visitors: null });
  expect(placesOf(own)).toEqual(["sshd_config:2:X11Forwarding yes"]);
});

test("clients of a private network that a Match block names: they log in, and what they open counts", async () => {
  const folder = folderWith({
    sshd_config: "X11Forwarding no\nMatch Address 10.0.0.0/8\n  GatewayPorts yes\n",
    "policy.yaml": policyFor({ accounts: { alice: {} } }),
  });
  const review = await reviewIn(folder);
  expect([review.outcome, review.reasons]).toEqual(["complete", []]);
  const within = review.principals.filter(({ from }) => from.includes("10.0.0.0/8"));
  expect(within.map(({ loggedIn, vantage }) => [loggedIn, vantage])).toEqual([[true, "10.0.0.1"]]);
  const opens = (audience: string) => review.findings.filter((each) => each.kind === "listener" && each.audience === audience);
  expect(opens("internet").flatMap(({ principals }) => principals)).toEqual(within.map(({ id }) => id));
  // The control: everybody else listens on loopback alone.
  expect(opens("server").flatMap(({ principals }) => principals)).toEqual(
    review.principals.filter((each) => !within.includes(each)).map(({ id }) => id),
  );
  expect(review.coverage.filter(({ state }) => state === "unmet")).toEqual([]);
});

test("what each line is worth: how many changes a policy notices, and a forward that notices one more", async () => {
  const neighbour = [{ vantage: "campus", address: "link-local" }];
  const folder = folderWith({
    sshd_config: "GatewayPorts clientspecified\n",
    "fw.nft": `table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ip6 saddr fe80::/10 tcp dport 1024-65535 accept
    tcp dport 5000-5999 drop
    tcp dport 1024-7999 drop
    tcp dport 8000-65535 drop
    tcp dport 5500 drop
  }
}
`,
    "policy.yaml": policyFor(
      { firewall: "fw.nft", accounts: { alice: {} } },
      { web: { as: "alice", ssh: "-R :2000:localhost:80", reachable_from: neighbour } },
    ),
  });
  const { sensitivity } = await reviewIn(folder, { whatIf: true });
  const { mutations = [], score, proposals = [] } = sensitivity ?? {};
  const told = (all: readonly ReviewMutation[]) =>
    all.map(({ file, line, instead, effect, audience, noticed }) =>
      [`${file}:${line}`, instead, effect, audience, noticed].filter((each) => each !== null && each !== "").join(" "),
    );
  expect(told(mutations)).toEqual([
    "fw.nft:3 type filter hook input priority filter; policy drop; closes",
    "fw.nft:4 closes",
    "fw.nft:4 ip6 saddr fe80::/10 tcp dport 1024-65535 drop closes",
    "fw.nft:5 backed-up",
    "fw.nft:5 tcp dport 5000-5999 accept opens internet false",
    "fw.nft:6 opens internet true",
    "fw.nft:6 tcp dport 1024-7999 accept opens internet true",
    "fw.nft:7 opens internet false",
    "fw.nft:7 tcp dport 8000-65535 accept opens internet false",
    "fw.nft:8 none",
    "fw.nft:8 tcp dport 5500 accept none",
    "sshd_config:1 closes",
    "sshd_config:1 GatewayPorts yes none",
    "sshd_config:1 GatewayPorts no closes",
  ]);
  expect(score).toEqual({ noticed: 2, of: 5 });
  expect(proposals.map(({ ssh, ...rest }) => ({ port: /^-R :(\d+):/.exec(ssh)?.[1], ...rest }))).toEqual(
    ["5001", "1025", "8001"].map((port) => ({ as: "alice", port, refused: false, reachableFrom: neighbour })),
  );
  // Each proposal holds today, and one of them notices what the policy did not.
  const guards = proposals.map(({ as, ssh, reachableFrom }, at) => [`guard-${at}`, { as, ssh, reachable_from: reachableFrom }]);
  const guarded = join(folder, "guarded.yaml");
  writeFileSync(guarded, policyFor({ firewall: "fw.nft", accounts: { alice: {} } }, Object.fromEntries(guards)));
  expect((await verifyPolicy(guarded, { remedies: false })).outcome).toBe("pass");
  const firewall = join(folder, "fw.nft");
  writeFileSync(firewall, readFileSync(firewall, "utf8").replace(/^.*8000.*$/m, ""));
  const { outcome, cells } = await verifyPolicy(guarded, { remedies: false });
  expect([outcome, new Set(cells.filter(({ status }) => status === "violated").map(({ forward }) => forward))]).toEqual([
    "fail",
    new Set(["guard-2"]),
  ]);
});

/** What a change of a line does: `file:line what → instead effect audience`. */
function worths({ sensitivity }: Review, file: string): string[] {
  return (sensitivity?.mutations ?? [])
    .filter((each) => each.file === file)
    .map(({ line, rule, instead, effect, audience }) => [`${line} ${rule} →`, instead, effect, audience].filter(Boolean).join(" "));
}

test("what rules over several lines, and elements of sets, maps and variables are worth; what is not tried is told", async () => {
  const folder = folderWith({
    sshd_config: "GatewayPorts yes\nPermitListen 6000 7000 8000 9000 9001\n",
    "fw.nft": `define closed = { 6000 }
table inet filter {
  set bad {
    type ipv4_addr
    flags interval
    elements = { 45.13.7.0/24,
      91.7.0.0/16 }
  }
  map ports {
    type inet_service : verdict
    elements = { 9000 : drop, 9001 : accept }
  }
  chain input {
    type filter hook input priority filter; policy accept;
    tcp dport $closed drop
    tcp dport {
      7000, # for later
      7001
    } drop
    ip saddr @bad tcp dport 8000 drop
    tcp dport vmap @ports
  }
}
`,
    "policy.yaml": policyFor({ firewall: "fw.nft", accounts: { alice: {} } }),
  });
  const review = await reviewIn(folder, { whatIf: true });
  expect(review.reasons).toEqual([]);
  expect(worths(review, "fw.nft")).toEqual([
    "14 type filter hook input priority filter; policy accept; → type filter hook input priority filter; policy drop; closes",
    "15 tcp dport $closed drop → opens internet",
    "15 tcp dport $closed drop → tcp dport $closed accept opens internet",
    "16 tcp dport { 7000, 7001 } drop → opens internet",
    "16 tcp dport { 7000, 7001 } drop → tcp dport { 7000, 7001 } accept opens internet",
    "17 tcp dport { 7000, 7001 } drop → tcp dport { 7001 } drop opens internet",
    "18 tcp dport { 7000, 7001 } drop → tcp dport { 7000 } drop none",
    "20 ip saddr @bad tcp dport 8000 drop → opens networks",
    "20 ip saddr @bad tcp dport 8000 drop → ip saddr @bad tcp dport 8000 accept opens networks",
    "21 tcp dport vmap @ports → opens internet",
    "6 45.13.7.0/24 → opens networks",
    "7 91.7.0.0/16 → opens networks",
    "11 9000 : drop → opens internet",
    "11 9000 : drop → 9000 : accept opens internet",
    "11 9001 : accept → none",
    "11 9001 : accept → 9001 : drop closes",
  ]);
  expect(review.sensitivity?.notTried).toMatchObject([{ file: "fw.nft", line: 1, code: "what-if-only-element" }]);
});

test("what members of an ipset are worth", async () => {
  const folder = folderWith({
    sshd_config: "GatewayPorts yes\nPermitListen 8000\n",
    "rules.v4": `*filter
:INPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 8000 -m set --match-set bad src -j DROP
COMMIT
`,
    "rules.v6": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    "ipset.save":
      "create bad hash:net family inet hashsize 1024 maxelem 65536\nadd bad 45.13.0.0/16\nadd bad 45.13.7.0/24 nomatch\nadd bad 10.77.0.1\n",
    "policy.yaml": policyFor({ firewall: ["rules.v4", "rules.v6"], ipsets: "ipset.save", accounts: { alice: {} } }),
  });
  const review = await reviewIn(folder, { whatIf: true });
  expect(review.reasons).toEqual([]);
  expect(worths(review, "ipset.save")).toEqual([
    "2 add bad 45.13.0.0/16 → opens networks",
    "3 add bad 45.13.7.0/24 nomatch → closes",
    "4 add bad 10.77.0.1 → none",
  ]);
  expect(review.sensitivity?.notTried).toEqual([]);
});

test("a login by certificate: the options of the line that lets it in; a target whose first address is dropped is reached by its second", async () => {
  const folder = folderWith({
    sshd_config:
      "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedKeysFile none\nAuthorizedPrincipalsFile /etc/principals/%u\nGatewayPorts yes\n",
    "alice.principals": 'permitlisten="8081" ci\n',
    "rules.v6": "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -p tcp -j DROP\nCOMMIT\n",
    "policy.yaml": policyFor({
      firewall: ["open.v4", "rules.v6"],
      accounts: { alice: { authorized_principals: "alice.principals" } },
    }),
    "open.v4": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
  });
  const review = await reviewIn(folder);
  const reached = review.answers.flatMap(({ request, reached }) =>
    request.kind === "target" && request.of === "loopback" ? [[request.target.replace(/:\d+$/, ""), reached]] : [],
  );
  expect(Object.fromEntries(reached)).toEqual({ localhost: true, "127.0.0.1": true, "[::1]": false });
  expect(review.principals).toMatchObject([{ loggedIn: true, login: { certificate: true, file: "alice.principals", line: 1 } }]);
  expect(review.findings[0]).toMatchObject({ kind: "listener", audience: "internet", ports: "8081", accounts: ["alice"] });
  expect(
    review.answers.find(({ request }) => request.kind === "listener" && request.bind === ":" && !request.ports.includes("8081")),
  ).toMatchObject({
    granted: false,
    refusedBy: { file: "alice.principals", line: 1 },
  });
});

test("targets that a list permits are reached where no policy describes them, unless a rule stops what sshd dials; what nobody can be is told", async () => {
  const output = `table inet f {
  chain output { type filter hook output priority 0; ip daddr 10.20.0.5 tcp dport 5432 drop; }
}
`;
  const folder = folderWith({
    sshd_config: "PermitOpen db.internal:5432 10.20.0.5:5432 198.51.100.77:22 [2001:db8:9::5]:443\n",
    impossible: "PermitOpen 198.51.100.1:80\n",
    denied: "AllowTcpForwarding no\nPermitOpen 198.51.100.1:80 db.internal:5432\n",
    output,
  });
  const targetsOf = ({ findings }: Review) => findings.filter(({ kind }) => kind === "target").flatMap(({ targets }) => targets);
  const open = await reviewIn(folder, { accounts: ["alice"] });
  expect(targetsOf(open)).toEqual(["db.internal:5432", "10.20.0.5:5432", "198.51.100.77:22", "[2001:db8:9::5]:443"]);
  expect(open.warningDetails).toContainEqual(
    expect.objectContaining({ code: "target-address-assumed", params: { name: "db.internal", address: "198.18.0.1" } }),
  );
  const stopped = await reviewIn(folder, { accounts: ["alice"], firewall: ["output"] });
  expect(targetsOf(stopped)).toEqual(["db.internal:5432", "198.51.100.77:22", "[2001:db8:9::5]:443"]);
  const of = (config: string) => reviewPath(join(folder, config), { accounts: ["alice"], remedies: false });
  expect(await of("impossible")).toMatchObject({
    outcome: "inconclusive",
    reasons: [{ code: "review-target-not-tried", params: { target: "198.51.100.1:80" } }],
  });
  const denied = await of("denied");
  expect(denied).toMatchObject({ outcome: "complete", reasons: [] });
  expect((denied.warningDetails ?? []).map(({ code }) => code)).not.toContain("target-address-assumed");
});
