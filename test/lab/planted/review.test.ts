/** A review finds planted mistakes without being told what to expect, and nothing of the kind in their look-alikes. */
import { expect, test, vi } from "vitest";
import { forgottenAddresses } from "./forgotten-addresses.ts";
import { includeOrder } from "./include-order.ts";
import { interfaceNames } from "./interface-names.ts";
import { ipv6Forgotten } from "./ipv6-forgotten.ts";
import { keyOptions } from "./key-options.ts";
import { matchBlocks } from "./match-blocks.ts";
import { portRanges } from "./port-ranges.ts";
import { portTranslation } from "./port-translation.ts";
import { exposedIn, reviewOf } from "./review-case.ts";
import { ruleOrder } from "./rule-order.ts";
import { secondAddresses } from "./second-addresses.ts";
import { sshdKeywords } from "./sshd-keywords.ts";

vi.setConfig({ testTimeout: 180_000 });

/** One or two of each kind: what all of them take is minutes. */
const chosen = [
  ...named(sshdKeywords, "PermitListen with one port too many"),
  ...named(matchBlocks, "a block swallows a global line", "an address range too wide"),
  ...named(keyOptions, "permitlisten without a host", "from= too wide"),
  ...named(includeOrder, "Include inside a Match block"),
  ...named(ruleOrder, "nft: return for drop", "iptables: NEW among the established"),
  ...named(ipv6Forgotten, "no rules.v6"),
  ...named(portRanges, "nft: a port left in a list"),
  ...named(forgottenAddresses, "nft: an exception in a negated list"),
  ...named(portTranslation, "a cloud server: GatewayPorts"),
  // Told by the addresses of the server, and by its LANs. With `GatewayPorts clientspecified` any address can be asked for: there the worst case is the same.
  ...secondAddresses.filter(({ name }) => name !== "GatewayPorts yes ignores the bind address"),
  ...named(interfaceNames, "nft: the back-end address for the back-end interface", "nft: a wildcard", "a bind address for a firewall"),
];

function named<T extends { name: string }>(cases: readonly T[], ...names: string[]): T[] {
  return names.map((name) => {
    const found = cases.find((each) => each.name === name);
    if (!found) throw new Error(`no case is called ${name}`);
    return found;
  });
}

/** `npm run planted` takes them all. */
const every = process.env.FORWARDLAB_PLANTED === "all" ? 1 : 8;

test.for(chosen.filter((_, at) => at % every === 0))("$name", async (planted) => {
  const right = await reviewOf(planted, "right");
  expect(right.reasons.map(({ text }) => text)).toEqual([]);
  expect(exposedIn(right, planted), "found in the look-alike").toEqual([]);
  const wrong = await reviewOf(planted, "wrong");
  expect(exposedIn(wrong, planted), planted.mistake).toEqual(planted.exposes);
});
