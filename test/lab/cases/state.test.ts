/** Rules with memory: each visitor is the first one they see, whatever the lab itself has sent before. */
import { expect } from "../../../harness/vitest/index.ts";
import { test } from "../clientspecified.ts";

const nft = (rules: string, objects = "") => `table inet edge {
  ${objects}
  chain input {
    type filter hook input priority 0; policy drop;
    iifname lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ${rules}
  }
}
`;

test("one packet an hour is enough for each visitor by itself", async ({ lab }) => {
  await lab.use({ firewall: nft("tcp dport 43234 limit rate 1/hour burst 1 packets accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
  await expect(lab.campus).toReach(forward);
  await expect(lab.otherLan).toReach(forward);
});

test("a limit that lets only the surplus pass lets in whoever sends the packet again", async ({ lab }) => {
  await lab.use({ firewall: nft("tcp dport 43234 limit rate over 1/hour burst 1 packets accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
});

test.for([
  ["beyond a quota", nft("tcp dport 43234 quota over 10 kbytes accept")],
  ["each hundredth packet", nft("tcp dport 43234 numgen inc mod 100 99 accept")],
  [
    "beyond a rate that no single client reaches",
    nft("tcp dport 43234 limit rate over 1000/second burst 500 packets jump open", "chain open { accept; }"),
  ],
  [
    "connections above a number",
    [
      "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 43234 -m connlimit --connlimit-above 50 -j ACCEPT\nCOMMIT\n",
    ],
  ],
] as const)("%s: whoever tries often enough gets in, so nothing is proven", async ([, firewall], { lab }) => {
  await lab.use({ firewall: typeof firewall === "string" ? firewall : ([firewall[0], firewall[0]] as const) });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  expect(await lab.internet.sees(forward, { family: 4 })).toMatchObject([
    { verdict: "inconclusive", unproven: expect.stringContaining("how often, and how soon, a client tries again") },
  ]);
});

test.for([
  ["drops beyond a quota", nft("tcp dport 43234 quota over 10 kbytes drop")],
  ["accepts another port beyond a quota", nft("tcp dport 43235 quota over 10 kbytes accept")],
] as const)("the control: what %s lets nobody in", async ([, firewall], { lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: "server-firewall" });
});

test("the control: a limit for another port keeps everybody out, and what does is named", async ({ lab }) => {
  await lab.use({ firewall: nft("tcp dport 43235 limit rate 1/hour burst 1 packets accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 4 } });
  await expect(lab.campus).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 4 } });
});

test("a trap on one port does not close another one to a visitor who never touched it", async ({ lab }) => {
  const trap = `ip saddr @caught drop
    tcp dport 8081 add @caught { ip saddr } drop
    tcp dport 43234 accept`;
  await lab.use({ firewall: nft(trap, "set caught { type ipv4_addr; flags dynamic, timeout; timeout 1h; }") });
  await using bait = await lab.home.ssh("-R", ":8081:localhost:3389");
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(bait, "filtered", { family: 4, by: { line: 10 } });
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 4 });
});

test("the control: an address that the ruleset's own file bans is kept out", async ({ lab }) => {
  const rules = "ip saddr @banned drop\n    tcp dport 43234 accept";
  await lab.use({ firewall: nft(rules, "set banned { type ipv4_addr; elements = { 192.0.2.66 }; }") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { line: 9 } });
  await expect(lab.otherLan).toReach(forward, { family: 4 });
});

test("nobody has knocked: probes of the knock ports open nothing", async ({ lab }) => {
  const knocking = `tcp dport 7001 ct state new add @knocked { ip saddr timeout 1m } drop
    tcp dport 7002 ct state new ip saddr @knocked add @opened { ip saddr timeout 1h } drop
    ip saddr @opened tcp dport 43234 accept`;
  const sets = `set knocked { type ipv4_addr; flags timeout; size 1024; }
  set opened { type ipv4_addr; flags timeout; size 1024; }`;
  await lab.use({ firewall: nft(knocking, sets) });
  await using first = await lab.home.ssh("-R", ":7001:localhost:3389");
  await using second = await lab.home.ssh("-R", ":7002:localhost:3389");
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).not.toReach(first);
  await expect(lab.internet).not.toReach(second);
  await expect(lab.internet).toSee(forward, "filtered", { family: 4 });
});

test("ten logins within seconds are not ten visits: a login limit bans nobody here", async ({ lab }) => {
  const dump = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name LOGINS --rsource
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 60 --hitcount 3 --name LOGINS --rsource -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8090 -j ACCEPT
COMMIT
`;
  await lab.use({ firewall: [dump, dump.replaceAll("icmp", "ipv6-icmp")] });
  for (let login = 0; login < 4; login++) {
    await using forward = await lab.home.ssh("-R", "0.0.0.0:8090:localhost:3389");
    await expect(lab.otherLan).toReach(forward, { family: 4 });
  }
});

test("a rule that decides by chance or by the clock proves no block", async ({ lab }) => {
  for (const rule of ["tcp dport 43234 numgen random mod 1000 < 1 accept", 'tcp dport 43234 meta hour "00:00"-"00:01" accept']) {
    await lab.use({ firewall: nft(rule) });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "inconclusive");
  }
});

test("a ban that ends by itself leaves open what becomes of those whom it is about, and of nobody else", async ({ lab }) => {
  const banned = `${nft("ip saddr @banned drop\n    tcp dport 43234 accept")}`;
  const set = "set banned { type ipv4_addr; flags timeout; elements = { 192.0.2.66 timeout 4h expires 3h } }";
  await lab.use({ firewall: banned.replace("chain", `${set}\n  chain`) });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "inconclusive", { family: 4 });
  await expect(lab.otherLan).toReach(forward);
});

test("a rule that leads a port to one of several proves neither that it gets to the forward nor that it does not", async ({ lab }) => {
  const nat =
    "table inet n {\n  chain pre {\n    type nat hook prerouting priority dstnat\n    tcp dport 43234 redirect to :43234-65000 random\n  }\n}\n";
  await lab.use({ firewall: nat });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "inconclusive");
});

test("the control: where such a rule is about another port, a block is one", async ({ lab }) => {
  await lab.use({ firewall: nft("tcp dport 43235 numgen random mod 1000 < 1 accept") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered");
});
