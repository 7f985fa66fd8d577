/** What goes wrong in a lab that runs, and with what was asked of it. Types only. */

export interface LabFaults {
  "program-not-ready": { command: string; host: string; seconds?: number | undefined };
  "program-port-taken": { command: string; host: string; port: number; by: string; address: string };
  "capture-filter": { name: string; filter: string };
  "capture-lost": { name: string; lost: number };
  "service-path-taken": { said: string };
  "service-port-taken": { said: string };
  "socks-target": { target: string; ssh?: string | undefined };
  "image-without-sshd": { host: string };
  "image-incomplete": { said: string };
  "lab-broken": { said: string };
  "lab-rules": Record<never, never>;
  "lab-firewall-again": { host: string };
  "lab-not-listed": Record<never, never>;
  "lab-without-server": Record<never, never>;
  "server-account-unknown": { name: string; known: readonly string[] };
  "keys-unreadable": { path: string; why: string };

  // the login
  /** `asked`: left out: a session. */
  "sshd-silent": { asked?: string | undefined; seconds: number };
  "jump-cannot-connect": { hop: string; host: string; port: number; said?: string | undefined };
  "jump-no-further": Record<never, never>;
  "ssh-connection-gone": { account: string; ended: boolean };
}
