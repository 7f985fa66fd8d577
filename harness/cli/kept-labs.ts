/** `up`, `ls`, `shell`, `exec`, `capture`, `down`, `prune`: a lab that a person keeps, and works in by hand. */

import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { type Engine, findEngine, removeImages, suiteOf } from "../engine/index.ts";
import { enterHost, shell } from "../lab/enter-host.ts";
import { type FoundLab, findLabs } from "../lab/find-labs.ts";
import { removeContainers } from "../lab/lab.ts";
import { sshdConfigFromText } from "../openssh/sshd-config.ts";
import { ownCommand } from "../pipelines/own-command.ts";
import { allowFor, loadPolicy, type Trust } from "../policy/load-policy.ts";
import { accountsOf, defaultAccount } from "../policy/policy.ts";
import { checkIn } from "../report/lab-facts.ts";
import { columnsOf, padColumns } from "../report/wrap.ts";
import { ForwardLab } from "../session/forward-lab.ts";
import { serverHost } from "../session/login-route.ts";
import { policySpec, startPolicyLab } from "../session/policy-lab.ts";
import { equipClient } from "../ssh/equip-client.ts";
import { type Context, exitCodes } from "./run-command.ts";
import type { CommandWords } from "./word-table.ts";

/** The article's Remote Desktop and web ports, which something answers on at home of a lab without a policy. */
const homePorts = [3389, 8080];

interface Start {
  name: string;
  openssh: string | undefined;
  onEvent: Context["onEvent"];
  signal: AbortSignal;
}

export async function upCommand(
  policy: string | undefined,
  flags: { name: string; openssh?: string; allowOutside?: boolean; pull?: boolean },
  { language, words, onEvent, signal }: Context,
): Promise<number> {
  const start = { name: await freeName(flags.name), openssh: flags.openssh, onEvent, signal };
  const { lab: started, accountsAt } = policy === undefined ? await startPlain(start) : await startFrom(policy, start, flags);
  await using lab = started;
  for (const port of homePorts) await lab.service("home", port);
  const clients = Object.entries(lab.lab.spec.hosts).filter(([host, { kind }]) => kind === "container" && host !== serverHost);
  const [main, ...others] = lab.servers.all.map(({ host, sshd: server }) => ({ server, names: accountsAt(host) }));
  const equip = (host: string) =>
    equipClient(
      lab.lab.host(host),
      lab.server,
      main?.names ?? [],
      others.filter(({ server }) => server.host.name !== host),
    );
  await Promise.all(clients.map(([host]) => equip(host)));
  await lab.lab.keep();
  const failed = lab.checks.filter(({ ok }) => !ok);
  for (const check of failed) {
    const { name, found } = checkIn(check, language);
    process.stderr.write(`${words.lab.selfCheckFailed(name, found)}\n`);
  }
  process.stdout.write(introduction(start.name, lab, words.lab));
  return failed.length > 0 ? exitCodes.noVerdict : exitCodes.held;
}

interface Started {
  lab: ForwardLab;
  /** Accounts of a server. */
  accountsAt: (host: string) => string[];
}

async function startFrom(policy: string, start: Start, trust: Trust): Promise<Started> {
  const loaded = await loadPolicy(policy, allowFor(trust));
  const lab = await startPolicyLab(loaded, policySpec(loaded, Object.keys(loaded.policy.forwards)), {
    ...start,
    pull: trust.pull ?? false,
  });
  return { lab, accountsAt: (host) => Object.keys(accountsOf(loaded.policy, host)) };
}

async function startPlain({ openssh, ...start }: Start): Promise<Started> {
  const lab = await ForwardLab.start({
    sshdConfig: await sshdConfigFromText("# OpenSSH's own defaults\n"),
    accounts: [{ name: defaultAccount }],
    ...(openssh === undefined ? {} : { server: { suite: suiteOf(openssh) } }),
    ...start,
  });
  return { lab, accountsAt: () => [defaultAccount] };
}

function introduction(name: string, lab: ForwardLab, words: CommandWords["lab"]): string {
  const hosts = addressTable(
    Object.keys(lab.lab.spec.hosts).map((host) => [host, ...lab.lab.host(host).addresses.map(({ address }) => address)]),
  );
  const option = name === "lab" ? "" : ` --lab ${name}`;
  const self = ownCommand();
  return `${words.up(name)}
${hosts}

${words.try}
  ${self} exec${option} home -- ssh -fN -R :43234:localhost:3389 server
  ${self} exec${option} server -- curl -sS http://localhost:43234/hello
  ${self} exec${option} other-lan -- curl -sS -m 5 http://server:43234/hello    ${words.ifOpen}
  ${self} shell${option} home
  ${self} down ${name}
`;
}

