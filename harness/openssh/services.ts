/** Names that ssh takes in the place of a TCP port: `-R 2222:localhost:ssh`. */
import { tcpServices } from "../core/service-names.ts";

export const serviceNames: readonly string[] = [...tcpServices.keys()];

/** A port as ssh reads it: a number from 0 to 65535, or the name of a service; -1 for anything else. Source: OpenSSH `misc.c` `a2port`. */
export function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 65535 ? Number(text) : -1;
  return tcpServices.get(text) ?? -1;
}
