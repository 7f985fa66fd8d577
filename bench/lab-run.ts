/** (c) forwardlab, in a process of its own, begun as the command line begins: what starts the hosts is loaded first, beside everything else. */
import { HostContainers } from "../harness/lab/host-containers.ts";

HostContainers.load();
await import("./lab-work.ts");
