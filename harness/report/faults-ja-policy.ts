/** Faults of a policy in Japanese. */
import type { PolicyExpected, PolicyForm, PolicyName, PolicyTodo, YamlTodo } from "../core/fault.ts";
import type { FaultTable } from "./fault-words.ts";

const policyKinds: Record<PolicyExpected, string> = {
  mapping: "マッピング（`キー: 値`）",
  list: "リスト",
  text: "文字列",
  number: "数",
  "whole-number": "整数",
  boolean: "`true` または `false`",
  entries: "1 つ以上の要素",
  "full-text": "空でない文字列",
};

const policyFormWords: Record<PolicyForm, string> = {
  "host-name": "小文字のホスト名（例: office、db.internal）",
  "address-with-prefix": "プレフィックス長の付いたアドレス（例: 133.1.17.5/24、2001:db8:17::5/64）",
  "unicast-address": "リンクローカルではないユニキャストアドレス",
  "bare-address": "プレフィックス長のない IPv4 または IPv6 アドレス（例: 192.0.2.66）",
  "group-address": "ユニキャストまたはマルチキャストのアドレス",
  "listener-address": "リンクローカルではないユニキャストアドレス、または `link-local`",
  "link-local":
    "リンクローカルではないアドレス（ラボのホストのものは実際と異なります）、またはリンクローカルアドレスすべてを表す `link-local`",
  "address-range": "プレフィックス、アドレス、または範囲（例: 203.0.113.48/28、2001:db8:50::/64、192.0.2.1-192.0.2.9）",
  "ipv4-address": "プレフィックス長のない IPv4 アドレス（例: 203.0.113.50）",
  date: "YYYY-MM-DD 形式の日付（例: 2027-03-31）",
  duration: "sshd_config と同じ形式の時間（例: 90s、5m、1h30m）",
  port: "ポート（1-65535）",
  target: "ホスト:ポート（例: db.internal:5432、[2001:db8::5]:5432）",
  "service-place": "ポート（1-65535）、アドレス:ポート、またはソケットのパス（例: 8080、127.0.0.1:5432、[::1]:5432、/run/app.sock）",
  "absolute-path": "サーバーでの絶対パス（例: /opt/company/sshd）",
  "cgroup-path": "cgroup のパス（例: /system.slice/ssh.service）",
  "home-path": "home でのパス。絶対パス、またはユーザーのホームディレクトリ以下（例: /etc/default/tunnel、~/.config/ssh）",
  sysctl: "カーネルのネットワーク設定（例: net.ipv6.conf.lo.disable_ipv6、net/ipv6/conf/lo/disable_ipv6）",
  keyword: "sshd_config のキーワード（例: UseBlacklist）",
};

const policyTodos: Record<Extract<PolicyTodo, string>, string> = {
  "value-or-nothing": "値を書くか、キーを削除してください。",
  "entry-or-nothing": "要素を追加するか、キーを削除してください。",
  "no-quotes": "引用符を外してください。",
  correct: "値を直してください。キーの説明は docs/policy.md にあります。",
};

const valueTodo = (todo: PolicyTodo) => {
  if (typeof todo === "string") return policyTodos[todo];
  if ("meant" in todo) return meantOr(todo.meant, "");
  if (todo.write.startsWith('"')) return `引用符で囲んでください: \`${todo.write}\``;
  return `\`${todo.write}\` と書いてください${todo.guessed ? "（プレフィックス長は実際のネットワークに合わせます）" : ""}。`;
};

const yamlTodos: Record<YamlTodo, string> = {
  "indent-with-spaces": "字下げには、タブではなく空白を使ってください。",
  "end-key-with-colon": "キーの後にコロンと空白を書いてください。複数行の文字列なら、引用符で囲んでください。",
  quote: "値を引用符で囲んでください。",
  correct: "行を直してください。`: ` や ` #` を含む値、括弧で始まる値には引用符が必要です。",
};

