/**
 * Before any lab test: an engine, and the images that the tests need. The images are built while the quick tests run; files of lab tests
 * wait for them (images.setup.ts). Workers inherit DOCKER_HOST, which `ensureEngine` sets.
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { formatUserError, UserError } from "../../harness/core/errors.ts";
import { type Engine, ensureEngine, ensureImages, SUITES } from "../../harness/engine/index.ts";
import { imagesPort } from "./images-port.ts";

const progress = (message: string) => process.stderr.write(`forwardlab: ${message}\n`);

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Vitest calls it for each of its projects. A Vitest that a test starts inherits the variable, and has a process of its own.
  if (process.env[imagesPort]?.startsWith(`${process.pid}:`)) return undefined;
  const fault = faultOf(buildImages(await found()));
  // Whoever connects is answered when the images are there: with nothing, or with why they are not.
  const server = createServer((asker) => void fault.then((text) => asker.end(text))).listen(0, "127.0.0.1");
  await once(server, "listening");
  process.env[imagesPort] = `${process.pid}:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.close();
    await fault;
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
