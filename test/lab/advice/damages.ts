/** What administrators get wrong, one thing at a time: each can be mended by changing the files. */
import type { Draw } from "../model/random.ts";
import { firewallDamages } from "./firewall-damages.ts";
import type { Server } from "./server.ts";
import { sshdDamages } from "./sshd-damages.ts";

/** Changes the server that it is given; false where it does not apply. */
export type Damage = (server: Server, draw: Draw) => boolean;

export const damages: Readonly<Record<string, Damage>> = { ...sshdDamages, ...firewallDamages };
