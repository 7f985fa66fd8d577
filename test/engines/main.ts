/**
 * `npm run engines`: verifies examples/article on every engine that can be had here, and prints what came of it as a table. As root on Debian.
 * Engines of other releases run in folders that mmdebstrap fills; nothing of the machine's own engine is touched.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { $ } from "zx";
import type { Result } from "../../harness/core/result.ts";
import { Daemon, type DebianRoot, debianRoot, enter, repository, rootless } from "./debian-root.ts";

$.verbose = false;
const say = (text: string) => process.stderr.write(`${text}\n`);

/** How the command reaches the engine. */
interface Way {
  env: Record<string, string>;
  /** Words before `node`. */
  as?: readonly string[];
  /** What the command calls a file of this machine's. */
  path?(path: string): string;
}

interface Row {
  name: string;
  start(cache: string, stack: AsyncDisposableStack): Promise<Way>;
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
  "rootlesskit",
  "iproute2",
];
const packages = {
  bookworm: both,
  trixie: [...both, "docker-cli"],
  sid: ["docker.io", "runc", "mount", "iptables", "nftables", "ca-certificates"],
};
type Suite = keyof typeof packages;

/** No bridge and no rules: the machine's own network stays as it is. */
const noNetwork = ["--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"];

const rootOf = (cache: string, suite: Suite) => debianRoot(cache, suite, packages[suite]);

function docker(suite: Suite, more: readonly string[] = []) {
  return async (cache: string, stack: AsyncDisposableStack) => {
    const root = await rootOf(cache, suite);
    await startDocker(root, suite, more, stack);
    return { env: { DOCKER_HOST: `unix://${root.shared}/${suite}.sock` } };
  };
}

async function startDocker(root: DebianRoot, suite: Suite, more: readonly string[], stack: AsyncDisposableStack): Promise<void> {
  const argv = ["dockerd", "--host", `unix:///shared/${suite}.sock`, "--data-root", "/var/lib/docker", ...noNetwork, ...more];
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
    return { env: { DOCKER_HOST: `unix://${root.shared}/${socket}` } };
  };
}

function rootlessEngine(name: string, argv: (socket: string) => readonly string[]) {
  return async (cache: string, stack: AsyncDisposableStack) => {
    const root = await rootOf(cache, "trixie");
    const socket = `${name}-rootless.sock`;
    rmSync(join(root.shared, socket), { force: true });
    const log = join(root.shared, `${name}-rootless.log`);
    const daemon = stack.use(new Daemon(root, rootless(argv(`unix:///shared/${socket}`)), log));
    await answering(daemon, `${root.shared}/${socket}`);
    return { env: { DOCKER_HOST: `unix://${root.shared}/${socket}` } };
  };
}

/** As its own script, dockerd-rootless.sh, does; that one insists on a bridge. */
const rootlessDocker = (socket: string) => [
  ...["rootlesskit", "--net=slirp4netns", "--mtu=65520", "--disable-host-loopback", "--state-dir=/run/user/1000/rootlesskit"],
  ...["--copy-up=/etc", "--copy-up=/run", "--propagation=rslave"],
  ...["dockerd", "--rootless", "--host", socket, "--data-root", "/home/lab/docker"],
  ...["--exec-root", "/run/user/1000/docker", "--pidfile", "/run/user/1000/docker.pid", ...noNetwork],
];

/** Not root, but in the group that may use the socket. Images are there: to build them without a registry takes root. */
async function ordinaryAccount(cache: string, stack: AsyncDisposableStack): Promise<Way> {
  const { env } = await docker("trixie")(cache, stack);
  await verify({ env });
  const group = statSync((env.DOCKER_HOST ?? "").replace("unix://", "")).gid;
  const home = mkdtempSync(join(tmpdir(), "forwardlab-engines-"));
  stack.defer(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o777);
  const nobody = 65_534;
  return {
    env: { ...env, HOME: home, FORWARDLAB_CACHE: join(home, "cache") },
    as: ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, `--groups=${group}`],
  };
}

const jobImage = "forwardlab-engines:job";

/** A private engine with the images of a lab, and one whose containers are this engine's own root. */
async function engineForJobs(cache: string, stack: AsyncDisposableStack): Promise<{ root: DebianRoot; env: Record<string, string> }> {
  const { env } = await docker("trixie")(cache, stack);
  const root = await rootOf(cache, "trixie");
  await verify({ env });
  const left = ["./var/lib/docker", "./home/lab", "./.old", "./shared", "./repository", "./proc", "./sys", "./dev"];
  await $({ quiet: true })`tar -C ${root.folder} ${left.map((path) => `--exclude=${path}`)} -c . | ${client(root)} import - ${jobImage}`;
  return { root, env };
}

/** The command of docker, in the engine's own root. */
const client = (root: DebianRoot) => [...enter(root), "docker", "-H", "unix:///shared/trixie.sock"];

/** The command runs in a container, in which the checkout and the shared folder are where they are in the engine's root. */
function job(root: DebianRoot, options: readonly string[]): Way {
  const folders = ["/shared:/shared", "/repository:/repository"].flatMap((folder) => ["-v", folder]);
  const path = (file: string) => file.replace(repository, "/repository").replace(root.shared, "/shared");
  return { env: {}, as: [...client(root), "run", "--rm", "--network=host", ...folders, ...options, jobImage], path };
}

