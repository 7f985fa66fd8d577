import { expect, labTest, scenario, UserError } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "For Dropbear a key with permitlisten, from or port-forwarding is no key at all: it refuses the login",
    ja: "Dropbear では permitlisten、from、port-forwarding の付いた鍵は鍵でさえない。ログインが拒否される",
  },
  question: {
    en: "An authorized_keys written for OpenSSH moves to a machine with Dropbear. What do its options do there?",
    ja: "OpenSSH のために書かれた authorized_keys を Dropbear の機械へ移す。オプションはどう働くか。",
  },
  predict: {
    en: "Is an option that Dropbear does not know ignored, or does it lock the key out?",
    ja: "Dropbear が知らないオプションは無視されるか、それとも鍵ごと締め出されるか。",
  },
  commands: ["server# cat /home/alice/.ssh/authorized_keys", "home$ ssh -p 2222 -R 43234:localhost:3389 alice@server"],
  seen: {
    en: "restrict, no-port-forwarding and permitopen do what they do in OpenSSH. restrict,port-forwarding, permitlisten and from end in `Permission denied`.",
    ja: "restrict、no-port-forwarding、permitopen は OpenSSH と同じ働き。restrict,port-forwarding、permitlisten、from は Permission denied になる。",
  },
  why: {
    en: "Dropbear takes a line with an unknown option for a bad one, which is the safe side. So it has restrict, and no way to give forwarding back. (Measured on 2025.89.)",
    ja: "Dropbear は知らないオプションのある行を不正な行とみなす。安全側の扱い。restrict はあっても、転送を返す手段はない。(2025.89 で測定)",
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

test("what each line allows, by Dropbear and by OpenSSH", async ({ lab }) => {
  await lab.server.start(dropbear, { listensOn: 2222 });
  const outcome = async (port: string, name: keyof typeof lines) => {
    const key = names.indexOf(name);
    try {
      await using remote = await lab.home.ssh(`${port} -R 43234:localhost:3389`, { key });
      await using local = await lab.home.ssh(`${port} -L 3390:localhost:3389`, { key });
      const [sight] = await lab.home.sees(local, { address: "127.0.0.1" });
      return `-R ${remote.granted ? "granted" : "refused"}, -L ${sight?.verdict}`;
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
