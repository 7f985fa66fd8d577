/** What the policy wants an account to be able to do on a server: whoever lets it do more, or less, goes by this. */
import { listensOnServer, serverOf } from "../../core/forward-outcome.ts";
import { type ForwardArguments, parseSshArguments } from "../../openssh/forward-arguments.ts";
import { portOf as portOfService } from "../../openssh/services.ts";
import { statedTargets } from "../../policy/policy.ts";
import type { RemedyInputs } from "./candidate.ts";
import { openEntry, permitEntry, portOf } from "./permit-entries.ts";
import type { JudgedForward } from "./violations.ts";

export interface AccountNeeds {
  /** Entries of PermitListen. */
  listen: readonly string[];
  /** Entries of PermitOpen. */
  open: readonly string[];
  /** Of all that listens, or is connected to, it is known what to list. A socket is in neither list. */
  known: { listen: boolean; open: boolean };
  /** Forwards whose listener is on the server, ports and sockets. */
  remote: boolean;
  /** Forwards for which sshd connects, to ports and sockets. */
  local: boolean;
  /** sshd connects to a socket. */
  opensSocket: boolean;
}

/** @param forwards those of the result that count; of others' accounts, only the ways through this server */
export function needsOf(forward: JudgedForward, forwards: readonly JudgedForward[], inputs: RemedyInputs): AccountNeeds {
  const own = forwards.filter((one) => one.account === forward.account && serverName(one) === serverName(forward));
  const remote = own.filter(({ kind }) => listensOnServer(kind ?? "remote"));
  const local = own.filter((one) => !remote.includes(one));
  const hops = forwards.flatMap((one) => hopsBehind(one, forward));
  const ports = remote.filter(({ requested }) => portOf(requested) !== undefined).map(({ requested }) => permitEntry(requested));
  const opened = local.map((one) => targetsOf(one, inputs));
  const opensSocket = local.some((one) => requestOf(one)?.request.targetPath !== undefined);
  return {
    listen: distinct(ports),
    open: distinct([...opened.flatMap((targets) => targets ?? []), ...hops]),
    known: { listen: !ports.includes(undefined), open: !opensSocket && !opened.includes(undefined) },
    remote: remote.length > 0,
    local: local.length > 0 || hops.length > 0,
    opensSocket,
  };
}

/** Each once; what is not known is left out. */
export function distinct(items: readonly (string | undefined)[]): string[] {
  return [...new Set(items.filter((item) => item !== undefined))];
}

function serverName({ server }: JudgedForward): string {
  return serverOf(server === undefined ? {} : { server });
}

/** What sshd opens for visitors of a -L or -D; undefined: nobody has said. */
function targetsOf(forward: JudgedForward, { policy }: RemedyInputs): string[] | undefined {
  if (forward.kind === "local") {
    const target = requestOf(forward)?.request.target;
    return target && [openEntry(target)];
  }
  const stated = policy.forwards[forward.name];
  const targets = stated ? statedTargets(stated) : [];
  return targets.length === 0 ? undefined : targets.flatMap(({ is, ...target }) => (is === "blocked" ? [] : [openEntry(target)]));
}

/** The next host of a way that leads through this server as the account: its sshd is asked for that name. */
function hopsBehind(one: JudgedForward, forward: JudgedForward): string[] {
  const way = requestOf(one)?.jump;
  return (one.jump ?? []).flatMap((server, at) => {
    const [hop, next] = [way?.hops[at], way?.hops[at + 1]];
    const isSame = server === serverName(forward) && (hop?.account ?? forward.account) === forward.account;
    if (!way || !isSame) return [];
    return [
      openEntry({ host: next?.name ?? way.destination, port: (next ? next.port : requestOf(one)?.serverPort) ?? portOfService("ssh") }),
    ];
  });
}

/** As its line asks for it; undefined where the policy names a host of an ssh_config or a unit instead. */
export function requestOf({ ssh, requested, kind }: JudgedForward): ForwardArguments | undefined {
  try {
    const { forwards } = parseSshArguments(ssh, undefined, { jumps: true, destination: true });
    return forwards.find((one) => one.requested === requested && one.request.kind === kind);
  } catch {
    return undefined;
  }
}
