/** The forwards that `init` asks a server for. Pure. */
import { formatTarget } from "../core/address.ts";
import type { PolicyDraft } from "../report/policy-text.ts";
import type { ListedListener } from "./listed-listeners.ts";

const kinds: readonly Kind[] = [
  { name: "remote-all", what: "Asks the server to listen on every address.", ssh: (port: number) => `-R :${port}:localhost:3389` },
  { name: "remote", what: "Names no bind address.", ssh: (port: number) => `-R ${port}:localhost:3389` },
  { name: "remote-socks", what: "A SOCKS proxy on the server that leads into home's network.", ssh: (port: number) => `-R :${port}` },
  { name: "local", what: "From home to a service on the server.", ssh: (port: number) => `-L ${port}:localhost:80` },
  { name: "dynamic", what: "A SOCKS proxy on home that leads into the server's network.", ssh: (port: number) => `-D ${port}` },
];

interface Kind {
  name: string;
  what: string;
  ssh: (port: number) => string;
}

/**
 * Each has a port of its own, so that all can be open at once, except for ports that a list names.
 * @param accounts none: the account that a policy has without any
 * @param asked arguments of ssh, instead of one forward of each kind
 * @param listed by account: what its lists let it ask for
 */
export function draftForwards(
  accounts: readonly string[],
  asked: readonly string[],
  listed: Readonly<Record<string, readonly ListedListener[]>> = {},
): PolicyDraft["forwards"] {
  const one = asked.map((ssh, at): Kind => ({ name: `forward-${at + 1}`, what: "As asked for.", ssh: () => ssh }));
  const taken = new Set<string>();
  const named = new Set(Object.values(listed).flatMap((each) => each.map(({ port }) => port)));
  const ports = usualPorts(named);
  return (accounts.length > 0 ? accounts : [undefined]).flatMap((as) =>
    (one.length > 0 ? one : [...kinds, ...(listed[as ?? ""] ?? []).map(listedKind)]).map(({ name, what, ssh }) => ({
      name: as === undefined ? name : freeName(as, name, taken),
      ssh: ssh(ports.next().value),
      ...(as === undefined ? {} : { as }),
      what,
    })),
  );
}

function* usualPorts(named: ReadonlySet<number>): Generator<number, never> {
  for (let port = 43_234; ; port++) if (!named.has(port)) yield port;
}

function listedKind({ bind, port }: ListedListener): Kind {
  const what = `Asks for port ${port}, which PermitListen or permitlisten names.`;
  if (bind === "") return { name: `remote-all-${port}`, what, ssh: () => `-R :${port}:localhost:3389` };
  if (bind === "localhost") return { name: `remote-${port}`, what, ssh: () => `-R ${port}:localhost:3389` };
  return { name: `remote-on-${port}`, what, ssh: () => `-R ${formatTarget(bind, port)}:localhost:3389` };
}

/** The longest name that a policy allows. */
const longest = 31;

/** An account's name may have characters that a forward's may not, and be as long as a forward's may be. */
function freeName(account: string, kind: string, taken: Set<string>): string {
  const words = account
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "");
  for (let number = 1; ; number++) {
    const end = number === 1 ? `-${kind}` : `-${number}-${kind}`;
    const start = words.slice(0, longest - end.length).replace(/-$/, "");
    const name = `${start || "account"}${end}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
