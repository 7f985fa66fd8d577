/** Which forwards can be open at the same time without one changing what becomes of another. Pure. */
import type { LabSpec } from "../core/lab-spec.ts";
import { sharedRequest } from "../openssh/shared-connection.ts";
import { connectionKey } from "./connections.ts";
import { type End, listeningEnd, sameEnd, targetEnd } from "./forward-ends.ts";
import type { ForwardToOpen } from "./forward-handle.ts";

export interface BatchOptions {
  /** Forwards that are open at the same time: each holds two sockets of sshd's. */
  most?: number;
  /** Other ports that a host's rules may lead to this one. Default: none. */
  leadTo?: (host: string, port: number) => readonly number[];
}

/**
 * Batches to open one after the other; each is closed before the next. Forwards that may share a connection stand together, unless they listen on the
 * same port, or one listens where the service of another has to run, or at a port that rules may lead to another: it would answer in its place. What a
 * person opens together is one batch, whatever comes of it; every other forward is a batch of its own. A login that may be refused is tried by itself,
 * except where another forward's has to succeed and is the same.
 */
export function planBatches<T extends ForwardToOpen>(
  spec: LabSpec,
  forwards: readonly T[],
  { most = 256, leadTo = () => [] }: BatchOptions = {},
): T[][] {
  const moved = new Map(forwards.map((forward) => [forward, endsLeadingTo(listeningEnd(forward), leadTo)]));
  const answersFor = (one: T, other: T) => moved.get(other)?.some((end) => sameEnd(listeningEnd(one), end)) ?? false;
  const batches: { forwards: T[]; shared: boolean }[] = [];
  const last = ({ together, loginMayFail }: T) => (together === undefined && loginMayFail ? 1 : 0);
  for (const forward of forwards.toSorted((one, other) => last(one) - last(other))) {
    const { group } = forward.together ?? {};
    if (group !== undefined) {
      const known = batches.find((batch) => batch.forwards[0]?.together?.group === group);
      if (known) known.forwards.push(forward);
      else batches.push({ forwards: [forward], shared: false });
      continue;
    }
    const shares = sharedRequest(forward.ssh) !== undefined;
    const fits = (batch: (typeof batches)[number]) =>
      batch.shared &&
      batch.forwards.length < most &&
      !batch.forwards.some((other) => conflict(spec, forward, other) || answersFor(forward, other) || answersFor(other, forward)) &&
      (!forward.loginMayFail || batch.forwards.some((other) => sameLogin(forward, other)));
    const batch = shares ? batches.find(fits) : undefined;
    if (batch) batch.forwards.push(forward);
    else batches.push({ forwards: [forward], shared: shares && !forward.loginMayFail });
  }
  return batches.map((batch) => batch.forwards);
}

/** Of forwards that conflict, only the first. */
export function standTogether<T extends ForwardToOpen>(spec: LabSpec, forwards: readonly T[]): T[] {
  const chosen: T[] = [];
  for (const forward of forwards) if (!chosen.some((other) => conflict(spec, forward, other))) chosen.push(forward);
  return chosen;
}

function sameLogin(one: ForwardToOpen, other: ForwardToOpen): boolean {
  return connectionKey(one) === connectionKey(other);
}

function endsLeadingTo({ host, at }: End, leadTo: Required<BatchOptions>["leadTo"]): End[] {
  return typeof at === "number" && at > 0 ? leadTo(host, at).map((port) => ({ host, at: port })) : [];
}

function conflict(spec: LabSpec, one: ForwardToOpen, other: ForwardToOpen): boolean {
  const [listens, alsoListens] = [listeningEnd(one), listeningEnd(other)];
  return sameEnd(listens, alsoListens) || sameEnd(listens, targetEnd(spec, other)) || sameEnd(alsoListens, targetEnd(spec, one));
}
