/** OpenSSH is asked how it reads what our own readers read: keywords by version, values, command lines, ssh_config. On each version. */
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { OPENSSH_BY_SUITE, SUITES } from "../../harness/engine/index.ts";
import type { Host } from "../../harness/lab/host.ts";
import { parseCommandLine } from "../../harness/openssh/forward-arguments.ts";
import type { ForwardRequest } from "../../harness/openssh/forward-request.ts";
import { portOf, serviceNames } from "../../harness/openssh/services.ts";
import { optionsForHost, readSshConfig, settingsForHost } from "../../harness/openssh/ssh-config.ts";
import { configFaults } from "../../harness/openssh/sshd-check.ts";
import { sshdConfigFromText } from "../../harness/openssh/sshd-config.ts";
import { sshdKeywords } from "../../harness/openssh/sshd-keywords.ts";
import type { OpenSshVersion } from "../../harness/openssh/version.ts";
import { ForwardLab } from "../../harness/session/forward-lab.ts";

/** The same in every run, unless another is asked for. Each version is asked about lines of its own: they read most of them alike. */
const seed = Number(process.env.FORWARDLAB_SEED ?? 20_785);

vi.setConfig({ testTimeout: 300_000 });

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const telling = /^[a-z]+forward |^gatewayports |^exitonforwardfailure |line|bad /i;

/** Runs each command in one shell; the telling lines of what it printed on both streams, in order. */
async function runAll(host: Host, commands: readonly string[]): Promise<{ code: number; text: string }[]> {
  const script = commands.map((command) => `${command} 2>&1 </dev/null\nprintf '@%s\\0' "$?"`).join("\n");
  const { stdout } = await host.run(["sh"], { input: script, timeoutMs: 250_000 });
  const results = stdout.split("\0").slice(0, -1);
  expect(results).toHaveLength(commands.length);
  return results.map((result) => {
    const end = result.lastIndexOf("@");
    const lines = result.slice(0, end).split(/\r?\n/);
    return { code: Number.parseInt(result.slice(end + 1), 10), text: lines.filter((line) => telling.test(line)).join("\n") };
  });
}

