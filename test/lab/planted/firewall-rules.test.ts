/** Planted mistakes in what the rules of a firewall look at, and in their order. */

import { interfaceNames } from "./interface-names.ts";
import { ipv6Forgotten } from "./ipv6-forgotten.ts";
import { portRanges } from "./port-ranges.ts";
import { ruleOrder } from "./rule-order.ts";
import { testCases } from "./test-cases.ts";

testCases({
  "IPv6 forgotten": ipv6Forgotten,
  "rule order": ruleOrder,
  "interface names": interfaceNames,
  "port ranges": portRanges,
});
