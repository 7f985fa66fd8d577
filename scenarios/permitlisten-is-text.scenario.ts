import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen compares what was typed: 127.0.0.1 is not localhost, and 0.0.0.0 is not the colon",
    ja: "PermitListen は打たれた文字列を比べる。127.0.0.1 は localhost ではなく、0.0.0.0 は先頭のコロンではない",
  },
  question: {
    en: "`PermitListen 127.0.0.1:43234` is meant to allow the usual `-R 43234:…`. Does it?",
    ja: "`PermitListen 127.0.0.1:43234` で、いつもの `-R 43234:…` を許したつもり。許されるか。",
  },
  predict: {
    en: "For each line of PermitListen and each form of -R: granted or refused?",
    ja: "PermitListen の各行と -R の各形の組み合わせで、許されるか、拒否されるか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:3389 server",
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "home$ ssh -R :43234:localhost:3389 server",
  ],
  seen: {
    en: "Each line permits its own spelling alone. Only a bare port permits every form, and no line permits a port that the server is to choose.",
    ja: "各行が許すのは同じ書き方だけ。ポートだけを書いた行はすべての形を許すが、サーバーに選ばせるポートはどの行も許さない。",
  },
  why: {
    en: "`-R 43234` asks for the word localhost, `-R :43234` for the empty word. sshd matches that word as text, before it looks at any address.",
    ja: "`-R 43234` は localhost という語を、`-R :43234` は空の語を頼む。sshd はアドレスを見る前に、その語を文字列として照合する。",
  },
});

const forms = ["43234", "127.0.0.1:43234", ":43234", "0.0.0.0:43234", "0"] as const;
const table: Record<string, readonly (typeof forms)[number][]> = {
  "localhost:43234": ["43234"],
  "127.0.0.1:43234": ["127.0.0.1:43234"],
  "0.0.0.0:43234": ["0.0.0.0:43234"],
  "43234": ["43234", "127.0.0.1:43234", ":43234", "0.0.0.0:43234"],
};

test.for(Object.entries(table))("PermitListen %s", async ([permitted, granted], { lab }) => {
  await lab.use({ sshd: `GatewayPorts clientspecified\nPermitListen ${permitted}\n` });
  for (const form of forms) {
    await using forward = await lab.home.ssh("-R", `${form}:localhost:3389`);
    expect.soft(forward.granted, form).toBe(granted.includes(form));
    if (!forward.granted) expect.soft(forward.outcome.refusedBy, form).toMatchObject({ layer: "sshd-policy", source: { line: 2 } });
  }
});
