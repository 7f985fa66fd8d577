/** What the model says of one forward. */
import type { Family } from "../../core/address.ts";
import type { ForwardKind, SettingSource } from "../../core/forward-outcome.ts";
import type { Layer } from "../../core/reason.ts";
import type { Sentence } from "./sentence.ts";

export interface ModelListener {
  /** Without brackets. */
  address: string;
  /** 0: one that the server chooses, the same for both families. */
  port: number;
  family: Family;
}

/** A listener on a path. */
export interface ModelSocket {
  path: string;
  /** Permission bits of its file. */
  mode: number;
  owner: Sentence;
}

/** One step of the reasoning. */
export interface Step {
  layer: Layer;
  text: Sentence;
  /** The sshd_config line or key line that decided. */
  source?: SettingSource;
}

export interface ModelRefusal {
  layer: "sshd-policy" | "key-options" | "bind-address" | "client" | "server-firewall" | "service";
  text: Sentence;
  source?: SettingSource;
  /** For a firewall: a client that waits long enough may get through. */
  unsettled?: true;
}

export interface Prediction {
  kind: ForwardKind;
  /** Which end listens: the server for -R, the client for -L and -D. */
  listensOn: "server" | "client";
  /** Does the listener stand? For -L and -D that is the client's alone to say. */
  granted: boolean;
  refusedBy?: ModelRefusal;
  /** Address string that goes over the wire; -R only. */
  wire?: string;
  /** Sorted; empty when not granted, and where `socket` listens. */
  listeners: ModelListener[];
  /** Set when a Unix socket listens. */
  socket?: ModelSocket;
  /** Which end dials, and what; `socks`: whatever the visitor asks for. */
  dials: { by: "client" | "server" } & ({ host: string; port: number } | { path: string } | { socks: true });
  /** Why each visitor's connection is accepted and leads nowhere: closed at once, or stopped by the server's firewall; left out: it goes through (if the target answers). */
  closedBy?: ModelRefusal;
  why: Step[];
}

/** `address:port`, IPv6 in brackets; `:?` for a port that the server chooses. */
export function formatListener({ address, port }: Pick<ModelListener, "address" | "port">): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port === 0 ? "?" : port}`;
}

/** Places in the user's files: ` (sshd_config:12)`; "" for a default. */
export function formatSource(source: SettingSource | undefined): string {
  if (source?.file === undefined) return "";
  return ` (${source.line === undefined ? source.file : `${source.file}:${source.line}`})`;
}
