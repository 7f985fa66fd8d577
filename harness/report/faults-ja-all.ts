/** Errors in Japanese: the words of each fault. English stands where the error is made. */
import type { FaultTable } from "./fault-words.ts";
import { basicFaults } from "./faults-ja.ts";
import { cloudFaults } from "./faults-ja-cloud.ts";
import { commandFaults } from "./faults-ja-commands.ts";
import { contradictionFaults } from "./faults-ja-contradictions.ts";
import { documentFaults } from "./faults-ja-documents.ts";
import { networkFaults } from "./faults-ja-network.ts";
import { policyFaults } from "./faults-ja-policy.ts";
import { unitFaults } from "./faults-ja-units.ts";

export const everyFault: FaultTable = {
  ...basicFaults,
  ...cloudFaults,
  ...commandFaults,
  ...contradictionFaults,
  ...documentFaults,
  ...networkFaults,
  ...policyFaults,
  ...unitFaults,
};
