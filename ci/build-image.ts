/**
 * `npm run image`: packs the package, lets this machine's npm install it, and builds the image of the tool from that. `--base NAME` is
 * another image with Node 24 or newer, on Debian. Standard output: the image's name.
 */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureEngine } from "../harness/engine/index.ts";
import { npmInstall } from "../harness/engine/npm-packages.ts";
import { readStream } from "../harness/engine/stream.ts";

const root = join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { base: { type: "string" } } });
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const name = `forwardlab:${version}`;
const say = (text: string) => process.stderr.write(`forwardlab: ${text}\n`);
const context = mkdtempSync(join(tmpdir(), "forwardlab-image-"));
try {
  const engine = await ensureEngine({ progress: ({ text }) => void say(text) });
  say("packing and installing the package");
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const archive = join(context, npm("pack", "--silent", "--pack-destination", context).trim().split("\n").at(-1) ?? "");
  const install = npmInstall(context, engine.architecture).filter((word) => word !== "npm" && word !== "--no-bin-links");
  npm(...install, "--omit=dev", archive);
  copyFileSync(join(root, "containers/tool/Dockerfile"), join(context, "Dockerfile"));
  say(`building the image ${name}`);
  const tar = spawn("tar", ["--create", "--owner=0", "--group=0", "--directory", context, "Dockerfile", "node_modules"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const buildargs: Record<string, string> = values.base === undefined ? {} : { BASE: values.base };
  const { error, output } = await readStream(
    await engine.docker.buildImage(tar.stdout, { t: name, buildargs, networkmode: "host", forcerm: true }),
  );
  if (error !== undefined) throw new Error(`the image could not be built\n${output}`);
  process.stdout.write(`${name}\n`);
} finally {
  rmSync(context, { recursive: true, force: true });
}
