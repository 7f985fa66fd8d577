/**
 * Every operation of the fabric's agent. One schema, checked on both sides: the agent validates what it is asked against
 * `containers/agent/operations.json`, which is made from this (`node harness/lab/operations/write.ts`); the harness validates what it answers.
 */
import type { z } from "zod";
import { hostOperations } from "./hosts.ts";
import { liveOperations } from "./live.ts";
import { networkOperations } from "./networks.ts";
import { probeOperations } from "./probes.ts";
import { serviceOperations } from "./services.ts";

export const operations = { ...networkOperations, ...hostOperations, ...serviceOperations, ...probeOperations, ...liveOperations };

export type OperationName = keyof typeof operations;
export type Request<Name extends OperationName> = z.input<(typeof operations)[Name]["request"]>;
export type Answer<Name extends OperationName> = z.output<(typeof operations)[Name]["answer"]>;