async function socketInContainer(cache: string, stack: AsyncDisposableStack): Promise<Way> {
  const { root } = await engineForJobs(cache, stack);
  return job(root, ["-v", "/shared/trixie.sock:/var/run/docker.sock"]);
}

/** As CI systems do it: the engine in a privileged container, and the job in one beside it. */
async function dockerInDocker(cache: string, stack: AsyncDisposableStack): Promise<Way> {
  const { root, env } = await engineForJobs(cache, stack);
  const images = join(root.shared, "images.cache");
  const [address, name] = ["tcp://127.0.0.1:23751", "forwardlab-engines-dind"];
  await $({ nothrow: true, quiet: true })`${client(root)} rm -f ${name}`;
  const engine = ["dockerd", "--host", address, "--tls=false", "--data-root", "/shared/dind", ...noNetwork];
  await $({ quiet: true })`${client(root)} run -d --name ${name} --privileged --network=host -v /shared:/shared ${jobImage} ${engine}`;
  stack.defer(async () => {
    await $({ nothrow: true, quiet: true })`${client(root)} rm -f ${name}`;
    rmSync(join(root.shared, "dind"), { recursive: true, force: true });
  });
  const main = join(repository, "harness/cli/main.ts");
  await $({ quiet: true, env: { ...process.env, ...env } })`${process.execPath} --no-warnings ${main} cache export ${images}`;
  // It waits for the engine, which takes its time over plain TCP.
  await $({ quiet: true, env: { ...process.env, DOCKER_HOST: address } })`${process.execPath} --no-warnings ${main} cache import ${images}`;
  return job(root, ["-e", `DOCKER_HOST=${address}`]);
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
    return { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}`, ...(tls ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates } : {}) } };
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
  { name: "the machine's own, or the embedded one", start: async () => ({ env: {} }) },
  { name: "Docker of Debian bookworm", start: docker("bookworm") },
  { name: "Docker of Debian trixie", start: docker("trixie") },
  { name: "Docker of Debian sid", start: docker("sid") },
  { name: "Docker, `no-new-privileges` for all", start: docker("trixie", ["--no-new-privileges"]) },
  { name: "Docker over TCP", start: remote(false) },
  { name: "Docker over TCP with TLS", start: remote(true) },
  { name: "Docker with `userns-remap`", start: docker("trixie", ["--userns-remap=default"]), error: /engine\.userns/ },
  { name: "Podman of Debian bookworm", start: podman("bookworm") },
  { name: "Podman of Debian trixie", start: podman("trixie") },
  { name: "Docker, rootless", start: rootlessEngine("docker", rootlessDocker) },
  { name: "Podman, rootless", start: rootlessEngine("podman", (socket) => ["podman", "system", "service", "--time=0", socket]) },
  { name: "Docker, as an ordinary account", start: ordinaryAccount },
  { name: "Docker, from a container with its socket", start: socketInContainer },
  { name: "Docker in Docker, from a container", start: dockerInDocker },
];

async function tryRow({ name, start, error }: Row, cache: string): Promise<Tried> {
  await using stack = new AsyncDisposableStack();
  say(`${name}: starting`);
  const way = await start(cache, stack);
  const cold = await verify(way, join(cache, "shared"));
  say(`${name}: ${cold.result?.outcome ?? cold.said}`);
  if (!cold.result)
    return {
      name,
      engine: "",
      outcome: error?.test(cold.said) ? `refused: ${firstLine(cold.said)}` : `FAILS: ${firstLine(cold.said)}`,
      cold: cold.ms,
      warm: 0,
    };
  const warm = await verify(way, join(cache, "shared"));
  const { engine, selfCheck } = cold.result.provenance;
  const checks = `${selfCheck.filter(({ ok }) => ok).length} of ${selfCheck.length} checks`;
  const works = cold.result.outcome === "pass" && warm.result?.outcome === "pass" && !error;
  const again = warm.result ? "" : `; then ${firstLine(warm.said)}`;
  return {
    name,
    engine: `${engine?.name} ${engine?.version}`,
    outcome: `${works ? "works" : "FAILS"}: ${cold.result.counts.held} held, ${checks}${again}`,
    cold: cold.ms,
    warm: warm.ms,
  };
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.startsWith("error[")) ?? text.trim().split("\n").at(-1) ?? "";
}

async function verify(
  { env, as = [], path = (file) => file }: Way,
  below = tmpdir(),
): Promise<{ result?: Result; said: string; ms: number }> {
  const folder = mkdtempSync(join(below, "report-"));
  chmodSync(folder, 0o777);
  const report = join(folder, "result.json");
  const began = performance.now();
  const node = [process.execPath, "--no-warnings", join(repository, "harness/cli/main.ts")].map(path);
  const words = ["verify", path(join(repository, "examples/article")), "--quiet", "--report", `json=${path(report)}`];
  const [program = "", ...args] = [...as, ...node, ...words];
  const child = spawn(program, args, { cwd: repository, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
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
mkdirSync(join(values.cache, "shared"), { recursive: true });
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