describe.for(SUITES)("OpenSSH of %s", (suite) => {
  const ownSeed = seed + SUITES.indexOf(suite);
  let lab: ForwardLab;
  let host: Host;
  let version: OpenSshVersion;
  beforeAll(async () => {
    lab = await ForwardLab.start({ server: { suite }, sshdConfig: await sshdConfigFromText("\n"), accounts: [{ name: "tunnel" }] });
    host = lab.lab.host("server");
    ({ version } = lab.server);
    return () => lab[Symbol.asyncDispose]();
  });

  const accepts = async (configs: readonly string[]) => {
    await host.writeFiles(Object.fromEntries(configs.map((content, at) => [`/tmp/config-${at}`, { content }])));
    return runAll(
      host,
      configs.map((_, at) => `/usr/sbin/sshd -t -f /tmp/config-${at}`),
    );
  };

  test(`${OPENSSH_BY_SUITE[suite]} is asked`, () => {
    expect(version.text).toContain(`OpenSSH_${OPENSSH_BY_SUITE[suite]}`);
  });

  test("which keywords it knows, and which it takes in a Match block", async () => {
    const names = [...sshdKeywords.values()].map(({ name }) => name).filter((name) => name !== "Match" && name !== "Include");
    const refusals = ["Bad configuration option", "is not allowed within a Match block"] as const;
    const which = (text: string) => refusals.find((words) => text.includes(words)) ?? "known, and taken in a Match block";
    const configs = [...names, "NoSuchKeyword"].map((name) => `Match User nobody\n${name} yes\n`);
    const answers = await accepts(configs);
    for (const [at, config] of configs.entries()) {
      const faults = configFaults(await sshdConfigFromText(config), version);
      expect.soft([config, which(faults[0]?.text ?? "")], answers[at]?.text).toEqual([config, which(answers[at]?.text ?? "")]);
    }
    expect(which(answers.at(-1)?.text ?? "")).toBe(refusals[0]);
  });

  test("which values it takes for what decides about forwards", async () => {
    const word = fc.constantFrom(
      "yes",
      "NO",
      "true",
      "all",
      "remote",
      "local",
      "clientspecified",
      "any",
      "none",
      "inet",
      "inet6",
      "0",
      "22",
      "0177",
      "0999",
    );
    const list = fc.constantFrom(
      "80",
      "0",
      "*",
      "*:80",
      "localhost:80",
      "localhost:*",
      "[::1]:80",
      "h:0",
      "h:70000",
      "http",
      "h:http",
      "h:nope",
      "h",
      "any",
      "none",
    );
    const lines = fc.oneof(
      fc.tuple(
        fc.constantFrom(
          "GatewayPorts",
          "AllowTcpForwarding",
          "AllowStreamLocalForwarding",
          "DisableForwarding",
          "AddressFamily",
          "StreamLocalBindMask",
        ),
        word,
      ),
      fc.tuple(
        fc.constantFrom("PermitListen", "PermitOpen"),
        fc.array(list, { minLength: 1, maxLength: 3 }).map((each) => each.join(" ")),
      ),
    );
    const configs = [...new Set(fc.sample(lines, { seed, numRuns: 60 }).map(([keyword, value]) => `${keyword} ${value}\n`))];
    const answers = await accepts(configs);
    for (const [at, config] of configs.entries()) {
      const faults = configFaults(await sshdConfigFromText(config), version);
      const refused = /\bline 1\b/.test(answers[at]?.text ?? "");
      expect.soft(`${config.trim()}: ${faults.length > 0}`, answers[at]?.text).toBe(`${config.trim()}: ${refused}`);
    }
    expect(answers.some(({ text }) => text === "")).toBe(true);
    expect(answers.some(({ text }) => text !== "")).toBe(true);
  });

  test("which services it knows by name", async () => {
    // ssh asks the C library, which knows what the host's /etc/services lists; at the first name that it does not know, ssh ends.
    const { stdout } = await host.run(["getent", "services", ...serviceNames.map((name) => `${name}/tcp`)]);
    const listed = new Set(stdout.split("\n").flatMap((line) => line.split(/\s+/)));
    const known = serviceNames.filter((name) => listed.has(name));
    const [answer] = await runAll(host, [`ssh -G ${known.map((name, at) => `-R ${at + 1}:localhost:${name}`).join(" ")} host`]);
    expect(answer?.code).toBe(0);
    const ports = new Map(
      [...(answer?.text ?? "").matchAll(/^remoteforward (\d+) \[localhost\]:(\d+)$/gm)].map(([, at, port]) => [at, port]),
    );
    for (const [at, name] of known.entries()) expect.soft(`${name} ${portOf(name)}`).toBe(`${name} ${ports.get(`${at + 1}`)}`);
    expect(known).toContain("ssh");
  });

  test("which forwards a command line asks for", async () => {
    const bind = fc.constantFrom("", ":", "*:", "localhost:", "[::1]:", "127.0.0.1:", "[::", "a b:");
    const port = fc.constantFrom("80", "0", "8080", "65536", "ssh", "x", "");
    const target = fc.constantFrom("", ":localhost:80", ":[::1]:80", ":localhost:0", ":h:ssh", ":/run/x.sock", "::1:80", " localhost:80");
    const valid = fc.constantFrom(
      "80",
      ":80:localhost:80",
      "*:8080:h:ssh",
      "[::1]:80:[::1]:80",
      "0",
      "127.0.0.1:80:/run/x.sock",
      "80 localhost:80",
    );
    const spec = fc.oneof(
      { weight: 1, arbitrary: fc.tuple(bind, port, target).map((parts) => parts.join("")) },
      { weight: 2, arbitrary: valid },
    );
    // The ssh of 8.4 takes a comment for one word too many.
    const comments = suite === "bullseye" ? [] : [" # comment"];
    const option = fc.oneof(
      fc.tuple(fc.constantFrom("-R", "-L", "-D"), spec),
      fc.tuple(
        fc.constant("-o"),
        fc
          .tuple(fc.constantFrom("RemoteForward ", "LocalForward=", "DynamicForward = "), spec, fc.constantFrom("", ...comments, " more"))
          .map((parts) => parts.join("")),
      ),
      fc.tuple(
        fc.constant("-o"),
        fc
          .tuple(fc.constantFrom("RemoteForward", "LocalForward"), bind, port)
          .map(([keyword, ...listen]) => `${keyword} "${listen.join("")}" "localhost:80"`),
      ),
    );
    // `-D PORT:/path` is taken by ssh as -L to a socket, which nothing documents; here it is an error.
    const documented = option.filter(([letter, value]) => (letter !== "-D" && !/dynamic/i.test(value)) || !value.includes("/run"));
    const lines = fc
      .sample(fc.array(documented, { minLength: 1, maxLength: 3 }), { seed: ownSeed, numRuns: 60 })
      .map((options) => ["-N", ...options.flat(), "host"]);
    const answers = await runAll(
      host,
      lines.map((words) => `ssh -G ${words.map(quoted).join(" ")}`),
    );
    let accepted = 0;
    for (const [at, words] of lines.entries()) {
      const { code, text } = answers[at] as { code: number; text: string };
      if (code === 0) accepted++;
      expect.soft([words, ours(words)], text).toEqual([words, code === 0 ? dumped(text) : "refused"]);
    }
    expect(accepted).toBeGreaterThan(2);
    expect(accepted).toBeLessThan(lines.length);
  });

  test("which lines of an ssh_config count for a host", async () => {
    const hosts = ["alpha", "beta", "gamma"];
    const pattern = fc.constantFrom("alpha", "beta", "*", "a*", "?eta", "!beta", "!g*");
    const block = fc.oneof(
      fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => `Host ${patterns.join(" ")}`),
      fc.constantFrom(
        "Match all",
        "Match host alpha",
        "Match originalhost beta,gamma",
        "Match !host alpha",
        "Match user bob",
        "Match host *eta user bob",
      ),
    );
    const setting = fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom("RemoteForward", "LocalForward"))
        .map(([port, keyword]) => `  ${keyword} 808${port} "localhost:80"`),
      fc.constantFrom(
        "  DynamicForward 1080",
        "  GatewayPorts yes",
        "  GatewayPorts no",
        "  ExitOnForwardFailure=yes",
        "  User bob",
        "  HostName alpha",
      ),
    );
    const configs = fc
      .sample(fc.array(fc.oneof({ weight: 1, arbitrary: block }, { weight: 2, arbitrary: setting }), { maxLength: 12 }), {
        seed: ownSeed,
        numRuns: 20,
      })
      .map((lines) => `${lines.join("\n")}\n`);
    await host.writeFiles(Object.fromEntries(configs.map((content, at) => [`/tmp/client-${at}`, { content }])));
    const asked = configs.flatMap((config, at) => hosts.map((name) => ({ config, at, name })));
    const answers = await runAll(
      host,
      asked.map(({ at, name }) => `ssh -G -F /tmp/client-${at} tunnel@${name}`),
    );
    for (const [i, { config, name }] of asked.entries()) {
      const reader = { read: async () => ({ text: config, display: "config" }), glob: async () => [] };
      const found = settingsForHost(await readSshConfig(reader, "config"), { host: name, user: "tunnel" });
      const words = ["-N", ...optionsForHost(found).flatMap(({ option }) => ["-o", option]), name];
      const said = answers[i]?.text ?? "";
      const first = (keyword: string) => found.lines.find((line) => line.keyword === keyword)?.args[0] ?? "no";
      const settings = ["gatewayports", "exitonforwardfailure"].map((keyword) => [
        first(keyword),
        new RegExp(`^${keyword} (\\S+)$`, "m").exec(said)?.[1],
      ]);
      expect
        .soft([name, ours(words), settings.map(([own]) => own)], config)
        .toEqual([name, dumped(said), settings.map(([, theirs]) => theirs)]);
    }
  });
});

