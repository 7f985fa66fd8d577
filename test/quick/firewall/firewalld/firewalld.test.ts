import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prefixesOf } from "../../../../harness/core/address-range.ts";
import { portsText } from "../../../../harness/core/port-range.ts";
import type { Warning } from "../../../../harness/core/warning.ts";
import { AllowedFolders, anywhere } from "../../../../harness/files/allowed-folders.ts";
import type { FirewallFiles } from "../../../../harness/firewall/firewall-files.ts";
import type { MadeLine, RefusedSettings } from "../../../../harness/firewall/firewalld/compile.ts";
import { firewallOf } from "../../../../harness/firewall/firewalld/firewalld-firewall.ts";
import { isFirewalldFolder, readFirewalldFolder } from "../../../../harness/firewall/firewalld/firewalld-folder.ts";
import { namedAddresses } from "../../../../harness/firewall/named-addresses.ts";
import { namedPorts } from "../../../../harness/firewall/named-ports.ts";
import { sourceTexts } from "../../../../harness/firewall/source-texts.ts";
import { mapToolError } from "../../../../harness/firewall/tool-error.ts";
import { warningText } from "../../../../harness/report/warnings.ts";
import { writeFiles } from "../write-files.ts";
import { fixtureFiles, recordedAnswer } from "./fixture.ts";

const given = { files: fixtureFiles(), display: "etc" };
const firewall = firewallOf(recordedAnswer(), given);
const placesOf = ({ rules }: FirewallFiles, chain: string, family = "inet") =>
  rules.filter((rule) => rule.chain === chain && rule.family === family).map(({ file, line, text }) => `${file}:${line} ${text}`);

