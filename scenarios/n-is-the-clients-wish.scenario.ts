import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The tunnel runs with -N, so the key cannot run commands": -N is the client\'s wish; whoever has the key leaves it out',
    ja: "「トンネルは -N だから、その鍵でコマンドは走らない」は誤り。-N はクライアントの希望で、鍵を持つ者は外せる",
  },
  question: {
    en: "A machine in the field keeps a tunnel up with `ssh -N -R`. It is stolen. What can its key do?",
    ja: "現場の機械が `ssh -N -R` でトンネルを保っている。それが盗まれた。その鍵で何ができるか。",
  },
  predict: {
    en: "Run a command, forward elsewhere? And with restrict,port-forwarding,permitlisten and command= before the key?",
    ja: "コマンドは走るか。別の転送はできるか。鍵の前に restrict,port-forwarding,permitlisten と command= があればどうか。",
  },
  commands: ["home$ ssh -N -R 43234:localhost:3389 server", "other-lan$ ssh server id", "other-lan$ ssh -W localhost:5432 server"],
  seen: {
    en: "The plain key runs commands and reaches the server's database. The narrowed one does neither, and its tunnel works.",
    ja: "ただの鍵はコマンドを走らせ、サーバーのデータベースに届く。狭めた鍵はどちらもできず、トンネルは動く。",
  },
  why: {
    en: "What a key may do is decided on the server. What the client asks for, or does not, protects nobody from the client.",
    ja: "鍵に何を許すかはサーバーで決まる。クライアントが頼むこと、頼まないことは、そのクライアントから誰も守らない。",
  },
});

const narrow = 'restrict,port-forwarding,permitlisten="43234",permitopen="localhost:1",command="/bin/false"';

test.for(["", narrow])("a key with the options “%s”", async (options, { lab }) => {
  await lab.use({ accounts: { field: { keys: [options] } } });
  const database = await lab.server.serve(5432, "127.0.0.1");
  await using tunnel = await lab.home.ssh("-N", "-R", "43234:localhost:3389");
  await expect(lab.server).toReach(tunnel);
  await lab.otherLan.equip();

  const command = await lab.otherLan.run(["ssh", "server", "id -un"]);
  const dialled = await lab.otherLan.run(["ssh", "-W", "localhost:5432", "server"], { input: "GET /hello HTTP/1.0\r\n\r\n" });

  if (options === "") {
    expect(command).toMatchObject({ code: 0, stdout: "field\n" });
    expect(dialled.stdout).toContain(database.identity);
  } else {
    expect(command).toMatchObject({ code: 1, stdout: "" });
    expect(dialled).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
  }
});
