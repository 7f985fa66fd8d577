/** One run of sshd, from its start to its end. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { FabricError } from "../lab/fabric-error.ts";
import type { HostProcess } from "../lab/host.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { missingListenAddress, withUserPaths } from "../openssh/sshd-messages.ts";

export interface RunningSshd extends AsyncDisposable {
  listening: { address: string; port: number }[];
  /** Addresses that sshd could not bind, in its own words. */
  problems: string[];
  /** All lines, or those from one on. */
  log(from?: number, to?: number): string[];
  /** As `HostProcess.onLine`. */
  onLine(listener: () => void): () => void;
}

/** Milliseconds that sshd has to open its sockets; it takes about 20. */
const startTimeoutMs = 15_000;

/**
 * Waits until a started `sshd -D -e` has said, for each of `expected` addresses, that it listens or cannot. From then on, or when this throws, the
 * process is the result's.
 * Throws UserError `sshd-start` with sshd's log when it ends, or listens on nothing in time.
 */
export async function awaitSshd(process: HostProcess, config: SshdConfig, expected: number): Promise<RunningSshd> {
  const listening: { address: string; port: number }[] = [];
  const problems: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const ready = process.waitForLine((text) => {
      const open = /^Server listening on (\S+) port (\d+)/.exec(text);
      if (open) listening.push({ address: open[1] as string, port: Number(open[2]) });
      else if (/^(Bind to port .* failed|socket: |getnameinfo failed|setsockopt )/.test(text)) problems.push(text);
      return (listening.length > 0 && listening.length + problems.length >= expected) || undefined;
    });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`sshd did not listen within ${startTimeoutMs / 1000} s`)), startTimeoutMs);
    });
    await Promise.race([ready, late]);
  } catch (cause) {
    await process[Symbol.asyncDispose]();
    // That the lab has ended says nothing about sshd.
    if (cause instanceof FabricError) throw cause;
    const said = problems[0] ?? lastLine(process) ?? String(cause);
    const missing = missingListenAddress(config, said);
    throw new UserError("sshd-start", `sshd did not start: ${said}`, {
      fault: faultOf("sshd-does-not-start", { said, addresses: expected, missing: missing?.address }),
      place: missing?.place ?? { file: config.display },
      expected: `sshd listening on ${expected} address${expected === 1 ? "" : "es"}`,
      todo: missing
        ? `give the lab's server the address ${missing.address}, with its prefix length, under \`network.server.address\``
        : "check Port, ListenAddress and AddressFamily against the server's addresses in `network:`",
      log: withUserPaths(config, process.log.join("\n")),
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
  return {
    listening,
    problems,
    log: (from, to) => process.log.slice(from, to),
    onLine: (listener) => process.onLine(listener),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

function lastLine(process: HostProcess): string | undefined {
  return process.log.at(-1);
}
