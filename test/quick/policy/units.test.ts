// biome-ignore-all lint/suspicious/noTemplateCurlyInString: systemd writes its variables like this.
/** Units that open tunnels and units that start sshd, as they lie on a disk. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import type { LoadedPolicy } from "../../../harness/policy/load-policy.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { warningText } from "../../../harness/report/warnings.ts";

const told = ({ warnings }: LoadedPolicy["inputs"]) => warnings.map((each) => warningText(each));

type Files = Record<string, string>;

async function load(policy: string, files: Files) {
  const folder = await mkdtemp(join(tmpdir(), "policy-units-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ "ssh/sshd_config": "GatewayPorts yes\n", ...files, "policy.yaml": policy })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return loadPolicy(folder);
}

/** `file:line message` of each fault. */
async function faults(policy: string, files: Files): Promise<string[]> {
  const error = await load(policy, files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  const all = error instanceof PolicyErrors ? error.errors : [error as UserError];
  return all.map(({ place, message }) => `${place?.file.split("/").at(-1)}:${place?.line} ${message}`);
}

const policyOf = (unit: string, more = "", home = "") =>
  `server: { sshd_config: ssh, accounts: { alice: {}, bob: {} } }\n${home}forwards:\n  rdp: { unit: ${unit}${more} }\n`;
const healthy = "[Service]\nRestart=always\nRestartSec=5\n";
const options = "-o ExitOnForwardFailure=yes -o ServerAliveInterval=30";
const exec = (line: string) => `${healthy}ExecStart=${line}\n`;

/** Forwards by name, as ssh gets them and as whom, and the warnings. */
async function read(unit: string, files: Files, more = "", home = "") {
  const { policy, inputs } = await load(policyOf(unit, more, home), files);
  return {
    forwards: Object.entries(policy.forwards).map(([name, { ssh, as }]) => `${name} ${as}: ${ssh}`),
    warnings: told(inputs).filter((each) => /service|conf:/.test(each)),
    files: inputs.files.map(({ display }) => display),
  };
}

test("a unit is what its ssh asks for, without what the lab gives itself", async () => {
  const line = `/usr/bin/ssh -NT -i /root/.ssh/id -p 2222 ${options} \\\n  -R :43234:localhost:3389 alice@server.example.org`;
  expect(await read("tunnel.service", { "tunnel.service": exec(line) })).toEqual({
    forwards: [`rdp alice: -N -T -p 2222 ${options} -R :43234:localhost:3389`],
    warnings: [],
    files: ["policy.yaml", "tunnel.service", "ssh/sshd_config"],
  });
});

test("specifiers of User= are put in; a comment after it is part of the name", async () => {
  const unit = (user: string) => ({ "alice@bob.service": `${healthy}User=${user}\nExecStart=ssh -N ${options} -R 1:localhost:2 h\n` });
  const as = async (user: string) => (await read("alice@bob.service", unit(user))).forwards[0]?.split(":")[0];
  expect([await as("%i"), await as("%p")]).toEqual(["rdp bob", "rdp alice"]);
  expect(await faults(policyOf("alice@bob.service"), unit("alice # own account"))).toEqual([
    "alice@bob.service:4 systemd cannot start the unit: User= is not the name of an account",
  ]);
});

test("a template with its instance, its drop-ins and the file of variables beside it", async () => {
  const folder = "home/etc/systemd/system";
  const files = {
    [`${folder}/tunnel@.service`]: `[Service]\nEnvironmentFile=/etc/default/tunnel-%i\nExecStart=ssh -N ${options} -R \${PORT}:localhost:\${TARGET} $EXTRA \${ACCOUNT}@%i\n`,
    [`${folder}/tunnel@office.service.d/restart.conf`]: "[Service]\nRestart=on-failure\nRestartSec=1min\n",
    "home/etc/default/tunnel-office": 'PORT=:43234\nTARGET=3389\nACCOUNT=bob\nEXTRA="-R 8080:localhost:80"\n',
  };
  expect(await read(`${folder}/tunnel@office.service`, files)).toMatchObject({
    forwards: [`rdp-1 bob: -N ${options} -R :43234:localhost:3389`, `rdp-2 bob: -N ${options} -R 8080:localhost:80`],
    warnings: [],
  });
  expect(await faults(policyOf(`${folder}/tunnel@.service`), files)).toEqual([
    `policy.yaml:3 ${folder}/tunnel@.service is a template, and no instance is named`,
  ]);
  expect(await faults(policyOf(`${folder}/tunnel@attic.service`), files)).toEqual([
    "tunnel@.service:2 the unit reads /etc/default/tunnel-attic, and no copy of it was supplied",
  ]);
});

test.each([
  ["env finds the program", "/usr/bin/env ssh -N"],
  ["env sets and takes away variables", "/usr/bin/env -u DISPLAY A=b -- /usr/bin/ssh -N"],
  ["env starts autossh", "env -i AUTOSSH_GATETIME=0 autossh -M 0 -N"],
  ["no config at all", "ssh -N -F /dev/null"],
])("%s", async (_, program) => {
  const files = { "t.service": exec(`${program} ${options} -R 1:localhost:1 alice@s`) };
  const found = await read("t.service", files);
  expect(found.forwards).toEqual([`rdp alice: -N ${options} -R 1:localhost:1`]);
  expect(found.warnings).toEqual([]);
});

test("what env is told to split stays unknown", async () => {
  const files = { "t.service": exec(`/usr/bin/env -S "ssh -N ${options} -R 1:localhost:1 alice@s"`) };
  expect(await faults(policyOf("t.service"), files)).toEqual(["t.service:4 the unit runs env, not ssh"]);
});

describe("a command that names no account logs in as who runs it", () => {
  const files = (user: string) => ({ "t.service": `${exec(`ssh -N ${options} -R 1:localhost:1 s`)}${user}` });
  test("where the server has that account", async () => {
    expect(await read("t.service", files("User=bob\n"))).toMatchObject({ forwards: [expect.stringMatching(/^rdp bob:/)], warnings: [] });
    expect((await read("t.service", files("User=bob\n"), ", as: alice")).forwards).toEqual([expect.stringMatching(/^rdp alice:/)]);
  });

  test("where it has not, that is told, or `as` is wanted", async () => {
    const one = `server: { sshd_config: ssh, accounts: { alice: {} } }\nforwards:\n  rdp: { unit: t.service }\n`;
    expect(told((await load(one, files("User=carol\n"))).inputs).join()).toMatch(
      /t\.service:4: .* logs in as carol, .* lab logs in as alice/,
    );
    expect(told((await load(one, files(""))).inputs).join()).toContain("logs in as root");
    const ofUser = one.replace("t.service", "systemd/user/t.service");
    expect(told((await load(ofUser, { "systemd/user/t.service": files("")["t.service"] })).inputs)).toEqual([]);
    expect(await faults(policyOf("t.service"), files("User=carol\n"))).toEqual([
      "policy.yaml:3 forwards.rdp needs `as`, because there are several accounts",
    ]);
  });
});

test("a drop-in replaces the command of the unit", async () => {
  const files = {
    "t.service": exec(`ssh -N ${options} -R 1:localhost:1 alice@s`),
    "t.service.d/20-port.conf": `[Service]\nExecStart=\nExecStart=ssh -N ${options} -R 2:localhost:1 alice@s\n`,
    "t.service.d/README": "no drop-in",
  };
  expect((await read("t.service", files)).forwards).toEqual([`rdp alice: -N ${options} -R 2:localhost:1`]);
});

test("autossh: its -M, its variables, and what it takes out of ssh's words", async () => {
  const files = (environment: string, words: string) => ({
    "t.service": `${healthy}Environment=${environment}\nExecStart=/usr/bin/autossh ${words}\n`,
  });
  const words = `-M 0 -N ${options} -R :43234:localhost:3389 alice@s`;
  expect(await read("t.service", files("AUTOSSH_GATETIME=0", words))).toMatchObject({
    forwards: [`rdp alice: -N ${options} -R :43234:localhost:3389`],
    warnings: [],
  });
  const monitored = await load(policyOf("t.service"), files("AUTOSSH_PORT=20000", words));
  expect(told(monitored.inputs).join()).toContain("ports 20000 and 20001");
});

test("the ssh_config at home counts for a unit, too, by the name that its ssh is given", async () => {
  const home = "home: { ssh_config: config }\n";
  const files = {
    "t.service": exec("ssh -N -F /home/me/.ssh/config office"),
    config: "Host office\n  User alice\n  RemoteForward :43234 localhost:3389\n  ServerAliveInterval 30\n  ExitOnForwardFailure yes\n",
  };
  const found = await read("t.service", files, ", as: alice", home);
  expect(found.forwards[0]).toContain("remoteforward :43234 localhost:3389");
  expect(found.warnings).toEqual([]);
  expect(await faults(policyOf("t.service", ", as: alice"), files)).toEqual([
    "t.service:4 ssh reads /home/me/.ssh/config, and no copy of it was supplied",
  ]);
});

describe("what cannot be known is an error with its line", () => {
  test.each<[string, string, string]>([
    ["a shell", exec("/bin/sh -c 'ssh -N s'"), "t.service:4 the unit runs sh, not ssh"],
    ["a host name in a port", exec("ssh -N -R %b:localhost:1 alice@s"), "t.service:4 %b cannot be known: %b is the boot ID"],
    [
      "a variable of the manager",
      exec("ssh -N -R ${HOME}/s:localhost:1 alice@s"),
      "t.service:4 ${HOME} cannot be known: $HOME is set by systemd on the machine that runs it",
    ],
    ["a command", exec("ssh -R 1:localhost:1 alice@s sleep 1"), "t.service:4 ssh runs a command on the server, which the lab does not"],
    ["no destination", exec("ssh -N -R 1:localhost:1"), "t.service:4 ssh is given no destination"],
    ["no forward", exec("ssh -N alice@s"), "t.service:4 no forward is asked for"],
    ["nothing to start", healthy, "t.service:undefined t.service starts nothing"],
    [
      "a file that is missing",
      `${exec("ssh -N -R 1:localhost:1 alice@s")}EnvironmentFile=-/etc/x\n`,
      "t.service:5 the unit reads /etc/x, and no copy of it was supplied",
    ],
    ["another account", exec("ssh -N -R 1:localhost:1 carol@s"), "policy.yaml:3 unknown account `carol`"],
  ])("%s", async (_, unit, expected) => {
    expect(await faults(policyOf("t.service"), { "t.service": unit })).toEqual([expected]);
  });

  test("a unit without a forward, or without a destination: what to do depends on what it lacks", async () => {
    const todo = async (command: string, config = "") => {
      const home = config && "home: { ssh_config: config }\n";
      const files = { "t.service": exec(command), config };
      const error = await load(policyOf("t.service", ", as: alice", home), files).then(
        () => undefined,
        (thrown: PolicyErrors | UserError) => (thrown instanceof PolicyErrors ? thrown.errors[0] : thrown),
      );
      return error?.todo;
    };
    expect(await todo("autossh -M 0 -N office")).toContain("`home: { ssh_config: ./COPY }`");
    expect(await todo("ssh -N -F none office")).toBeUndefined();
    expect(await todo("ssh -N office", "Host home\n  RemoteForward 1 a:1\n")).toContain("for the destination that the unit names");
    expect(await todo("ssh -N -R $PORT:localhost:1 alice@s")).toContain(
      "$PORT:localhost:1, so systemd leaves the word out; inside a word, write ${NAME}",
    );
    expect(await todo("ssh -N $FORWARDS alice@s")).toContain("nothing sets the variable $FORWARDS");
    expect(await todo("ssh -N -R 1:localhost:1")).toContain("copy the unit unchanged");
  });

  test("the account of `as` and of the unit must be one", async () => {
    const files = { "t.service": exec("ssh -N -R 1:localhost:1 alice@s") };
    expect(await faults(policyOf("t.service", ", as: bob"), files)).toEqual([
      "policy.yaml:3 forwards.rdp.as is not the account of its unit",
    ]);
    expect((await read("t.service", files, ", as: alice")).forwards).toHaveLength(1);
  });

  test("an unknown in what the lab gives itself does no harm; a file that is not there, neither", async () => {
    const unit = `${exec(`ssh -N -i %h/.ssh/id-%H ${options} -R 1:localhost:1 alice@s`)}EnvironmentFile=-/etc/x\n`;
    expect((await read("t.service", { "t.service": unit }, "", "home: { files: { /etc/x: none } }\n")).forwards).toHaveLength(1);
  });

  test("a unit that is not there, and one that is not named like one", async () => {
    expect(await faults(policyOf("t@a.service"), {})).toEqual(["policy.yaml:3 t@a.service does not exist, and neither does t@.service"]);
    expect(await faults(policyOf("t.txt"), { "t.txt": "" })).toEqual(["policy.yaml:3 t.txt is not named like a service unit"]);
    expect(await faults(policyOf("t.service", ", ssh: -R 1:localhost:1"), {})).toEqual([
      "policy.yaml:3 forwards.rdp has both `ssh` and `unit`",
    ]);
  });
});

test("what does not keep a tunnel open is a warning", async () => {
  const warned = async (unit: string) => (await read("t.service", { "t.service": unit })).warnings;
  expect(await warned(`[Service]\nExecStart=ssh -fN ${options} -R 1:localhost:1 alice@s\n`)).toEqual([
    expect.stringMatching(/^t\.service:2: with -f, ssh forks, the process/),
    expect.stringMatching(/^t\.service:2: systemd does not restart ssh .*there is no Restart=/),
  ]);
  expect(await warned("[Service]\nRestart=always\nExecStart=ssh -N -R 1:localhost:1 alice@s\n")).toEqual([
    expect.stringContaining("without ExitOnForwardFailure=yes"),
    expect.stringContaining("without ServerAliveInterval"),
    expect.stringContaining("gives up after 5 starts within 10 s"),
  ]);
  expect(
    await warned(`[Service]\nType=forking\nRestart=always\nRestartSec=3\nExecStart=ssh -N ${options} -R 1:localhost:1 alice@s\n`),
  ).toEqual([expect.stringMatching(/^t\.service:2: without -f, ssh stays in the foreground/)]);
});

describe("options on sshd's command line, as the server has them", () => {
  const withOptions = (options: string, more = "") =>
    `server: { sshd_config: ssh, sshd_options: ${options}${more} }\nforwards:\n  rdp: { ssh: "-R 1:localhost:1" }\n`;
  const settings = async (file: string, files: Files, more?: string) => (await load(withOptions(file, more), files)).inputs.sshdOptions;

  test("/etc/default/ssh, /etc/sysconfig/sshd", async () => {
    expect(await settings("default", { default: "# Debian\nSSHD_OPTS='-o GatewayPorts=no -p 2222 -4'\n" })).toEqual([
      "GatewayPorts=no",
      "Port=2222",
      "AddressFamily=inet",
    ]);
    expect(await settings("default", { default: "SSHD_OPTS=\n" })).toEqual([]);
    expect(await faults(withOptions("default"), { default: "\nOPTIONS=-f /etc/other\n" })).toEqual([
      "default:2 sshd gets an option that is not a setting",
    ]);
  });

  test("sshd's unit, with the file that it reads", async () => {
    const files = {
      "etc/systemd/system/ssh.service":
        "[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS -o AllowTcpForwarding=no\n",
      "etc/default/ssh": "SSHD_OPTS=-oGatewayPorts=clientspecified\n",
    };
    expect(await settings("etc/systemd/system/ssh.service", files)).toEqual(["GatewayPorts=clientspecified", "AllowTcpForwarding=no"]);
    const alone = { "ssh.service": files["etc/systemd/system/ssh.service"] };
    expect(await faults(withOptions("ssh.service"), alone)).toEqual([
      "ssh.service:2 the unit reads /etc/default/ssh, and no copy of it was supplied",
    ]);
    expect(await settings("ssh.service", alone, ", files: { /etc/default/ssh: none }")).toEqual(["AllowTcpForwarding=no"]);
    expect(await faults(withOptions("x.service"), { "x.service": "[Service]\nExecStart=/bin/true\n" })).toEqual([
      "x.service:2 x.service does not start sshd",
    ]);
  });
});
