/** Does a review of a planted mistake's server tell of it? */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { contains, type Family, parseAddress, parseInterface } from "../../../harness/core/address.ts";
import type { Review, ReviewFinding, ReviewPrincipal } from "../../../harness/core/review.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { reviewPath } from "../../../harness/review.ts";
import type { PlantedCase, Side } from "./planted-case.ts";
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

/** Those of `exposes` to whom some finding lets whoever logs in as the case does open the forward's port. */
export function exposedIn(review: Review, { exposes, right, ssh = "-R :43234:localhost:3389", key }: PlantedCase): string[] {
  const { listenPort } = parseForwardArguments(ssh);
  const logsIn = review.principals.filter((each) => isOfCase(each, review, key)).map(({ id }) => id);
  const findings = review.findings.filter(
    ({ kind, ports = "", principals, audience }) =>
      kind === "listener" &&
      ["internet", "networks", "lan"].includes(audience) &&
      holdsPort(ports, listenPort) &&
      principals.some((id) => logsIn.includes(id)),
  );
  const permitted = right === "refused" ? [] : right.map((each) => (typeof each === "string" ? each : each.vantage));
  return exposes.filter((who) => findings.some((finding) => gets(finding, who.split(" at ")[0] ?? "", review, permitted)));
}

/** Home's addresses, as the server sees them: from there ssh logs in. */
const home = ["203.0.113.7", "2001:db8:7::10"];

function isOfCase({ account, login, from }: ReviewPrincipal, { principals }: Review, key: number | undefined): boolean {
  const lines = principals.filter((each) => each.account === "alice").flatMap((each) => each.login.line ?? []);
  const line = key ?? (lines.length > 0 ? Math.min(...lines) : undefined);
  return account === "alice" && login.line === line && home.some((address) => from.some((prefix) => isIn(prefix, address)));
}

/** A vantage point, by a class that it stands for; a prefix, by a class whose address is part of it, and who may not reach the forward anyway. */
function gets(finding: ReviewFinding, who: string, { sources }: Review, permitted: readonly string[]): boolean {
  const visited = (prefixes: readonly string[]) => prefixes.some((each) => finding.visitors?.prefixes.includes(each));
  const prefix = parseInterface(who) ?? (parseAddress(who) ? who : undefined);
  const own = sources.classes.filter((each) =>
    prefix === undefined ? standsFor(who, each) : isIn(who, each.address) && !permitted.some((one) => standsFor(one, each)),
  );
  return own.some(({ prefixes }) => visited(prefixes) || (isNeighbours(prefixes) && finding.lan));
}

function standsFor(who: string, { vantage, prefixes }: Review["sources"]["classes"][number]): boolean {
  return vantage === who || seenAs(who).some((address) => prefixes.some((each) => isIn(each, address)));
}

/** Of the article's vantage points that stand behind a router. */
function seenAs(vantage: string): string[] {
  return (
    { "home-lan": home, "other-lan": ["203.0.113.50", "2001:db8:50::10"], campus: ["198.51.100.20", "2001:db8:100::20"] }[vantage] ?? []
  );
}

function isNeighbours(prefixes: readonly string[]): boolean {
  return prefixes.some((each) =>
    ["198.51.100.0/24", "2001:db8:100::/64", "172.31.0.0/20", "10.20.0.0/16"].some((lan) => isIn(lan, each.split("/")[0] ?? "")),
  );
}

function isIn(prefix: string, text: string): boolean {
  const address = parseAddress(text);
  const network = parseInterface(prefix) ?? hostOnly(prefix);
  return address !== undefined && network !== undefined && contains(network, address);
}

function hostOnly(text: string) {
  const address = parseAddress(text);
  const lengths: Record<Family, number> = { 4: 32, 6: 128 };
  return address && { ...address, prefix: lengths[address.family] };
}

function holdsPort(ports: string, port: number): boolean {
  return ports.split(", ").some((each) => {
    const [first = 0, last = first] = each.split("-").map(Number);
    return first <= port && port <= last;
  });
}