/** The forwards of a command line in the form of `ssh -G`: all dynamic, then local, then remote ones. */
function ours(words: readonly string[]): string[] | "refused" {
  try {
    const { forwards } = parseCommandLine(words, []);
    return sorted(forwards.map(({ request }) => inForm(request)));
  } catch (error) {
    if ((error as Error).message === "no forward is asked for") return [];
    return "refused";
  }
}

function inForm({ kind, bind, listenPort, listenPath, target, targetPath }: ForwardRequest): string {
  const listen = listenPath ?? (bind === undefined ? `${listenPort}` : `[${bind}]:${listenPort}`);
  if (kind === "dynamic") return `dynamicforward ${listen}`;
  const connect = targetPath ?? (target ? `[${target.host}]:${target.port}` : "[socks]:0");
  return `${kind === "local" ? "localforward" : "remoteforward"} ${listen} ${connect}`;
}

function dumped(text: string): string[] {
  const lines = [...text.matchAll(/^(?:dynamic|local|remote)forward .*$/gm)].map(([line]) => line);
  // `ssh -G` prints -L to a socket a second time, as if it were -D (OpenSSH `ssh.c` `dump_cfg_forwards`).
  const twice = lines.flatMap((line) => /^localforward (.+) \//.exec(line)?.[1] ?? []).map((listen) => `dynamicforward ${listen}`);
  for (const line of twice) lines.splice(lines.indexOf(line), 1);
  return sorted(lines);
}

function sorted(lines: readonly string[]): string[] {
  return [...lines].sort();
}
