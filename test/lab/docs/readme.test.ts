/** What the README tells a reader to type is typed here, in its order, and does what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { blockOf, documentAt, root } from "../../quick/docs/markdown.ts";

/** Nobody else's lab has this name. */
const lab = `readme-${process.pid}`;

/** Milliseconds for one command; each takes a few seconds at most. */
const patience = 30_000;

interface Outcome {
  code: number | null;
  stdout: Buffer;
  stderr: string;
}

interface Starting {
  cwd?: string;
  input?: string;
  patienceMs?: number;
}

/** Where the lessons keep what has been done. */
const state = join(tmpdir(), `forwardlab-readme-state-${process.pid}`);

const running = new Set<ChildProcess>();
afterAll(async () => {
  await rm(state, { recursive: true, force: true });
  for (const child of running) child.kill("SIGKILL");
  if ((await forwardlab(["ls"])).stdout.includes(lab)) await forwardlab(["down", lab]);
});

test("npm run verify prints the matrix that the README shows", async () => {
  const shown = documentAt("README.md").blocks.find(({ claim }) => claim?.kind === "output");
  const { code, stdout, stderr } = await run("npm", (shown?.claim?.of ?? "").split(" ").slice(1));
  expect(code, stderr).toBe(0);
  expect(withoutNumbers(stdout.toString())).toBe(withoutNumbers(`${shown?.text}\n`));
});

describe.concurrent("a server reviewed, typed in a copy", { timeout: 300_000 }, () => {
  const section = documentAt("README.md").blocks.filter((block) => block.section === "Review a server");
  const [review = "", patch = "", again = "", whatIf = ""] = section.flatMap(({ language, text }) =>
    language === "sh" ? text.split("\n") : [],
  );
  const [findings = "", worth = ""] = section.flatMap(({ language, text }) => (language === "text" ? [text] : []));
  const typed = (command: string, folder: string) => {
    const [, words = ""] = command.split(" -- ");
    return run(process.execPath, [join(root, "harness/cli/main.ts"), ...words.split(" ")], { cwd: folder, patienceMs: 240_000 });
  };

  test("the findings that the README shows; with the first one's fix it is gone", async ({ onTestFinished: whenDone }) => {
    const folder = await copyOf("examples/review", whenDone);
    const found = await typed(review, folder);
    expect(found.code, found.stderr).toBe(1);
    expect(found.stderr).toContain("Fixes of 1 finding; run `patch -p1` in the working folder\n");
    expect(wordsOf(found.stdout.toString())).toContain(wordsOf(findings));
    const [program = "", option = "", , file = ""] = patch.split(" ");
    const patched = await run(program, [option], { cwd: folder, input: await readFile(join(folder, file), "utf8") });
    expect(patched.code, patched.stderr).toBe(0);
    const fixed = await typed(again, folder);
    expect(fixed.code, fixed.stderr).toBe(0);
    expect(fixed.stdout.toString()).not.toContain("INTERNET");
  });

  test("what each line is worth", async ({ onTestFinished: whenDone }) => {
    const folder = await copyOf("examples/review", whenDone);
    // As the fix leaves it.
    const firewall = join(folder, "examples/review/etc/nftables.conf");
    await writeFile(firewall, (await readFile(firewall, "utf8")).replace(/.* "demo in March"\n/, ""));
    const { code, stdout, stderr } = await typed(`${whatIf} --no-remedies`, folder);
    expect(code, stderr).toBe(0);
    expect(wordsOf(stdout.toString())).toContain(wordsOf(worth));
  });
});

test("the policy for a server of one's own", async () => {
  const [command = ""] = blockOf("README.md", "Verify your own server", "sh").text.split("\n");
  const policy = blockOf("README.md", "Verify your own server", "yaml").claim?.of ?? "";
  const { code, stdout, stderr } = await run("npm", ["-s", ...command.replace("path/to/policy.yaml", policy).split(" ").slice(1)]);
  expect(code, stderr).toBe(0);
  expect(stdout.toString()).toMatch(/^ +office +IPv4, IPv6 .*✔ reached +✔ filtered$/m);
});

