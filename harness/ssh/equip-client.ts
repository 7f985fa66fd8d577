/** Makes a host of the lab ready for a person who types `ssh … server`: keys, known hosts and a config for root's ssh. */
import type { Host } from "../lab/host.ts";
import type { SshServer } from "./server.ts";

/** The first account's first key is the default; `ssh NAME@server` uses the first key of that account. */
export async function equipClient(client: Host, server: SshServer, names: readonly string[]): Promise<void> {
  const folder = "/root/.ssh";
  const accounts = names.filter((account) => server.keysFor(account).length > 0);
  const keys = accounts.flatMap((account) => {
    const [login] = server.keysFor(account);
    const certificate = login?.certificate?.text;
    const file = `${folder}/${account}`;
    return [
      [file, { content: login?.key.privateKey ?? "", mode: 0o600 }] as const,
      ...(certificate === undefined ? [] : [[`${file}-cert.pub`, { content: `${certificate}\n` }] as const]),
    ];
  });
  // By its own names alone, on any port: another sshd of the lab is another host.
  const known = [server.host.name, ...server.host.addresses.map(({ address }) => address)].flatMap((name) => [name, `[${name}]:*`]);
  const config = [
    ...accounts.map((account) => `Match final user ${account}\n  IdentityFile ${folder}/${account}`),
    `Host ${server.host.name} ${server.host.addresses.map(({ address }) => address).join(" ")}`,
    ...(accounts[0] ? [`  User ${accounts[0]}`] : []),
    `  Port ${server.port}`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${folder}/known_hosts`,
  ];
  await client.writeFiles({
    ...Object.fromEntries(keys),
    [`${folder}/known_hosts`]: { content: server.knownHosts.replaceAll(/^\* /gm, `${known.join(",")} `) },
    [`${folder}/config`]: { content: `${config.join("\n")}\n`, mode: 0o600 },
  });
}
