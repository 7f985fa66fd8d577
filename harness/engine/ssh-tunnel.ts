/** An engine on another machine, by ssh: its socket as one of this machine's, for as long as this process lives. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Where an engine listens that was not set up otherwise. */
const USUAL_SOCKET = "/var/run/docker.sock";

/**
 * Ends ssh and removes the folder when its standard input closes: also when the process that asked is killed. It lets go of the outputs,
 * so that they close when ssh ends.
 */
const HOLDER = 'folder=$1; shift; "$@" </dev/null & child=$!; exec >/dev/null 2>&1; read -r word; kill "$child"; rm -rf "$folder"';

const open = new Map<string, Promise<Tunnel>>();

export type Tunnel = { socket: string; reason?: undefined } | { socket?: undefined; reason: string };

/** `ssh://[user@]host[:port][/path/of/the/socket]`, as the docker command takes it; undefined when it is none. */
export function sshTarget(endpoint: string): { words: string[]; socket: string } | undefined {
  const [, user, host, port, path] = /^ssh:\/\/(?:([^@/]+)@)?(\[[\da-fA-F:.]+\]|[^@:/[\]]+)(?::(\d+))?(\/.*)?$/.exec(endpoint) ?? [];
  if (!host) return undefined;
  const words = [...(user ? ["-l", user] : []), ...(port ? ["-p", port] : []), "--", host.replace(/^\[|\]$/g, "")];
  return { words, socket: path && path !== "/" ? path : USUAL_SOCKET };
}

/**
 * Opens it once for each endpoint. The real ssh logs in, with its own config, keys, agent and known hosts; it asks nothing: an unknown
 * host key or a missing login is a reason why not. Never throws.
 */
export function sshTunnel(endpoint: string): Promise<Tunnel> {
  const opened = open.get(endpoint) ?? start(endpoint);
  open.set(endpoint, opened);
  return opened;
}

async function start(endpoint: string): Promise<Tunnel> {
  const target = sshTarget(endpoint);
  if (!target) return { reason: "not an address of the form ssh://user@host:port" };
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-ssh-"));
  const socket = join(folder, "docker.sock");
  // ssh runs LocalCommand when it has logged in and set up its forwards: it is the event that tells. ssh(1), ssh_config(5).
  const options = [
    ...["BatchMode=yes", "ExitOnForwardFailure=yes", "ControlMaster=no", "ControlPath=none", "ServerAliveInterval=15"],
    ...["PermitLocalCommand=yes", "LocalCommand=echo open"],
  ].flatMap((option) => ["-o", option]);
  const ssh = ["ssh", "-N", "-T", ...options, "-L", `${socket}:${target.socket}`, ...target.words];
  // Its own session: Ctrl-C in a terminal must not end it while this process still cleans up.
  const holder = spawn("sh", ["-c", HOLDER, "tunnel", folder, ...ssh], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let said = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const isOpen = await new Promise<boolean>((done) => {
    holder.stdout.once("data", () => done(true));
    holder.once("error", () => done(false));
    holder.stdout.once("close", () => done(false));
  });
  if (!isOpen) {
    holder.stdin.end();
    return {
      reason: `ssh: ${said.trim().split("\n").at(-1) || "it could not be started"} (it must log in without a prompt: try \`ssh ${target.words.join(" ")}\`)`,
    };
  }
  // The tunnel keeps no process alive.
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout, holder.stderr]) (stream as (Readable | Writable) & { unref?(): void }).unref?.();
  return { socket };
}
