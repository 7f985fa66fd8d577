import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen compares text: 127.0.0.1 is not localhost, and 0.0.0.0 is not the colon",
    ja: "PermitListen は文字列を比較する。127.0.0.1 は localhost と一致せず、0.0.0.0 は先頭のコロンと一致しない",
  },
  question: {
    en: "`PermitListen 127.0.0.1:43234` is meant to allow the usual `-R 43234:…`. Does it?",
    ja: "`PermitListen 127.0.0.1:43234` で、いつもの `-R 43234:…` を許可しようとしています。許可されますか。",
  },
  predict: {
    en: "For each PermitListen and each form of -R: granted or refused?",
    ja: "PermitListen の各値と -R の各形式の組み合わせは、許可されますか、拒否されますか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:3389 server",
    "home$ ssh -R 127.0.0.1:43234:localhost:3389 server",
    "home$ ssh -R :43234:localhost:3389 server",
  ],
  seen: {
    en: "Each entry permits only its own spelling. A bare port permits every form, but none of these entries permits -R 0, where the server picks the port.",
    ja: "各値が許可するのは、同じ書き方だけです。ポートだけを書くとすべての形式を許可しますが、サーバーにポートを選ばせる -R 0 は、どの値でも許可されません。",
  },
  why: {
    en: "`-R 43234` requests the string localhost, `-R :43234` the empty string. sshd matches that string before it looks at any address.",
    ja: "`-R 43234` は localhost という文字列を、`-R :43234` は空文字列を要求します。sshd は、アドレスとして解釈する前に、この文字列を照合します。",
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
