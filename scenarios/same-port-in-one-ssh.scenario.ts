import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "The same port twice in one ssh: the second -R is refused, which is an error only with ExitOnForwardFailure",
    ja: "1 つの ssh で同じポートを 2 回指定すると、2 つ目は拒否される。エラーになるのは ExitOnForwardFailure があるときだけ",
  },
  question: {
    en: "A long command names port 43234 twice, with two targets. Where do visitors end up?",
    ja: "長いコマンドの中で、転送先の違う 43234 番が 2 回指定されています。接続はどちらに届きますか。",
  },
  predict: {
    en: "At the first target, at the second, at both in turn? And what is the exit status?",
    ja: "1 つ目の転送先ですか、2 つ目ですか、交互ですか。終了コードは何ですか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 -R 43234:localhost:80 server 'curl http://localhost:43234/'"],
  seen: {
    en: "At the first, with a warning and status 0. With ExitOnForwardFailure=yes the status is 255, and neither port stays open.",
    ja: "1 つ目に届きます。警告が出て、終了コードは 0 です。ExitOnForwardFailure=yes なら終了コードは 255 で、どちらの転送も残りません。",
  },
  why: {
    en: "ssh requests its forwards one by one, in the order given; by the second, the port is taken. On another address it would be free.",
    ja: "ssh は転送を 1 つずつ、指定された順に要求します。2 つ目を要求するとき、ポートはもう使われています。別のアドレスなら空いています。",
  },
});

const ask = ["server", "curl -s http://localhost:43234/hello"];
const twice = ["-R", "43234:localhost:3389", "-R", "43234:localhost:80"];
const refused = expect.stringContaining("remote port forwarding failed for listen port 43234");

test("the first one works, the second is a warning", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await lab.home.serve(80);
  await lab.home.equip();

  const result = await lab.home.run(["ssh", ...twice, ...ask]);

  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining(desktop.identity), stderr: refused });
});

test("with ExitOnForwardFailure=yes neither stays open", async ({ lab }) => {
  await lab.home.equip();
  const result = await lab.home.run(["ssh", "-o", "ExitOnForwardFailure=yes", ...twice, ...ask]);
  expect(result).toMatchObject({ code: 255, stdout: "", stderr: refused });
  await expect.poll(() => lab.server.listeners(43234), { interval: 20, timeout: 10_000 }).toEqual([]);
});

test("control: on another address the same port is free", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await lab.home.serve(3389);
  const web = await lab.home.serve(80);
  await lab.home.equip();
  const both = ["-R", "43234:localhost:3389", "-R", "198.51.100.10:43234:localhost:80"];

  const result = await lab.home.run([
    ...["ssh", "-o", "ExitOnForwardFailure=yes", ...both],
    ...["server", "curl -s http://198.51.100.10:43234/hello"],
  ]);

  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining(web.identity), stderr: "" });
});
