/** Asks a server for a tunnel device (-w), with the real ssh: the `ssh2` library has no such channel. */
import type { Host } from "../lab/host.ts";
import { readLogLine } from "../openssh/log-events.ts";
import { sshCommand } from "../openssh/ssh-command.ts";
import { type LoginOptions, type LoginWatch, logIn } from "./log-in.ts";
import type { SshServer } from "./ssh-server.ts";

/** A packet tunnel, with any free device at both ends; ssh exits where it gets none. */
const argv = ["-o", "ExitOnForwardFailure=yes", "-w", "any:any"];

/** `said`: ssh's own message where it got none. Throws as `logIn` does. */
export async function askTunnel(client: Host, server: SshServer, options: LoginOptions): Promise<{ granted: boolean; said: string }> {
  const watch = new TunnelWatch();
  await using _login = await logIn(client, server, options, {
    command: (to) => sshCommand({ argv, noCommand: false, serverPort: undefined }, to),
    watch,
    typed: argv.join(" "),
  });
  return { granted: watch.news.granted === true, said: watch.said };
}

class TunnelWatch implements LoginWatch {
  readonly news: { authenticated: boolean; granted: boolean | undefined } = { authenticated: false, granted: undefined };
  said = "";

  read(line: string): boolean {
    const kind = readLogLine(line)?.kind;
    if (kind === "authenticated") this.news.authenticated = true;
    if (kind === "tunnel-established") this.news.granted = true;
    if (kind === "tunnel-failed" || kind === "channel-refused") {
      this.news.granted = false;
      this.said ||= line;
    }
    return this.news.granted !== undefined;
  }
}
