/** A command of a service unit that runs ssh, as the policy sees it. */
import type { Place } from "../core/errors.ts";
import type { AutosshMonitor } from "../openssh/autossh.ts";

export interface UnitLine {
  /** What `ssh:` would say. */
  words: string[];
  /** Whom it goes to, as typed: what `Host` lines of the ssh_config decide on. */
  destination: string;
  /** `user@`, `-l` or `-o User`; undefined: the config, or the user that runs ssh. */
  account: string | undefined;
  /** The user that systemd runs ssh as, and that ssh logs in as by default; undefined: not known. */
  runsAs?: string | undefined;
  /** `-F`; undefined: the user's own. */
  configFile: string | undefined;
  monitor: AutosshMonitor | undefined;
  autossh: boolean;
  background: boolean;
  /** What the ssh_config adds, as arguments of `-o`. */
  options: string[];
  /** autossh keeps trying if its first ssh exits at once (AUTOSSH_GATETIME=0). */
  patient?: true;
  place: Place;
}
