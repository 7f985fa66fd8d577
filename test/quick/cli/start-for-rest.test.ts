/** A lab that several policies share: which of them an error is about. */
import { expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { faultOf } from "../../../harness/core/fault.ts";
import { startForRest } from "../../../harness/pipelines/running-labs.ts";

const lab = new UserError("lab", "the lab does not start", { fault: faultOf("lab-does-not-start", { said: "x" }) });
const config = new UserError("sshd-config", "sshd refuses the config", { fault: faultOf("sshd-refuses", { said: "x" }) });

/** Which labs are asked for, and what comes of the first policy. `bad`: with it among them, a lab fails. */
async function started(policies: string[], bad: string, error: Error) {
  const asked: string[] = [];
  const outcome = await startForRest(policies, async (some) => {
    asked.push(some.join(" "));
    if (some.includes(bad)) throw error;
    return `lab of ${some.join(" ")}`;
  }).catch((thrown: unknown) => thrown);
  return { asked, outcome };
}

test("one lab for all, where it starts", async () => {
  expect(await started(["a", "b", "c"], "none", lab)).toEqual({ asked: ["a b c"], outcome: "lab of a b c" });
});

test("where another one keeps the lab from starting, the first gets its own", async () => {
  expect(await started(["a", "b", "c"], "c", lab)).toEqual({ asked: ["a b c", "a"], outcome: "lab of a" });
});

test("what keeps the first alone from a lab is its error", async () => {
  expect(await started(["a", "b"], "a", lab)).toEqual({ asked: ["a b", "a"], outcome: lab });
  expect(await started(["a"], "a", lab)).toEqual({ asked: ["a"], outcome: lab });
  // Of its own files, and of anything else, nothing is tried again.
  for (const other of [config, new TypeError("undefined is not a function")])
    expect(await started(["a", "b"], "a", other)).toEqual({ asked: ["a b"], outcome: other });
});
