/** Entries of PermitListen and PermitOpen, as narrow as a forward allows. */
import { hostAndPort } from "../../openssh/permit-list.ts";
import { bindOf } from "../listeners.ts";

/** What `PermitOpen` must list for a target. */
export function openEntry({ host, port }: { host: string; port: number | string }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What `PermitListen` must list for this listener, and no more than that. */
export function permitEntry(requested: string | null): string | undefined {
  const port = portOf(requested);
  if (port === undefined || port === 0) return undefined;
  const address = wireAddress(requested);
  if (address === "") return String(port);
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** As ssh asks for it: no bind address is `localhost`, `*` is the empty address. */
export function wireAddress(requested: string | null): string {
  const bind = bindOf(requested ?? "");
  if (bind === undefined) return "localhost";
  return bind === "*" ? "" : bind;
}

export function portOf(requested: string | null): number | undefined {
  const port = /(?:^|:)(\d+)$/.exec(requested ?? "")?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The target of an entry of PermitOpen. */
export function targetOfEntry(entry: string): { host: string; port: number } {
  const { host, port } = hostAndPort(entry, "");
  return { host, port: Number(port) };
}
