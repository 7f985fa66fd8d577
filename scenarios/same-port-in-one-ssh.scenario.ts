import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "One port twice in one ssh command: the first -R stands, the second is refused, and only ExitOnForwardFailure makes that an error",
    ja: "一つの ssh に同じポートを二度書くと、先の -R が立ち、後は拒否される。それがエラーになるのは ExitOnForwardFailure があるときだけ",
  },
  question: {
    en: "A long command names port 43234 twice, with two targets. Where do visitors land?",
    ja: "長いコマンドに 43234 番が二度あり、行き先が違う。訪問者はどこに着くか。",
  },
  predict: {
    en: "At the first target, the second, both in turn? And what is the exit status?",
    ja: "先の行き先か、後か、交互か。終了コードは何か。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 -R 43234:localhost:80 server 'curl http://localhost:43234/'"],
  seen: {
    en: "At the first one, with a warning and status 0. With ExitOnForwardFailure=yes: status 255, and neither stands.",
    ja: "先の行き先に着く。警告が出て終了コードは 0。ExitOnForwardFailure=yes なら 255 で、どちらも立たない。",
  },
  why: {
    en: "ssh asks for its forwards one by one, in the order of the command; for the second the port is taken. On another address it would be another port.",
    ja: "ssh は転送を一つずつ、書かれた順に頼む。二つ目のとき、ポートはもう使われている。別のアドレスなら別のポートになる。",
  },
});

const ask = ["server", "curl -s http://localhost:43234/hello"];
const twice = ["-R", "43234:localhost:3389", "-R", "43234:localhost:80"];
const refused = expect.stringContaining("remote port forwarding failed for listen port 43234");

test("the first one stands, the second is a warning", async ({ lab }) => {
  const desktop = await lab.home.serve(3389);
  await lab.home.serve(80);
  await lab.home.equip();

  const result = await lab.home.run(["ssh", ...twice, ...ask]);

  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining(desktop.identity), stderr: refused });
});

test("with ExitOnForwardFailure=yes neither stands", async ({ lab }) => {
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
