import { expect, labTest, scenario, UserError } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear ignores a key with permitlisten, from or port-forwarding altogether: the login fails",
    ja: "Dropbear は、permitlisten、from、port-forwarding の付いた鍵を無効とみなし、ログインを拒否する",
  },
  question: {
    en: "An authorized_keys file written for OpenSSH moves to a host with Dropbear. What do its options do there?",
    ja: "OpenSSH 用に書いた authorized_keys を Dropbear のホストへ移します。オプションはどう働きますか。",
  },
  predict: {
    en: "Does Dropbear ignore an option that it does not know, or reject the key?",
    ja: "Dropbear が知らないオプションは無視されますか、それとも鍵ごと拒否されますか。",
  },
  commands: ["server# cat /home/alice/.ssh/authorized_keys", "home$ ssh -p 2222 -R 43234:localhost:3389 alice@server"],
  seen: {
    en: "restrict, no-port-forwarding and permitopen work as in OpenSSH. restrict,port-forwarding, permitlisten and from end in `Permission denied`.",
    ja: "restrict、no-port-forwarding、permitopen は OpenSSH と同じように働きます。restrict,port-forwarding、permitlisten、from では Permission denied になります。",
  },
  why: {
    en: "Dropbear skips a line with an unknown option, which is the safe choice. So it has restrict, but no way to allow forwarding again. (Measured on 2025.89.)",
    ja: "Dropbear は、知らないオプションのある行を使いません。これは安全側の動作です。そのため restrict はあっても、転送だけを再び許可する方法はありません。（2025.89 で測定）",
  },
});

const lines = {
  plain: "",
  restrict: "restrict",
  without: "no-port-forwarding",
  permitOpen: 'permitopen="localhost:3389"',
  permitOther: 'permitopen="localhost:8080"',
  givenBack: "restrict,port-forwarding",
  permitListen: 'permitlisten="localhost:43234"',
  from: 'from="203.0.113.7"',
};
const names = Object.keys(lines) as (keyof typeof lines)[];
const test = labTest({ images: { server: "forwardlab/dropbear" }, accounts: { alice: { keys: Object.values(lines) } } });
const dropbear = [
  "sh",
  "-c",
  "dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/dropbear-key; exec dropbear -F -E -p 2222 -r /tmp/dropbear-key",
];

test("what each key line allows with Dropbear and with OpenSSH", async ({ lab }) => {
  await lab.server.start(dropbear, { listensOn: 2222 });
  const outcome = async (port: string, name: keyof typeof lines) => {
    const key = names.indexOf(name);
    try {
      await using remote = await lab.home.ssh(`${port} -R 43234:localhost:3389`, { key });
      await using local = await lab.home.ssh(`${port} -L 3390:localhost:3389`, { key });
      const [seen] = await lab.home.sees(local, { address: "127.0.0.1" });
      return `-R ${remote.granted ? "granted" : "refused"}, -L ${seen?.verdict}`;
    } catch (error) {
      if (error instanceof UserError && error.code === "ssh-login") return "no login";
      throw error;
    }
  };
  const all = async (port: string) => {
    const found: Partial<Record<keyof typeof lines, string>> = {};
    for (const name of names) found[name] = await outcome(port, name);
    return found;
  };
  const both = {
    plain: "-R granted, -L reached",
    restrict: "-R refused, -L closed",
    without: "-R refused, -L closed",
    permitOpen: "-R granted, -L reached",
    permitOther: "-R granted, -L closed",
  };

  expect(await all("-p 2222")).toEqual({ ...both, givenBack: "no login", permitListen: "no login", from: "no login" });
  expect(await all("-p 22")).toEqual({
    ...both,
    givenBack: "-R granted, -L reached",
    permitListen: "-R granted, -L reached",
    from: "-R granted, -L reached",
  });
});
