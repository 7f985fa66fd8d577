/** A copy of /etc/firewalld means what firewalld makes of it: its own rules, and the lab's; who gets in by them, and which line decides. */
import { once } from "node:events";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { ensureEngine } from "../../harness/engine/index.ts";
import { hostLabel, labLabel, ownerLabel, ownerOf } from "../../harness/engine/labels.ts";
import { compileFirewalld, type MadeRules } from "../../harness/firewall/firewalld/compile.ts";
import { outputOfTool } from "../../harness/lab/tool.ts";
import { expect } from "../../harness/vitest/index.ts";
import { fixtureFiles, recordedAnswer } from "../quick/firewall/firewalld/fixture.ts";
import { writeFiles } from "../quick/firewall/write-files.ts";
import { test } from "./clientspecified.ts";
import { firewallTool } from "./firewall-tool.ts";

const tool = firewallTool("firewalld");
const progress = () => undefined;

const listings = [["nft", "-s", "list", "ruleset"], ["iptables-nft-save"], ["ip6tables-nft-save"], ["ipset", "save"]];
const part = "=====part=====";

/** firewalld's own table of nft; the rules of iptables by table and chain; the sets. What was counted, and chance values, are left out. */
function plain([nft = "", ipv4 = "", ipv6 = "", ipsets = ""]: readonly string[]): object {
  const own = /^table inet firewalld \{[^\n]*\n(.*?)^\}/ms.exec(nft)?.[1] ?? "";
  const sets = ipsets.replaceAll(/ initval \S+/g, "").split("\n");
  return { nft: own.split("\n"), ipv4: byChain(ipv4), ipv6: byChain(ipv6), ipsets: sets.sort() };
}

function byChain(saved: string): Record<string, string[]> {
  let table = "";
  const chains: Record<string, string[]> = {};
  for (const line of saved.split("\n")) {
    const [, name, chain] = /^(?:\*(\S+)|-A (\S+) )/.exec(line) ?? [];
    if (name !== undefined) table = name;
    if (chain === undefined) continue;
    chains[`${table} ${chain}`] ??= [];
    chains[`${table} ${chain}`]?.push(line);
  }
  return chains;
}

/** What firewalld itself loads: its own class, as the daemon starts it, with nothing of the lab's around it. */
async function realFirewalld(files: Readonly<Record<string, string>>): Promise<object> {
  const written = Object.entries(files).map(
    ([path, text]) =>
      `mkdir -p $(dirname /etc/firewalld/${path}); echo ${Buffer.from(text).toString("base64")} | base64 -d > /etc/firewalld/${path}`,
  );
  const list = listings.map((argv) => `echo ${part}; ${argv.join(" ")}`).join("; ");
  const start = `import os, firewall.core.fw as core; core.Firewall()._start(); os.system("${list}")`;
  const container = await tool.engine.docker.createContainer({
    Image: tool.image,
    Cmd: ["sh", "-c", `${written.join("\n")}\npython3 -u -c '${start}'`],
    Tty: true,
    HostConfig: { NetworkMode: "none", CapAdd: ["NET_ADMIN"] },
  });
  try {
    await container.start();
    await container.wait();
    const said = (await container.logs({ stdout: true, stderr: true })).toString().replaceAll("\r", "");
    return plain(said.split(`${part}\n`).slice(1));
  } finally {
    await container.remove({ force: true });
  }
}

const everything = Object.fromEntries(Object.entries(fixtureFiles()).map(([path, { content }]) => [path, String(content)]));

test.for([
  { backend: "nftables", files: everything, least: { nft: 400, ipv4: 3 } },
  {
    backend: "iptables",
    files: { ...everything, "firewalld.conf": "DefaultZone=public\nFirewallBackend=iptables\nLogDenied=all\n" },
    least: { nft: 1, ipv4: 50 },
  },
])("$backend: the rules are those of firewalld itself", async ({ backend, files, least }, { lab }) => {
  const copy = join(tool.folder, backend);
  writeFiles(copy, files);
  const real = await realFirewalld(files);
  await lab.use({ firewall: { path: copy } });
  const loaded = await Promise.all(listings.map((argv) => outputOfTool(lab.forwardLab.lab.fabric, "server", argv)));
  expect(plain(loaded)).toEqual(real);
  const { nft, ipv4 } = real as { nft: string[]; ipv4: object };
  expect(nft.length).toBeGreaterThanOrEqual(least.nft);
  expect(Object.keys(ipv4).length).toBeGreaterThanOrEqual(least.ipv4);
});

