/** Makes a host of the lab ready for a person who types `ssh … server`: keys, known hosts and a config for root's ssh. */
import type { Host, HostFile } from "../lab/host.ts";
import type { SshServer } from "./server.ts";

/** A server, and its accounts that a person may log in to. */
export interface EquippedServer {
  server: SshServer;
  names: readonly string[];
}

/** The first account's first key is the default; `ssh NAME@server` uses the first key of that account. Servers of one lab may have accounts of one name. */
export async function equipClient(
  client: Host,
  server: SshServer,
  names: readonly string[],
  others: readonly EquippedServer[] = [],
): Promise<void> {
  const parts = [{ server, names }, ...others].map((each, at) => partFor(each, at === 0 ? "" : `@${each.server.host.name}`));
  const knownHosts = parts.map((part) => part.knownHosts).join("");
  const config = [...parts.flatMap((part) => part.identities), ...parts.flatMap((part) => part.hosts)];
  await client.writeFiles({
    ...Object.assign({}, ...parts.map((part) => part.keys)),
    [`${folder}/known_hosts`]: { content: knownHosts },
    [`${folder}/config`]: { content: `${config.join("\n")}\n`, mode: 0o600 },
  });
}

const folder = "/root/.ssh";

interface Part {
  keys: Record<string, HostFile>;
  /** Lines of the config: which key goes with an account, and what goes with the server's names. */
  identities: string[];
  hosts: string[];
  knownHosts: string;
}

/** `suffix`: keeps its files apart from another server's. */
function partFor({ server, names }: EquippedServer, suffix: string): Part {
  const accounts = names.filter((account) => server.keysFor(account).length > 0);
  const keys = accounts.flatMap((account) => {
    const [login] = server.keysFor(account);
    const certificate = login?.certificate?.text;
    const file = `${folder}/${account}${suffix}`;
    return [
      [file, { content: login?.key.privateKey ?? "", mode: 0o600 }] as const,
      ...(certificate === undefined ? [] : [[`${file}-cert.pub`, { content: `${certificate}\n` }] as const]),
    ];
  });
  // By its own names alone, on any port: another sshd of the lab is another host.
  const own = [server.host.name, ...server.host.addresses.map(({ address }) => address)];
  const known = own.flatMap((name) => [name, `[${name}]:*`]);
  return {
    keys: Object.fromEntries(keys),
    identities: accounts.map((account) => `Match final user ${account}\n  IdentityFile ${folder}/${account}${suffix}`),
    hosts: [
      `Host ${own.join(" ")}`,
      ...(accounts[0] ? [`  User ${accounts[0]}`] : []),
      `  Port ${server.port}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${folder}/known_hosts`,
    ],
    knownHosts: server.knownHosts.replaceAll(/^\* /gm, `${known.join(",")} `),
  };
}
