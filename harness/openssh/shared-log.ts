/** Tells apart the lines of a log that several forwards share. Pure. */
import { readRemoteAnswer } from "./log-events.ts";

/** What a forward's lines name it by. */
export interface LoggedForward {
  listenPort: number;
  target?: { host: string; port: number };
}

/** What the server answered to a request to listen on a port, when this line of ssh's log says so. */
export function remoteAnswer(line: string): { granted: boolean; port: number } | undefined {
  const answer = readRemoteAnswer(line);
  // `43234`, or with an address before it where ssh names one.
  return answer && { granted: answer.granted, port: Number(/\d+$/.exec(answer.listen)?.[0]) };
}

/** Whom a line is about: the forwards with these ports, those with this target, or no forward in particular. */
type Owner = { ports: readonly number[] } | { target: string } | undefined;

/** Line number -> owner, for this line and for earlier ones that it explains. */
type Read = (line: string, at: number) => [at: number, owner: Owner][];

/** Lines of a log from this one on; the first is the one that came after the first forward was asked for. */
type LinesFrom = (from: number) => readonly string[];

/** A log that grows. Each line is read once, however many forwards ask for theirs. */
export class SharedLog {
  readonly #log: LinesFrom;
  readonly #read: Read;
  readonly #lines: string[] = [];
  readonly #general: number[] = [];
  readonly #ofPort: ReadonlyMap<number, number[]>;
  readonly #ofTarget = new Map<string, number[]>();

  /** Of ssh's log: which channel is which forward's. */
  static ofClient(forwards: readonly LoggedForward[], log: LinesFrom): SharedLog {
    return new SharedLog(forwards, log, clientReader(forwards.length));
  }

  /** Of sshd's log, whose lines name the port. */
  static ofServer(forwards: readonly LoggedForward[], log: LinesFrom): SharedLog {
    return new SharedLog(forwards, log, (line, at) => [[at, ownerOf(line)]]);
  }

  private constructor(forwards: readonly LoggedForward[], log: LinesFrom, read: Read) {
    this.#log = log;
    this.#read = read;
    this.#ofPort = new Map(forwards.map(({ listenPort }) => [listenPort, []]));
  }

  /** Reads the lines that have come. Nobody has to, but who asks for a forward's lines then waits for those alone that came after. */
  catchUp(): void {
    for (const line of this.#log(this.#lines.length)) {
      const number = this.#lines.push(line) - 1;
      for (const [at, owner] of this.#read(line, number)) this.#put(at, owner);
    }
  }

  /**
   * Lines about no forward, and those about this one, in their order.
   * @param end only lines before it
   */
  linesOf(own: LoggedForward, end = Number.POSITIVE_INFINITY): string[] {
    this.catchUp();
    const targets = own.target ? (this.#ofTarget.get(nameOf(own.target)) ?? []) : [...this.#ofTarget.values()].flat();
    return [...this.#general, ...(this.#ofPort.get(own.listenPort) ?? []), ...targets]
      .filter((at) => at < end)
      .sort((a, b) => a - b)
      .map((at) => this.#lines[at] as string);
  }

  #put(at: number, owner: Owner): void {
    if (owner && "target" in owner) {
      const known = this.#ofTarget.get(owner.target) ?? [];
      known.push(at);
      this.#ofTarget.set(owner.target, known);
      return;
    }
    const named = [...new Set(owner?.ports)].map((each) => this.#ofPort.get(each)).filter((lines) => lines !== undefined);
    if (named.length === 0) this.#general.push(at);
    for (const lines of named) lines.push(at);
  }
}

function nameOf({ host, port }: { host: string; port: number }): string {
  return `${host} ${port}`;
}

/** How both programs write a port. */
const port = /(?:\bport:? |\blisten |:)(\d{1,5})\b/g;
const dialled = /connect_to (\S+) port (\d+)/;

/** As far as the line itself tells. */
function ownerOf(line: string): Owner {
  const answer = remoteAnswer(line);
  if (answer) return { ports: [answer.port] };
  const target = dialled.exec(line);
  return target ? { target: `${target[1]} ${target[2]}` } : { ports: [...line.matchAll(port)].map(([, number]) => Number(number)) };
}

/** Lines with which sshd explains, right before its answer, why it refuses (`ssh_packet_send_debug`). */
const remark = /^debug1: Remote: /;
/** A visitor has come to a listener of the server's; the next line says to which. Source: OpenSSH `clientloop.c`. */
const visitor = /^debug1: client_input_channel_open: ctype forwarded-tcpip /;
const visited = /client_request_forwarded_tcpip: listen .* port (\d+), originator /;
/** What ssh says of the visitor's channel until it turns to something else. */
const dialling = /^debug1: (?:connect_next: |confirm forwarded-tcpip)/;
const dialEnded = /connect_to .*(?:failed|unknown host)/;
const channelLine = /channel (\d+): (new|free|connection failed)?/;

/**
 * Requests are answered one after the other: a remark of the server's belongs to the next answer. A channel is named by its number alone.
 * @param requests how many are still to be answered
 */
function clientReader(requests: number): Read {
  const channels = new Map<string, Owner>();
  let [unanswered, remarks] = [requests, [] as number[]];
  let opening: number | undefined;
  /** Whom ssh is busy with. */
  let current: Owner;

  const channelOwner = (line: string): Owner => {
    const [, channel = "", event] = channelLine.exec(line) ?? [];
    if (event === "new" && current) channels.set(channel, current);
    const owner = channels.get(channel);
    if (event === "free") channels.delete(channel);
    current = event === "new" || event === "connection failed" ? owner : undefined;
    return owner;
  };
  const channelDone = (): Owner => {
    const owner = current;
    current = undefined;
    return owner;
  };
  const read = (line: string): Owner => {
    if (current && dialling.test(line)) return current;
    if (current && dialEnded.test(line)) return channelDone();
    const port = visited.exec(line)?.[1];
    if (port === undefined) return channelOwner(line) ?? ownerOf(line);
    current = { ports: [Number(port)] };
    return current;
  };

  return (line, at) => {
    if (unanswered > 0 && remark.test(line)) {
      remarks.push(at);
      return [];
    }
    const owner = read(line);
    const explained = opening === undefined ? [] : [opening];
    opening = visitor.test(line) ? at : undefined;
    if (remoteAnswer(line)) {
      unanswered--;
      explained.push(...remarks);
      remarks = [];
    }
    return [...explained, ...(opening === undefined ? [at] : [])].map((each) => [each, owner]);
  };
}
