/** Faults of a policy that contradicts itself or points at nothing, in Japanese. */
import type { Contradictions } from "../core/contradictions.ts";
import type { FaultWords } from "./fault-words.ts";

type Table = { readonly [Code in keyof Contradictions]: (is: Contradictions[Code]) => FaultWords };

const codes = (names: readonly string[]) => names.map((name) => `\`${name}\``).join("、");
const removed = (keys: readonly string[]) => `${keys.map((key) => `\`${key}\``).join(" または ")} を削除してください。`;

export const contradictionFaults = {
  "keys-exclude": ({ owner, keys, remove }) => ({
    message: `${owner} の ${codes(keys)} は同時に指定できません。`,
    found: codes(keys),
    expected: "どれか 1 つだけ",
    todo: removed(remove),
  }),
  "forward-without-request": ({ forward }) => ({
    message: `forwards.${forward} に \`ssh\` がありません。`,
    found: "`ssh`、`host`、`unit` のどれもない",
    expected: "`ssh:`（ssh の引数）、`host:`（home.ssh_config のホスト）、`unit:`（systemd のユニット）のどれか",
    todo: "どれか 1 つを追加してください。",
  }),
  "host-without-config": ({ forward, host }) => ({
    message: `forwards.${forward} は ssh_config のホスト ${host} を使いますが、home.ssh_config がありません。`,
    expected: "`home.ssh_config`",
    todo: "`home: { ssh_config: ./ssh_config }` を追加してください。",
  }),
  "account-not-stated": ({ forward, accounts }) => ({
    message: `アカウントが複数あるため、forwards.${forward} には \`as\` が必要です。`,
    found: "`as` がない",
    expected: `\`as\`（${accounts.join("、")} のどれか）`,
    todo: "`as` を追加してください。",
  }),
  "entry-twice": ({ forward, vantage, family, entries }) => ({
    message: `${forward} の reachable_from に、IPv${family} の ${vantage} が 2 回書かれています。`,
    found: `${entries.join(" 番目と ")} 番目の項目`,
    expected: "観測地点はアドレスファミリーごとに 1 回",
    todo: "どちらかを削除してください。",
  }),
  "link-local-is-ipv6": ({ owner }) => ({
    message: `${owner}: リンクローカルアドレスは常に IPv6 で、ネクストホップ（\`via\`）は指定できません。`,
    found: "",
    expected: "どちらか 1 つだけ",
    todo: "どちらかを残してください。",
  }),
  "family-contradicts": ({ key, family }) => ({
    message: `\`${key}\` のアドレスファミリーが、項目のほかの指定と一致しません。`,
    found: "",
    expected: `IPv${family} のアドレス`,
    todo: "どちらかを残してください。",
  }),
  "waiver-id-twice": ({ id }) => ({
    message: `免除の id \`${id}\` が重複しています。`,
    expected: "免除ごとに異なる id",
    todo: "どちらかの名前を変えてください。",
  }),
  "as-only-on-server": ({ forward, vantage }) => ({
    message: `forwards.${forward}: \`as\` はサーバーのアカウントにしか使えません。`,
    found: "",
    expected: `\`vantage: ${vantage}\` の \`as\``,
    todo: "`as` を削除してください。",
  }),
  "listener-not-on-server": ({ forward }) => ({
    message: `forwards.${forward} の待ち受けはサーバーにありません。`,
    expected: "`gone_within` は -R だけ",
    todo: "削除してください。-L と -D の待ち受けは ssh とともに終わります。",
  }),
  "target-is-fixed": ({ forward }) => ({
    message: `forwards.${forward} の転送先はすでに決まっています。`,
    expected: "`targets` は SOCKS（-D、または転送先のない -R）だけ",
    todo: "`targets` を削除してください。",
  }),
  "line-contradicts": ({ forward, key, stated, typed }) => ({
    message: `forwards.${forward}.${key} が ssh の行と一致しません。`,
    found: `${stated}（行では ${typed}）`,
    expected: typed,
    todo: `\`${key}\` を削除してください。`,
  }),
  "unit-account-differs": ({ forward, stated, account, place }) => ({
    message: `forwards.${forward}.as がユニットのアカウントと一致しません。`,
    found: stated,
    expected: `${account}（${place} の指定）`,
    todo: "`as` を削除してください。",
  }),
  "way-twice": ({ stop }) => ({
    message: `ssh が ${stop} を 2 回通ります。`,
    expected: "経路の各サーバーは 1 回だけ",
    todo: "その踏み台サーバーを外すか、別の接続先を書いてください。",
  }),
  "no-such-stop": ({ name, jump, known, meant }) => ({
    message: `${jump ? "踏み台サーバー" : "接続先"} ${name} はポリシーのサーバーではありません。`,
    expected: `${known.join("、")} のどれか、またはそのアドレス`,
    todo:
      meant === undefined
        ? "`servers:` に追加するか、名前とアドレスを `server.names` に書いてください。"
        : `\`${meant}\` の間違いではありませんか。`,
  }),
  "hop-without-account": ({ hop, accounts }) => ({
    message: `-J ${hop} にアカウントがありません。`,
    expected: `アカウント（${accounts.join("、")} のどれか）`,
    todo: `\`-J ${accounts[0] ?? "ACCOUNT"}@${hop}\` のように書いてください。`,
  }),
  "socket-out-of-reach": ({ forward, path, vantage, host }) => ({
    message: `forwards.${forward} は ${path} で待ち受けますが、${vantage} からこのパスは開けません。`,
    expected: `${host}（パスを開けるのは、このホストのプロセスだけ）`,
    todo: "パスではなくポートを使うか、この項目を削除してください。",
  }),
  "socket-has-no-address": ({ forward, path, host }) => ({
    message: `forwards.${forward} が待ち受ける ${path} には、アドレスもアドレスファミリーもありません。`,
    expected: `観測地点だけ: ${host}`,
    todo: "`family`、`address`、`via` を削除してください。",
  }),
  "server-name-taken": ({ name }) => ({
    message: `追加のサーバーに ${name} という名前は使えません。`,
    expected: "ラボのほかのホストにない名前",
    todo: "名前を変えてください。",
  }),
  "not-a-setting": ({ owner }) => ({
    message: `${owner}.sshd_options に、設定ではない語があります。`,
    expected: '`"AllowTcpForwarding=yes"` のような設定（それぞれの前に `"-o"` を置いてもよい）、または `"-p"` とポート',
    todo: "ファイルや sshd の動作を選ぶオプション（-f、-h、-D、-e）を削除してください。",
  }),
  "owner-of-port": ({ service }) => ({
    message: `${service} はファイルではないため、所有者を指定できません。`,
    expected: "`as` はソケットのパスだけ",
    todo: "`as` を削除してください。",
  }),
  "key-without-firewall": ({ owner, key }) => ({
    message: `${owner}.${key} にはファイアウォールが必要ですが、指定がありません。`,
    found: `\`${owner}.firewall\` がない`,
    expected: key === "ipsets" ? "セットを参照するルール" : "cgroup に一致するルール",
    todo: `\`firewall\` を追加するか、\`${key}\` を削除してください。`,
  }),
} satisfies Table;