/** One line for each host, with its addresses in columns. */
export function addressTable(rows: readonly (readonly string[])[]): string {
  const widthAt = (at: number) => Math.max(...rows.map((row) => row[at]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widthAt(at))).join("  ")}`.trimEnd()).join("\n");
}

export async function listCommand({ words }: Context): Promise<number> {
  const labs = await findLabs((await engineForLabs()).docker);
  if (labs.length === 0) process.stderr.write(`${words.lab.none}\n`);
  else process.stdout.write(labTable(labs, words.lab));
  return exitCodes.held;
}

/** One lab a line, below a header. */
export function labTable(labs: readonly Omit<FoundLab, "containers" | "fabric">[], words: CommandWords["lab"]): string {
  const rows = [words.columns, ...labs.map(({ id, name, hosts, state }) => [name ?? "-", words.states[state], id, hosts.join(" ")])];
  const widths = words.columns.map((_, at) => Math.max(...rows.map((row) => columnsOf(row[at] ?? ""))));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => padColumns(cell, widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Runs a command, or a shell, in a host; its exit status is the result. */
export async function enterCommand(
  host: string,
  command: readonly string[],
  { lab: wanted, tty = false, networkOnly = false }: { lab?: string; tty?: boolean; networkOnly?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { docker } = await engineForLabs();
  const lab = chooseLab(await findLabs(docker), wanted);
  if (!lab.hosts.includes(host))
    throw new UserError("unknown-host", `the lab ${lab.name} has no host ${host}`, {
      fault: faultOf("host-unknown", { name: host, is: "host", known: lab.hosts, lab: lab.name, meant: didYouMean(host, lab.hosts) }),
      found: host,
      expected: lab.hosts.join(", "),
      todo: suggestionText(didYouMean(host, lab.hosts)),
    });
  const interactive = tty && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const { exec, stream } = await enterHost(docker, lab, {
    host,
    command: command.length > 0 ? command : shell,
    tty: interactive,
    term: process.env.TERM,
    networkOnly,
  });
  if (interactive) await attachTerminal(exec, stream);
  else {
    docker.modem.demuxStream(stream, process.stdout, process.stderr);
    if (process.stdin.isTTY !== true) process.stdin.pipe(stream);
  }
  // The engine lets a command go on when its client is gone: an interrupt has to be carried to it.
  signal.addEventListener("abort", () => interrupt(docker, lab.fabric, exec), { once: true });
  await new Promise<void>((resolve, reject) => stream.on("end", resolve).on("close", resolve).on("error", reject));
  process.stdin.unpipe(stream as never);
  // Standard input may be a terminal, a pipe or a file; whatever it is, it must not keep the process.
  process.stdin.destroy();
  return (await exec.inspect()).ExitCode ?? exitCodes.noVerdict;
}

/** The fabric sees every process of the lab by the same number as the engine does. */
async function interrupt(docker: Docker, fabric: string, exec: Docker.Exec): Promise<void> {
  const { Pid } = await exec.inspect();
  const kill = await docker.getContainer(fabric).exec({ Cmd: ["sh", "-c", `kill -INT ${Pid}`] });
  await kill.start({});
}

async function attachTerminal(exec: Docker.Exec, stream: Duplex): Promise<void> {
  const resize = () => exec.resize({ h: process.stdout.rows, w: process.stdout.columns }).catch(() => undefined);
  process.stdout.on("resize", resize);
  await resize();
  process.stdin.setRawMode(true);
  process.stdin.pipe(stream);
  stream.pipe(process.stdout, { end: false });
  stream.on("close", () => {
    process.stdin.setRawMode(false);
    process.stdout.off("resize", resize);
  });
}

export async function downCommand(name: string | undefined, { words }: Context): Promise<number> {
  const { docker } = await engineForLabs();
  const lab = chooseLab(await findLabs(docker), name);
  await removeContainers(docker, lab.id);
  process.stdout.write(`${words.lab.removed(lab.name ?? "")}\n`);
  return exitCodes.held;
}

/** Kept labs, and labs whose harness is gone; a lab that some process is using is left alone. */
export async function pruneCommand({ images = false }: { images?: boolean }, { words }: Context): Promise<number> {
  const engine = await engineForLabs();
  const { docker } = engine;
  const labs = (await findLabs(docker)).filter(({ state }) => state !== "in use");
  await Promise.all(labs.map(({ id }) => removeContainers(docker, id)));
  process.stdout.write(`${words.lab.removedLabs(labs.length)}\n`);
  if (images) {
    await removeImages(engine);
    process.stdout.write(`${words.lab.removedImages}\n`);
  }
  return exitCodes.held;
}

/** @throws UserError `lab-name` when a kept lab has that name already, or when a shell would not take it as one word */
export async function freeName(name: string): Promise<string> {
  if (!/^[\w][\w.-]*$/.test(name))
    throw new UserError("lab-name", "this cannot be the name of a lab", {
      fault: faultOf("lab-name", {}),
      found: name,
      expected: "letters, digits, dots, hyphens and underscores, the first a letter or a digit",
    });
  const { engine } = await findEngine();
  const labs = engine ? await findLabs(engine.docker) : [];
  if (labs.some((lab) => lab.name === name)) {
    throw new UserError("lab-name", `a lab named \`${name}\` already exists`, {
      fault: faultOf("lab-name-taken", { name }),
      todo: `remove it with \`forwardlab down ${name}\`, or use another name`,
    });
  }
  return name;
}

function chooseLab(labs: readonly FoundLab[], name: string | undefined): FoundLab {
  const kept = labs.filter((lab) => lab.name !== undefined);
  const names = kept.flatMap((lab) => lab.name ?? []);
  const [only, ...others] = kept.filter((lab) => name === undefined || lab.name === name);
  if (!only) {
    throw new UserError("no-lab", name === undefined ? "there is no kept lab" : `there is no kept lab \`${name}\``, {
      fault: faultOf("lab-not-kept", { name, names, meant: didYouMean(name ?? "", names) }),
      found: names.join(", ") || "none",
      todo: suggestionText(didYouMean(name ?? "", names)) ?? "start one with `forwardlab up`",
    });
  }
  if (others.length > 0)
    throw new UserError("which-lab", "there are several kept labs", {
      fault: faultOf("labs-several", {}),
      found: names.join(", "),
      todo: "name one: `--lab NAME`, or `down NAME`",
    });
  return only;
}

async function engineForLabs(): Promise<Engine> {
  const { engine } = await findEngine();
  if (!engine)
    throw new UserError("no-engine", "no container engine answers, so there are no kept labs", {
      fault: faultOf("labs-no-engine", {}),
      todo: "`forwardlab doctor` shows which engines were tried",
    });
  return engine;
}
