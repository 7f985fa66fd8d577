/** Faults of a policy in Japanese. */
import type {
  FaultParams,
  PolicyExpectation,
  PolicyExpected,
  PolicyFile,
  PolicyForm,
  PolicyName,
  PolicyPattern,
  PolicyTodo,
  YamlTodo,
} from "../core/fault.ts";
import { type FaultTable, foundInstead, meantOr } from "./fault-words.ts";

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
  "one-document": "ポリシーごとにファイルを分けてください。`verify` には複数のファイルを指定できます。",
  correct: "行を直してください。`: ` や ` #` を含む値、括弧で始まる値には引用符が必要です。",
};

const policyFound = { nothing: "なし", "empty-list": "空のリスト", list: "リスト", mapping: "マッピング", "empty-text": "空の文字列" };

const policyNames: Record<PolicyName, string> = {
  server: "サーバー",
  host: "ホスト",
  account: "アカウント",
  "vantage point": "観測地点",
  forward: "転送",
  LAN: "LAN",
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

const policyPatterns: Record<Exclude<PolicyPattern, "other">, string> = {
  name: "名前（英小文字で始まり、英小文字、数字、ハイフンからなる 31 文字以内）",
  account: "アカウントまたはグループの名前",
  service: "サービスの名前（例: http）",
  interface: "15 文字以内のインターフェース名",
  "server-path": "サーバーでの絶対パス",
};

function expectation(one: PolicyExpectation): string {
  if (typeof one === "string") return policyKinds[one];
  if ("form" in one) return policyFormWords[one.form];
  if ("values" in one) return codes(one.values);
  if ("pattern" in one) return one.pattern === "other" ? "別の形の文字列" : policyPatterns[one.pattern];
  if ("least" in one) return `${one.least} 以上`;
  if ("said" in one) return one.said;
  return one.entries ? `要素 ${one.most} 個以下` : `${one.most} 以下`;
}

const expectations = (all: readonly PolicyExpectation[]) =>
  [...new Set(all.map(expectation))].join("、または ").replace(/または (?=[^!-~])/g, "または");

const policyFiles: Record<PolicyFile, string> = {
  firewall: "nft のルールセット、iptables-save のダンプ、または /etc/ufw か /etc/firewalld のコピー",
  "dump-4": "IPv4 の iptables-save のダンプ",
  "dump-6": "IPv6 の iptables-save のダンプ",
  copy: "サーバーまたは home からのコピー",
  sshd_config: "sshd_config、または /etc/ssh と同じ構成のディレクトリ",
  "cloud-firewall": "`aws ec2 describe-security-groups` または `terraform show -json` の出力",
  ssh_config: "ssh_config",
  "sshd-options": "/etc/default/ssh か /etc/sysconfig/sshd、または sshd のサービスユニットのコピー",
  ipsets: "`ipset save` の出力",
  authorized_keys: "authorized_keys のファイル",
  principals: "プリンシパルのファイル",
  certificate: "ユーザーの証明書",
};

const relative = "パスは、ポリシーのファイルから見た相対パスで書きます。";

const wrongFiles: Record<FaultParams<"policy-file">["is"], (file: string, why: string) => { message: string; todo: string }> = {
  unreadable: (file, why) => ({ message: `${file} を読み込めません（${why}）。`, todo: relative }),
  outside: (file) => ({
    message: `${file} はポリシーのディレクトリの外にあります。`,
    todo: "ディレクトリの中にコピーするか、両方を含むディレクトリで forwardlab を実行してください。信頼できるポリシーなら `--allow-outside` を使えます。",
  }),
  folder: (file) => ({ message: `${file} はディレクトリです。`, todo: relative }),
  "no-file": (file, why) => ({
    message: `${file} は通常のファイルではなく、${why}です。`,
    todo: "内容を通常のファイルにコピーしてください。",
  }),
  "no-sshd_config": (file) => ({
    message: `ディレクトリ ${file} に sshd_config がありません。`,
    todo: "/etc/ssh のコピー自体を指定するか、その中に sshd_config をコピーしてください。",
  }),
};

const excess: Record<FaultParams<"policy-too-large">["is"], string> = {
  long: "ポリシーが長すぎます。",
  deep: "ポリシーの入れ子が深すぎます。",
  aliases: "ポリシーのエイリアスが多すぎます。",
};
const excessUnits: Record<FaultParams<"policy-too-large">["unit"], (count: number) => string> = {
  characters: (count) => `${count} 文字`,
  blanks: (count) => `行頭の空白 ${count} 個`,
  levels: (count) => `${count} 階層`,
  aliases: (count) => `アンカーとエイリアス ${count} 個`,
};

export const policyFaults = {
  "policy-unreadable": ({ file, found, ...why }) => ({
    message: `ポリシー ${file} を読み込めません。`,
    found: { "no-file": "ファイルがない", "not-utf-8": "UTF-8 ではないデータ", unreadable: foundInstead(why) }[found],
    expected: "ポリシーのファイル（YAML、UTF-8）、または policy.yaml のあるディレクトリ",
    todo:
      found === "not-utf-8"
        ? "UTF-8 で保存してください。ポリシーの例は docs/policy.md にあります。"
        : "パスを確認してください。ポリシーの例は docs/policy.md にあります。",
  }),
  "policy-errors": ({ file, count }) => ({ message: `${file} に ${count} 件のエラーがあります。` }),
  "policy-empty": () => ({ message: "ポリシーが空です。", found: "内容なし", expected: "`server` と `forwards` のあるマッピング" }),
  "policy-foreign": ({ begins }) => ({
    message: "ポリシーのファイルではありません。",
    found: begins,
    expected: "`server` と `forwards` のあるマッピング",
    todo: "ポリシーを指定してください。sshd_config からは `forwardlab init` でポリシーを作れます。`forwardlab review` はポリシーなしで使えます。",
  }),
  "policy-no-yaml": ({ said, line, todo }) => ({
    message: `YAML として読み取れません: \`${said}\``,
    ...(line === undefined ? {} : { found: line || "空の行" }),
    expected: todo === "one-document" ? "1 つのドキュメント" : "YAML 1.2",
    todo: yamlTodos[todo],
  }),
  "policy-key-twice": ({ key, line }) => ({
    message: `キー \`${key}\` が重複しています。`,
    found: `2 つ目の \`${key}\``,
    expected: `キーは 1 つずつ（最初は ${line} 行目）`,
    todo: "どちらかを削除してください。",
  }),
  "policy-key-unknown": ({ key, path, known, meant }) => ({
    message: `${path === "" ? "ポリシー" : `${path} `}にキー \`${key}\` はありません。`,
    ...(known.length > 0 ? { expected: codes(known) } : { expected: "別のキー" }),
    todo: meantOr(meant, "削除してください。"),
  }),
  "policy-key-missing": ({ key, path }) => ({
    message: `${path === "" ? "ポリシー" : `${path} `}に \`${key}\` がありません。`,
    found: "なし",
    expected: `\`${key}\``,
    todo: `\`${key}\` を追加してください。`,
  }),
  "policy-value": ({ path, found, expected, todo }) => ({
    message: `${path} の値が正しくありません。`,
    found: typeof found === "string" ? policyFound[found] : found.text,
    expected: expectations(expected),
    todo: valueTodo(todo),
  }),
  "policy-name": ({ name, path, expected }) => ({
    message: name.trim() === "" ? `${path} の名前が空です。` : `\`${name}\` は、${path} の名前として使えません。`,
    found: name.trim() === "" ? `空の名前: ${JSON.stringify(name)}` : name,
    expected: expected.length > 0 ? expectations(expected) : "別の名前",
    todo: "名前を変えてください。",
  }),
  "policy-too-large": ({ is: what, found, most, unit }) => ({
    message: excess[what],
    found: excessUnits[unit](found),
    expected: `${excessUnits[unit](most)}まで`,
    todo: "複数のポリシーに分けてください。`verify` には複数のポリシーを指定できます。",
  }),
  "policy-key-collection": () => ({
    message: "リストやマッピングはキーにできません。",
    found: "リストまたはマッピング",
    expected: "文字列",
    todo: "キーを引用符で囲んでください。",
  }),
  "policy-two-firewalls": ({ policy }) => ({
    message: `${policy} にはファイアウォールのファイルが 2 つあり、1 つのファイルでは両方を置き換えられません。`,
    expected: "ファイアウォールのファイルが 1 つのポリシー",
    todo: "新しいファイルを指定したポリシーのコピーを作り、それと比較してください。",
  }),
  "policy-name-unknown": ({ kind, name, known, meant }) => ({
    message: `${policyNames[kind]} \`${name}\` はありません。`,
    expected: known.length > 0 ? known.join("、") : `ポリシーに${kind === "LAN" ? " LAN " : policyNames[kind]}はありません`,
    todo: meantOr(meant, nameTodo(kind, name)),
  }),
  "policy-file-missing": ({ file, what }) => ({
    message: `${file} がありません。`,
    expected: what === undefined ? "ポリシーのファイルから見た相対パスにあるファイル" : policyFiles[what],
    todo: `パスを直すか、ファイルを置いてください。${what === undefined ? "" : relative}`,
  }),
  "policy-file": ({ file, is: wrong, what, ...why }) => ({
    ...wrongFiles[wrong](file, foundInstead(why)),
    ...(what === undefined ? {} : { expected: policyFiles[what] }),
  }),
  "policy-none": ({ path, folder, config }) => ({
    message: folder ? `${path} にも、その下にも policy.yaml がありません。` : `${path} に一致するポリシーはありません。`,
    found: folder ? "ポリシーのないディレクトリ" : "ファイルがない",
    expected: "ポリシーのファイル、ポリシーのあるディレクトリ、または `'servers/*/policy.yaml'` のようなパターン",
    todo:
      config === undefined
        ? "パスを確認してください。ポリシーの例は docs/policy.md にあります。"
        : `\`forwardlab init ${path}\` を実行すると、${config} からポリシーを作れます。\`forwardlab review ${path}\` はポリシーなしで使えます。`,
  }),
  "copy-unreadable": ({ file, ...why }) => ({
    message: `${file} を読み込めません。`,
    found: foundInstead(why),
    expected: "サーバーのファイルのコピー",
    todo: "読み取り権限のある通常のファイルとして、コピーし直してください。",
  }),
  "accounts-line": ({ kind, found, is, form }) => ({
    message: `/etc/${kind} の行として読めません。`,
    found: { fields: `フィールドが ${found} 個`, name: `名前 "${found}"`, number: `数値であるべき箇所に "${found}"` }[is],
    expected: form,
    todo: "ファイルを変更せずにコピーし直してください。サーバー上でもこの内容なら、pwck と grpck で確認できます。",
  }),
  "accounts-file-missing": ({ there, missing }) => ({
    message: `${there} はありますが、${missing} がありません。`,
    found: there,
    expected: "両方のファイルのコピー。アカウントのグループは、両方を合わせて決まります。",
    todo: `${missing} もコピーしてください。`,
  }),
  "account-contradicts": ({ owner, key, stated, listed, place }) => ({
    message: `${owner}.${key} が、サーバーのファイルの内容と矛盾しています。`,
    found: stated || "なし",
    expected: `${listed || "なし"}（${place}）`,
    todo: `\`${key}\` を削除するか、正しい値にしてください。`,
  }),
  "entry-address": ({ forward, host, vantage, via, addresses }) => ({
    message: via
      ? `forwards.${forward}: ${vantage} は、そのネクストホップを経由して ${host} のこのアドレスに到達できません。`
      : `forwards.${forward}: ${vantage} から使える ${host} のアドレスに、このアドレスはありません。`,
    expected: addresses.join("、"),
    todo: `どれかのアドレスを書くか、\`address\` を削除してください。削除すると、${vantage} から使えるすべてのアドレスが対象になります。`,
  }),
  "entry-next-hop": ({ forward, host, vantage, addresses }) => ({
    message: `forwards.${forward}: ${vantage} は、${host} のこのアドレスをネクストホップにできません。`,
    expected: addresses.length > 0 ? addresses.join("、") : "`via` の指定なし",
    todo: addresses.length > 0 ? "どれかのアドレスを書くか、`via` を削除してください。" : "`via` を削除してください。",
  }),
  "entry-not-routed": ({ forward, host, vantage, family }) => ({
    message: `forwards.${forward}: ${vantage} から ${host} への${family === undefined ? "" : ` IPv${family} の`}経路がないため、到達できることはありません。`,
    expected: "両方が使えるアドレスファミリーと観測地点",
    todo: "この項目を削除するか、足りないアドレスを `network` に追加してください。",
  }),
  "entry-link-local": ({ forward, host, vantage, addresses }) => ({
    message: `forwards.${forward}: ${vantage} と ${host} には、両方がリンクローカルアドレスを持つ共通の LAN がありません。`,
    expected: addresses.join("、"),
    todo: "どれかのアドレスを書くか、`address` を削除してください。",
  }),
  "key-unmatched": ({ path, account, files, lines, principals }) => ({
    message: `${path} に一致する鍵がありません。`,
    expected:
      files.length === 0
        ? `authorized_keys または authorized_principals のあるアカウント（${account} にはどちらもありません）`
        : `${account} の ${files.join(" または ")} で sshd が認める鍵の行番号（${lines.join("、") || "該当する行がありません"}）かコメント${principals ? "、またはプリンシパル" : ""}`,
    todo: files.length === 0 ? "`key` を削除してください。" : "直すか、削除してください。削除すると、sshd が認める最初の鍵を使います。",
  }),
  "key-not-on-the-way": ({ path, server, known, meant }) => ({
    message: `${path}: ssh は ${server} を経由しません。`,
    expected: known.length > 0 ? known.join("、") : "-J のある ssh の行",
    todo: meantOr(meant, "削除してください。転送を開くサーバーの鍵は `key` で指定します。"),
  }),

  "sshd-config-unreadable": ({ file, missing, said }) => ({
    message: `${file} を読み込めません: ${said}`,
    ...(missing ? { found: "ファイルがない" } : {}),
    expected: "sshd_config のファイル、または /etc/ssh と同じ構成のディレクトリ",
    todo: "パスと読み取り権限を確認してください。",
  }),
  "sshd-config-none": ({ path }) => ({
    message: `${path} に、読み込める sshd_config がありません。`,
    expected: "sshd_config のファイル、または /etc/ssh と同じ構成のディレクトリ",
  }),
  "ssh-config-unreadable": ({ path }) => ({ message: `ssh_config ${path} を読み込めません。`, expected: "ssh_config のファイル" }),
  "ssh-config-no-file": ({ file, ...why }) => ({
    message: `${file} は ssh_config ではありません。`,
    found: foundInstead(why),
    expected: "通常のファイル",
    todo: "ssh を実行するマシンの ~/.ssh/config をコピーしてください。",
  }),
  "ssh-config-include": ({ file, pattern, path }) => ({
    message: `${file} は ${pattern} を読み込みますが、そのコピーが指定されていません。`,
    expected: "~/.ssh にあるファイル（ssh_config と同じディレクトリから探します）、または `home.files` のコピー",
    todo: `\`home: { files: { ${path}: ./COPY } }\` を追加してください。home にファイルがなければ、./COPY の代わりに \`none\` と書いてください。`,
  }),
  "ssh-config-no-forward": ({ host }) => ({
    message: `ssh_config の ${host} に、転送の設定がありません。`,
    expected: "RemoteForward、LocalForward、DynamicForward のどれかがあるホスト",
    todo: "`ssh` の後に入力するのと同じ名前を書いてください。",
  }),
  "ssh-config-other-host": ({ host, name, place }) => ({
    message: `ssh_config の転送は ${name} に対するもので、${host} に対するものではありません。`,
    found: `${host}（CanonicalizeHostname により、ssh は ${name} の名前を引き、${place} を適用します）`,
    expected: "そのブロックに書かれた名前（ラボはクライアントのネームサーバーに問い合わせません）",
    todo: `\`host: ${name}\` と書いてください。`,
  }),
} satisfies Partial<FaultTable>;
