/** Where DNAT and REDIRECT of iptables lead, in its own words. Pure. */

export type DestinationTarget = "DNAT" | "REDIRECT";

export interface WrittenDestination {
  severalAddresses: boolean;
  /** First and last. Left out: the packet keeps its port. */
  ports?: readonly [first: number, last: number];
  /** With a base, each port that is dialled has one of its own. */
  base: boolean;
}

/** `A-B:first-last/base`; ports alone begin with a colon. IPv6 stands in brackets where a port follows. */
const addressesAndPorts = /^(\[[^\]]+\]|[\d.]*|[\da-f:]+)(?:-(\[[^\]]+\]|[\d.]+|[\da-f:]+))?(?::(\d+)(?:-(\d+)(\/\d+)?)?)?$/i;
const onlyPorts = /^()()(\d+)(?:-(\d+))?$/;

/**
 * Options may be shortened: `--to` is `--to-destination` of the one target, and `--to-ports` of the other. They follow the target's name.
 * @returns undefined: it is not written in numbers
 */
export function iptablesDestination(words: readonly string[], target: DestinationTarget): WrittenDestination | undefined {
  const option = words.findLastIndex((word) => /^--to(-|$)/.test(word));
  if (option < 0) return { severalAddresses: false, base: false };
  const found = (target === "REDIRECT" ? onlyPorts : addressesAndPorts).exec(words[option + 1] ?? "");
  if (!found) return undefined;
  const [, one, other, first, last = first, base] = found;
  return {
    severalAddresses: Boolean(other) && other !== one,
    base: base !== undefined,
    ...(first === undefined ? {} : { ports: [Number(first), Number(last)] as const }),
  };
}

/** The one among the extensions of a rule. */
export function destinationTarget(extensions: readonly string[]): DestinationTarget | undefined {
  if (extensions.includes("target DNAT")) return "DNAT";
  return extensions.includes("target REDIRECT") ? "REDIRECT" : undefined;
}
