/**
 * The lab's own table in every namespace: it marks TCP SYN and SYN-ACK packets for the kernel's trace, before any rule
 * of the user's can see them, and decides nothing. A ruleset that starts with `flush ruleset` removes it, so it is loaded last.
 */
export const observationTable = "forwardlab";

/** `interfaces`: those whose ingress hook is marked as well, for rulesets that filter there (netdev family). */
export function observationRules(interfaces: readonly string[]): string {
  const mark = "tcp flags & syn == syn meta nftrace set 1";
  const ingress = interfaces.map(
    (name) => `
  chain ingress-${name} {
    type filter hook ingress device "${name}" priority -2000000000; policy accept;
    ${mark}
  }`,
  );
  return `
table inet ${observationTable} {
  chain arrive {
    type filter hook prerouting priority -2000000000; policy accept;
    ${mark}
  }
  chain leave {
    type filter hook output priority -2000000000; policy accept;
    ${mark}
  }
}
${ingress.length > 0 ? `table netdev ${observationTable} {${ingress.join("")}\n}\n` : ""}`;
}
