/**
 * Before any lab test: an engine, and the images that the tests need. Those of every lab are built while the quick tests run; files of lab
 * tests wait for them (images.setup.ts). Those that only some files name come after them, one at a time, so that few files ever wait.
 * Workers inherit DOCKER_HOST, which `ensureEngine` sets.
 */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import type { TestProject } from "vitest/node";
import { formatUserError, UserError } from "../../harness/core/errors.ts";
import type { Step } from "../../harness/core/step.ts";
import { type Engine, ensureEngine, ensureImages, SUITES } from "../../harness/engine/index.ts";
import { ownTargets } from "../../harness/engine/recipe.ts";
import { imagesPort } from "./images-port.ts";

const progress = ({ text: message }: Step) => void process.stderr.write(`forwardlab: ${message}\n`);

export default async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  // Vitest calls it for each of its projects. A Vitest that a test starts inherits the variable, and has a process of its own.
  if (process.env[imagesPort]?.startsWith(`${process.pid}:`)) return undefined;
  const engine = await found();
  const fault = faultOf(buildImages(engine));
  const over = new AbortController();
  const further = fault.then(async (text) =>
    text === "" ? buildFurther(engine, await named(vitest.state.getPaths()), over.signal) : undefined,
  );
  // Whoever connects is answered when the images are there: with nothing, or with why they are not.
  const server = createServer((asker) => void fault.then((text) => asker.end(text))).listen(0, "127.0.0.1");
  await once(server, "listening");
  process.env[imagesPort] = `${process.pid}:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.close();
    over.abort();
    await further;
  };
}

async function found(): Promise<Engine> {
  try {
    return await ensureEngine({ progress });
  } catch (error) {
    throw error instanceof UserError ? new Error(textOf(error)) : error;
  }
}

async function buildImages(engine: Engine): Promise<void> {
  const hosts = SUITES.map((suite) => ({ target: "host", suite }));
  await ensureImages(engine, [{ target: "fabric" }, ...hosts], { progress });
}

/** A file whose image cannot be built asks for it again, and tells why. */
async function buildFurther(engine: Engine, targets: readonly string[], over: AbortSignal): Promise<void> {
  for (const target of targets) {
    if (over.aborted) return;
    await ensureImages(engine, [{ target }], { progress }).catch(() => undefined);
  }
}

/** The lab's own images that these files name, each where it is named first; lab tests run before scenarios. */
async function named(paths: readonly string[]): Promise<string[]> {
  const rank = (path: string) => Number(path.endsWith(".scenario.ts"));
  const files = paths.filter((path) => !path.includes("/test/quick/")).toSorted((one, other) => rank(one) - rank(other));
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  const own = ownTargets().map(({ name }) => name);
  const found = texts.flatMap((text) => [...text.matchAll(/(?<=forwardlab\/|firewallTool\(")[a-z]+/g)].map(([name]) => name));
  return [...new Set(found)].filter((name) => own.includes(name));
}

/** Empty where it goes well. */
function faultOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => "",
    (error: unknown) => (error instanceof UserError ? textOf(error) : String(error)),
  );
}

function textOf(error: UserError): string {
  return `\n${formatUserError(error)}`;
}
