/** Errors in Japanese: the words of each fault. English stands where the error is made. */
import type { FaultTable } from "./fault-words.ts";
import { commandFaults } from "./faults-ja-commands.ts";
import { documentFaults } from "./faults-ja-documents.ts";
import { engineFaults } from "./faults-ja-engine.ts";
import { serverFaults } from "./faults-ja-server.ts";

export const everyFault: FaultTable = { ...serverFaults, ...commandFaults, ...documentFaults, ...engineFaults };
