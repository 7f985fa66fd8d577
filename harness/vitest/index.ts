/**
 * Tests about SSH forwards, in Vitest:
 *
 *     import { expect, test } from "forwardlab/vitest";
 *
 *     test("Remote Desktop is for the other LAN only", async ({ lab }) => {
 *       await lab.use({ sshd: { path: "etc/ssh" }, firewall: { path: "etc/nftables.conf" } });
 *       await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
 *       await expect(lab.otherLan).toReach(forward);
 *       await expect(lab.internet).not.toReach(forward);
 *     });
 */

import type { ArticleHost } from "../core/lab-spec.ts";
import { withLab } from "./lab-test.ts";
import { addMatchers } from "./matchers.ts";

addMatchers();

/** A `test` with the article's lab: one lab per worker, started by the first test that asks for it; each test finds it clean. */
export const test = withLab<ArticleHost>({}, "worker");

export { describe, expect } from "vitest";
export { UserError } from "../core/errors.ts";
export type { ForwardOutcome } from "../core/forward-outcome.ts";
export { type ArticleHost, articleLab, type HostSpec, type LabSpec, type LabSpecOf } from "../core/lab-spec.ts";
export type { Layer } from "../core/reason.ts";
export type { DecidedBy } from "../core/result.ts";
export type { Evidence, Verdict } from "../core/verdict.ts";
export type { SshOptions } from "../session/lab-session.ts";
export type { ObserveOptions } from "../session/observe-from.ts";
export type { AccountInput, FirewallInput, ServerInput, SshdInput } from "../session/server-input.ts";
export type { LabOptions } from "../session/stated-lab.ts";
export type { Forward, Reachable, RunningService } from "./forward.ts";
export type { JudgedObservation } from "./judged-observation.ts";
export { labTest } from "./lab-test.ts";
export type { Decider, SeeOptions } from "./matchers.ts";
export type { TestHost } from "./test-host.ts";
export type { CamelCase, LabControls, TestLab } from "./test-lab.ts";
