/** Asks, as each principal, for everything that sshd could grant it. Knows no rule: what is granted is what the server did. */
import { randomBytes } from "node:crypto";
import { UserError } from "../../core/errors.ts";
import type { Refusal } from "../../core/forward-outcome.ts";
import type { DialAnswer, DialAsk, ListenAnswer, ListenAsk, PrincipalFacts } from "../../core/review-facts.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { forwardingKeywords } from "../../openssh/forwarding-settings.ts";
import type { LoginOrigin } from "../../policy/review/login-origins.ts";
import { whyDenied } from "../../ssh/describe-forward.ts";
import type { AccountKey } from "../../ssh/ssh-server.ts";
import { atMost } from "../at-most.ts";
import type { ForwardToOpen } from "../forward-handle.ts";
import type { ForwardLab } from "../forward-lab.ts";
import { refusedLogin } from "../refused-login.ts";

export interface ReviewAsks {
  origins: readonly LoginOrigin[];
  listens: readonly ListenAsk[];
  dials: readonly DialAsk[];
}

/** Settings that decide what a login may expose. */
const reviewedKeywords = [...forwardingKeywords, "permittunnel", "x11forwarding", "x11uselocalhost", "allowagentforwarding"];

/** Dials under way at a time. */
const dialsAtOnce = 8;

/** Every account, each of its logins, from each origin, one after the other: they all ask for the same ports. */
export async function askPrincipals(
  lab: ForwardLab,
  accounts: readonly string[],
  asks: ReviewAsks,
  signal?: AbortSignal,
): Promise<PrincipalFacts[]> {
  const principals = accounts.flatMap((account) =>
    lab.server.keysFor(account).flatMap((key) => asks.origins.map((origin) => ({ account, key, origin }))),
  );
  const found: PrincipalFacts[] = [];
  for (const { account, key, origin } of principals) {
    signal?.throwIfAborted();
    found.push(await askAs(lab, account, key, origin, asks));
    lab.tell({ type: "step", text: `asked as ${found.length} of ${principals.length} principals` });
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

async function askAs(lab: ForwardLab, account: string, key: AccountKey, origin: LoginOrigin, asks: ReviewAsks): Promise<PrincipalFacts> {
  const facts = {
    id: principalId(account, key, asks.origins.length > 1 ? origin : undefined),
    account,
    keyIndex: key.index,
    options: key.options,
    ...(key.place ? { place: key.place } : {}),
    certificate: key.certificate !== undefined,
    ...(key.certificate?.file === undefined ? {} : { certificateFile: key.certificate.file }),
    from: origin.prefixes,
  };
  const nothing = { settings: [], listens: [], dials: [], channels: [] };
  let refusedBy: Refusal | undefined;
  for (const { vantage, family } of origin.hosts) {
    const way = { ...loginOf(facts), from: vantage };
    const forward = (ssh: string, name: string): ForwardToOpen => ({ ...way, name, ssh: parseForwardArguments(`-${family} ${ssh}`) });
    const first = forward("-R 1:localhost:1", "login");
    const entered = await logIn(lab, first);
    if ("refusedBy" in entered) {
      refusedBy ??= entered.refusedBy;
      if (entered.final) break;
      continue;
    }
    const listens = await askListens(lab, asks.listens, forward);
    const dials = await atMost(dialsAtOnce, asks.dials, (ask) => askDial(lab, first, ask));
    return { ...facts, vantage, settings: entered.settings, listens, dials, channels: [] };
  }
  return { ...facts, vantage: null, ...nothing, ...(refusedBy ? { refusedBy } : {}) };
}

type Entered = { settings: PrincipalFacts["settings"] } | { refusedBy: Refusal; final: boolean };

async function logIn(lab: ForwardLab, first: ForwardToOpen): Promise<Entered> {
  try {
    const { answer } = (await lab.connectionFor(first)).principal;
    return { settings: reviewedKeywords.map((keyword) => answer.source(keyword)) };
  } catch (error) {
    const refused = refusedLogin(error, first)?.refusedBy;
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

async function askListens(
  lab: ForwardLab,
  asks: readonly ListenAsk[],
  forward: (ssh: string, name: string) => ForwardToOpen,
): Promise<ListenAnswer[]> {
  const answers = await lab.ask(asks.map(({ ssh }, at) => forward(ssh, String(at))));
  return asks.map((ask, at) => ({ ask, ...(answers[at] as (typeof answers)[number]) }));
}

/** A nonce goes to the target; only the lab's service there can answer it. */
async function askDial(lab: ForwardLab, login: ForwardToOpen, ask: DialAsk): Promise<DialAnswer> {
  const connection = await lab.connectionFor(login);
  const nonce = randomBytes(12).toString("hex");
  const { received, said } = await lab.asFirstVisit({ port: ask.port }, () => connection.dial(ask, `forwardlab ${nonce}\n`));
  if (received.includes(` ${nonce} `)) return { ask, answer: "reached", said };
  const { key, answer } = connection.principal;
  const ssh = parseForwardArguments(`-L 1:${ask.host.includes(":") ? `[${ask.host}]` : ask.host}:${ask.port}`);
  const refusedBy = whyDenied({ ssh, key, answer });
  if (!/administratively prohibited/.test(said)) return { ask, answer: "failed", said };
  return { ask, answer: "denied", said, ...(refusedBy ? { refusedBy } : {}) };
}

export function principalId(
  account: string,
  { index, place, certificate }: Pick<AccountKey, "index" | "place" | "certificate">,
  origin?: LoginOrigin,
): string {
  const number = index > 0 ? `login ${index + 1}` : undefined;
  const login = certificate?.file ?? (place ? `${place.file}:${place.line}` : number);
  return `${account}${login === undefined ? "" : ` ${login}`}${origin ? ` from ${origin.prefixes[0]}` : ""}`;
}
