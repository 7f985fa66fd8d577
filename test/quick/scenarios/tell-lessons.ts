/** Prints the lesson of every scenario as JSON. A program of its own: inside of Vitest the files would bring their tests along. */
import { globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const told: { path: string; lesson: unknown }[] = [];
for (const path of globSync("scenarios/**/*.scenario.ts", { cwd: root }).sort()) {
  Object.assign(globalThis, { [Symbol.for("forwardlab.scenario")]: (lesson: unknown) => told.push({ path, lesson }) });
  await import(join(root, path));
}
process.stdout.write(JSON.stringify(told));
