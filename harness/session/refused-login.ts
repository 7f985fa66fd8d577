/** A login that sshd turns away is a result where the policy expects a refusal. */
import { type ForwardOutcome, type LoginFailureKind, serverOf, whereOf } from "../core/forward-outcome.ts";
import { LoginError } from "../openssh/login-failure.ts";
import { listeningEnd } from "./forward-ends.ts";
import type { ForwardToOpen } from "./forward-handle.ts";

/** Kinds that are the server's own decision about this account. The others may come from the lab's keys, or from other logins. */
const decided: ReadonlySet<LoginFailureKind> = new Set([
  "account-denied",
  "account-unknown",
  "root-refused",
  "key-source-refused",
  "key-expired",
  "principal-refused",
  "certificate-refused",
  "connections-refused",
  "jump-refused",
  "jump-filtered",
]);

/** Another line has the same key: the real sshd may let the account in by that one. */
export function hasNextLine(error: unknown): boolean {
  return error instanceof LoginError && error.failure.next !== undefined;
}

/** What became of a forward whose login was refused for a reason of the server's; undefined for every other error. */
export function refusedLogin(error: unknown, forward: ForwardToOpen): ForwardOutcome | undefined {
  if (!(error instanceof LoginError) || !decided.has(error.failure.kind)) return undefined;
  const { said, source, jump } = error.failure;
  const { name, from, account, ssh } = forward;
  const { kind } = ssh.request;
  return {
    name,
    from,
    account,
    ssh: ssh.text,
    kind,
    requested: ssh.requested,
    granted: false,
    serverAnswer: "refused",
    refusedBy: jump ?? {
      layer: source?.keyOption ? "key-options" : "sshd-policy",
      code: "login-failed",
      params: { said },
      text: error.message,
      ...(source ? { source } : {}),
    },
    loginFailure: error.failure,
    failedDials: [],
    effective: [],
    elsewhere: [],
    keyOptions: "",
    ...whereOf(
      serverOf(forward),
      forward.jump?.map(({ server }) => server),
    ),
    listensOn: listeningEnd(forward).host,
    listeners: [],
    clientLog: error.log ?? "",
    serverLog: "",
  };
}
