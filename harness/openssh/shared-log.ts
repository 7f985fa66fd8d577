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

/** What a line is about. */
interface Mention {
  answerFor: number | undefined;
  dialled: string | undefined;
  ports: readonly number[];
}

export type ReadMention = (line: string) => Mention;

/** Reads each line once, however many forwards ask for it. */
export function mentionReader(): ReadMention {
  const known = new Map<string, Mention>();
  return (line) => {
    const found = known.get(line) ?? mentionOf(line);
    known.set(line, found);
    return found;
  };
}

/** How both programs write a port. */
const port = /(?:\bport:? |\blisten |:)(\d{1,5})\b/g;
const dialled = /connect_to (\S+) port (\d+)/;

function mentionOf(line: string): Mention {
  const target = dialled.exec(line);
  return {
    answerFor: remoteAnswer(line)?.port,
    dialled: target ? `${target[1]} ${target[2]}` : undefined,
    ports: [...line.matchAll(port)].map(([, number]) => Number(number)),
  };
}

/** Lines with which sshd explains, right before its answer, why it refuses (`ssh_packet_send_debug`). */
const remark = /^debug1: Remote: /;

/**
 * Of ssh's log: lines about no forward, and those about this one. Requests are answered one after the other: a remark of the server's belongs to the next answer.
 * @param lines since the first of `all` was asked for
 */
export function clientLinesOf(
  own: LoggedForward,
  all: readonly LoggedForward[],
  lines: readonly string[],
  read: ReadMention = mentionOf,
): string[] {
  const others = portsOf(all);
  const kept: string[] = [];
  let remarks: string[] = [];
  let open = all.length;
  for (const line of lines) {
    const mention = read(line);
    if (mention.answerFor !== undefined) {
      open--;
      if (mention.answerFor === own.listenPort) kept.push(...remarks);
      remarks = [];
    }
    if (open > 0 && remark.test(line)) remarks.push(line);
    else if (concerns(own, others, mention)) kept.push(line);
  }
  return kept;
}

/** The same of sshd's log, whose lines name the port. */
export function serverLinesOf(
  own: LoggedForward,
  all: readonly LoggedForward[],
  lines: readonly string[],
  read: ReadMention = mentionOf,
): string[] {
  const others = portsOf(all);
  return lines.filter((line) => concerns(own, others, read(line)));
}

function portsOf(all: readonly LoggedForward[]): ReadonlySet<number> {
  return new Set(all.map(({ listenPort }) => listenPort));
}

function concerns(own: LoggedForward, all: ReadonlySet<number>, mention: Mention): boolean {
  if (mention.answerFor !== undefined) return mention.answerFor === own.listenPort;
  if (mention.dialled !== undefined) return own.target === undefined || mention.dialled === `${own.target.host} ${own.target.port}`;
  return mention.ports.includes(own.listenPort) || !mention.ports.some((each) => all.has(each));
}
