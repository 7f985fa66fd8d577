/**
 * `npm run engines`: verifies examples/article on every engine that can be had here, and prints what came of it as a table. As root on Debian.
 * Engines of other releases run in folders that mmdebstrap fills; nothing of the machine's own engine is touched.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { $ } from "zx";
import type { Result } from "../../harness/core/result.ts";
import { Daemon, type DebianRoot, debianRoot } from "./debian-root.ts";

$.verbose = false;
const repository = join(import.meta.dirname, "../..");
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Row {
  name: string;
  /** How the command reaches it. */
  start(cache: string, stack: AsyncDisposableStack): Promise<Record<string, string>>;
  /** Words before `node`. */
  as?: readonly string[];
  /** What is expected where it cannot work: part of the error. */
  error?: RegExp;
}

interface Tried {
  name: string;
  engine: string;
  outcome: string;
  cold: number;
  warm: number;
}

const both = [
  "docker.io",
  "podman",
  "runc",
  "catatonit",
  "iptables",
  "nftables",
  "ca-certificates",
  "uidmap",
  "fuse-overlayfs",
  "slirp4netns",
];
const packages = {
  bookworm: both,
  trixie: both,
  sid: ["docker.io", "runc", "mount", "iptables", "nftables", "ca-certificates"],
};
type Suite = keyof typeof packages;

const rootOf = (cache: string, suite: Suite) => debianRoot(cache, suite, packages[suite]);

function docker(suite: Suite, more: readonly string[] = []) {
  return async (cache: string, stack: AsyncDisposableStack) => {
    const root = await rootOf(cache, suite);
    await startDocker(root, suite, more, stack);
    return { DOCKER_HOST: `unix://${root.shared}/${suite}.sock` };
  };
}

async function startDocker(root: DebianRoot, suite: Suite, more: readonly string[], stack: AsyncDisposableStack): Promise<void> {
  const argv = [
    "dockerd",
    "--host",
    `unix:///shared/${suite}.sock`,
    "--data-root",
    "/var/lib/docker",
    "--bridge",
    "none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    ...more,
  ];
  await answering(stack.use(new Daemon(root, argv, join(root.shared, `${suite}-docker.log`))), `${root.shared}/${suite}.sock`);
}

function podman(suite: Suite) {
  return async (cache: string, stack: AsyncDisposableStack) => {
    const root = await rootOf(cache, suite);
    const socket = `podman-${suite}.sock`;
    const daemon = stack.use(
      new Daemon(root, ["podman", "system", "service", "--time=0", `unix:///shared/${socket}`], join(root.shared, `${suite}-podman.log`)),
    );
    await answering(daemon, `${root.shared}/${socket}`);
    return { DOCKER_HOST: `unix://${root.shared}/${socket}` };
  };
}

/** By TCP on loopback, in plain or with certificates of a CA of its own. */
function remote(tls: boolean) {
  return async (cache: string, stack: AsyncDisposableStack) => {
    const root = await rootOf(cache, "trixie");
    const port = tls ? "23760" : "23750";
    const certificates = join(root.shared, "certificates");
    if (tls) await makeCertificates(certificates);
    const files = [
      "--tlsverify",
      "--tlscacert=/shared/certificates/ca.pem",
      "--tlscert=/shared/certificates/server.pem",
      "--tlskey=/shared/certificates/server-key.pem",
    ];
    await startDocker(root, "trixie", ["--host", `tcp://127.0.0.1:${port}`, ...(tls ? files : ["--tls=false"])], stack);
    return { DOCKER_HOST: `tcp://127.0.0.1:${port}`, ...(tls ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates } : {}) };
  };
}

async function makeCertificates(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await $({ cwd: folder, quiet: true })`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca-key.pem -out ca.pem`;
  for (const [name, key, extension] of [
    ["server", "server-key", "subjectAltName=IP:127.0.0.1"],
    ["cert", "key", "extendedKeyUsage=clientAuth"],
  ]) {
    await $({
      cwd: folder,
      quiet: true,
    })`openssl req -newkey rsa:2048 -nodes -subj /CN=${name} -keyout ${`${key}.pem`} -out ${`${name}.csr`}`;
    writeFileSync(join(folder, "extension"), `${extension}\n`);
    await $({
      cwd: folder,
      quiet: true,
    })`openssl x509 -req -in ${`${name}.csr`} -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile extension -out ${`${name}.pem`}`;
  }
}

