/** `gone_within`: the client's line is cut for real, and the server's kernel tells when the port is gone. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyPolicy } from "../../harness/pipelines/verify.ts";
import { folderOf } from "../quick/cli/run-cli.ts";

test("a port is gone when ClientAliveInterval has noticed, and stays where it does not look", async () => {
  await using folder = await folderOf({
    sshd_config: "Match User watched\n  ClientAliveInterval 1\n  ClientAliveCountMax 1\n",
    "policy.yaml": `server: { sshd_config: sshd_config, accounts: { watched: {}, unwatched: {} } }
forwards:
  watched: { as: watched, ssh: "-N -R 43234:localhost:3389", gone_within: 20s }
  unwatched: { as: unwatched, ssh: "-N -R 43235:localhost:3389", gone_within: 3s }
  calculated: { as: unwatched, ssh: "-N -R 43236:localhost:3389", gone_within: 3h }
`,
  });
  const result = await verifyPolicy(join(folder.path, "policy.yaml"), { remedies: false });
  const [watched, unwatched, calculated] = result.forwards;
  expect(watched).toMatchObject({ status: "held", gone: { within: 20, how: "measured", seconds: expect.any(Number) } });
  expect(unwatched).toMatchObject({
    status: "violated",
    gone: { within: 3, how: "measured", seconds: null },
    decidedBy: { code: "kept-for-silent-client", rule: "ClientAliveInterval 0" },
  });
  expect(calculated).toMatchObject({ status: "held", gone: { within: 10_800, how: "calculated", seconds: 7875 } });
  // The line is whole again: the cells were probed, and nothing is left behind.
  expect(result.cells.every(({ status }) => status === "held" || status === "optional")).toBe(true);
});
