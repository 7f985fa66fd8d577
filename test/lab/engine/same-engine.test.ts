/** Testcontainers looks for an engine by itself: hosts must not start on another one than the fabric. */
import Docker from "dockerode";
import { expect, test } from "vitest";
import { ensureEngine } from "../../../harness/engine/index.ts";
import { requireSameEngine } from "../../../harness/lab/containers.ts";

test("the lab's own engine is the one; one that is gone is not", async () => {
  const { docker } = await ensureEngine({ progress: () => {} });
  await requireSameEngine(docker);
  const gone = new Docker({ socketPath: "/nowhere/docker.sock" });
  await expect(requireSameEngine(gone)).rejects.toMatchObject({ code: "lab-gone" });
});
