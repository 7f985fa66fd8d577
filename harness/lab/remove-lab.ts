/** `node remove-lab.ts LAB`: removes every container of a lab whose harness is gone, also those that are still appearing. */
import { findEngine } from "../engine/index.ts";
import { labLabel } from "../engine/labels.ts";

/** Whatever appears, appears within this. */
const quietMs = 1000;
/** A busy engine takes minutes to start a container, and removes none before it has started. */
const limitMs = 600_000;

const lab = process.argv[2] as string;
const { engine } = await findEngine();
if (!engine) process.exit(1);
const { docker } = engine;
const started = Date.now();
let lastSeen = started;
while (Date.now() - lastSeen < quietMs && Date.now() - started < limitMs) {
  const found = await docker.listContainers({ all: true, filters: { label: [`${labLabel}=${lab}`] } }).catch(() => []);
  await Promise.all(
    found.map(({ Id }) =>
      docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined),
    ),
  );
  if (found.length > 0) lastSeen = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 100));
}
