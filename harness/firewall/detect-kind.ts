/** Tells the firewall formats apart by what stands in the file. */
export type FirewallKind = "nft" | "iptables" | "iptables-commands" | "nft-json" | "iptables-listing" | "template" | "nothing" | "unknown";

const nftStart =
  /^(add|create|insert|replace|delete|destroy|flush|rename|list|reset|include|define|redefine|undefine|table|chain|rule|set|map|element|flowtable|counter|quota|limit|secmark|synproxy|ct)\b/;

/** By the first line that is neither blank nor a comment. */
export function detectKind(text: string): FirewallKind {
  const lines = text.split("\n").map((line) => line.replace(/^[\s;]+/, "").trim());
  const [first] = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (first === undefined) return "nothing";
  if (/^\*[a-z]+$/.test(first)) return "iptables";
  if (/^Chain \S+ \(policy|^Chain \S+ \(\d+ references/.test(first)) return "iptables-listing";
  if (/^(\{[{%#]|<%)/.test(first)) return "template";
  if (first.startsWith("{")) return "nft-json";
  if (nftStart.test(first)) return "nft";
  if (lines.some((line) => /^(sudo +)?(\/\S*\/)?(ip6?tables|nft)\s/.test(line))) return "iptables-commands";
  return "unknown";
}
