/** Asks, as each principal, for everything that sshd could grant it. Knows no rule: what is granted is what the server did. */
import { randomBytes } from "node:crypto";
import { formatTarget } from "../../core/address.ts";
import { UserError } from "../../core/errors.ts";
import type { Refusal } from "../../core/forward-outcome.ts";
import type { DialAnswer, DialAsk, ListenAnswer, ListenAsk, PrincipalFacts } from "../../core/review-facts.ts";
import type { ConnectionContext } from "../../openssh/effective.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { reviewedKeywords } from "../../openssh/forwarding-settings.ts";
import type { LoginOrigin } from "../../policy/review/login-origins.ts";
import { whyDenied } from "../../ssh/describe-forward.ts";
import type { AccountKey, EffectiveAnswer } from "../../ssh/ssh-server.ts";
import type { Asker } from "../asker.ts";
import { atMost } from "../at-most.ts";
import type { ForwardToOpen } from "../forward-handle.ts";
import type { ForwardLab } from "../forward-lab.ts";
import { serverHost } from "../login-route.ts";
import { refusedLogin } from "../refused-login.ts";
import { askChannels } from "./ask-channels.ts";

/** A principal, and what its answers depend on: the same settings and options give the same answers. */
export interface AskedPrincipal {
  facts: PrincipalFacts;
  depends: { context: ConnectionContext; settings: string };
}

/** How a host gets to sshd. */
export function wayName({ vantage, family }: { vantage: string; family: 4 | 6 }): string {
  return `${vantage} ${family}`;
}

const noAnswer: Refusal = { layer: "client", code: "login-failed", params: { said: "sshd does not answer" }, text: "sshd does not answer" };

export interface AskOptions {
  signal?: AbortSignal | undefined;
  /** Ways (`wayName`) on which sshd is known not to answer. */
  silent?: readonly string[];
  /** Told after each principal. */
  onAsked?: (done: number, of: number) => void;
}

export interface ReviewAsks {
  origins: readonly LoginOrigin[];
  listens: readonly ListenAsk[];
  dials: readonly DialAsk[];
}

/** Dials under way at a time. */
const dialsAtOnce = 8;

/**
 * Every account, each of its logins, from each origin, one after the other: they all ask for the same ports.
 * @param before those that were asked under the same firewall: where sshd's settings for one are all the same, it is not asked again
 */
export async function askPrincipals(
  lab: ForwardLab,
  accounts: readonly string[],
  asks: ReviewAsks,
  before: readonly AskedPrincipal[],
  { signal, onAsked, silent = [] }: AskOptions,
): Promise<AskedPrincipal[]> {
  await lab.reservePorts([...new Set(asks.listens.map(({ port }) => port))]);
  const principals = accounts.flatMap((account) =>
    lab.server.keysFor(account).flatMap((key) => asks.origins.map((origin) => ({ account, key, origin }))),
  );
  const known = new Map(before.map((each) => [each.facts.id, each]));
  const found: AskedPrincipal[] = [];
  // What keeps a host from sshd keeps every account there from it.
  const closed = new Map<string, Refusal>(silent.map((way) => [way, noAnswer]));
  for (const { account, key, origin } of principals) {
    signal?.throwIfAborted();
    const firstTunnel = !found.some(({ facts }) => facts.vantage !== null);
    const id = principalId(account, key, asks.origins.length > 1 ? origin : undefined);
    found.push(
      (await unchanged(lab, known.get(id), key)) ?? (await askAs(lab, id, account, key, origin, { ...asks, firstTunnel, closed })),
    );
    onAsked?.(found.length, principals.length);
  }
  return found;
}

/** How it logs in. */
export function loginOf({
  account,
  keyIndex,
  certificateFile,
}: Pick<PrincipalFacts, "account" | "keyIndex" | "certificateFile">): Pick<ForwardToOpen, "account" | "keyIndex" | "certificate"> {
  return { account, ...(certificateFile === undefined ? { keyIndex } : { certificate: certificateFile }) };
}

/** The same account, key options and settings. The lines that set them may have moved. */
async function unchanged(lab: ForwardLab, before: AskedPrincipal | undefined, key: AccountKey): Promise<AskedPrincipal | undefined> {
  if (!before || before.facts.options !== key.options) return undefined;
  const { context } = before.depends;
  const answer = await lab.server.effectiveFor(context.user, context);
  if (fingerprint(answer) !== before.depends.settings) return undefined;
  // Who cannot log in has none.
  const settings = before.facts.vantage === null ? [] : reviewedKeywords.map((keyword) => answer.source(keyword));
  return { ...before, facts: { ...before.facts, settings } };
}

/** All that sshd says of the login. */
function fingerprint({ settings }: EffectiveAnswer): string {
  return JSON.stringify([...settings]);
}

/** A login as sshd would see it: every address of the origin is alike to it. */
function contextOf(lab: ForwardLab, account: string, { prefixes }: LoginOrigin): ConnectionContext {
  const [addr = ""] = prefixes[0]?.split("/") ?? [];
  const own = lab.lab.host(serverHost).addresses;
  const laddr = (own.find(({ address }) => address.includes(":") === addr.includes(":")) ?? own[0])?.address ?? "";
  return { user: account, addr, laddr, lport: lab.server.port };
}

