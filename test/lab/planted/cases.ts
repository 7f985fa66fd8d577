/** All of them, by what the mistake is about. */

import { forgottenAddresses } from "./forgotten-addresses.ts";
import { includeOrder } from "./include-order.ts";
import { interfaceNames } from "./interface-names.ts";
import { ipv6Forgotten } from "./ipv6-forgotten.ts";
import { keyOptions } from "./key-options.ts";
import { matchBlocks } from "./match-blocks.ts";
import type { PlantedCase } from "./planted-case.ts";
import { portRanges } from "./port-ranges.ts";
import { portTranslation } from "./port-translation.ts";
import { ruleOrder } from "./rule-order.ts";
import { secondAddresses } from "./second-addresses.ts";
import { setsAndMaps } from "./sets-and-maps.ts";
import { sshdKeywords } from "./sshd-keywords.ts";

export const cases: Readonly<Record<string, readonly PlantedCase[]>> = {
  "sshd keywords": sshdKeywords,
  "Match blocks": matchBlocks,
  "key options": keyOptions,
  "Include order": includeOrder,
  "IPv6 forgotten": ipv6Forgotten,
  "rule order": ruleOrder,
  "forgotten addresses": forgottenAddresses,
  "interface names": interfaceNames,
  "second addresses": secondAddresses,
  "port ranges": portRanges,
  "sets and maps": setsAndMaps,
  "port translation": portTranslation,
};
