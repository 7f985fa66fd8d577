/** The capabilities that docs/security.md lists are those that containers get, and those that the agent leaves to a host. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fabricCapabilities, hostCapabilities, limits } from "../../../harness/lab/confinement.ts";
import { root } from "./markdown.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const document = read("docs/security.md");
const listed = (heading: string) => {
  const [, section = ""] = document.split(`\n## ${heading}\n`);
  const rows = section.split("\n## ")[0]?.matchAll(/^\| ([A-Z_, ]+?) +\|/gm) ?? [];
  return [...rows].flatMap(([, names = ""]) => names.split(", ")).sort();
};

test("capabilities and limits are the documented ones, here and in the agent", () => {
  expect(listed("What runs in a host")).toEqual(Object.keys(hostCapabilities).sort());
  expect(listed("The fabric")).toEqual(Object.keys(fabricCapabilities).sort());
  const agent = /HOST_CAPABILITIES = \{([^}]*)\}/.exec(read("containers/agent/confinement.py"))?.[1] ?? "";
  expect([...agent.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort()).toEqual(Object.keys(hostCapabilities).sort());
  // What the agent gives to a host it has itself.
  expect(Object.keys(fabricCapabilities)).toEqual(expect.arrayContaining(Object.keys(hostCapabilities)));
  expect(document).toContain(`${limits.PidsLimit.toLocaleString("en")} processes and use ${limits.Memory / 1024 ** 3} GiB of memory`);
});
