/** Names of the interfaces that the lab gives to its routers. */
import { createHash } from "node:crypto";

/** Towards the internet. */
export const uplinkInterface = "uplink";

/** Linux allows 15 bytes (IFNAMSIZ - 1) without colons. Another name is cut, and told from others that begin alike by a piece of its hash. */
function cut(name: string): string {
  if (Buffer.byteLength(name) <= 15 && !name.includes(":")) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 4);
  return `${name.replace(/[^\w-]/g, "").slice(0, 10)}-${hash}`;
}

/** A router's interface on a LAN behind it. */
export function lanInterface(lan: string): string {
  return cut(lan === "lo" || lan === uplinkInterface || lan.startsWith("to-") ? `lan-${lan}` : lan);
}

/** A router's end of the wire to a router or host below it. */
export function wireInterface(below: string): string {
  return cut(`to-${below}`);
}
