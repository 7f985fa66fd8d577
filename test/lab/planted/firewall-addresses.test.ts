/** Planted mistakes in addresses: those that a firewall lets in, and those that it leads elsewhere. */
import { forgottenAddresses } from "./forgotten-addresses.ts";
import { portTranslation } from "./port-translation.ts";
import { secondAddresses } from "./second-addresses.ts";
import { setsAndMaps } from "./sets-and-maps.ts";
import { testCases } from "./test-cases.ts";

testCases({
  "forgotten addresses": forgottenAddresses,
  "second addresses": secondAddresses,
  "sets and maps": setsAndMaps,
  "port translation": portTranslation,
});