const policyFound = { nothing: "なし", "empty-list": "空のリスト", list: "リスト", mapping: "マッピング", "empty-text": "空の文字列" };

const policyNames: Record<PolicyName, string> = {
  server: "サーバー",
  host: "ホスト",
  account: "アカウント",
  "vantage point": "観測地点",
  forward: "転送",
  LAN: "LAN ",
};

const nameTodo = (kind: PolicyName, name: string) =>
  ({
    server: `\`servers\` に \`${name}\` を追加してください。`,
    host: "上のどれかを書くか、`network.vantages` に追加してください。",
    account: `\`accounts\` に \`${name}: {}\` を追加してください。`,
    "vantage point": `上のどれかを書くか、\`network.vantages\` に \`${name}\` を追加してください。`,
    forward: "上のどれかを書いてください。",
    LAN: "上のどれかを書くか、そのホストを専用のルーターの内側に置いてください。",
  })[kind];

const codes = (names: readonly string[]) => names.map((name) => `\`${name}\``).join("、");
const meantOr = (meant: string | undefined, otherwise: string) =>
  meant === undefined ? otherwise : `\`${meant}\` の間違いではありませんか。`;

export const policyFaults = {
  "policy-unreadable": ({ file, found }) => ({
    message: `ポリシー ${file} を読み込めません。`,
    found: found === "no-file" ? "ファイルがない" : "UTF-8 ではないデータ",
    expected: "ポリシーのファイル（YAML、UTF-8）、または policy.yaml のあるディレクトリ",
    todo:
      found === "no-file"
        ? "パスを確認してください。ポリシーの例は docs/policy.md にあります。"
        : "UTF-8 で保存してください。ポリシーの例は docs/policy.md にあります。",
  }),
  "policy-empty": () => ({ message: "ポリシーが空です。", found: "内容なし", expected: "`server` と `forwards` のあるマッピング" }),
  "policy-no-yaml": ({ said, todo }) => ({ message: `YAML として読み取れません: \`${said}\``, todo: yamlTodos[todo] }),
  "policy-key-twice": ({ key, line }) => ({
    message: `キー \`${key}\` が重複しています。`,
    found: `2 つ目の \`${key}\``,
    expected: `キーは 1 つずつ（最初は ${line} 行目）`,
    todo: "どちらかを削除してください。",
  }),
  "policy-key-unknown": ({ key, path, known, meant }) => ({
    message: `${path === "" ? "ポリシー" : path} にキー \`${key}\` はありません。`,
    ...(known.length > 0 ? { expected: codes(known) } : { expected: "別のキー" }),
    todo: meantOr(meant, "削除してください。"),
  }),
  "policy-key-missing": ({ key, path }) => ({
    message: `${path === "" ? "ポリシー" : path} に \`${key}\` がありません。`,
    found: "なし",
    expected: `\`${key}\``,
    todo: `\`${key}\` を追加してください。`,
  }),
  "policy-value": ({ path, found, expected, form, values = [], todo }) => ({
    message: `${path} の値が正しくありません。`,
    found: typeof found === "string" ? policyFound[found] : found.text,
    expected: (expected && policyKinds[expected]) ?? (form && policyFormWords[form]) ?? codes(values),
    todo: valueTodo(todo),
  }),
  "policy-name-unknown": ({ kind, name, known, meant }) => ({
    message: `${policyNames[kind]} \`${name}\` はありません。`,
    expected: known.length > 0 ? known.join("、") : `ポリシーに${policyNames[kind]}はありません`,
    todo: meantOr(meant, nameTodo(kind, name)),
  }),
  "policy-file-missing": ({ file }) => ({
    message: `${file} がありません。`,
    expected: "ポリシーのファイルから見た相対パスにあるファイル",
    todo: "パスを直すか、ファイルを置いてください。",
  }),
} satisfies Partial<FaultTable>;