describe("each rule leads back to the setting that it is made of", () => {
  test("services, ports, protocols, rich rules", () => {
    expect(placesOf(firewall, "filter_IN_public_allow")).toEqual([
      "etc/zones/public.xml:4 tcp dport 22 accept",
      "etc/zones/public.xml:5 tcp dport 443 accept",
      "etc/zones/public.xml:5 tcp dport 7777 accept",
      "etc/zones/public.xml:6 tcp dport 5000-5010 accept",
      "etc/zones/public.xml:7 udp sport 123 accept",
      "etc/zones/public.xml:9 icmp type echo-request accept",
      "etc/zones/public.xml:9 icmpv6 type echo-request accept",
      "etc/zones/public.xml:21 ether saddr 00:11:22:33:44:55 accept",
      "etc/zones/public.xml:29 meta nfproto ipv4 tcp dport 80 limit rate 2/minute burst 5 packets accept",
      "etc/zones/public.xml:8 meta l4proto gre accept",
    ]);
    expect(placesOf(firewall, "filter_IN_public_pre").at(-1)).toBe(
      "etc/zones/public.xml:15 ip saddr != 198.51.100.0/24 tcp dport 8080 reject with tcp reset",
    );
    expect(placesOf(firewall, "filter_IN_public_deny")).toEqual(["etc/zones/public.xml:25 ip saddr @bad drop"]);
    expect(placesOf(firewall, "nat_PRE_public_allow")).toEqual([
      "etc/zones/public.xml:13 meta nfproto ipv4 tcp dport 2222 redirect to :22",
      "etc/zones/public.xml:14 meta nfproto ipv4 tcp dport 2223 dnat ip to 10.0.0.9:22",
    ]);
  });

  test("a setting of a file that the folder lacks leads to the folder, which has no lines", () => {
    const { rules, ...answer } = recordedAnswer();
    const nft = rules.nft?.map(([text, file, line]): MadeLine => (file === "firewalld.conf" ? [text, "", 0] : [text, file, line]));
    const ofFolder = ({ rules: all }: FirewallFiles) => all.filter(({ file }) => file === "etc");
    const without = ofFolder(firewallOf({ ...answer, rules: { ...rules, nft: nft ?? null } }, given));
    expect(without.length).toBeGreaterThan(0);
    for (const rule of without) expect(Object.keys(rule)).not.toContain("line");
    expect(ofFolder(firewall)).toEqual([]);
  });

  test("zones: what leads there is made of an interface or a source, what decides at the end of a target", () => {
    const dispatched = placesOf(firewall, "filter_INPUT_POLICIES");
    expect(dispatched).toEqual(
      expect.arrayContaining([
        "etc/zones/internal.xml:3 ip6 saddr 2001:db8::/32 jump filter_IN_internal",
        'etc/zones/internal.xml:2 iifname "eth1" jump filter_IN_internal',
        'etc/zones/internal.xml:1 iifname "eth1" accept',
      ]),
    );
    expect(dispatched.at(-1)).toBe("etc/zones/public.xml:2 drop");
  });

  test("parts of one zone, and policies", () => {
    expect(placesOf(firewall, "filter_IN_office_allow")).toEqual([
      "etc/zones/office/a.xml:3 tcp dport 1 accept",
      "etc/zones/office/b.xml:3 tcp dport 2 accept",
    ]);
    expect(placesOf(firewall, "filter_OUT_policy_out_allow").at(-1)).toBe("etc/policies/out.xml:5 ip daddr 192.0.2.1 accept");
    expect(placesOf(firewall, "filter_OUT_policy_out").at(-1)).toBe("etc/policies/out.xml:1 reject with icmpx admin-prohibited");
  });

  test("firewalld.conf, which what nobody wrote is made of", () => {
    expect(placesOf(firewall, "filter_INPUT")[1]).toBe("etc/firewalld.conf:2 ct state { established, related } accept");
    expect(placesOf(firewall, "filter_PREROUTING").at(-1)).toBe(
      "etc/firewalld.conf:5 meta nfproto ipv6 fib saddr . mark . iif oif missing drop",
    );
    expect(placesOf(firewall, "filter_FORWARD").find((each) => each.includes("2002:"))).toMatch(/^etc\/firewalld\.conf:11 /);
  });

  test("direct.xml", () => {
    expect(placesOf(firewall, "INPUT", "ip").at(-1)).toBe(
      'etc/direct.xml:4 -p tcp -m tcp --dport 9999 -m comment --comment "hi there" -j DROP',
    );
    expect(placesOf(firewall, "mychain", "ip")).toEqual([
      "etc/direct.xml:5 -s 1.2.3.4/32 -j ACCEPT",
      "etc/direct.xml:5 -s 1.2.3.5/32 -j ACCEPT",
    ]);
    expect(placesOf(firewall, "FORWARD", "ip").at(-1)).toBe("etc/direct.xml:7 -m set --match-set bad src -j DROP");
    expect(placesOf(firewall, "INPUT", "ip6").at(-1)).toMatch(/^etc\/direct\.xml:6 /);
  });

  test("no mark is left, and none of firewalld's own files is loaded by a tool", () => {
    const texts = sourceTexts(firewall);
    expect(texts.map(({ display, tool }) => `${tool} ${display}`)).toEqual([
      "nft /etc/.forwardlab-firewalld.nft",
      "iptables /etc/.forwardlab-firewalld.v4",
      "iptables /etc/.forwardlab-firewalld.v6",
    ]);
    expect(texts.map(({ text }) => text).join("")).not.toMatch(/forwardlab-[0-9a-f]{16}/);
    expect(Object.values(firewall.files).flatMap(({ display, settings }) => (settings ? [display] : []))).toContain("etc/zones/public.xml");
  });
});

test("ports and addresses of both tools' rules are told apart", () => {
  const ports = namedPorts(firewall).groups.map(portsText);
  expect(ports).toEqual(expect.arrayContaining(["9999", "9998", "5000-5010", "2222", "22"]));
  const addresses = namedAddresses(firewall).groups.flatMap(prefixesOf);
  expect(addresses).toEqual(expect.arrayContaining(["198.51.100.0/24", "1.2.3.4", "203.0.113.0/24", "2001:db8::/32"]));
});

test("what iptables-restore complains of is told of direct.xml", () => {
  const dump = sourceTexts(firewall).find(({ display }) => display.endsWith(".v4"));
  const line = 1 + (dump?.text.split("\n").findIndex((each) => each.includes("9999")) ?? 0);
  const error = mapToolError(
    `iptables-nft-restore v1.8.11 (nf_tables): unknown option "--dports"\nError occurred at line: ${line}`,
    firewall,
  );
  expect(error).toMatchObject({ code: "firewall-load", place: { file: "etc/direct.xml", line: 4 } });
});

