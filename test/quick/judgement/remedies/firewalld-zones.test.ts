import { expect, test } from "vitest";
import { mayLandIn } from "../../../../harness/judgement/remedies/firewalld-zones.ts";

const zones = "etc/firewalld/zones";
const files = {
  "etc/firewalld/firewalld.conf": "# DefaultZone=home\nDefaultZone=public\n",
  [`${zones}/public.xml`]: "<zone>\n</zone>\n",
  [`${zones}/office.xml`]: '<zone>\n  <source address="192.0.2.0/24"/>\n  <source address="2001:db8:5::5"/>\n</zone>\n',
  [`${zones}/backup.xml`]:
    '<zone>\n  <interface name="eth1"/>\n  <interface name="veth+"/>\n  <rule><source address="203.0.113.0/24"/><accept/></rule>\n</zone>\n',
  [`${zones}/banned.xml`]: '<zone>\n  <source ipset="banned"/>\n  <!-- <source address="198.51.100.0/24"/> -->\n</zone>\n',
  [`${zones}/split/one.xml`]: '<zone>\n  <source address="198.18.0.0/15"/>\n</zone>\n',
  [`${zones}/split/two.xml`]: '<zone>\n  <port port="43234" protocol="tcp"/>\n</zone>\n',
  "etc/firewalld/policies/out.xml": "<policy>\n</policy>\n",
};

test.each<[file: string, address: string, by: string | undefined, may: boolean]>([
  ["office", "192.0.2.7", "eth0", true],
  ["office", "2001:db8:5::5", "eth0", true],
  ["office", "198.51.100.20", "eth0", false],
  ["office", "2001:db8:5::6", undefined, false],
  // A source counts before an interface, and before the default zone.
  ["public", "192.0.2.7", "eth0", false],
  ["public", "198.51.100.20", "eth0", true],
  ["public", "198.51.100.20", "eth1", false],
  ["public", "198.51.100.20", undefined, true],
  ["backup", "203.0.113.7", "eth0", false],
  ["backup", "198.51.100.20", "eth1", true],
  ["backup", "198.51.100.20", "veth7", true],
  ["backup", "198.51.100.20", undefined, true],
  // What a set holds is not known here.
  ["banned", "198.51.100.20", "eth0", true],
  ["split/two", "198.18.0.7", "eth0", true],
  ["split/two", "198.51.100.20", "eth0", false],
])("the zone of %s may hold %s that comes in by %s: %s", (file, address, by, may) => {
  expect(mayLandIn({ files }, `${zones}/${file}.xml`, { address, by })).toBe(may);
});

test("other files hold whoever comes", () => {
  for (const file of ["etc/firewalld/policies/out.xml", "nftables.conf"])
    expect(mayLandIn({ files }, file, { address: "198.51.100.20" })).toBe(true);
});
