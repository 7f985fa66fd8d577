/** Real pipes, devices and links: what a policy names must neither hold a run up nor show what is none of its business. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { mostBytes, readUserFile, UnreadableFile } from "../../../harness/files/user-file.ts";
import { type LoadOptions, loadPolicy } from "../../../harness/policy/load-policy.ts";
import { cli } from "../cli/run-cli.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "forwardlab-files-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with these files: text, or what makes one at a path. */
function folder(name: string, files: Record<string, string | ((path: string) => void)>): string {
  for (const [path, content] of Object.entries(files)) {
    const at = join(root, name, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === "string") writeFileSync(at, content);
    else content(at);
  }
  return join(root, name);
}

const rules = "table inet filter { chain input { type filter hook input priority 0; policy drop; } }\n";
const pipe = (path: string) => void execFileSync("/usr/bin/mkfifo", [path]);
const linkTo = (target: string) => (path: string) => symlinkSync(target, path);
const large = (path: string) => {
  writeFileSync(path, "");
  truncateSync(path, mostBytes + 1);
};

describe("one file", () => {
  test.each<[string, (path: string) => void, string]>([
    ["a named pipe that nobody writes to", pipe, "a named pipe"],
    ["a device without an end", linkTo("/dev/zero"), "a device"],
    ["a folder", (path) => mkdirSync(path), "a folder"],
    ["more than any config has", large, `more than ${mostBytes / 2 ** 20} MiB`],
    ["nothing", () => undefined, "ENOENT: no such file or directory"],
    ["a link to itself", (path) => symlinkSync(path, path), "ELOOP: too many symbolic links"],
  ])("%s is none", (what, make, expected) => {
    const at = join(folder("one", { [what.replaceAll(" ", "-")]: make }), what.replaceAll(" ", "-"));
    expect(() => readUserFile(at)).toThrow(UnreadableFile);
    expect(() => readUserFile(at)).toThrow(expected);
  });

  test("the control: text, by a link too", () => {
    const at = folder("text", { file: "ä\n", link: linkTo("file") });
    expect([readUserFile(join(at, "file")).toString(), readUserFile(join(at, "link")).toString()]).toEqual(["ä\n", "ä\n"]);
  });

  test("what a shell's <(command) gives", () => {
    const script = `const { readUserFile } = await import(${JSON.stringify(join(import.meta.dirname, "../../../harness/files/user-file.ts"))}); process.stdout.write(readUserFile(process.argv[1]));`;
    const run = `exec "$0" --no-warnings --input-type=module -e "$1" <(printf 'flush ruleset')`;
    expect(execFileSync("bash", ["-c", run, process.execPath, script], { encoding: "utf8" })).toBe("flush ruleset");
  });
});

const policy = (server: string, more = "") => `server: { ${server} }
${more}forwards:
  web: { ssh: "-R :8080:localhost:80", reachable_from: [] }
`;
const plain = { sshd_config: "", "policy.yaml": policy("sshd_config: sshd_config") };

/** Each of them `count` times in the one before it. */
const laughs = (levels: number, count: number) =>
  Array.from(
    { length: levels },
    (_, at) =>
      `l${at}: &l${at} [${Array(count)
        .fill(at === 0 ? "x" : `*l${at - 1}`)
        .join(", ")}]\n`,
  ).join("");

