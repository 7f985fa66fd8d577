/** What a client's ssh_config on the disk includes, and what of it cannot be had. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSshConfig } from "../../../harness/policy/load-ssh-config.ts";
import { cli, folderOf } from "../cli/run-cli.ts";

const block = (port: number) => `Host web\n  RemoteForward ${port} localhost:1\n`;

/** Ports of the forwards that were read, and the Includes that were not. */
async function read(files: Record<string, string>, config: string) {
  await using folder = await folderOf(files);
  const { lines, warnings } = await loadSshConfig(join(folder.path, config), config);
  return {
    ports: lines.map(({ args: [port] }) => Number(port)),
    missing: warnings.map(({ code, params, file, line }) => `${file}:${line} ${code} ${(params as { pattern: string }).pattern}`),
  };
}

test.each(["~/.orbstack/ssh/config", "~bob/ssh", "%d/ssh", "$" + "{HOME}/ssh", "/nowhere/ssh", "../above/*"])(
  "a copy that includes %s: what lies there is not known",
  async (include) => {
    expect(await read({ config: `# a copy\nInclude ${include}\n${block(1)}` }, "config")).toEqual({
      ports: [1],
      missing: [`config:2 client-include-not-read ${include}`],
    });
  },
);

test("what lies in the config's own folder, which is its ~/.ssh, is read, or is known to be missing", async () => {
  const files = { "conf.d/a": block(2), "conf.d/b": block(3), config: `Include conf.d/* ~/.ssh/conf.d/b none ~/.ssh/none\n${block(1)}` };
  expect(await read(files, "config")).toEqual({ ports: [2, 3, 3, 1], missing: [] });
});

test("~ is the home of a config that lies in .ssh", async () => {
  const files = { more: block(2), ".ssh/config": `Include ~/more ~/none ../more\n${block(1)}` };
  expect(await read(files, ".ssh/config")).toEqual({ ports: [2, 2, 1], missing: [] });
  expect((await read({ ...files, ".ssh/config": "Include ~bob/more\n" }, ".ssh/config")).missing).toHaveLength(1);
});

test("explain says so, with the line and what to do, in either language", async () => {
  await using folder = await folderOf({ config: `Include ~/more\n${block(1)}` });
  const explain = (...more: string[]) => cli(["explain", "--ssh-config", join(folder.path, "config"), ...more, "web"]);
  const { code, stderr } = await explain();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^forwardlab: .*config:1: `Include ~\/more` is not read, .*copy the files beside the config/);
  expect((await explain("--lang", "ja")).stderr).toMatch(/config:1: .*読み込まれず/);
});
