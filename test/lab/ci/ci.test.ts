/** What runs forwardlab in other people's CI: the GitHub Action, the GitLab component, the pre-commit hook, with the real command. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { folderOf } from "../../quick/cli/run-cli.ts";
import { readAction, runAction } from "./composite.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const action = readAction(join(root, "action.yml"));

const files = {
  "servers/policy.yaml": `server: { sshd_config: sshd_config }
forwards:
  rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] }
`,
  "servers/sshd_config": "GatewayPorts no\n",
};

let workspace: AsyncDisposable & { path: string };
let base: string;

/** A repository whose change opens the port; forwardlab is its own dependency. */
beforeAll(async () => {
  workspace = await folderOf(files);
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: workspace.path, encoding: "utf8" }).stdout;
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "before");
  base = git("rev-parse", "HEAD").trim();
  writeFileSync(join(workspace.path, "servers/sshd_config"), "GatewayPorts clientspecified\n");
  git("commit", "-qam", "after");
  const bin = join(workspace.path, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "forwardlab"), `#!/bin/sh\nexec "${process.execPath}" "${join(root, "harness/cli/main.ts")}" "$@"\n`);
  chmodSync(join(bin, "forwardlab"), 0o755);
  return () => workspace[Symbol.asyncDispose]();
});

/** An issue's comments as GitHub's API gives and takes them. */
async function commentServer() {
  const comments: { id: number; body: string; user: { type: string } }[] = [
    { id: 7, body: "<!-- forwardlab -->\nforged", user: { type: "User" } },
  ];
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const sent = (await text(request)) || "{}";
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const known = /^\/repos\/o\/r\/issues\/(?:3\/comments|comments\/(\d+))$/.exec(pathname);
    if (!known || request.headers.authorization !== "Bearer a-token") {
      refused.push(`${request.method} ${request.url}`);
      response.writeHead(404).end("{}");
      return;
    }
    const { body } = JSON.parse(sent) as { body: string };
    if (request.method === "POST") comments.push({ id: comments.length + 7, body, user: { type: "Bot" } });
    const changed = comments.find(({ id }) => id === Number(known[1]));
    if (changed) changed.body = body;
    response.end(JSON.stringify(request.method === "GET" ? comments : {}));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, comments, refused, [Symbol.asyncDispose]: async () => void server.close() };
}

const pullRequest = (head: string) => ({
  event_name: "pull_request",
  repository: "o/r",
  event: { pull_request: { number: "3", base: { sha: base }, head: { repo: { full_name: head } } } },
});

test("the action judges, reports, and comments on a pull request what it opens", async () => {
  await using api = await commentServer();
  const temp = join(workspace.path, ".runner");
  const env = { GITHUB_API_URL: api.url, GITHUB_REPOSITORY: "o/r", GITHUB_SERVER_URL: "https://github.example", GITHUB_RUN_ID: "1" };
  const inputs = {
    policy: "\n  servers\n\n",
    reports: "json=out.json\n",
    sarif: "true",
    comment: "true",
    cache: "false",
    package: "local",
  };
  const { ran, summary } = await runAction(action, root, { workspace: workspace.path, temp, github: pullRequest("o/r"), inputs, env });
  const by = (name: string) => ran.find((each) => each.name.startsWith(name));
  const told = ran.map(({ name, output }) => `${name}\n${output}`).join("\n");
  expect(
    ran.map(({ name, outcome }) => [name, outcome]),
    told,
  ).toEqual(
    [
      ["actions/setup-node@v5", "success"],
      ["install", "success"],
      ["cache", "skipped"],
      ["forwardlab cache", "skipped"],
      ["verify", "failure"],
      ["forwardlab cache", "skipped"],
      ["diff", "success"],
      ['node "$ACTION/ci/comment.mjs"', "success"],
      ["github/codeql-action/upload-sarif@v3", "success"],
    ].map((row) => (row[0] === "forwardlab cache" ? [expect.stringMatching(/cache/), row[1]] : row)),
  );
  expect(by("verify")?.output).toContain("FAIL");
  expect(JSON.parse(readFileSync(join(workspace.path, "out.json"), "utf8"))).toHaveProperty("cells");
  const { sarif_file } = JSON.parse(by("github/codeql-action")?.output ?? "{}") as { sarif_file: string };
  expect(JSON.parse(readFileSync(sarif_file, "utf8"))).toMatchObject({ version: "2.1.0" });
  expect(summary).toContain("rdp");
  expect(api.refused).toEqual([]);
  expect(api.comments).toMatchObject([{ body: "<!-- forwardlab -->\nforged" }, { body: expect.stringContaining("rdp") }]);

  // Once more, the same comment is written anew; where nothing may be written, the log says why.
  const comment = async (pull: string) => {
    const file = join(temp, "forwardlab-diff.md");
    writeFileSync(file, "changed\n");
    const surroundings = { ...env, TOKEN: "a-token", PULL: pull };
    const child = spawn(process.execPath, [join(root, "ci/comment.mjs"), file], {
      env: surroundings,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    return { said, status };
  };
  expect(await comment("3")).toEqual({ said: "", status: 0 });
  expect(api.comments.map(({ body }) => body)).toEqual(["<!-- forwardlab -->\nforged", "<!-- forwardlab -->\nchanged\n"]);
  expect(await comment("4")).toEqual({ said: expect.stringContaining("pull-requests: write"), status: 2 });
});

test("the action's steps that depend on where it runs", async () => {
  const dry = { ...action, runs: { ...action.runs, steps: action.runs.steps.map((step) => (step.run ? { ...step, run: "true" } : step)) } };
  const outcomes = async (github: Record<string, unknown>, inputs: Record<string, string>, hit: string) => {
    const { ran } = await runAction(dry as typeof action, root, {
      workspace: workspace.path,
      temp: join(workspace.path, ".dry"),
      github: github as never,
      inputs,
      outputs: { cache: { "cache-hit": hit } },
    });
    return ran.map(({ outcome }) => (outcome === "success" ? 1 : 0));
  };
  // setup, install, cache, import, verify, export, diff, comment, sarif
  expect(await outcomes({ event_name: "push" }, {}, "true")).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0]);
  expect(await outcomes({ event_name: "push" }, { cache: "false" }, "")).toEqual([1, 1, 0, 0, 1, 0, 0, 0, 0]);
  expect(await outcomes(pullRequest("fork/r"), { comment: "true" }, "")).toEqual([1, 1, 1, 0, 1, 1, 1, 0, 0]);
});