test("the recorded answer, which other tests read, is what firewalld says", async () => {
  // The kernel lists members of an ipset in any order.
  const plainly = ({ rules: { ipsets, ...rules }, warnings, facts: { version: _, ...facts } }: MadeRules) =>
    JSON.parse(
      JSON.stringify({
        rules,
        warnings,
        facts,
        ipsets: ipsets
          .replaceAll(/ initval 0x\w+/g, "")
          .split("\n")
          .sort(),
      }),
    );
  const answer = (await compileFirewalld(fixtureFiles(), progress)) as MadeRules;
  expect(plainly(answer)).toEqual(plainly(recordedAnswer()));
});

test("sets that direct.xml names are firewalld's own, or given; so are host names", async () => {
  const text = `<direct>
  <rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-m set --match-set banned src -j DROP</rule>
  <rule ipv="ipv4" table="filter" chain="INPUT" priority="1">-s office.example -j ACCEPT</rule>
</direct>
`;
  const files = { "direct.xml": { content: text, display: "direct.xml" } };
  const { docker } = await ensureEngine({ progress });
  const events = (await docker.getEvents({
    filters: { type: ["container"], event: ["create"], label: [`${hostLabel}=firewalld`, `${ownerLabel}=${ownerOf()}`] },
  })) as Readable;
  const created = once(events, "data");
  expect(await compileFirewalld(files, progress)).toMatchObject({ error: { kind: "load", file: "direct.xml", line: 2 } });
  // A container whose process is killed before its start is left: `prune` finds it by its label.
  expect(JSON.parse(String((await created)[0])).Actor.Attributes).toHaveProperty([labLabel]);
  events.destroy();
  const given = ["create banned hash:ip\nadd banned 192.0.2.66\n", { "office.example": ["203.0.113.50"] }] as const;
  const { rules } = (await compileFirewalld(files, progress, ...given)) as MadeRules;
  expect(rules.ipv4).toContainEqual(["-A INPUT -m set --match-set banned src -j DROP", "direct.xml", 2]);
  expect(rules.ipv4).toContainEqual(["-A INPUT -s 203.0.113.50/32 -j ACCEPT", "direct.xml", 3]);
  expect(rules.ipsets).toContain("add banned 192.0.2.66");
});

test("a passthrough's chain that only one of firewalld's backends makes", async () => {
  const direct = `<direct>
  <passthrough ipv="ipv4">-I INPUT_direct -p tcp --dport 8080 -j ACCEPT</passthrough>
</direct>
`;
  const compiled = (backend: string) =>
    compileFirewalld(
      {
        "direct.xml": { content: direct, display: "direct.xml" },
        "firewalld.conf": { content: `FirewallBackend=${backend}\n`, display: "firewalld.conf" },
      },
      progress,
    );
  expect(await compiled("nftables")).toEqual({ error: { kind: "direct-chain", message: "INPUT_direct", file: "direct.xml", line: 2 } });
  const { rules } = (await compiled("iptables")) as MadeRules;
  expect(rules.ipv4).toContainEqual(["-A INPUT_direct -p tcp -m tcp --dport 8080 -j ACCEPT", "direct.xml", 2]);
});

const port = `<port port="43234" protocol="tcp"/>`;
const zones = {
  "firewalld.conf": "DefaultZone=public\n",
  "zones/public.xml": `<zone>
  <service name="ssh"/>
  <rule family="ipv4"><source address="203.0.113.50"/>${port}<accept/></rule>
  <rule priority="-1"><source ipset="strangers"/>${port}<drop/></rule>
</zone>
`,
  "zones/campus.xml": `<zone target="%%REJECT%%">
  <source address="198.51.100.0/24"/>
  <source address="2001:db8:100::/64"/>
  <service name="ssh"/>
</zone>
`,
  "zones/wan.xml": `<zone>
  <interface name="wwan0"/>
  <service name="ssh"/>
</zone>
`,
  "ipsets/strangers.xml": `<ipset type="hash:net">
  <entry>192.0.2.0/24</entry>
</ipset>
`,
};
/** As results name the file: from the test's own folder. */
const by = (file: string, line: number) => ({ layer: "server-firewall", file: relative(import.meta.dirname, file), line }) as const;