test("what the lab does not have is told", () => {
  const inWords = (warnings: readonly Warning[]) => warnings.map((each) => warningText(each));
  expect(inWords(firewall.warnings)).toEqual([
    expect.stringMatching(/^etc\/zones\/unused\.xml:1: the zone unused has no interface and no source here, so it applies to no packet/),
    expect.stringMatching(/^etc: firewalld turns net\.ipv4\.ip_forward on, but the lab does not/),
  ]);
  const withoutConf = Object.fromEntries(Object.entries(given.files).filter(([path]) => path !== "firewalld.conf"));
  expect(firewallOf(recordedAnswer(), { ...given, files: withoutConf }).warnings[0]).toEqual({
    code: "firewalld-no-conf",
    params: {},
    file: "etc",
  });
  const { facts, ...answer } = recordedAnswer();
  const told = firewallOf(
    {
      ...answer,
      facts: { ...facts, forwarding: [], unbound: [], bridge: true },
      warnings: [
        { message: "Default zone 'x' is not valid. Using 'public'.", file: "firewalld.conf", line: 2 },
        { message: "Ignoring deprecated attribute immutable='True'" },
      ],
    },
    given,
  );
  expect(inWords(told.warnings)).toEqual([
    "etc/firewalld.conf:2: firewalld says: Default zone 'x' is not valid. Using 'public'.",
    expect.stringMatching(/^etc\/direct\.xml: rules for bridges/),
  ]);
});

describe("what firewalld refuses", () => {
  function refusalOf(error: RefusedSettings["error"]): unknown {
    try {
      return firewallOf({ error }, given);
    } catch (thrown) {
      return thrown;
    }
  }

  test.each([
    [
      { kind: "xml", message: "not well-formed XML: mismatched tag", file: "zones/public.xml", line: 9 },
      { code: "firewall-firewalld", place: { file: "etc/zones/public.xml", line: 9 }, found: "not well-formed XML: mismatched tag" },
    ],
    [
      { kind: "config", message: "INVALID_PORT: '0-99999' is invalid port range", file: "zones/public.xml", line: 6 },
      { code: "firewall-firewalld", place: { line: 6 }, found: "'0-99999' is invalid port range" },
    ],
    [
      {
        kind: "config",
        message: "INVALID_SERVICE: Zone 'external': 'apache2' not among existing services",
        file: "zones/public.xml",
        line: 4,
      },
      { code: "firewall-firewalld", todo: expect.stringContaining("copy /usr/lib/firewalld/services/apache2.xml") },
    ],
    [
      {
        kind: "load",
        message:
          "COMMAND_FAILED: Direct: '/usr/sbin/iptables-restore -w -n' failed: iptables-restore v1.8.11 (nf_tables): Set blocked doesn't exist.\n",
      },
      { code: "firewall-needs", place: { file: "etc" } },
    ],
    [
      {
        kind: "load",
        message:
          "COMMAND_FAILED: Direct: '/usr/sbin/ip6tables-restore -w -n' failed: ip6tables-restore v1.8.11 (nf_tables): Chain 'INPUT_direct' does not exist\nError occurred at line: 5",
      },
      { code: "firewall-load", todo: expect.stringContaining("direct.xml") },
    ],
  ] as const)("%j", (error, expected) => {
    expect(refusalOf(error)).toMatchObject({ name: "UserError", ...expected });
  });
});

describe("the folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "firewalld-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    [{ "firewalld.conf": "" }, true],
    [{ "zones/public.xml": "<zone/>" }, true],
    [{ "direct.xml": "<direct/>" }, true],
    [{ "services/x.xml": "<service/>" }, false],
    [{ "ufw.conf": "" }, false],
  ])("%j", (files, expected) => {
    writeFiles(folder, files);
    expect(isFirewalldFolder(folder)).toBe(expected);
  });

  test("backups and the list of lockdown are left out, parts of a zone are not", () => {
    const names = ["firewalld.conf", "lockdown-whitelist.xml", "zones/a.xml", "zones/a.xml.old", "zones/b/c.xml", "zones/b/d.old"];
    writeFiles(folder, Object.fromEntries(names.map((name) => [name, ""])));
    expect(Object.keys(readFirewalldFolder(folder, folder, anywhere))).toEqual(["firewalld.conf", "zones/a.xml", "zones/b/c.xml"]);
  });

  test("a link that leads elsewhere is refused", () => {
    writeFiles(folder, { "etc/zones/a.xml": "<zone/>", "secret.xml": "<zone/>" });
    const allowed = new AllowedFolders([join(folder, "etc")]);
    expect(Object.keys(readFirewalldFolder(join(folder, "etc"), folder, allowed))).toEqual(["zones/a.xml"]);
    symlinkSync(join(folder, "secret.xml"), join(folder, "etc/zones/b.xml"));
    expect(() => readFirewalldFolder(join(folder, "etc"), folder, allowed)).toThrow("etc/zones/b.xml leads out of the policy's folder");
  });
});
