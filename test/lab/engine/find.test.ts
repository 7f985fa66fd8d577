import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureEngine, findEngine } from "../../../harness/engine/index.ts";

const progress = () => {};
const before = process.env.DOCKER_HOST;

beforeEach(() => {
  delete process.env.DOCKER_HOST;
});
afterEach(() => {
  delete process.env.DOCKER_HOST;
  if (before !== undefined) process.env.DOCKER_HOST = before;
});

test("an engine that DOCKER_HOST names and that is dead is an error, not a reason to take another one", async () => {
  process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
  await expect(ensureEngine({ progress })).rejects.toMatchObject({
    code: "engine.named-but-dead",
    message: expect.stringContaining("DOCKER_HOST"),
    found: "unix:///nowhere/docker.sock: no such socket",
  });
  expect(process.env.DOCKER_HOST).toBe("unix:///nowhere/docker.sock");
});

test("without DOCKER_HOST it is found by itself, and Testcontainers is told", async () => {
  const engine = await ensureEngine({ progress });
  expect(process.env.DOCKER_HOST).toBe(engine.endpoint === "unix:///var/run/docker.sock" ? undefined : engine.endpoint);
  expect((await findEngine()).engine?.endpoint).toBe(engine.endpoint);
});