/** A folder of its own for each step: what a path means is read once. */
function copyOf(name: string, files: Readonly<Record<string, string>>) {
  const path = join(tool.folder, name);
  writeFiles(path, files);
  return { firewall: { path }, place: (file: string, line: number) => by(join(path, file), line) };
}

test("zones, rich rules, ipsets and policies decide, each by its line", async ({ lab }) => {
  const first = copyOf("zones", zones);
  await lab.use({ firewall: first.firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward, { family: 4 });
  await expect(lab.otherLan).toSee(forward, "filtered", { family: 6, by: first.place("zones/public.xml", 1) });
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: first.place("zones/public.xml", 4) });
  await expect(lab.campus).toSee(forward, "filtered", { family: 4, by: first.place("zones/campus.xml", 1) });
  await expect(lab.server).toReach(forward);

  // The zone of the campus lets it in, nobody else; over IPv4, a policy stands before it.
  const campus = zones["zones/campus.xml"].replace("</zone>", `  ${port}\n</zone>`);
  const closed = `<policy priority="-10" target="CONTINUE">
  <ingress-zone name="ANY"/>
  <egress-zone name="HOST"/>
  <rule family="ipv4">
    ${port}
    <reject/>
  </rule>
</policy>
`;
  const second = copyOf("policies", { ...zones, "zones/campus.xml": campus, "policies/closed.xml": closed });
  await lab.use({ firewall: second.firewall });
  await expect(lab.campus).toSee(forward, "filtered", { family: 4, by: second.place("policies/closed.xml", 4) });
  await expect(lab.campus).toReach(forward, { family: 6 });
  await expect(lab.internet).not.toReach(forward);
});

test("an interface that the lab lacks: nobody is told that a port is closed which its zone opens", async ({ lab }) => {
  const wan = zones["zones/wan.xml"].replace("<zone>", `<zone target="ACCEPT">`);
  const { firewall, place } = copyOf("wan", { ...zones, "zones/wan.xml": wan });
  await lab.use({ firewall });
  const { file, line } = place("zones/wan.xml", 1);
  await expect(lab.home.ssh("-R", ":43234:localhost:3389")).rejects.toMatchObject({ code: "firewall-interface", place: { file, line } });
});

test("direct.xml comes first, and a port may lead to another", async ({ lab }) => {
  const led = (from: number, to: number) =>
    `<zone target="ACCEPT">\n  <forward-port port="${from}" protocol="tcp" to-port="${to}"/>\n</zone>\n`;
  const direct = `<direct>
  <rule ipv="ipv6" table="filter" chain="INPUT" priority="0">-p tcp --dport 43234 -j DROP</rule>
</direct>
`;
  const conf = { "firewalld.conf": "DefaultZone=public\n" };
  const away = copyOf("away", { ...conf, "zones/public.xml": led(43_234, 8080), "direct.xml": direct });
  await lab.use({ firewall: away.firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  const dropped = { family: 6, by: away.place("direct.xml", 2) } as const;
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: away.place("zones/public.xml", 2) });
  await expect(lab.internet).toSee(forward, "filtered", dropped);
  await lab.forwardLab.rules.resetState();
  await expect(lab.internet).toSee(forward, "filtered", dropped);

  await lab.use({ firewall: copyOf("to", { ...conf, "zones/public.xml": led(8022, 43_234) }).firewall });
  // firewalld redirects IPv4 alone.
  await expect(lab.internet).toReach(forward, { family: 4 });
});

test.for([
  { name: "an end that is missing", text: "<zone>\n  <service name='ssh'>\n</zone>\n", line: 3, found: /mismatched tag/ },
  { name: "an element that is none", text: "<zone>\n\n  <prot value='tcp'/>\n</zone>\n", line: 3, found: /prot/ },
  { name: "a service that is not there", text: "<zone>\n\n\n  <service name='apache2'/>\n</zone>\n", line: 4, found: /apache2/ },
])("$name is told with its line, and nothing is loaded", async ({ name, text, line, found }, { lab }) => {
  const copy = join(tool.folder, name.replaceAll(" ", "-"));
  writeFiles(copy, { "firewalld.conf": "DefaultZone=public\n", "zones/public.xml": text });
  const file = expect.stringMatching(/zones\/public\.xml$/);
  await expect(lab.use({ firewall: { path: copy } })).rejects.toMatchObject({
    code: "firewall-firewalld",
    place: { file, line },
    found: expect.stringMatching(found),
  });
});
