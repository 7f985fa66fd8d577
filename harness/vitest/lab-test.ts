/** `test` with a lab. */

import { test as base, beforeAll, type TestAPI, vi } from "vitest";
import type { ArticleHost } from "../core/lab-spec.ts";
import type { Step } from "../core/step.ts";
import { type LabOptions, prepareStatedLab } from "../session/stated-lab.ts";
import { at, callerStack } from "./at-caller.ts";
import { SharedLab, type TestLab } from "./test-lab.ts";

/** Vitest's own default, in milliseconds: too short for a first test, which may have to build images. */
const vitestTimeoutMs = 5_000;
const timeoutMs = 300_000;
/** Until the images of a lab are built, in milliseconds; those of other labs may come first. */
const imagesMs = 900_000;

/**
 * A `test` whose `lab` is the one described: your own topology, sshd_config, firewall, accounts, OpenSSH version.
 * The lab is started by the first test that asks for it and shared by the tests of the file, which take turns; each finds it as declared here.
 *
 *     const test = labTest({
 *       spec: {
 *         lans: { dmz: { ipv4: "198.51.100.0/24" } },
 *         routers: { core: { lans: { dmz: ["198.51.100.1/24"] } } },
 *         hosts: {
 *           server: { kind: "container", interfaces: [{ name: "eth0", link: { lan: "dmz" }, addresses: ["198.51.100.10/24"] }] },
 *           "branch-office": { kind: "container", interfaces: [{ name: "eth0", link: { router: "core" }, addresses: ["192.0.2.7"] }] },
 *         },
 *       },
 *       sshd: { path: "etc/ssh" },
 *     });
 *     test("…", async ({ lab }) => { await using forward = await lab.branchOffice.ssh("-R", "43234:localhost:3389"); });
 *
 * A test that uses it may take as long as it takes to build the images; set `testTimeout` in your Vitest config to have it otherwise.
 */
export function labTest<Name extends string = ArticleHost>(options: LabOptions<Name> = {}): TestAPI<{ lab: TestLab<Name> }> {
  // Not within the first test's time: an image may take minutes to build.
  const declared = callerStack(labTest);
  beforeAll(() => at(declared, () => prepareStatedLab(options as LabOptions<string>, tell)), imagesMs);
  return withLab<Name>(options, "file");
}

function tell({ text: message }: Step): void {
  process.stderr.write(`forwardlab: ${message}\n`);
}

/** @param scope `worker`: with Vitest's `isolate: false` one lab serves all files of a worker. */
export function withLab<Name extends string>(options: LabOptions<Name>, scope: "file" | "worker"): TestAPI<{ lab: TestLab<Name> }> {
  allowTimeToStart();
  const file = callingFile();
  const declared = callerStack(scope === "file" ? labTest : withLab);
  const start = async (onCleanup: (cleanup: () => Promise<void>) => void) => {
    const shared = await at(declared, () => SharedLab.start(options as LabOptions<string>, file));
    onCleanup(() => shared[Symbol.asyncDispose]());
    return shared;
  };
  // biome-ignore-start lint/correctness/noEmptyPattern: Vitest reads a fixture's needs from this pattern
  const shared =
    scope === "file"
      ? base.extend("sharedLab", { scope: "file" }, ({}, { onCleanup }) => start(onCleanup))
      : base.extend("sharedLab", { scope: "worker" }, ({}, { onCleanup }) => start(onCleanup));
  // biome-ignore-end lint/correctness/noEmptyPattern: Vitest reads a fixture's needs from this pattern
  return (shared as TestAPI<{ sharedLab: SharedLab }>).extend("lab", async ({ sharedLab, task, onTestFinished }, { onCleanup }) => {
    const { lab, giveBack } = await sharedLab.lend(task.file.filepath);
    onCleanup(giveBack);
    const { recorder } = sharedLab;
    recorder?.experiment(task.name);
    // When the lab is given back already: that may fail, too.
    if (recorder)
      onTestFinished(({ task: { name, result } }) => recorder.over(name, result?.state === "pass", result?.errors?.[0]?.message));
    return lab as unknown as TestLab<Name>;
  }) as unknown as TestAPI<{ lab: TestLab<Name> }>;
}

/** The file whose tests are being declared: what paths are relative to. */
function callingFile(): string {
  return (globalThis as { __vitest_worker__?: { filepath?: string } }).__vitest_worker__?.filepath ?? `${process.cwd()}/.`;
}

function allowTimeToStart(): void {
  const worker = (globalThis as { __vitest_worker__?: { config?: { testTimeout?: number } } }).__vitest_worker__;
  if (worker?.config?.testTimeout === vitestTimeoutMs) vi.setConfig({ testTimeout: timeoutMs, hookTimeout: timeoutMs });
}
