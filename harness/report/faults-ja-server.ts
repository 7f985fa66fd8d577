/** Errors in Japanese: what can be wrong with one server of several, and stand in a document. */
import { basicFaults } from "./faults-ja.ts";
import { cloudFaults } from "./faults-ja-cloud.ts";
import { contradictionFaults } from "./faults-ja-contradictions.ts";
import { labFaults } from "./faults-ja-lab.ts";
import { networkFaults } from "./faults-ja-network.ts";
import { policyFaults } from "./faults-ja-policy.ts";
import { unitFaults } from "./faults-ja-units.ts";

export const serverFaults = {
  ...basicFaults,
  ...cloudFaults,
  ...contradictionFaults,
  ...labFaults,
  ...networkFaults,
  ...policyFaults,
  ...unitFaults,
};