async function faultOf(path: string, options: LoadOptions = {}): Promise<UserError | undefined> {
  try {
    await loadPolicy(path, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return "errors" in error ? (error.errors as UserError[])[0] : error;
  }
}

describe("a policy that names a pipe or a device", () => {
  test.each<[string, Record<string, string | ((path: string) => void)>, string]>([
    ["the policy itself", { ...plain, "policy.yaml": pipe }, "policy-not-found"],
    ["sshd_config", { ...plain, sshd_config: pipe }, "policy-path"],
    [
      "a drop-in",
      { "etc/sshd_config": "Include sshd_config.d/*\n", "etc/sshd_config.d/a.conf": pipe, "policy.yaml": policy("sshd_config: etc") },
      "policy-path",
    ],
    ["the firewall", { ...plain, rules: pipe, "policy.yaml": policy("sshd_config: sshd_config, firewall: rules") }, "policy-path"],
    [
      "what the firewall includes",
      { ...plain, rules: 'include "./more"\n', more: pipe, "policy.yaml": policy("sshd_config: sshd_config, firewall: rules") },
      "firewall-file",
    ],
    [
      "keys",
      { ...plain, keys: pipe, "policy.yaml": policy("sshd_config: sshd_config, accounts: { tunnel: { authorized_keys: keys } }") },
      "policy-path",
    ],
    ["a device", { ...plain, sshd_config: linkTo("/dev/zero") }, "policy-path"],
    [
      "principals",
      { ...plain, names: pipe, "policy.yaml": policy("sshd_config: sshd_config, accounts: { tunnel: { authorized_principals: names } }") },
      "policy-path",
    ],
    [
      "a certificate",
      { ...plain, cert: pipe, "policy.yaml": policy("sshd_config: sshd_config, accounts: { tunnel: { certificate: cert } }") },
      "policy-path",
    ],
    [
      "ipsets",
      { ...plain, rules, sets: pipe, "policy.yaml": policy("sshd_config: sshd_config, firewall: rules, ipsets: sets") },
      "policy-path",
    ],
    ["a cloud's firewall", { ...plain, sg: pipe, "policy.yaml": policy("sshd_config: sshd_config, front_firewall: sg") }, "policy-path"],
    [
      "a file for elsewhere",
      { ...plain, banner: pipe, "policy.yaml": policy("sshd_config: sshd_config, files: { /etc/banner: banner }") },
      "policy-path",
    ],
    [
      "the firewall at home",
      { ...plain, rules: pipe, "policy.yaml": policy("sshd_config: sshd_config", "home: { firewall: rules }\n") },
      "policy-path",
    ],
    [
      "ssh_config",
      { ...plain, ssh_config: pipe, "policy.yaml": policy("sshd_config: sshd_config", "home: { ssh_config: ssh_config }\n") },
      "policy-path",
    ],
    [
      "what ssh_config includes",
      {
        ...plain,
        ssh_config: "Include more\n",
        more: pipe,
        "policy.yaml": policy("sshd_config: sshd_config", "home: { ssh_config: ssh_config }\n"),
      },
      "ssh-config",
    ],
    [
      "a file of ufw",
      { ...plain, "ufw/ufw.conf": pipe, "policy.yaml": policy("sshd_config: sshd_config, firewall: ufw") },
      "firewall-file",
    ],
  ])("%s", async (what, files, code) => {
    const fault = await faultOf(folder(`pipes/${what.replaceAll(" ", "-")}`, files), { allow: "anywhere" });
    expect(fault?.code).toBe(code);
  });

  test("exit code 2, at once", async () => {
    const at = folder("command", { ...plain, sshd_config: pipe });
    const { code, stderr } = await cli(["verify", at]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("a named pipe")]);
  });
});

describe("files that grow without end as they are read", () => {
  test.each<[string, string, RegExp]>([
    ["aliases of aliases", laughs(9, 9), /alias/i],
    ["more aliases than any policy has", laughs(2, 600), /too full of aliases/],
    ["an alias of itself", "a: &a [*a]\n", /./],
    ["brackets in brackets", `a: ${"[".repeat(5000)}\n`, /nested too deeply/],
    ["blanks before a line", `${" ".repeat(300)}a: 1\n`, /nested too deeply/],
    ["more than any policy has", `# ${"x".repeat(600_000)}\n`, /too long/],
  ])("a policy with %s", async (what, text, says) => {
    const fault = await faultOf(
      folder(`yaml/${what.replaceAll(" ", "-")}`, { ...plain, "policy.yaml": text + policy("sshd_config: sshd_config") }),
    );
    expect(fault?.code).toMatch(/^policy-(?:yaml|key)$/);
    expect(fault?.message).toMatch(says);
  });

  test.each<[string, Record<string, string>, string]>([
    ["sshd_config that includes itself", { "etc/sshd_config": "Include sshd_config\n" }, "include each other in a loop"],
    [
      "a circle of three",
      { "etc/sshd_config": "Include a\n", "etc/a": "Include b\n", "etc/b": "Match all\nInclude sshd_config\n" },
      "include each other in a loop",
    ],
    [
      "files that each include the next one twice",
      {
        "etc/sshd_config": "Include 0\n",
        ...Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`etc/${at}`, `Include ${at + 1} ${at + 1}\n`])),
        "etc/15": "",
      },
      "files are included",
    ],
  ])("%s", async (what, files, says) => {
    const fault = await faultOf(folder(`loops/${what.replaceAll(" ", "-")}`, { ...files, "policy.yaml": policy("sshd_config: etc") }));
    expect([fault?.code, fault?.message]).toEqual(["sshd-include", expect.stringContaining(says)]);
    expect(fault?.place?.line).toBeGreaterThan(0);
  });

  test("the control: an alias where it makes sense, and a file that is included twice", async () => {
    const at = folder("grown/control", {
      "etc/sshd_config": "Include a a\n",
      "etc/a": "",
      "policy.yaml": `server: { sshd_config: etc }
forwards:
  web: { ssh: "-R :8080:localhost:80", reachable_from: &who [campus] }
  own: { ssh: "-R :8081:localhost:80", reachable_from: *who }
`,
    });
    expect(await faultOf(at)).toBeUndefined();
  });
});

