/** nft rules of a router: its NAT, and what it lets in from its uplink. */

import type { LabSpec, RouterSpec } from "../core/lab-spec.ts";
import { lanInterface, uplinkInterface } from "./interface-names.ts";

export function routerRules(spec: LabSpec, router: RouterSpec): string {
  if (!router.uplink) return unroutable + coreRules(spec, router);
  const up = `"${uplinkInterface}"`;
  const forwards = (router.portForwards ?? []).map(
    ({ port, to }) => `    iifname ${up} tcp dport ${port} dnat to ${to.address}:${to.port}`,
  );
  if (router.exposedHost !== undefined) forwards.push(`    iifname ${up} meta l4proto tcp dnat to ${router.exposedHost}`);
  return `
table inet router {
  chain forward {
    type filter hook forward priority filter; policy ${router.inbound === "drop" ? "drop" : "accept"};
    ct state established,related accept
    ct status dnat accept
    iifname != ${up} accept
  }
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept
    ${router.nat === "masquerade" || router.inbound === "drop" ? `iifname ${up} meta l4proto { tcp, udp } drop` : ""}
  }
}
${
  router.nat === "masquerade"
    ? `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
${forwards.join("\n")}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname ${up} masquerade
  }
}
`
    : ""
}`;
}

/**
 * The answer to a packet without a route. The kernel's own (`ip_error` in net/ipv4/route.c) comes at most once a second to each sender, which no
 * setting of a namespace changes; IPv6 has no such limit. Before the lab's trace begins: a missing route is no rule that decides.
 */
const unroutable = `
table ip unroutable {
  chain prerouting {
    type filter hook prerouting priority -2100000000; policy accept;
    fib daddr type unicast fib daddr oif missing reject with icmp type host-unreachable
  }
}
`;

/** The internet core carries no packet to a private network, nor from one. */
function coreRules(spec: LabSpec, router: RouterSpec): string {
  const isolated = Object.keys(router.lans).flatMap((lan) => (spec.lans[lan]?.isolated ?? []).map((family) => ({ lan, family })));
  if (isolated.length === 0) return "";
  return `
table inet core {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ${isolated.flatMap(({ lan, family }) => ["oifname", "iifname"].map((way) => `meta nfproto ipv${family} ${way} "${lanInterface(lan)}" reject with icmpx no-route comment "a private network is not routed on the internet"`)).join("\n    ")}
  }
}
`;
}
