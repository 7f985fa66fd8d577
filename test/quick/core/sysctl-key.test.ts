import { expect, test } from "vitest";
import { dottedKey, interfaceKey, interfaceOfKey } from "../../../harness/core/sysctl-key.ts";

test.each([
  ["net.ipv4.ip_forward", "net.ipv4.ip_forward"],
  ["net/ipv4/ip_forward", "net.ipv4.ip_forward"],
  // The first separator decides; the other one belongs to the interface's name.
  ["net/ipv4/conf/eth0.100/rp_filter", "net.ipv4.conf.eth0/100.rp_filter"],
  ["net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"],
  ["net.ipv4/conf/eth0/rp_filter", "net.ipv4/conf/eth0/rp_filter"],
])("%s is %s", (written, dotted) => expect(dottedKey(written)).toBe(dotted));

test.each([
  ["net.ipv4.conf.eth0.rp_filter", "eth0"],
  ["net/ipv4/conf/eth0.100/rp_filter", "eth0.100"],
  ["net.ipv4.conf.eth0/100.rp_filter", "eth0.100"],
  // sysctl(8) looks for an interface `eth0` with a folder `100`, and finds none.
  ["net.ipv4.conf.eth0.100.rp_filter", "eth0/100"],
  ["net.ipv6.conf.eth0.rp_filter", undefined],
  ["net.ipv4.conf.eth0.arp_filter", undefined],
  ["net.ipv4.conf.rp_filter", undefined],
])("%s is about %s", (key, name) => expect(interfaceOfKey(key, "ipv4", "rp_filter")).toBe(name));

test("a key for an interface is about that interface", () => {
  for (const name of ["all", "eth0", "eth0.100"])
    expect(interfaceOfKey(interfaceKey("ipv4", name, "rp_filter"), "ipv4", "rp_filter")).toBe(name);
});
