import { expect, test } from "vitest";
import { hostSysctls, initialSysctls, routerSysctls } from "../../../harness/lab/host-sysctls.ts";

const host = (sysctl: Record<string, number>) => ({ kind: "container" as const, interfaces: [], sysctl });

test.each(["net.ipv6.conf.all.disable_ipv6", "net/ipv6/conf/all/disable_ipv6"])("%s holds on every interface, by one name", (key) => {
  const wanted = hostSysctls(host({ [key]: 1 }));
  expect(wanted).toMatchObject({
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
    "net.ipv6.conf.lo.disable_ipv6": 1,
  });
  expect(Object.keys(wanted).filter((each) => each.includes("conf/") || each.startsWith("net/"))).toEqual([]);
});

test("what new interfaces take over is set before there are any", () => {
  expect(initialSysctls(host({ "net/ipv4/conf/default/rp_filter": 1, "net/ipv4/conf/eth0/rp_filter": 1 }))).toMatchObject({
    "net.ipv4.conf.default.rp_filter": 1,
  });
  expect(Object.keys(initialSysctls(host({ "net/ipv4/conf/eth0/rp_filter": 1 })))).not.toContain("net.ipv4.conf.eth0.rp_filter");
});

test("the engine's machine decides nothing: what a namespace takes over from it is set, and the user's own goes before", () => {
  const keys = ["net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter", "net.ipv4.conf.all.route_localnet"];
  for (const settings of [hostSysctls(host({})), initialSysctls(host({})), routerSysctls])
    expect(settings).toMatchObject(Object.fromEntries(keys.map((key) => [key, 0])));
  expect(hostSysctls(host({ "net.ipv4.conf.all.rp_filter": 1 }))).toMatchObject({
    "net.ipv4.conf.all.rp_filter": 1,
    "net.ipv4.conf.default.rp_filter": 0,
  });
});
