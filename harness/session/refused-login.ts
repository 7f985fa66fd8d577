/** A login that sshd turns away is a result where the policy expects a refusal. */
import { type ForwardOutcome, type LoginFailureKind, listensOnServer } from "../core/forward-outcome.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { LoginError } from "../openssh/login-failure.ts";
import { serverHost } from "./login-route.ts";

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
]);

/** What became of a forward whose login was refused for a reason of the server's; undefined for every other error. */
export function refusedLogin(
  error: unknown,
  { name, from, account, ssh }: { name: string; from: string; account: string; ssh: ForwardArguments },
): ForwardOutcome | undefined {
  if (!(error instanceof LoginError) || !decided.has(error.failure.kind)) return undefined;
  const { said, source } = error.failure;
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
    refusedBy: {
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
    listensOn: listensOnServer(kind) ? serverHost : from,
    listeners: [],
    clientLog: error.log ?? "",
    serverLog: "",
  };
}