async function answering(daemon: Daemon, socket: string): Promise<void> {
  for (const until = Date.now() + 60_000; ; await setTimeout(100)) {
    if (daemon.ended || Date.now() > until) throw new Error(`the engine does not start: ${readFileSync(daemon.log, "utf8").slice(-500)}`);
    if (
      existsSync(socket) &&
      (await $({ nothrow: true, quiet: true })`curl -sf --unix-socket ${socket} http://engine/version`).exitCode === 0
    )
      return;
  }
}

const rows: readonly Row[] = [
  { name: "the machine's own, or the embedded one", start: async () => ({}) },
  { name: "Docker of Debian bookworm", start: docker("bookworm") },
  { name: "Docker of Debian trixie", start: docker("trixie") },
  { name: "Docker of Debian sid", start: docker("sid") },
  { name: "Docker, `no-new-privileges` for all", start: docker("trixie", ["--no-new-privileges"]) },
  { name: "Docker over TCP", start: remote(false) },
  { name: "Docker over TCP with TLS", start: remote(true) },
  { name: "Docker with `userns-remap`", start: docker("trixie", ["--userns-remap=default"]), error: /engine\.userns/ },
  { name: "Podman of Debian bookworm", start: podman("bookworm") },
  { name: "Podman of Debian trixie", start: podman("trixie") },
  {
    name: "an engine over ssh://",
    start: async () => ({ DOCKER_HOST: "ssh://lab@127.0.0.1" }),
    error: /an engine over ssh is not supported directly/,
  },
];

async function tryRow({ name, start, error }: Row, cache: string): Promise<Tried> {
  await using stack = new AsyncDisposableStack();
  say(`${name}: starting`);
  const env = await start(cache, stack);
  const cold = await verify(env);
  say(`${name}: ${cold.result?.outcome ?? cold.said}`);
  if (!cold.result)
    return {
      name,
      engine: "",
      outcome: error?.test(cold.said) ? `refused: ${firstLine(cold.said)}` : `FAILS: ${firstLine(cold.said)}`,
      cold: cold.ms,
      warm: 0,
    };
  const warm = await verify(env);
  const { engine, selfCheck } = cold.result.provenance;
  const checks = `${selfCheck.filter(({ ok }) => ok).length} of ${selfCheck.length} checks`;
  const works = cold.result.outcome === "pass" && warm.result?.outcome === "pass" && !error;
  return {
    name,
    engine: `${engine?.name} ${engine?.version}`,
    outcome: `${works ? "works" : "FAILS"}: ${cold.result.counts.held} held, ${checks}`,
    cold: cold.ms,
    warm: warm.ms,
  };
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.startsWith("error[")) ?? text.trim().split("\n").at(-1) ?? "";
}

async function verify(env: Record<string, string>): Promise<{ result?: Result; said: string; ms: number }> {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-engines-"));
  const report = join(folder, "result.json");
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["--no-warnings", join(repository, "harness/cli/main.ts"), "verify", "examples/article", "--quiet", "--report", `json=${report}`],
    {
      cwd: repository,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => child.on("close", resolve));
  const ms = performance.now() - began;
  const result = existsSync(report) ? (JSON.parse(readFileSync(report, "utf8")) as Result) : undefined;
  rmSync(folder, { recursive: true, force: true });
  return { ...(result ? { result } : {}), said, ms };
}

const { values, positionals } = parseArgs({
  options: { cache: { type: "string", default: join(tmpdir(), "forwardlab-engines") } },
  allowPositionals: true,
});
mkdirSync(values.cache, { recursive: true });
const chosen = rows.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.toLowerCase().includes(word.toLowerCase())),
);
const seconds = (ms: number) => (ms === 0 ? "–" : `${(ms / 1000).toFixed(1)} s`);
const lines: string[] = [];
for (const row of chosen) {
  const tried = await tryRow(row, values.cache).catch(
    (error: Error): Tried => ({ name: row.name, engine: "", outcome: `NOT RUN: ${error.message.split("\n")[0]}`, cold: 0, warm: 0 }),
  );
  lines.push(
    `| ${tried.name} | ${tried.engine || "–"} | ${tried.outcome.replaceAll("|", "\\|")} | ${seconds(tried.cold)} | ${seconds(tried.warm)} |`,
  );
}
process.stdout.write(
  `| engine | version | \`verify examples/article\` | first run | next run |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}\n`,
);
process.exitCode = lines.some((line) => /FAILS|NOT RUN/.test(line)) ? 1 : 0;
