import { expect, test } from "vitest";
import { cli } from "./run-cli.ts";

/** Fails in the program, outside of its command, as soon as the command runs. */
const failing = `
const waiting = setInterval(() => {
  if (process.listenerCount("uncaughtException") === 0) return;
  clearInterval(waiting);
  HOW
}, 1);
`;
const words = ["explain", "-R", ":43234:localhost:3389"];

test.each([
  ["an exception", 'throw new Error("outside");'],
  ["a rejection", 'Promise.reject(new Error("outside"));'],
])("%s that nobody waits for is no proven violation", async (_, how) => {
  const module = `data:text/javascript,${encodeURIComponent(failing.replace("HOW", how))}`;
  const { code, stderr } = await cli(words, { NODE_OPTIONS: `--import=${module}` });
  expect(stderr).toMatch(/^error\[internal\]: [^\n]*\n {2}\| Error: outside$/m);
  expect(code).toBe(2);
});

test("the control", async () => {
  expect(await cli(words)).toMatchObject({ code: 0, stderr: "" });
});
