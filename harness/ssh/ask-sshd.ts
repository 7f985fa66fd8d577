/** Asks the image's own sshd how it reads the config. */
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";
import type { Host } from "../lab/host.ts";
import { type EffectiveSettings, parseEffective } from "../openssh/effective.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import { readSshdMessage, sshdConfigError } from "../openssh/sshd-messages.ts";

/** Milliseconds for the whole, and for each question: one takes about 20, on a machine that does many other things a hundred times as long. */
const baseTimeoutMs = 30_000;
const questionTimeoutMs = 2_000;

/** Arguments: how many connections, the connections, the command. */
const script = `
n=$1; shift; specs=
while [ "$n" -gt 0 ]; do specs="$specs $1"; shift; n=$((n-1)); done
for spec in $specs; do echo @@; "$@" -C "$spec" || exit 70; done
`;

export interface SshdAnswers {
  /** One for each connection, in order. */
  settings: EffectiveSettings[];
  /** sshd's complaints that did not stop it (deprecated options), with the user's file and line. */
  warnings: Warning[];
}

/**
 * `sshd -T` for each connection (argument of `-C`), in one round trip. It checks the whole config first, as `sshd -t` does.
 * `argv`: sshd's path and the arguments that say which config counts. Throws UserError `sshd-config` with sshd's message and the user's line.
 */
export async function askSshd(
  host: Host,
  config: SshdConfig,
  argv: readonly string[],
  connections: readonly string[],
): Promise<SshdAnswers> {
  const [program, ...rest] = argv as [string, ...string[]];
  const result = await host.run(["sh", "-c", script, "sh", String(connections.length), ...connections, program, "-T", ...rest], {
    timeoutMs: baseTimeoutMs + connections.length * questionTimeoutMs,
  });
  if (result.code !== 0) throw sshdConfigError(config, result.stderr || result.stdout);
  const warnings: Warning[] = [];
  for (const line of result.stderr.split("\n")) {
    const { place, text } = readSshdMessage(config, line);
    if (place) warnings.push(warning("sshd-said", { message: text }, place));
  }
  return { settings: result.stdout.split("@@\n").slice(1).map(parseEffective), warnings: distinctWarnings(warnings) };
}

/** What `sshd -T` says when an administrator asks it about no login; undefined where it says nothing, as some Match criteria need one. */
export async function plainSettings(host: Host, argv: readonly string[]): Promise<EffectiveSettings | undefined> {
  const [program, ...rest] = argv as [string, ...string[]];
  const result = await host.run([program, "-T", ...rest], { timeoutMs: baseTimeoutMs });
  return result.code === 0 ? parseEffective(result.stdout) : undefined;
}
