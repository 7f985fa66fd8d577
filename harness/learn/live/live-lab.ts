/** A lab in which a learner works: terminals on its hosts, what happens there as it happens, and whether the goal is reached. */

import { formatTarget } from "../../core/address.ts";
import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { articleLab } from "../../core/lab-spec.ts";
import {
  type EditedFile,
  type Endpoint,
  endpointText,
  type Goal,
  type GoalCheck,
  type LiveEvent,
  type LiveListener,
  type StatedLab,
} from "../../core/lesson.ts";
import { topologyOf } from "../../judgement/topology.ts";
import { findLabs } from "../../lab/find-labs.ts";
import type { SeenAttempt, SeenListener } from "../../lab/operations/live.ts";
import { watchLab } from "../../lab/watch.ts";
import type { Service } from "../../probe/services.ts";
import { LabSession } from "../../session/lab-session.ts";
import { serverHost } from "../../session/login-route.ts";
import { checkGoal } from "./check-goal.ts";
import type { LiveSetup } from "./goal.ts";
import { hintOf } from "./hint.ts";
import { changedFiles, sshdReads, withServerInput } from "./server-files.ts";
import { openTerminal, type Terminal, type TerminalSize } from "./terminal.ts";

export interface LiveLab extends AsyncDisposable {
  /** What the lab is and what stands in it now is told at once. What returns ends that. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Is it the lab that this lesson asks for? */
  fits(setup: LiveSetup): boolean;
  /**
   * The server of a lesson that fits, in a lab where nothing is left of the one before: all that runs on its hosts ends, terminals too.
   */
  begin(lesson: string, setup: LiveSetup): Promise<void>;
  /** Another sshd_config, another firewall; what is left out stays. @throws UserError where sshd or nft refuses it: then all is as before */
  use(files: readonly EditedFile[]): Promise<void>;
  /** Probes the goal; what comes of it is told as `checked`. */
  check(): Promise<void>;
  terminal(host: string, size: TerminalSize): Promise<Terminal>;
}

export interface LiveLabOptions {
  /** OpenSSH of the server, e.g. `9.2`, unless the lesson states its own. */
  openssh?: string;
  /** What the lesson asks for; left out: the article's lab. */
  lab?: StatedLab;
}

/** What answers at home without a lesson asking for it: the article's Remote Desktop and web ports. */
const homePorts = [3389, 8080];

/** Of a check, while listeners come and go. */
const mostTries = 3;

export async function startLiveLab({ lab: wanted, openssh }: LiveLabOptions = {}): Promise<LiveLab> {
  const chosen = openssh === undefined || wanted?.openssh !== undefined || wanted?.image !== undefined ? {} : { openssh };
  const session = await LabSession.start({ ...chosen, ...wanted }, process.cwd());
  await using started = new AsyncDisposableStack();
  started.use(session);
  const { lab, engine } = session.lab;
  const places = (await findLabs(engine.docker)).find(({ id }) => id === lab.id);
  if (!places)
    throw new UserError("lab", "the engine does not know the lab that it has just started", {
      fault: faultOf("lab-not-listed", {}),
      todo: "run `forwardlab doctor`",
    });
  const live = new RunningLiveLab(session, places, wanted);
  started.use(await watchLab(lab, live));
  live.owns(started.move());
  return live;
}

