/** Engine, images, lab, sshd, self-check, firewall: everything up to the first forward. */

import { articleLab, type LabSpec, mainServer } from "../core/lab-spec.ts";
import type { Check, NatFact } from "../core/self-check.ts";
import { type Step, stepOf } from "../core/step.ts";
import type { Engine, ImageRef } from "../engine/index.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { applyFirewall } from "../lab/apply-firewall.ts";
import { HostContainers } from "../lab/host-containers.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import type { SshdConfig } from "../openssh/sshd-config.ts";
import type { UserDatabase } from "../openssh/user-database.ts";
import { measureNats } from "../probe/nat-facts.ts";
import { Prober } from "../probe/probe.ts";
import { selfCheck } from "../probe/self-check.ts";
import type { ServerCgroups } from "../ssh/cgroups.ts";
import { type ServerAccount, startSshServer } from "../ssh/server.ts";
import type { OnEvent } from "./events.ts";
import { prepareImages, type ServerImage } from "./lab-images.ts";
import { type LabServer, LabServers } from "./lab-servers.ts";
import { connectionsOf } from "./login-route.ts";

/** What a server of the lab runs. */
export interface ServerOptions {
  sshdConfig: SshdConfig;
  accounts: readonly ServerAccount[];
  /** Its own /etc/passwd and its like; left out: the image's. */
  users?: UserDatabase;
  /** What sshd's command line sets: `Keyword=value`. */
  sshdOptions?: readonly string[];
  /** Where it runs, for rules that match control groups. */
  cgroups?: ServerCgroups;
  /** Left out: no firewall. */
  firewall?: FirewallFiles;
  /** Debian suite of the server's OpenSSH, or an image. Default: the host image's. */
  server?: ServerImage;
}

export interface ForwardLabOptions extends ServerOptions {
  /** Default: the article's lab. */
  spec?: LabSpec;
  /** Servers besides the host `server`, by host. */
  servers?: Readonly<Record<string, ServerOptions>>;
  /** Firewalls of hosts that run ssh, by host. */
  clientFirewalls?: Readonly<Record<string, FirewallFiles>>;
  /** Images that the engine lacks are pulled. Left out: that is an error, for whoever named them may be a stranger. */
  pull?: boolean;
  /** Hosts that run ssh, besides the containers. */
  clients?: readonly string[];
  /** The ssh2 library logs in, too: each sshd must support one of its algorithms. */
  ssh2?: boolean;
  /** Makes it a lab to keep; see `Lab`. */
  name?: string;
  /** Told of each step of the start, and of what becomes of forwards and probes. */
  onEvent?: OnEvent;
  /** Ends the start, and the lab: whatever waits for it rejects. */
  signal?: AbortSignal;
}

/** What a session is made of. Disposing `started` removes it. */
export interface SessionParts {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly images: { host: string; ref: ImageRef }[];
  readonly servers: LabServers;
  readonly prober: Prober;
  readonly checks: readonly Check[];
  readonly nats: readonly NatFact[];
  readonly started: AsyncDisposableStack;
}

export async function startParts(options: ForwardLabOptions): Promise<SessionParts> {
  const { signal, onEvent } = options;
  HostContainers.load();
  const progress = (step: Step) => onEvent?.({ type: "step", ...step });
  const { engine, spec, ...images } = await prepareImages(options.spec ?? articleLab(), imagesOf(options), {
    progress,
    ...(options.pull === undefined ? {} : { pull: options.pull }),
    ...(signal ? { signal } : {}),
  });

  await using started = new AsyncDisposableStack();
  const references = { fabric: images.fabric.reference, host: images.host.reference };
  const lab = started.use(await startLab(spec, { engine, images: references, progress, name: options.name }));
  signal?.throwIfAborted();
  // An interrupted lab ends at once: requests under way reject, and what was started is removed on the way out.
  signal?.addEventListener("abort", () => lab.fabric.close(), { once: true });
  progress(stepOf("starting-sshd", {}));
  const prober = new Prober(lab);
  const given = serversOf(options);
  const [sshds, [checks, nats]] = await Promise.all([
    Promise.all(
      given.map(([host, { sshdConfig, accounts, users, sshdOptions, cgroups }]) =>
        startSshServer(lab.host(host), {
          config: sshdConfig,
          accounts,
          ...(users ? { users } : {}),
          connections: connectionsOf(spec, options.clients, host),
          extra: sshdOptions,
          ...(cgroups ? { cgroups } : {}),
          ...(options.ssh2 ? { ssh2: true } : {}),
        }),
      ),
    ),
    // The lab is looked at as it is, before the user's firewall stands in the way.
    Promise.all([
      selfCheck(
        lab,
        prober,
        given.map(([host]) => host),
      ),
      measureNats(lab, prober),
    ]),
  ]);
  // Rules by owner name accounts, which are there now.
  const servers: LabServer[] = [];
  for (const [at, [host, { firewall }]] of given.entries()) {
    const rules = await applyFirewall(lab, host, firewall);
    prober.useRules(host, rules);
    servers.push({ host, sshd: sshds[at] as LabServer["sshd"], rules });
  }
  for (const [host, firewall] of Object.entries(options.clientFirewalls ?? {}))
    prober.useRules(host, await applyFirewall(lab, host, firewall));
  return { lab, engine, images: images.used, servers: new LabServers(servers), prober, checks, nats, started: started.move() };
}

/** `server` is the first. */
function serversOf(options: ForwardLabOptions): [host: string, server: ServerOptions][] {
  return [[mainServer, options], ...Object.entries(options.servers ?? {})];
}

function imagesOf(options: ForwardLabOptions): Record<string, ServerImage> {
  return Object.fromEntries(serversOf(options).flatMap(([host, { server }]) => (server ? [[host, server]] : [])));
}
