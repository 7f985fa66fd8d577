/** What a session saw of a review: who could log in, what each was granted. Plain data, and what distinguishes two of it; who reaches what was granted are ordinary observations. */
import type { Refusal, SettingSource } from "./forward-outcome.ts";
import type { TargetKind } from "./review.ts";

/** A request for a listener on the server. */
export interface ListenAsk {
  /** As typed before the port: "" for none, `:`, `*:`, `[::]:`. */
  bind: string;
  /** Index of the class of ports that `port` stands for. */
  portClass: number;
  port: number;
  /** Arguments of ssh. */
  ssh: string;
}

export interface ListenAnswer {
  ask: ListenAsk;
  granted: boolean;
  /** Addresses that listened, IPv6 in brackets, sorted. */
  listeners: string[];
  refusedBy?: Refusal;
}

/** A target that the server is asked to dial, as -L, -D and -W all ask for it. */
export interface DialAsk {
  kind: TargetKind;
  /** As ssh is told; of a Unix socket its path. */
  host: string;
  /** 0 for a Unix socket. */
  port: number;
}

/** `reached`: the service there answered; `denied`: sshd refused to dial; `failed`: it dialled, and got no answer. */
export interface DialAnswer {
  ask: DialAsk;
  answer: "reached" | "denied" | "failed";
  /** ssh's own message. */
  said: string;
  refusedBy?: Refusal;
}

/** What needs no address: a Unix socket to listen on, a tunnel device, an X11 display, the agent. */
export interface ChannelAnswer {
  kind: "socket" | "tunnel" | "x11" | "agent";
  granted: boolean;
  /** Of X11 `address:port`; of a socket its file, as `ls -l` shows it. */
  listeners: string[];
  /** Who gets a connection to an X11 display that listens for others. */
  visitors?: { vantage: string; family: 4 | 6 }[];
  /** ssh's own message. */
  said: string;
  refusedBy?: Refusal;
}

/** Where on the server a login arrives: sshd's config treats each of these addresses and ports alike. */
export interface LoginEnd {
  addresses: string[];
  ports: number[];
  /** What tells it from the server's other ends. */
  named: { address: boolean; port: boolean };
}

/** Somebody whom the server lets in, or might. */
export interface PrincipalFacts {
  id: string;
  account: string;
  /** Index among the account's logins. */
  keyIndex: number;
  options: string;
  place?: { file: string; line: number };
  certificate: boolean;
  /** The user's certificate that logs in, by its file. */
  certificateFile?: string;
  /** Client addresses that sshd treats alike. */
  from: string[];
  /** These are all addresses that sshd's config and the key lines do not name. */
  elsewhere: boolean;
  /** Left out: sshd's config distinguishes no ends of the server. */
  to?: LoginEnd;
  /** Host of the lab that logged in; null: none could. */
  vantage: string | null;
  /** Why it cannot log in: the server's reason, or the firewall's. */
  refusedBy?: Refusal;
  settings: SettingSource[];
  listens: ListenAnswer[];
  dials: DialAnswer[];
  channels: ChannelAnswer[];
}

/** One forward that stands for all listeners of its kind: a packet to any of them meets the same on its way. */
export interface Representative {
  forward: string;
  /** Addresses that listen, IPv6 in brackets, sorted. */
  listeners: string[];
  portClass: number;
  /** "" where the firewall distinguishes no accounts. */
  account: string;
  principal: string;
  ssh: string;
}

/** The kind of a listener. @param account left out where the firewall distinguishes no accounts */
export function listenerKey(listeners: readonly string[], portClass: number, account = ""): string {
  return JSON.stringify([listeners, portClass, account]);
}

/** Where these listen, without their port, sorted. */
export function listeningAddresses(listeners: readonly string[]): string[] {
  return listeners.map((listener) => listener.replace(/:\d+$/, "")).sort();
}

/** A request that was made once more, by an ssh of its own. */
export interface Repeated {
  principal: string;
  ssh: string;
  /** Undefined: the same as before. */
  differs?: string;
}
