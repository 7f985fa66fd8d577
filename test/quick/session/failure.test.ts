import { connect } from "node:net";
import { expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { faultOf } from "../../../harness/core/fault.ts";
import { FabricError } from "../../../harness/lab/fabric-error.ts";
import { asUserError } from "../../../harness/lab/lab.ts";
import { failureOf } from "../../../harness/session/failure.ts";

test("an engine that is gone is told as one, wherever it is noticed", async () => {
  const refused = await new Promise((resolve) => connect("/nowhere/docker.sock").on("error", resolve));
  const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  for (const error of [refused, reset, new FabricError("gone", "gone"), new SuppressedError(new Error("later"), refused)])
    expect(failureOf(error)).toMatchObject({ name: "UserError", code: "lab-gone" });
});

test("it is while the lab's containers start, too; what else fails there is told as that", () => {
  const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  expect(asUserError(reset)).toMatchObject({ name: "UserError", code: "lab-gone" });
  expect(asUserError(new Error("(HTTP code 500) server error - no such runtime"))).toMatchObject({ name: "UserError", code: "lab-start" });
});

test("a disk without room is told as that where the agent meets it: while the lab starts, and later", () => {
  const traceback = "OSError: [Errno 28] No space left on device";
  for (const error of [new FabricError(traceback, "wiring"), new FabricError("adopt failed", "internal", traceback)]) {
    expect(asUserError(error)).toMatchObject({ code: "engine.disk-full" });
    expect(failureOf(error)).toMatchObject({ code: "engine.disk-full" });
  }
  expect(asUserError(new FabricError("adopt failed", "internal"))).toMatchObject({ code: "lab" });
});

test("an agent that is not understood is told as that: while the lab starts, and later", () => {
  for (const error of [new FabricError("the answer to hosts is not valid", "protocol"), new FabricError("unknown operation", "request")]) {
    expect(asUserError(error)).toMatchObject({ name: "UserError", code: "lab-agent", found: error.message });
    expect(failureOf(error)).toMatchObject({ name: "UserError", code: "lab-agent", found: error.message });
  }
});

test("everything else stays what it is", () => {
  const missing = Object.assign(new Error("no such file"), { code: "ENOENT", syscall: "open" });
  for (const error of [
    missing,
    new UserError("option", "x", { fault: faultOf("open-quote", {}) }),
    new FabricError("refused", "wiring"),
    new TypeError("x"),
    "text",
    undefined,
  ])
    expect(failureOf(error)).toBe(error);
});