class RunningLiveLab implements LiveLab {
  readonly #session: LabSession;
  readonly #places: Parameters<typeof openTerminal>[2];
  readonly #subscribers = new Set<(event: LiveEvent) => void>();
  readonly #terminals = new Set<Terminal>();
  readonly #lab: LiveEvent;
  readonly #stated: StatedLab | undefined;
  #started = new AsyncDisposableStack();
  #begun: { lesson: string; setup: LiveSetup } | undefined;
  #listeners: readonly LiveListener[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(session: LabSession, places: Parameters<typeof openTerminal>[2], stated: StatedLab | undefined) {
    this.#session = session;
    this.#places = places;
    this.#stated = stated;
    const { lab, server } = session.lab;
    this.#lab = { type: "lab", topology: topologyOf(lab.spec), openssh: server.version.text, hosts: Object.keys(lab.spec.hosts) };
  }

  /** What ends with it. */
  owns(started: AsyncDisposableStack): void {
    this.#started = started;
  }

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#subscribers.add(listener);
    listener(this.#lab);
    if (this.#begun) listener(begunEvent(this.#begun));
    listener({ type: "listeners", listeners: this.#listeners });
    return () => void this.#subscribers.delete(listener);
  }

  fits({ lab }: LiveSetup): boolean {
    return JSON.stringify(lab ?? articles) === JSON.stringify(this.#stated ?? articles);
  }

  begin(lesson: string, setup: LiveSetup): Promise<void> {
    return this.#inTurn(async () => {
      this.#begun = undefined;
      await this.#clean();
      // A forward refuses to listen where a file stands.
      const { listener } = setup.goal ?? {};
      if (listener && "path" in listener) await this.#session.lab.lab.host(listener.host).remove([listener.path]);
      await this.#run(setup);
      await this.#endStrangers();
      await this.#equip();
      for (const endpoint of this.#servicesOf(setup)) await this.#serve(endpoint);
      this.#begun = { lesson, setup };
      this.#tell(begunEvent(this.#begun));
    });
  }

  use(changes: readonly EditedFile[]): Promise<void> {
    return this.#inTurn(async () => {
      const { lesson, setup } = this.#lesson();
      const files = changedFiles(setup.files, changes);
      const changed = { ...setup, files };
      try {
        await this.#run(changed);
      } catch (error) {
        await this.#run(setup);
        throw error;
      }
      if (sshdReads(changes)) await this.#equip();
      this.#begun = { lesson, setup: changed };
      this.#tell(begunEvent(this.#begun));
    });
  }

  check(): Promise<void> {
    return this.#inTurn(async () => {
      const { goal } = this.#lesson().setup;
      const checks = goal ? await this.#checkStanding(goal) : [];
      this.#tell(checkedEvent(checks));
    });
  }

  async terminal(host: string, size: TerminalSize): Promise<Terminal> {
    const { lab, engine } = this.#session.lab;
    const terminal = await openTerminal(engine.docker, lab, this.#places, host, size);
    this.#terminals.add(terminal);
    terminal.stream.once("close", () => this.#terminals.delete(terminal));
    return terminal;
  }

  attempt(seen: SeenAttempt): void {
    // What a check's own connection had ssh or sshd dial is no doing of the learner's.
    const { service } = this.#begun?.setup.goal ?? {};
    if (seen.duringProbe && service && "port" in service && seen.sightings[0]?.destination.endsWith(` ${service.port}`)) return;
    this.#session.lab.prober.attempt(seen).then(
      (attempt) => attempt && this.#tell({ type: "attempt", attempt }),
      // Its rules could not be read any more: the lab is ending.
      () => undefined,
    );
  }

  listeners(seen: readonly SeenListener[]): void {
    this.#listeners = seen.map(liveListener);
    this.#tell({ type: "listeners", listeners: this.#listeners });
  }

  gone(): void {
    if (this.#disposed) return;
    this.#tell({
      type: "ended",
      why: {
        en: "The lab is gone: its containers or the engine ended.",
        ja: "ラボがなくなりました。コンテナまたはエンジンが終了しました。",
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled([...this.#terminals].map((terminal) => terminal[Symbol.asyncDispose]()));
    await this.#started.disposeAsync();
  }

  /** Nothing of the lesson before is left; sshd starts anew. */
  async #clean(): Promise<void> {
    await Promise.all([...this.#terminals].map((terminal) => terminal[Symbol.asyncDispose]()));
    await this.#endStrangers();
    await this.#session.clean();
    this.#session.distrust();
  }

  async #endStrangers(): Promise<void> {
    const { lab } = this.#session.lab;
    await lab.fabric.request("end_strangers", { hosts: Object.keys(lab.spec.hosts) });
  }

  async #run({ files, accounts }: LiveSetup): Promise<void> {
    await withServerInput({ files, accounts }, async (input, folder) => {
      this.#session.begin(folder);
      await this.#session.use(input);
    });
  }

  /** Whoever types `ssh server` on a host that has files of its own gets in. */
  async #equip(): Promise<void> {
    const clients = Object.entries(this.#session.lab.lab.spec.hosts).filter(
      ([name, { kind }]) => kind === "container" && name !== serverHost,
    );
    await Promise.all(clients.map(([name]) => this.#session.equip(name)));
  }

  /** A listener that comes or goes while it is probed proves nothing: then all is asked again. */
  async #checkStanding(goal: Goal, tries = mostTries): Promise<GoalCheck[]> {
    const { listener, service } = goal;
    const answering = await this.#serve(service);
    const before = await this.#listeningAt(listener.host);
    const checks = await checkGoal(this.#session.lab, goal, answering, before);
    const stands = JSON.stringify(await this.#listeningAt(listener.host)) === JSON.stringify(before);
    return stands || tries <= 1 ? checks : this.#checkStanding(goal, tries - 1);
  }

  /** What answers there: the lab's own service. */
  #serve(endpoint: Endpoint): Promise<Service> {
    const { host } = endpoint;
    return "path" in endpoint ? this.#session.serveSocket(host, endpoint.path) : this.#session.serve(host, endpoint.port, undefined);
  }

  /** Each once; where the lesson's forward is to listen nothing else may. */
  #servicesOf({ services, goal }: LiveSetup): Endpoint[] {
    const home = "home" in this.#session.lab.lab.spec.hosts ? homePorts.map((port) => ({ host: "home", port })) : [];
    const byText = new Map([...home, ...services, ...(goal ? [goal.service] : [])].map((each) => [endpointText(each), each]));
    if (goal) byText.delete(endpointText(goal.listener));
    return [...byText.values()];
  }

  async #listeningAt(host: string): Promise<LiveListener[]> {
    const found = await this.#session.lab.lab.host(host).listeners();
    return found.map(({ address, port, process }) => ({ host, socket: formatTarget(address, port), process: programOf(process) }));
  }

  #lesson(): { lesson: string; setup: LiveSetup } {
    if (this.#begun) return this.#begun;
    throw new UserError("no-lesson", "no lesson has begun in this lab", { todo: "begin one first", fault: faultOf("no-lab-yet", {}) });
  }

  #tell(event: LiveEvent): void {
    for (const subscriber of [...this.#subscribers]) subscriber(event);
  }

  /** One after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function begunEvent({ lesson, setup: { files, commands, goal } }: { lesson: string; setup: LiveSetup }): LiveEvent {
  return { type: "begun", lesson, files, commands, ...(goal ? { goal } : {}) };
}

function checkedEvent(checks: readonly GoalCheck[]): LiveEvent {
  const hint = hintOf(checks);
  return { type: "checked", checks, reached: checks.length > 0 && checks.every(({ ok }) => ok), ...(hint ? { hint } : {}) };
}

function liveListener({ host, address, port, process, own }: SeenListener): LiveListener {
  return { host, socket: formatTarget(address, port), process: own ? "service" : programOf(process) };
}

/** sshd has a process of another name for each session. */
function programOf(process: string): string {
  return process.startsWith("sshd-") ? "sshd" : process;
}

/** What a lesson that states nothing has. */
const articles: StatedLab = { spec: articleLab() };
