/** (c) forwardlab, in a process of its own, begun as the command line begins: what starts the hosts is loaded first, beside everything else. */
import { useKnownModules } from "../harness/cli/known-modules.ts";
import { HostContainers } from "../harness/lab/host-containers.ts";

HostContainers.load();
useKnownModules();
await import("./lab-work.ts");