async function askAs(
  lab: ForwardLab,
  id: string,
  account: string,
  key: AccountKey,
  origin: LoginOrigin,
  { firstTunnel, closed, ...asks }: ReviewAsks & { firstTunnel: boolean; closed: Map<string, Refusal> },
): Promise<AskedPrincipal> {
  const facts = {
    id,
    account,
    keyIndex: key.index,
    options: key.options,
    ...(key.place ? { place: key.place } : {}),
    certificate: key.certificate !== undefined,
    ...(key.certificate?.file === undefined ? {} : { certificateFile: key.certificate.file }),
    from: origin.prefixes,
    elsewhere: origin.elsewhere,
  };
  let refusedBy: Refusal | undefined;
  for (const { vantage, family } of origin.hosts) {
    const login: ForwardToOpen = {
      ...loginOf(facts),
      from: vantage,
      name: "login",
      ssh: parseForwardArguments(`-${family} -R 1:localhost:1`),
    };
    const way = wayName({ vantage, family });
    const known = closed.get(way);
    const entered = known ? { refusedBy: known, final: false } : await enter(lab, login);
    if ("refusedBy" in entered) {
      refusedBy ??= entered.refusedBy;
      if (entered.final) break;
      closed.set(way, entered.refusedBy);
      continue;
    }
    await using asker = entered.asker;
    const { answer } = asker.principal;
    const settings = reviewedKeywords.map((keyword) => answer.source(keyword));
    return {
      facts: {
        ...facts,
        vantage,
        settings,
        listens: await askListens(asker, asks.listens),
        dials: await atMost(dialsAtOnce, asks.dials, (ask) => lab.asFirstVisit({ port: ask.port }, () => askDial(asker, ask))),
        channels: await askChannels(lab, { asker, login, settings, firstTunnel }),
      },
      depends: { context: answer.context, settings: fingerprint(answer) },
    };
  }
  const nothing = { vantage: null, settings: [], listens: [], dials: [], channels: [] };
  const context = contextOf(lab, account, origin);
  const settings = fingerprint(await lab.server.effectiveFor(account, context));
  return { facts: { ...facts, ...nothing, ...(refusedBy ? { refusedBy } : {}) }, depends: { context, settings } };
}

type Entered = { asker: Asker } | { refusedBy: Refusal; final: boolean };

async function enter(lab: ForwardLab, login: ForwardToOpen): Promise<Entered> {
  try {
    return { asker: await lab.askAs(login) };
  } catch (error) {
    const refused = refusedLogin(error, login)?.refusedBy;
    if (refused) return { refusedBy: refused, final: true };
    const outside = outsideRefusal(error);
    if (outside) return { refusedBy: outside, final: false };
    throw error;
  }
}

/** sshd was not even asked: a firewall is in the way, or no address of its family leads there. */
function outsideRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof UserError) || !["ssh-filtered", "sshd-address"].includes(error.code)) return undefined;
  return { layer: "client", code: "login-failed", params: { said: error.found ?? error.message }, text: error.message };
}

/** As few rounds as the ports allow: in one round each port is asked for once. */
async function askListens(asker: Asker, asks: readonly ListenAsk[]): Promise<ListenAnswer[]> {
  const answers = new Map<ListenAsk, ListenAnswer>();
  let left = [...asks];
  while (left.length > 0) {
    const round = [...new Map(left.toReversed().map((ask) => [ask.port, ask])).values()];
    const answered = await asker.listen(round.map(({ ssh }) => parseForwardArguments(ssh)));
    for (const [at, ask] of round.entries()) answers.set(ask, { ask, ...(answered[at] as (typeof answered)[number]) });
    left = left.filter((ask) => !answers.has(ask));
  }
  return asks.map((ask) => answers.get(ask) as ListenAnswer);
}

/** A nonce goes to the target; only the lab's service there can answer it. */
async function askDial(asker: Asker, ask: DialAsk): Promise<DialAnswer> {
  const nonce = randomBytes(12).toString("hex");
  const line = `forwardlab ${nonce}\n`;
  const { received, denied, said } = await (ask.kind === "socket" ? asker.dialPath(ask.host, line) : asker.dial(ask, line));
  if (received.includes(` ${nonce} `)) return { ask, answer: "reached", said };
  if (!denied) return { ask, answer: "failed", said };
  const target = ask.kind === "socket" ? ask.host : formatTarget(ask.host, ask.port);
  const refusedBy = whyDenied({ ssh: parseForwardArguments(`-L 1:${target}`), ...asker.principal });
  return { ask, answer: "denied", said, ...(refusedBy ? { refusedBy } : {}) };
}

/** The same for the same files: account, line and origin. */
function principalId(
  account: string,
  { index, place, certificate }: Pick<AccountKey, "index" | "place" | "certificate">,
  origin?: LoginOrigin,
): string {
  const number = index > 0 ? `login ${index + 1}` : undefined;
  const login = certificate?.file ?? (place ? `${place.file}:${place.line}` : number);
  const from = origin?.elsewhere ? "elsewhere" : origin?.prefixes.join(",");
  return `${account}${login === undefined ? "" : ` ${login}`}${from === undefined ? "" : ` from ${from}`}`;
}
