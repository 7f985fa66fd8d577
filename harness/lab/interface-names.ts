/** Names of the interfaces that the lab gives to its routers. */

/** Towards the internet. */
export const uplinkInterface = "uplink";

/** Linux allows 15 bytes (IFNAMSIZ - 1). */
function cut(name: string): string {
  return name.slice(0, 15);
}

/** A router's interface on a LAN behind it. */
export function lanInterface(lan: string): string {
  return cut(lan);
}

/** A router's end of the wire to a router or host below it. */
export function wireInterface(below: string): string {
  return cut(`to-${below}`);
}
