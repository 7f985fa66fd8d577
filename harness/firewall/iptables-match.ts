/** What the words of an iptables rule say for certain about the packets that it can match. */
import { iptablesWords } from "./iptables-words.ts";

/** Where a rule is met: by the connection's packets on their way in, or by what this machine sends. */
export type Way = "in" | "out";

/**
 * @param rule as it stands in a dump, without `-A CHAIN`
 * @param ports undefined: any
 * @returns true when no packet of a TCP connection to one of these ports can match
 */
export function iptablesExcludes(rule: string, ports: readonly number[] | undefined, way: Way): boolean {
  const words = iptablesWords(rule);
  return words.some((word, index) => {
    const negated = words[index - 1] === "!";
    const value = words[index + 1] ?? "";
    switch (word) {
      case "-p":
      case "--protocol":
      case "--ctproto":
        return value !== "all" && value !== "0" && (value.toLowerCase() === "tcp" || value === "6") === negated;
      case "--dport":
      case "--destination-port":
      case "--dports":
      case "--destination-ports":
      case "--ctorigdstport":
      case "--ctreplsrcport": {
        if (way === "out" || !ports) return false;
        const ranges = value.split(",").map(range);
        if (ranges.some((each) => !each)) return false;
        return ports.every((port) => ranges.some((each) => each && each[0] <= port && port <= each[1]) === negated);
      }
      case "--ctstate":
      case "--state":
        return !negated && value.split(",").every((state) => state === "INVALID" || state === "UNTRACKED");
      default:
        return false;
    }
  });
}

/** Undefined for a service's name. */
function range(text: string): [number, number] | undefined {
  const match = /^(\d*)(:?)(\d*)$/.exec(text);
  if (!match || text === "") return undefined;
  const [, from, colon, to] = match;
  const first = Number(from || 0);
  return [first, colon ? Number(to || 65_535) : first];
}
