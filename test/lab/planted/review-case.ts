/** Does a review of a planted mistake's server tell of it? */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseTarget } from "../../../harness/core/address.ts";
import { type AddressRange, parseRange } from "../../../harness/core/address-range.ts";
import type { Review, ReviewFinding, ReviewPrincipal } from "../../../harness/core/review.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { reviewPath } from "../../../harness/pipelines/review.ts";
import type { PlantedCase, Reach, Side } from "./planted-case.ts";
import { policyFiles } from "./policy-files.ts";

/** Reviews one side of a case. */
export async function reviewOf(planted: PlantedCase, side: Side): Promise<Review> {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-planted-review-"));
  try {
    for (const [path, content] of Object.entries(policyFiles(planted, side))) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return await reviewPath(join(folder, "policy.yaml"), { remedies: false });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Those of `exposes` to whom some finding lets whoever logs in as the case does open the forward's port, at the address that they name, and who may not
 * reach it anyway.
 */
export function exposedIn(review: Review, { exposes, right, ssh = "-R :43234:localhost:3389", key }: PlantedCase): string[] {
  const { listenPort } = parseForwardArguments(ssh);
  const logsIn = review.principals.filter((each) => isOfCase(each, review, key)).map(({ id }) => id);
  const findings = review.findings.filter(
    ({ kind, ports = "", principals }) =>
      kind === "listener" && holdsPort(ports, listenPort) && principals.some((id) => logsIn.includes(id)),
  );
  const permitted = right === "refused" ? [] : right.map(permittedBy);
  return exposes.filter((text) => {
    const [who = "", target] = text.split(" at ");
    const at = target === undefined ? undefined : (parseTarget(target)?.address ?? target);
    return findings.some((finding) => standsFor(who).some((range) => getsAt(finding, range, at, permitted)));
  });
}

interface Permitted {
  ranges: AddressRange[];
  /** Undefined: at each. */
  address: string | undefined;
}

function permittedBy(reach: Reach): Permitted {
  const { vantage, address } = typeof reach === "string" ? { vantage: reach } : { address: undefined, ...reach };
  return { ranges: standsFor(vantage), address };
}

/** The article's, as the server sees them; other-lan stands for its whole office. */
const networksOf: Readonly<Record<string, readonly string[]>> = {
  "home-lan": ["203.0.113.7", "2001:db8:7::10"],
  "other-lan": ["203.0.113.48/28", "2001:db8:50::/64"],
  internet: ["192.0.2.66", "2001:db8:66::66"],
  db: ["10.20.0.9"],
  campus: ["198.51.100.20", "2001:db8:100::20", "172.31.0.20"],
};
/** The servers' own LANs, with the interface there: visitors from there are told apart from all others. */
const lans = Object.entries({
  "198.51.100.0/24": "eth0",
  "2001:db8:100::/64": "eth0",
  "172.31.0.0/20": "eth0",
  "10.20.0.0/16": "eth1",
}).flatMap(([text, name]) => rangesOf(text).map((range) => ({ range, name })));

/** A vantage point, or a prefix. */
function standsFor(who: string): AddressRange[] {
  return (networksOf[who] ?? [who]).flatMap(rangesOf);
}

function rangesOf(text: string): AddressRange[] {
  const range = parseRange(text);
  return range ? [range] : [];
}

/** Is there somebody in the range who gets it at the address, or at any, and may not? */
function getsAt(finding: ReviewFinding, range: AddressRange, at: string | undefined, permitted: readonly Permitted[]): boolean {
  return finding.destinations
    .filter(({ address }) => at === undefined || address === at)
    .some((destination) => {
      const may = permitted.filter(({ address }) => address === undefined || address === destination.address);
      return gets(
        destination,
        range,
        may.flatMap(({ ranges }) => ranges),
      );
    });
}

/** Is there somebody in the range who gets it, and is none of those? */
function gets(
  { visitors, lan, lans: named }: ReviewFinding["destinations"][number],
  range: AddressRange,
  permitted: readonly AddressRange[],
): boolean {
  const own = lans.find((each) => isWithin(range, each.range));
  if (own) return lan && (named.length === 0 || named.includes(own.name)) && !permitted.some((one) => isWithin(range, one));
  return (visitors?.prefixes ?? []).flatMap(rangesOf).some((each) => {
    const both = { ...range, first: max(each.first, range.first), last: min(each.last, range.last) };
    return each.family === range.family && both.first <= both.last && !permitted.some((one) => isWithin(both, one));
  });
}

function isWithin(inner: AddressRange, outer: AddressRange): boolean {
  return inner.family === outer.family && outer.first <= inner.first && inner.last <= outer.last;
}

const max = (one: bigint, other: bigint) => (one > other ? one : other);
const min = (one: bigint, other: bigint) => (one < other ? one : other);

/** The account and line of the case, from where ssh logs in. */
function isOfCase({ account, login, from }: ReviewPrincipal, { principals }: Review, key: number | undefined): boolean {
  const lines = principals.filter((each) => each.account === "alice").flatMap((each) => each.login.line ?? []);
  const line = key ?? (lines.length > 0 ? Math.min(...lines) : undefined);
  const clients = from.flatMap(rangesOf);
  return account === "alice" && login.line === line && standsFor("home-lan").some((home) => clients.some((each) => isWithin(home, each)));
}

function holdsPort(ports: string, port: number): boolean {
  return ports.split(", ").some((each) => {
    const [first = 0, last = first] = each.split("-").map(Number);
    return first <= port && port <= last;
  });
}
