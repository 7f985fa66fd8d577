/** Runs ruff or mypy on the fabric's agent: `python-tool.ts ruff check`. What neither PATH nor the checkout has is named, with how to get it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const folder = ".python-tools";
const [tool = "", ...args] = process.argv.slice(2);

const places = [join(root, folder, "bin"), ...(process.env.PATH ?? "").split(delimiter)];
const program = places.map((place) => join(place, tool)).find((path) => existsSync(path));
if (program === undefined) {
  console.error(`${tool} is missing. It is installed beside the checkout's own files, not into the system, by

  python3 -m venv ${folder} && ${folder}/bin/pip install -r test/gate/python-tools.txt

(Debian and Ubuntu: apt install python3-venv.)`);
  process.exitCode = 1;
} else {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (error) console.error(`${program}: ${error.message}`);
  process.exitCode = status ?? 1;
}
