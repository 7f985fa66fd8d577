/** Testcontainers looks for an engine by itself: hosts must not start on another one than the fabric. */
import { expect, test } from "vitest";
import { ensureEngine } from "../../../harness/engine/index.ts";
import { requireSameEngine } from "../../../harness/lab/host-container.ts";
import { asUserError } from "../../../harness/lab/lab.ts";

test("the lab's own engine is the one; one that is gone is not", async () => {
  const { docker } = await ensureEngine({ progress: () => {} });
  await requireSameEngine((docker.modem as { socketPath?: string }).socketPath);
  const changed = await requireSameEngine("/nowhere/docker.sock").catch((error: unknown) => error);
  expect(asUserError(changed)).toMatchObject({ code: "lab-gone" });
});
