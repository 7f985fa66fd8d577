/**
 * The lab's own table in every namespace: it marks the packets that the lab follows for the kernel's trace, before any rule of the user's can see
 * them, and decides nothing: its `accept` ends no chain but its own, with one message of the trace instead of two. A ruleset that starts with
 * `flush ruleset` removes it, so it is loaded last.
 *
 * Marked are SYN and its answers, SYN-ACK and RST; ARP requests and replies, neighbour solicitations and advertisements; and of the data, what begins as the lab's probes,
 * its services, SSH's version exchange and SOCKS5 do.
 */
export const observationTable = "forwardlab";

/** After the last of the user's hooks: that a SYN comes by shows what destination it has then. */
export const passedPrerouting = "passed-prerouting";
export const passedOutput = "passed-output";
/** Before the first of the user's hooks behind routing: that a SYN comes by shows that this host takes it for its own. */
export const routedToInput = "routed-to-input";

const first = "priority -2000000000; policy accept;";
const last = "priority 2000000000; policy accept;";
const trace = "meta nftrace set 1 accept";

/** The first two bytes of such data: `fo`rwardlab, `SS`H-, the SOCKS5 reply that grants; its greeting, request and the reply that fails. */
const beginnings = "{ 0x666f, 0x5353, 0x0500, 0x0501 }";
/** Bits of a TCP header without options and with timestamps, which is what Linux sends after the handshake. */
const headerLengths = [160, 256];

/** Raw offsets instead of `@ih`, which kernels before 5.16 do not know. */
const data = headerLengths.map((header) => `meta l4proto tcp @th,${header},16 ${beginnings} ${trace}`);

const answersNo = "tcp flags & (rst | ack) == rst | ack";
const marks = [
  `tcp flags & syn == syn ${trace}`,
  `${answersNo} ${trace}`,
  `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${trace}`,
  ...data,
];

const marking = [chain("arrive", "filter hook prerouting", marks), chain("leave", "filter hook output", marks)];
const arp = table("arp", [chain("arrive", "filter hook input", [trace]), chain("leave", "filter hook output", [trace])]);

/** Of a host. `interfaces`: those whose ingress hook is marked as well, for rulesets that filter there (netdev family). */
export function observationRules(interfaces: readonly string[]): string {
  const ingress = interfaces.map((name) =>
    chain(`ingress-${name}`, `filter hook ingress device "${name}"`, [...marks, `meta protocol arp ${trace}`]),
  );
  return [
    table("inet", [
      ...marking,
      chain(routedToInput, "filter hook input", ["accept"]),
      chain(passedPrerouting, "filter hook prerouting", ["accept"], last),
      chain(passedOutput, "filter hook output", ["accept"], last),
    ]),
    arp,
    ...(ingress.length > 0 ? [table("netdev", ingress)] : []),
  ].join("");
}

/** Of a router: nobody asks what destination a packet has there that only passes, and many pass. */
export function routerObservationRules(): string {
  return table("inet", marking) + arp;
}

function table(family: string, chains: readonly string[]): string {
  return `table ${family} ${observationTable} {\n${chains.join("\n")}\n}\n`;
}

function chain(name: string, hook: string, rules: readonly string[], priority = first): string {
  return `  chain ${name} {\n${[`type ${hook} ${priority}`, ...rules].map((line) => `    ${line}`).join("\n")}\n  }`;
}