test("a policy from what is there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-readme-"));
  try {
    const words = blockOf("README.md", "Start from the current state", "sh").text.trim().split(" ").slice(1);
    const out = join(folder, "policy.yaml");
    const { code, stdout, stderr } = await run("npm", [...words.slice(0, -1), out], { patienceMs: 60_000 });
    expect(code, stderr).toBe(0);
    expect(stdout.toString()).toContain("all of them hold");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("every source address: the table that the README shows", async () => {
  const shown = documentAt("README.md").blocks.filter(({ claim }) => claim?.kind === "output")[1];
  const { code, stdout, stderr } = await run("npm", (shown?.claim?.of ?? "").split(" ").slice(1));
  expect(code, stderr).toBe(0);
  expect(stdout.toString()).toContain(`${shown?.text}\n`);
  const [command = ""] = blockOf("README.md", "Every source address", "sh").text.split("\n");
  expect(shown?.claim?.of.replace("-s ", "").replace(/test\S+/, "path/to/policy.yaml")).toBe(command);
});

test("the claims, listed and proven, and the model", { timeout: 300_000 }, async () => {
  const lines = blockOf("README.md", "Learn", "sh").text.split("\n");
  onTestFinished(() => rm(join(root, "forwardlab-playground.html"), { force: true }));
  for (const line of lines) {
    if (/ learn$/.test(line)) continue; // It goes on until Ctrl-C: below.
    const { code, stdout, stderr } = await run("npm", line.split(" ").slice(1), { patienceMs: 240_000 });
    expect(code, `${line}\n${stderr}`).toBe(0);
    expect(stdout.toString(), line).not.toBe("");
  }
  expect(lines.length).toBeGreaterThan(2);
});

test("the lessons' page: open until Ctrl-C", { timeout: 120_000 }, async () => {
  const [line = ""] = blockOf("README.md", "Learn", "sh")
    .text.split("\n")
    .filter((each) => / learn$/.test(each));
  const { child, outcome, said } = start(
    process.execPath,
    [join(root, "harness/cli/main.ts"), ...(line.split(" -- ")[1] ?? "").split(" ")],
    {
      patienceMs: 100_000,
    },
  );
  await said(/the lessons are open/);
  child.kill("SIGINT");
  const { code, stdout } = await outcome;
  expect(code).toBe(130);
  expect(stdout.toString()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//);
});

test("what a change opens: the report holds what the README shows of it", async () => {
  const commands = blockOf("README.md", "What a change opens", "sh").text.split("\n");
  const { code, stdout, stderr } = await run("npm", (commands.at(-1) ?? "").split(" ").slice(1), { patienceMs: 120_000 });
  expect(code, stderr).toBe(1);
  expect(wordsOf(stdout.toString())).toContain(wordsOf(blockOf("README.md", "What a change opens", "text").text));
});

test("several servers, and one page for them", { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-readme-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [line = ""] = blockOf("README.md", "Several servers", "sh").text.split("\n");
  const words = line
    .split(" ")
    .slice(3)
    .map((word) => (word.startsWith("html=") ? `html=${join(folder, "fleet.html")}` : word));
  const { code, stdout, stderr } = await run(
    process.execPath,
    [join(root, "harness/cli/main.ts"), ...["verify", ...words].filter((word) => word !== "--")],
    {
      cwd: root,
      patienceMs: 240_000,
    },
  );
  expect(code, stderr).toBe(0);
  expect(stdout.toString()).toMatch(/^✔ PASS {2}all 5 servers are as their policies say/);
  expect(await readFile(join(folder, "fleet.html"), "utf8")).toContain("examples/fleet/ufw-vps");
});

test("parts of a policy, joined", { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-readme-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(root, "examples/article"), folder, { recursive: true });
  for (const line of blockOf("README.md", "In CI", "sh").text.split("\n")) {
    const { code, stdout, stderr } = await run(process.execPath, [join(root, "harness/cli/main.ts"), ...line.split(" ").slice(2)], {
      cwd: folder,
      patienceMs: 120_000,
    });
    expect(code, `${line}\n${stderr}`).toBe(0);
    expect(stdout.toString()).toContain("PASS");
  }
  expect(await readFile(join(folder, "forwards.xml"), "utf8")).toContain('tests="26"');
});

describe("by hand", () => {
  const [typed, alone] = documentAt("README.md").blocks.filter(({ section, language }) => section === "By hand" && language === "sh");
  const lines = (typed?.text ?? "").split("\n").map((line) => line.replace(/ > \S+$/, "").split(" -- "));
  /** The README's words for a command, in a lab of this test's own. */
  const words = (command: string, start = ""): string[] => {
    const found = lines
      .map((line) => line.slice(1).join(" -- ").split(" "))
      .find((each) => each.join(" ").startsWith(`${command} ${start}`.trim()));
    if (!found) throw new Error(`the README has no ${command} ${start}`);
    const [name = "", ...rest] = found;
    if (name === "up") return [name, ...rest, "--name", lab];
    if (name === "down") return [name, lab];
    return name === "ls" ? [name] : [name, "--lab", lab, ...rest];
  };

  test("up, exec, capture, shell, ls, down, in the README's order", async () => {
    expect(lines.map((line) => line[1]?.split(" ")[0])).toEqual(["up", "exec", "exec", "exec", "shell", "capture", "ls", "down"]);

    const up = await forwardlab(words("up"));
    expect(up.code, up.stderr).toBe(0);
    expect(up.stdout.toString()).toContain("The lab");

    expect((await forwardlab(words("exec", "home"))).code).toBe(0);
    const visit = await forwardlab(words("exec", "other-lan"));
    expect(visit.stdout.toString()).toMatch(/^forwardlab home:3389\S* hello (\[::1\]|127\.0\.0\.1):\d+\n$/);
    expect((await forwardlab(words("exec", "server"))).stdout.toString()).toMatch(/0\.0\.0\.0:43234 [\s\S]*\[::\]:43234 /);

    // A namespace has the fabric's programs.
    expect((await forwardlab(["exec", "--lab", lab, "campus", "--", "true"])).code).toBe(0);
    for (const host of ["campus", "home"]) {
      const missing = await forwardlab(["exec", "--lab", lab, host, "--", "no-such-program"]);
      expect([missing.code, missing.stderr]).toEqual([127, expect.stringMatching(/no-such-program: not found\n$/)]);
    }

    const shell = await forwardlab(words("shell"), "hostname; exit 3\n");
    expect([shell.stdout.toString(), shell.code]).toEqual(["home\n", 3]);

    const capture = start(process.execPath, ["harness/cli/main.ts", ...words("capture")]);
    await capture.said(/listening on/);
    // The captured packets: each visit makes more than ten.
    await forwardlab(words("exec", "other-lan"));
    await forwardlab(words("exec", "other-lan"));
    const captured = await capture.outcome;
    expect(captured.code, captured.stderr).toBe(0);
    // A pcap file in this machine's byte order: https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html
    expect(captured.stdout.readUInt32LE()).toBe(0xa1b2c3d4);

    expect((await forwardlab(words("ls"))).stdout.toString()).toMatch(new RegExp(`^NAME .*HOSTS\n(.*\n)*${lab} +kept `));
    expect((await forwardlab(words("down"))).code).toBe(0);
    expect((await forwardlab(words("ls"))).stdout.toString()).not.toContain(lab);
  });

  test("explain", async () => {
    const { code, stdout } = await run("npm", (alone?.text ?? "").split(" ").slice(1));
    expect(code).toBe(0);
    expect(stdout.toString()).toContain("127.0.0.1:43234");
  });
});

test("the library without Vitest", async () => {
  const scripts = documentAt("docs/library.md").blocks.flatMap(({ claim }) => (claim?.kind === "file" ? [claim.of] : []));
  const [report, review, probe] = await Promise.all(
    scripts.map((script) =>
      run(process.execPath, [join(root, script)], { cwd: join(root, "test/lab/docs/your-server"), patienceMs: 100_000 }),
    ),
  );
  expect(report?.stdout.toString(), report?.stderr).toMatch(/^## ✔ PASS/);
  expect([review?.code, review?.stdout.toString()], review?.stderr).toEqual([0, expect.stringMatching(/^## /)]);
  expect(probe?.stdout.toString(), probe?.stderr).toMatch(/^reached \[/);
});

/** A pipe is 100 columns wide, the README 80. */
function wordsOf(text: string): string {
  return text.split(/\s+/).join(" ");
}

/** In a folder of its own, at the same path as in the repository. */
async function copyOf(path: string, whenDone: typeof onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-readme-"));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  await cp(join(root, path), join(folder, path), { recursive: true });
  return folder;
}

/** The last line tells versions, counts and the time of this run. */
function withoutNumbers(report: string): string {
  return report.replace(/^OpenSSH_.*$/m, (line) => line.replace(/embedded Docker|Docker/, "engine").replace(/[\d.]+\S*/g, "N"));
}

function forwardlab(args: readonly string[], input = ""): Promise<Outcome> {
  return run(process.execPath, ["harness/cli/main.ts", ...args], { input });
}

function run(program: string, args: readonly string[], options: Starting = {}): Promise<Outcome> {
  return start(program, args, options).outcome;
}

function start(program: string, args: readonly string[], { cwd = root, input = "", patienceMs = patience }: Starting = {}) {
  // As a person starts it: neither Vitest's nor a CI's variables.
  const { GITHUB_ACTIONS: _, VITEST: __, ...env } = process.env;
  const child = spawn(program, args, { cwd, env: { ...env, XDG_STATE_HOME: state }, timeout: patienceMs });
  running.add(child);
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(input);
  const outcome = once(child, "close").then(([code]): Outcome => {
    running.delete(child);
    return { code: code as number | null, stdout: Buffer.concat(stdout), stderr };
  });
  const said = async (pattern: RegExp) => {
    while (!pattern.test(stderr)) if (await Promise.race([once(child.stderr, "data").then(() => false), outcome])) throw new Error(stderr);
  };
  return { child, outcome, said };
}
