import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The tunnel runs with -N, so its key cannot run commands": -N is the client\'s choice; a thief can leave it out',
    ja: "「トンネルは -N だから、その鍵でコマンドは実行できない」は誤り。-N を付けるのはクライアントで、盗んだ人は外せる",
  },
  question: {
    en: "A device in the field keeps a tunnel up with `ssh -N -R`, and gets stolen. What can its key do?",
    ja: "現場の機器が `ssh -N -R` でトンネルを維持していましたが、盗まれました。その鍵で何ができますか。",
  },
  predict: {
    en: "Run a command? Forward elsewhere? And with restrict,port-forwarding,permitlisten,permitopen and command= on the key?",
    ja: "コマンドは実行できますか。ほかの転送はできますか。鍵に restrict,port-forwarding,permitlisten,permitopen と command= があるとどうなりますか。",
  },
  commands: ["home$ ssh -N -R 43234:localhost:3389 server", "other-lan$ ssh server id", "other-lan$ ssh -W localhost:5432 server"],
  seen: {
    en: "The plain key runs commands and reaches the server's database. The restricted one does neither, and its tunnel still works.",
    ja: "オプションのない鍵では、コマンドを実行でき、サーバーのデータベースにも接続できます。制限した鍵ではどちらもできず、トンネルは使えます。",
  },
  why: {
    en: "The server decides what a key may do. Options that the client itself chooses are no protection against that client.",
    ja: "鍵で何ができるかを決めるのはサーバーです。クライアントが自分で選ぶオプションは、そのクライアントに対する防御にはなりません。",
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
