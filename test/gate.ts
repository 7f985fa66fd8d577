/**
 * The gate: everything that must hold before a change lands. `npm run gate`, or some steps of it: `npm run gate -- types lint`.
 * `--no-lab` leaves out the tests that need a container engine. Exit code 0 when every step passed, 1 otherwise, 2 for a wrong argument.
 */
import { rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { styleText } from "node:util";
import { $ } from "zx";

const root = join(import.meta.dirname, "..");
const house = "test/quick/house";

interface Step {
  name: string;
  what: string;
  command: readonly string[];
  /** A step without which this one means nothing. */
  needs?: string;
  /** Done first. */
  prepare?: () => void;
}

const args = process.argv.slice(2);
const quick = args.includes("--no-lab");

const steps: readonly Step[] = [
  { name: "lint", what: "format and lint", command: ["biome", "check"] },
  { name: "types", what: "types", command: ["tsc", "-p", "."] },
  { name: "pages", what: "types of the pages", command: ["tsc", "-p", "tsconfig.web.json"] },
  { name: "format", what: "the agent's format", command: pythonTool("ruff", "format", "--check") },
  { name: "ruff", what: "the agent's lint", command: pythonTool("ruff", "check") },
  { name: "mypy", what: "the agent's types", command: pythonTool("mypy") },
  { name: "unused", what: "unused files, exports and dependencies", command: ["knip"] },
  {
    name: "borders",
    what: "imports between the folders of harness/",
    command: ["vitest", "run", "--project", "quick", `${house}/borders.test.ts`],
  },
  { name: "tests", what: quick ? "tests without a lab" : "tests", command: ["vitest", "run", ...(quick ? ["--project", "quick"] : [])] },
  {
    name: "build",
    what: "build",
    command: ["tsc", "-p", "tsconfig.build.json"],
    prepare: () => rmSync(join(root, "dist"), { recursive: true, force: true }),
  },
  {
    name: "page",
    what: "build of the pages",
    command: [process.execPath, "harness/web/build-page.ts", "dist/web"],
    needs: "build",
  },
  { name: "package", what: "the built package, used under plain Node", command: [process.execPath, "test/gate/smoke.ts"], needs: "page" },
  { name: "publint", what: "the package's metadata", command: ["publint", "--strict"], needs: "build" },
];

const wanted = args.filter((arg) => arg !== "--no-lab");
const unknown = wanted.filter((arg) => !steps.some(({ name }) => name === arg));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(" ")}\nsteps: ${steps.map(({ name }) => name).join(" ")}, flag: --no-lab`);
  process.exitCode = 2;
} else process.exitCode = await runAll(wanted.length === 0 ? steps : steps.filter(({ name }) => wanted.includes(name)));

async function runAll(chosen: readonly Step[]): Promise<number> {
  const lines: string[] = [];
  const failed = new Set<string>();
  for (const step of chosen) {
    if (step.needs && failed.has(step.needs)) {
      failed.add(step.name);
      lines.push(summary("yellow", "SKIP", step, `${step.needs} failed`));
      continue;
    }
    console.log(styleText("bold", `\n== ${step.name}: ${step.what}`));
    const start = performance.now();
    const ok = await run(step);
    if (!ok) failed.add(step.name);
    const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
    lines.push(ok ? summary("green", "ok", step, seconds) : summary("red", "FAIL", step, seconds));
  }
  console.log(`\n${lines.join("\n")}`);
  console.log(
    failed.size === 0 ? styleText("green", "\nThe gate is open.") : styleText("red", `\nThe gate is shut: ${[...failed].join(", ")}`),
  );
  return failed.size === 0 ? 0 : 1;
}

function pythonTool(...command: string[]): string[] {
  return [process.execPath, "test/gate/python-tool.ts", ...command];
}

function summary(color: "green" | "red" | "yellow", mark: string, { name, what }: Step, note: string): string {
  return `${styleText(color, mark.padEnd(4))} ${name.padEnd(8)} ${what} (${note})`;
}

async function run({ command, prepare }: Step): Promise<boolean> {
  prepare?.();
  // The tools of this checkout and its Node, whatever the machine has besides.
  const PATH = `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const tool = $({ cwd: root, env: { ...process.env, PATH }, stdio: ["ignore", "inherit", "inherit"], nothrow: true });
  return (await tool`${[...command]}`).exitCode === 0;
}
