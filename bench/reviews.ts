/** `review` of servers that grow: in accounts, in rules of the firewall, and with `--what-if` in lines. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Review } from "../harness/core/review.ts";
import { reviewPath } from "../harness/pipelines/review.ts";

export interface ReviewSize {
  accounts: number;
  /** Rules of the firewall; each names a network and a port of its own. */
  rules: number;
  whatIf?: true;
}

export interface MeasuredReview extends ReviewSize {
  ms: number;
  principals: number;
  /** Classes of ports and of source addresses. */
  ports: number;
  sources: number;
  /** Changes that `--what-if` tried. */
  changes: number;
}

/** Growth in accounts, then in rules, then with changes. */
export const reviewSizes: readonly ReviewSize[] = [
  { accounts: 1, rules: 60 },
  { accounts: 10, rules: 60 },
  { accounts: 100, rules: 60 },
  { accounts: 10, rules: 10 },
  { accounts: 2, rules: 40, whatIf: true },
];

const keysOfEach = 3;
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

/** In milliseconds, on a lab of its own: engine and images are there. */
export async function measureReview(size: ReviewSize): Promise<MeasuredReview> {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-bench-"));
  try {
    writeServer(folder, size);
    const began = performance.now();
    const review = await reviewPath(join(folder, "policy.yaml"), { remedies: false, ...(size.whatIf ? { whatIf: true } : {}) });
    const ms = performance.now() - began;
    requireWhole(review, size);
    return {
      ...size,
      ms,
      principals: review.principals.length,
      ports: review.ports.length,
      sources: review.sources.classes.length,
      changes: review.sensitivity?.mutations.length ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeServer(folder: string, { accounts, rules }: ReviewSize): void {
  const names = Array.from({ length: accounts }, (_, at) => `user${at + 1}`);
  mkdirSync(join(folder, "ssh", "keys"), { recursive: true });
  writeFileSync(
    join(folder, "ssh", "sshd_config"),
    [
      "AuthorizedKeysFile /etc/ssh/keys/%u",
      "GatewayPorts clientspecified",
      "X11Forwarding no",
      ...(accounts > 1 ? ["Match User user1", "  AllowTcpForwarding local"] : []),
      "",
    ].join("\n"),
  );
  const options = ["", "restrict,port-forwarding ", 'permitlisten="localhost:9000" '];
  for (const name of names)
    writeFileSync(
      join(folder, "ssh", "keys", name),
      Array.from({ length: keysOfEach }, (_, at) => `${options[at % options.length]}${key} ${name}-${at}\n`).join(""),
    );
  writeFileSync(join(folder, "nftables.conf"), firewall(rules));
  writeFileSync(
    join(folder, "policy.yaml"),
    `server:\n  sshd_config: ssh\n  firewall: nftables.conf\n  accounts:\n${names.map((name) => `    ${name}: {}\n`).join("")}forwards: {}\n`,
  );
}

/** As many as a person would write: some for a network, some for a port, all of them about forwards. */
function firewall(rules: number): string {
  const fixed = ["iif lo accept", "ct state established,related accept", "meta l4proto { icmp, ipv6-icmp } accept", "tcp dport 22 accept"];
  const others = Array.from({ length: Math.max(0, rules - fixed.length) }, (_, at) => {
    const network = `45.${13 + Math.floor(at / 5)}.7.0/24`;
    return at % 5 === 0
      ? `tcp dport ${40_000 + at} accept`
      : `ip saddr ${network} tcp dport ${20_000 + 10 * Math.floor(at / 5)}-${20_005 + 10 * Math.floor(at / 5)} accept`;
  });
  const lines = [...fixed, ...others].map((rule) => `    ${rule}\n`).join("");
  return `table inet filter {\n  chain input {\n    type filter hook input priority 0; policy drop;\n${lines}  }\n}\n`;
}

function requireWhole({ outcome, principals, findings, reasons }: Review, { accounts }: ReviewSize): void {
  if (outcome !== "complete") throw new Error(`the review is ${outcome}: ${reasons[0]?.text}`);
  if (principals.length !== accounts * keysOfEach) throw new Error(`${principals.length} principals of ${accounts} accounts`);
  if (!findings.some(({ audience }) => audience === "internet")) throw new Error("the review found nothing that the internet reaches");
}