describe("a policy that names what lies outside", () => {
  const secret = () => folder("secret", { shadow: "root:$6$abc:\n", rules }).concat("/");
  const cases: [string, () => Record<string, string | ((path: string) => void)>][] = [
    ["by ..", () => ({ ...plain, "policy.yaml": policy(`sshd_config: ../../${basename(secret())}/shadow`) })],
    ["by its whole path", () => ({ ...plain, "policy.yaml": policy(`sshd_config: ${secret()}shadow`) })],
    ["by a link", () => ({ ...plain, sshd_config: linkTo(`${secret()}shadow`) })],
    ["by a link to a folder", () => ({ ...plain, etc: linkTo(secret()), "policy.yaml": policy("sshd_config: etc/shadow") })],
    [
      "as a firewall",
      () => ({ ...plain, rules: linkTo(`${secret()}rules`), "policy.yaml": policy("sshd_config: sshd_config, firewall: rules") }),
    ],
    [
      "as an include of the firewall",
      () => ({
        ...plain,
        rules: `include "./more"\n${rules}`,
        more: linkTo(`${secret()}rules`),
        "policy.yaml": policy("sshd_config: sshd_config, firewall: rules"),
      }),
    ],
    [
      "as an Include of ssh_config",
      () => ({
        ...plain,
        ssh_config: "Include more\n",
        more: linkTo(`${secret()}shadow`),
        "policy.yaml": policy("sshd_config: sshd_config", "home: { ssh_config: ssh_config }\n"),
      }),
    ],
  ];

  test.each(cases)("%s: refused, and nothing of it is shown", async (what, files) => {
    const fault = await faultOf(folder(`outside/${what.replaceAll(" ", "-").replaceAll(".", "_")}`, { ...files() }));
    expect(fault?.message).toContain("leads out of the policy's folder");
    expect(JSON.stringify([fault?.message, fault?.found])).not.toContain("$6$");
    expect(fault?.todo).toContain("--allow-outside");
  });

  test("the control: where that is allowed, it is read", async () => {
    const at = folder("allowed", {
      rules: linkTo(`${secret()}rules`),
      sshd_config: "",
      "policy.yaml": policy("sshd_config: sshd_config, firewall: rules"),
    });
    expect(await faultOf(at, { allow: [secret()] })).toBeUndefined();
    expect(await faultOf(at, { allow: "anywhere" })).toBeUndefined();
    expect((await faultOf(at, { allow: [join(root, "one")] }))?.code).toBe("policy-path");
  });

  test("the command: refused, and with --allow-outside read", async () => {
    const at = folder("by-command", { ...plain, sshd_config: linkTo(`${secret()}rules`) });
    // Nothing is started: the policy is read before an engine is looked for.
    const verify = (...args: string[]) => cli(["verify", at, "--quiet", ...args], { DOCKER_HOST: "unix:///nowhere.sock" });
    const [refused, allowed] = await Promise.all([verify(), verify("--allow-outside")]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("leads out of the policy's folder")]);
    expect([allowed.code, allowed.stderr]).toEqual([2, expect.stringContaining("engine.named-but-dead")]);
  });

  test("a folder whose name begins with two dots is inside", async () => {
    const at = folder("dots", { "..etc/sshd_config": "", "policy.yaml": policy("sshd_config: ..etc") });
    expect(await faultOf(at)).toBeUndefined();
  });
});
