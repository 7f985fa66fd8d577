/** `node remove-lab.ts LAB`: removes every container of a lab whose harness is gone, also those that are still appearing. */
import { findEngine } from "../engine/index.ts";
import { labLabel } from "../engine/labels.ts";

const quietMs = 1000;
const limitMs = 15_000;

const lab = process.argv[2] as string;
const { engine } = await findEngine();
if (!engine) process.exit(1);
const { docker } = engine;
const started = Date.now();
let lastSeen = started;
while (Date.now() - lastSeen < quietMs && Date.now() - started < limitMs) {
  const found = await docker.listContainers({ all: true, filters: { label: [`${labLabel}=${lab}`] } }).catch(() => []);
  // The fabric ends its own hosts; it is removed last, when it has had its chance.
  for (const { Id } of found) {
    lastSeen = Date.now();
    await docker
      .getContainer(Id)
      .remove({ force: true })
      .catch(() => undefined);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
