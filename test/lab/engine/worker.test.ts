import { expect, test } from "vitest";
import { findEngine } from "../../../harness/engine/index.ts";

test("a test worker finds the engine that the setup chose", async () => {
  const { engine, tried } = await findEngine();
  expect(tried).toEqual([]);
  expect(engine?.endpoint).toBe(process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock");
});
