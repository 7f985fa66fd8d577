/** Asks, as each principal, for everything that sshd could grant it. Knows no rule: what is granted is what the server did. */
import { randomBytes } from "node:crypto";
import { formatTarget } from "../../core/address.ts";
import { UserError } from "../../core/errors.ts";
import type { Refusal } from "../../core/forward-outcome.ts";
import type { DialAnswer, DialAsk, ListenAnswer, ListenAsk, LoginEnd, PrincipalFacts } from "../../core/review-facts.ts";
import type { ConnectionContext } from "../../openssh/effective.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { reviewedKeywords } from "../../openssh/forwarding-settings.ts";
import type { LoginOrigin } from "../../policy/review/login-origins.ts";
import type { Dialled } from "../../ssh/ask-connection.ts";
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

/** A host, and the end of the server that it connects to. */
export interface SshWay {
  vantage: string;
  family: 4 | 6;
  /** Left out: any. */
  to?: LoginEnd;
}

export function wayName({ vantage, family, to }: SshWay): string {
  return JSON.stringify([vantage, family, to?.addresses ?? [], to?.ports ?? []]);
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
  ends: readonly LoginEnd[];
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
  const origins = originsTo(asks, lab.server.listening);
  const principals = accounts.flatMap((account) =>
    lab.server.keysFor(account).flatMap((key) => origins.map((origin) => ({ account, key, origin }))),
  );
  const known = new Map(before.map((each) => [each.facts.id, each]));
  const found: AskedPrincipal[] = [];
  // What keeps a host from sshd keeps every account there from it.
  const closed = new Map<string, Refusal>(silent.map((way) => [way, noAnswer]));
  for (const { account, key, origin } of principals) {
    signal?.throwIfAborted();
    const firstTunnel = !found.some(({ facts }) => facts.vantage !== null);
    const id = principalId(account, key, origin, asks.origins.length > 1);
    found.push(
      (await unchanged(lab, known.get(id), key)) ?? (await askAs(lab, id, account, key, origin, { ...asks, firstTunnel, closed })),
    );
    onAsked?.(found.length, principals.length);
  }
  return found;
}

/** An origin of logins, and the end of the server where they arrive. */
interface Origin extends LoginOrigin {
  to?: LoginEnd;
}

/** Each origin with each end where sshd listens, and with the hosts and client addresses of the families that the end has. */
function originsTo({ origins, ends }: ReviewAsks, listening: readonly { address: string; port: number }[]): Origin[] {
  if (ends.length === 0) return [...origins];
  const isV6 = (text: string) => text.includes(":");
  return ends
    .map((end) => ({ ...end, ports: end.ports.filter((port) => listening.some((each) => each.port === port)) }))
    .filter(({ ports }) => ports.length > 0)
    .flatMap((to) => {
      const has = (v6: boolean) => to.addresses.some((address) => isV6(address) === v6);
      return origins
        .map((origin) => ({
          ...origin,
          to,
          prefixes: origin.prefixes.filter((prefix) => has(isV6(prefix))),
          hosts: origin.hosts.filter(({ family }) => has(family === 6)),
        }))
        .filter(({ prefixes }) => prefixes.length > 0);
    });
}

/** How it logs in. */
export function loginOf({
  account,
  keyIndex,
  certificateFile,
  to,
}: Pick<PrincipalFacts, "account" | "keyIndex" | "certificateFile" | "to">): Pick<
  ForwardToOpen,
  "account" | "keyIndex" | "certificate" | "to"
> {
  return { account, ...(certificateFile === undefined ? { keyIndex } : { certificate: certificateFile }), ...(to ? { to } : {}) };
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
function contextOf(lab: ForwardLab, account: string, { prefixes, to }: Origin): ConnectionContext {
  const [addr = ""] = prefixes[0]?.split("/") ?? [];
  const own = lab.lab.host(serverHost).addresses.filter(({ address }) => to?.addresses.includes(address) ?? true);
  const laddr = (own.find(({ address }) => address.includes(":") === addr.includes(":")) ?? own[0])?.address ?? "";
  return { user: account, addr, laddr, lport: to?.ports[0] ?? lab.server.port };
}

async function askAs(
  lab: ForwardLab,
  id: string,
  account: string,
  key: AccountKey,
  origin: Origin,
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
    ...(origin.to ? { to: origin.to } : {}),
  };
  let refusedBy: Refusal | undefined;
  for (const { vantage, family } of origin.hosts) {
    const login: ForwardToOpen = {
      ...loginOf(facts),
      from: vantage,
      name: "login",
      ssh: parseForwardArguments(`-${family} -R 1:localhost:1`),
    };
    const way = wayName({ vantage, family, ...(origin.to ? { to: origin.to } : {}) });
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
        dials: await atMost(dialsAtOnce, asks.dials, (ask) => askDial(lab, asker, ask)),
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
  if (!(error instanceof UserError) || !["ssh-filtered", "ssh-silent", "sshd-address"].includes(error.code)) return undefined;
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

function failed({ received, denied }: Dialled): boolean {
  return received === "" && !denied;
}

/** A nonce goes to the target; only the lab's service there can answer it. */
async function askDial(lab: ForwardLab, asker: Asker, ask: DialAsk): Promise<DialAnswer> {
  const nonce = randomBytes(12).toString("hex");
  const line = `forwardlab ${nonce}\n`;
  const { received, denied, said } = await (ask.kind === "socket"
    ? asker.dialPath(ask.host, line)
    : lab.dialled(ask, () => asker.dial(ask, line), failed));
  if (received.includes(` ${nonce} `)) return { ask, answer: "reached", said };
  if (!denied) return { ask, answer: "failed", said };
  const target = ask.kind === "socket" ? ask.host : formatTarget(ask.host, ask.port);
  const refusedBy = whyDenied({ ssh: parseForwardArguments(`-L 1:${target}`), ...asker.principal });
  return { ask, answer: "denied", said, ...(refusedBy ? { refusedBy } : {}) };
}

/** The same for the same files: account, line, origin and end. */
function principalId(
  account: string,
  { index, place, certificate }: Pick<AccountKey, "index" | "place" | "certificate">,
  { elsewhere, prefixes, to }: Origin,
  several: boolean,
): string {
  const number = index > 0 ? `login ${index + 1}` : undefined;
  const login = certificate?.file ?? (place ? `${place.file}:${place.line}` : number);
  const from = elsewhere ? "elsewhere" : prefixes.join(",");
  return [
    account,
    login,
    several && `from ${from}`,
    to?.named.address && `to ${to.addresses.join(",")}`,
    to?.named.port && `port ${to.ports.join(",")}`,
  ]
    .filter((part) => part !== undefined && part !== false)
    .join(" ");
}
