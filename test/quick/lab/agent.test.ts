/** The agent's unit tests (Python), and the schemas by which it checks what it is asked. */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type OperationName, operations } from "../../../harness/lab/operations/index.ts";
import { requestSchemas, requestSchemasFile } from "../../../harness/lab/operations/write.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const agent = join(root, "containers", "agent");

test("the agent's unit tests pass", () => {
  const { status, stderr, error } = spawnSync("python3", ["-B", "-m", "unittest", "discover", "-s", "test/python", "-t", "test"], {
    cwd: root,
    env: { ...process.env, PYTHONPATH: "containers" },
    encoding: "utf8",
  });
  expect(error).toBeUndefined();
  expect(stderr).toMatch(/^Ran \d\d+ tests in /m);
  expect(status, stderr).toBe(0);
});

test("the agent has the schemas that the harness has (node harness/lab/operations/write.ts writes them)", async () => {
  expect(JSON.parse(await readFile(requestSchemasFile, "utf8"))).toEqual(JSON.parse(JSON.stringify(requestSchemas())));
});

test("each operation is one of the agent's, and each of the agent's has a schema", async () => {
  const text = await readFile(join(agent, "__main__.py"), "utf8");
  const known = [...text.matchAll(/async def op_(\w+)\(/g)].map(([, name]) => name as string);
  expect(known.sort()).toEqual((Object.keys(operations) as OperationName[]).sort());
});