test("nothing that others write stands in a script of the action, and what it uses has a version", () => {
  const { steps } = action.runs;
  expect(steps.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  expect(steps.flatMap(({ uses }) => uses ?? []).filter((used) => !/@v\d+$/.test(used))).toEqual([]);
  expect(steps.filter(({ run, shell }) => run !== undefined && shell !== "bash")).toEqual([]);
  for (const { description } of Object.values(action.inputs)) expect(description).not.toBe("");
});

test("the GitLab component judges, with its reports as artifacts", () => {
  const [spec, job] = parseAllDocuments(read("templates/verify.yml")).map((document) => document.toJS());
  const inputs: Record<string, string> = { policy: "servers\n" };
  for (const [name, { default: value }] of Object.entries(spec.spec.inputs as Record<string, { default?: string }>))
    inputs[name] ??= value as string;
  expect(Object.values(inputs).every((value) => typeof value === "string")).toBe(true);
  expect(inputs.version).toBe(JSON.parse(read("package.json")).version);
  const fill = (value: string) => value.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name) => inputs[name] ?? expect.fail(`no input ${name}`));
  const [name, { script, variables, artifacts }] = Object.entries(job)[0] as [string, Record<string, unknown>];
  expect(fill(name)).toBe("forwards");
  // Not from the registry, and no engine of its own.
  const lines = (script as string[]).filter((line) => !/npm install|cache export/.test(line)).map(fill);
  const { POLICY = "", OPTIONS = "" } = (variables ?? {}) as Record<string, string>;
  const { status, stdout, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", lines.join("\n")], {
    cwd: workspace.path,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${join(workspace.path, "node_modules/.bin")}:${process.env.PATH}`,
      POLICY: fill(POLICY),
      OPTIONS: fill(OPTIONS),
    },
  });
  expect(status, stderr).toBe(1);
  expect(stdout).toContain("FAIL");
  for (const path of Object.values((artifacts as { reports: Record<string, string> }).reports))
    expect(readFileSync(join(workspace.path, path), "utf8")).toContain("rdp");
});

test("the pre-commit hook is what pre-commit takes, and its command judges", () => {
  const hooks = parse(read(".pre-commit-hooks.yaml")) as { id: string; entry: string; args: string[]; language: string }[];
  const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
  for (const { id, entry, args, language } of hooks) {
    expect([id, language]).toEqual([expect.stringMatching(/^[a-z-]+$/), "node"]);
    const [program = "", ...words] = entry.split(" ");
    expect(bin).toHaveProperty(program);
    const command = join(workspace.path, "node_modules/.bin", program);
    const { status, stderr } = spawnSync(command, [...words, ...args], { cwd: workspace.path, encoding: "utf8" });
    expect(status, stderr).toBe(1);
  }
});

test("the repository's own workflows run what there is, with no more rights than they need", () => {
  const paths = globSync(".github/workflows/*.yml", { cwd: root });
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const path of paths) {
    const workflow = parse(read(path)) as { permissions: object; jobs: Record<string, { steps: { run?: string; uses?: string }[] }> };
    expect(workflow.permissions, path).toEqual({ contents: "read" });
    for (const { run = "", uses } of Object.values(workflow.jobs).flatMap(({ steps }) => steps)) {
      for (const [, script = ""] of run.matchAll(/npm run (?:-s )?([\w-]+)/g)) expect(scripts).toHaveProperty(script);
      if (uses) expect(uses).toMatch(/@v\d+$|^\.\//);
    }
  }
  expect(paths.length).toBeGreaterThan(1);
  expect(existsSync(join(root, ".editorconfig"))).toBe(true);
});
