/** What the words of an iptables rule say for certain about the packets that it can match. */
import { type AddressRange, parseRange } from "../core/address-range.ts";
import { holdsRange } from "./address-match.ts";
import type { Connection, Way } from "./connection.ts";
import { iptablesWords } from "./iptables-words.ts";
import { wordsNeedOtherBits } from "./marks.ts";
import type { Answer } from "./value-match.ts";

/**
 * @param rule as it stands in a dump, without `-A CHAIN`
 * @returns true when no packet of the connection can match
 */
export function iptablesExcludes(rule: string, { ports, source, marks }: Connection, way: Way): boolean {
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
        return !negated && value.split(",").every((state) => state === "INVALID");
      case "--mark":
        return !negated && marks !== undefined && wordsNeedOtherBits(value, marks);
      case "--src-range":
        return way === "in" && source !== undefined && liesIn(source, value) === (negated ? "yes" : "no");
      default:
        return false;
    }
  });
}

function liesIn(source: AddressRange, range: string): Answer {
  return parseRange(range) ? holdsRange(source, range, () => undefined) : "unknown";
}

/** Undefined for a service's name. */
function range(text: string): [number, number] | undefined {
  const match = /^(\d*)(:?)(\d*)$/.exec(text);
  if (!match || text === "") return undefined;
  const [, from, colon, to] = match;
  const first = Number(from || 0);
  return [first, colon ? Number(to || 65_535) : first];
}
