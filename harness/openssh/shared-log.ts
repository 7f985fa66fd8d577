/** Tells apart the lines of a log that several forwards share. Pure. */
import { readLogLine } from "./log-events.ts";

/** What a forward's lines name it by. */
export interface LoggedForward {
  listenPort: number;
  target?: { host: string; port: number };
}

/** What the server answered to a request to listen on a port, when this line of ssh's log says so. */
export function remoteAnswer(line: string): { granted: boolean; port: number } | undefined {
  const event = readLogLine(line);
  // `43234`, or with an address before it where ssh names one.
  return event?.kind === "remote-answer" ? { granted: event.granted, port: Number(/\d+$/.exec(event.listen)?.[0]) } : undefined;
}

/** Lines with which sshd explains, right before its answer, why it refuses (`ssh_packet_send_debug`). */
const remark = /^debug1: Remote: /;

/**
 * Of ssh's log: lines about no forward, and those about this one. Requests are answered one after the other: a remark of the server's belongs to the next answer.
 * @param lines since the first of `all` was asked for
 */
export function clientLinesOf(own: LoggedForward, all: readonly LoggedForward[], lines: readonly string[]): string[] {
  const kept: string[] = [];
  let remarks: string[] = [];
  let open = all.length;
  for (const line of lines) {
    const answer = remoteAnswer(line);
    if (answer) {
      open--;
      if (answer.port === own.listenPort) kept.push(...remarks);
      remarks = [];
    }
    if (open > 0 && remark.test(line)) remarks.push(line);
    else if (concerns(own, all, line)) kept.push(line);
  }
  return kept;
}

/** The same of sshd's log, whose lines name the port. */
export function serverLinesOf(own: LoggedForward, all: readonly LoggedForward[], lines: readonly string[]): string[] {
  return lines.filter((line) => concerns(own, all, line));
}

/** How both programs write a port. */
const port = /(?:\bport:? |\blisten |:)(\d{1,5})\b/g;
const dialled = /connect_to (\S+) port (\d+)/;

function concerns(own: LoggedForward, all: readonly LoggedForward[], line: string): boolean {
  const answer = remoteAnswer(line);
  if (answer) return answer.port === own.listenPort;
  const target = dialled.exec(line);
  if (target) return own.target === undefined || (own.target.host === target[1] && own.target.port === Number(target[2]));
  const named = [...line.matchAll(port)].map(([, number]) => Number(number));
  return named.includes(own.listenPort) || !all.some(({ listenPort }) => named.includes(listenPort));
}
