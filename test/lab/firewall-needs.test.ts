/** Rules that need more than themselves: interfaces, accounts, names, ipsets, a table's owner. */
import { applyFirewall } from "../../harness/lab/apply-firewall.ts";
import { readFirewall } from "../../harness/session/server-input.ts";
import { expect, labTest } from "../../harness/vitest/index.ts";

const test = labTest({ sshd: "GatewayPorts clientspecified\n", accounts: { tunnel: {}, kiosk: { uid: 1234 } } });
const port = 43234;
const input = (rules: string) => `table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iifname lo accept
    tcp dport 22 accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
${rules}
  }
}
`;

test("an accept on an interface that the lab's server lacks", async ({ lab }) => {
  await lab.use({ firewall: input(`    iifname eno1 tcp dport ${port} accept`) });
  const { rules } = lab.forwardLab;
  expect(rules.warnings).toEqual([
    {
      code: "foreign-interface",
      params: { rule: expect.stringContaining("iifname eno1"), names: ["eno1"], matches: "never" },
      file: "firewall",
      line: 8,
    },
  ]);
  expect(() => rules.requireKnown([22, 8080])).not.toThrow();
  expect(() => rules.requireKnown([port])).toThrow(
    expect.objectContaining({
      code: "firewall-interface",
      place: { file: "firewall", line: 8 },
      todo: expect.stringContaining("{ interface: eno1 }"),
    }),
  );
  await lab.use({ firewall: input(`    iifname "wg*" tcp dport ${port} accept`) });
  expect(() => lab.forwardLab.rules.requireKnown([port])).toThrow(
    expect.objectContaining({ message: expect.stringContaining(" on wg*, "), todo: expect.stringContaining("{ interface: wg0 }") }),
  );
  await lab.use({ firewall: input(`    iifname { "docker0", "br-*" } tcp dport ${port} accept`) });
  expect(() => lab.forwardLab.rules.requireKnown([port])).not.toThrow();
  const nat = `table ip n {\n  chain pre {\n    type nat hook prerouting priority dstnat;\n    iifname eno1 tcp dport 443 redirect to :${port}\n  }\n}\n`;
  await lab.use({ firewall: `${input(`    tcp dport ${port} accept`)}${nat}` });
  expect(() => lab.forwardLab.rules.requireKnown([8080])).not.toThrow();
  expect(() => lab.forwardLab.rules.requireKnown([port])).toThrow(`A rule redirects port 443 to port ${port} on eno1`);
});

test("rules about what passes a bridge, where the lab has none", async ({ lab }) => {
  const bridge = `table bridge b {\n  chain input {\n    type filter hook input priority 0;\n    tcp dport ${port} drop\n  }\n}\n`;
  await lab.use({ firewall: bridge });
  const place = { file: "firewall", line: 4 };
  expect(lab.forwardLab.rules.warnings).toMatchObject([{ code: "bridge-table", ...place }]);
  await lab.use({ firewall: bridge.replace("bridge b", "inet b") });
  expect(lab.forwardLab.rules.warnings).toEqual([]);
});

test("what the kernel refuses is told at its rule, whatever tables the lab has already", async ({ lab }) => {
  await lab.use({ firewall: input("") });
  const place = { file: "firewall", line: 8, column: 10 };
  await expect(lab.use({ firewall: input("    jump nowhere") })).rejects.toMatchObject({ code: "firewall-load", place });
  await lab.use({ firewall: input("") });
});

test("an interface that has to be there when the rules are loaded", async ({ lab }) => {
  await expect(lab.use({ firewall: input("    iif docker0 accept") })).rejects.toMatchObject({
    code: "firewall-needs",
    place: { file: "firewall", line: 8 },
    todo: expect.stringMatching(/network\.server.*docker0/),
  });
});

test("accounts of the server by name, others not", async ({ lab }) => {
  const output = (who: string) =>
    `table inet out {\n  chain output {\n    type filter hook output priority 0;\n    meta skuid "${who}" drop\n  }\n}\n`;
  await lab.use({ firewall: output("kiosk") });
  const [rule] = lab.forwardLab.rules.listing.nftables.flatMap((entry) => entry.rule ?? []);
  expect(JSON.stringify(rule?.expr)).toContain("1234");
  await expect(lab.use({ firewall: output("nobody-there") })).rejects.toMatchObject({
    code: "firewall-needs",
    place: { file: "firewall", line: 4 },
    todo: expect.stringContaining("server.accounts"),
  });
});

test("names of hosts", async ({ lab }) => {
  const dump =
    "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s boot.example.org -p tcp --dport 22 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n";
  const files = await readFirewall(dump, "");
  if (!files) throw new Error("no firewall");
  await expect(applyFirewall(lab.forwardLab.lab, "server", files)).rejects.toMatchObject({
    code: "firewall-needs",
    place: { file: "firewall", line: 3 },
    todo: expect.stringContaining("server.names"),
  });
  const { lab: running } = lab.forwardLab;
  const hosts = await running.host("server").readFile("/etc/hosts");
  await running.host("server").writeFiles({ "/etc/hosts": { content: `${hosts}192.0.2.7\tboot.example.org\n` } });
  const rules = await applyFirewall(running, "server", files);
  expect(JSON.stringify(rules.listing)).toContain("192.0.2.7");
});

test("ipsets as they were saved, also after a reset", async ({ lab }) => {
  const dump = `*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p icmp -j ACCEPT\n-A INPUT -p tcp --dport ${port} -m set --match-set friends src -j SET --add-set friends dst\n-A INPUT -p tcp --dport ${port} -m set --match-set friends src -j ACCEPT\nCOMMIT\n`;
  const files = await readFirewall(dump, "");
  if (!files) throw new Error("no firewall");
  await expect(applyFirewall(lab.forwardLab.lab, "server", files)).rejects.toMatchObject({
    code: "firewall-needs",
    todo: expect.stringContaining("server.ipsets"),
  });
  await using forward = await lab.home.ssh("-R", `0.0.0.0:${port}:localhost:3389`);
  const rules = await applyFirewall(lab.forwardLab.lab, "server", {
    ...files,
    ipsets: "create friends hash:ip family inet hashsize 1024 maxelem 65536\nadd friends 192.0.2.66\n",
  });
  expect(rules.stateful).toBe(true);
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.campus).not.toReach(forward, { family: 4 });
  await rules.resetState();
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.campus).not.toReach(forward, { family: 4 });
});

test("a table with an owner stays as long as its rules are in force, and no longer", async ({ lab }) => {
  await lab.use({ firewall: input("").replace("{\n", "{\n  flags owner\n") });
  await using forward = await lab.home.ssh("-R", `:${port}:localhost:3389`);
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { file: "firewall", line: 4 } });
  await lab.use({ firewall: null });
  expect(lab.forwardLab.rules.count).toBe(0);
  await expect(lab.internet).toReach(forward, { family: 4 });
});

test("a ruleset that drops neighbour discovery makes IPv6 dead", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", `:${port}:localhost:3389`);
  await expect(lab.campus).toReach(forward, { family: 6 });
  await lab.use({ firewall: input(`    tcp dport ${port} accept`).replace(/ {4}icmpv6.*\n/, "") });
  await expect(lab.campus).not.toReach(forward, { family: 6 });
  await expect(lab.campus).toReach(forward, { family: 4 });
});
