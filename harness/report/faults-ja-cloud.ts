/** Faults of a cloud's firewall in Japanese. */
import type { FaultTable } from "./fault-words.ts";

const outputs = "`aws ec2 describe-security-groups` または `terraform show -json` の出力";
const mend = "ルールを直してください。";

export const cloudFaults = {
  "cloud-not-json": ({ file }) => ({
    message: `${file} は JSON ではありません。`,
    expected: outputs,
    todo: "コマンドの出力を変更せずに保存してください。",
  }),
  "cloud-other-file": ({ list }) => ({
    message: "このファイルには、forwardlab が読み取れるクラウドのファイアウォールがありません。",
    found: list ? "リスト" : "別の JSON",
    expected: outputs,
    todo: list
      ? "--query を外してください。ルールがどのグループのものかわからなくなります。"
      : "どちらかのコマンドの出力をすべて保存してください。",
  }),
  "cloud-no-groups": ({ found }) => ({
    message: "このファイルには AWS のセキュリティグループがありません。",
    found: `\`${found}\``,
    expected: "サーバーが属するグループとそのルール",
    todo: "サーバーのグループを含む `aws ec2 describe-security-groups` の出力を使ってください。AWS 以外のクラウドなら、許可する通信を nft のルールセットとして書き、`firewall` に指定してください。",
  }),
  "cloud-groups-unnamed": ({ count, groups }) => ({
    message: `このファイルにはセキュリティグループが ${count} 個ありますが、サーバーがどれに属するかがポリシーに書かれていません。`,
    found: groups,
    expected: "サーバーのグループ",
    todo: "`front_firewall: { file: …, groups: [sg-…] }` のように指定してください。",
  }),
  "cloud-group-name": ({ name, groups, several }) => ({
    message: several ? `${name} という名前のセキュリティグループが複数あります。` : `${name} というセキュリティグループはありません。`,
    found: groups,
    expected: "ファイルにあるグループの ID",
    todo: "`groups` を直すか、サーバーのグループをすべて含む出力を保存してください。",
  }),
  "cloud-group-incomplete": ({ key }) => ({
    message: `セキュリティグループに ${key} がありません。`,
    expected: "`aws ec2 describe-security-groups` の出力全体",
    todo: "キーを省く --query や --filters を付けずに、出力を保存してください。",
  }),
  "cloud-key-unknown": ({ key, known }) => ({
    message: `セキュリティグループのルールの \`${key}\` には対応していません。`,
    expected: known.join(", "),
    todo: "このキーで許可される通信がなければ、コピーから削除してください。あれば、ルールを nft のルールセットとして書き、`firewall` に指定してください。",
  }),
  "cloud-prefix-list": ({ list }) => ({
    message: "プレフィックスリストの内容がファイルにありません。",
    found: list,
    expected: "アドレスの範囲",
    todo: "コピーのルールで、リストの代わりにその範囲（`aws ec2 get-managed-prefix-list-entries` で表示できます）を書いてください。",
  }),
  "cloud-after-apply": ({ field, resource }) => ({
    message: `${resource} の \`${field}\` は apply の後でないとわかりません。`,
    found: "`(known after apply)`",
    expected: "ルールのアドレス、ポート、グループがわかるプラン",
    todo: "apply 後の state（`terraform show -json`）か、`aws ec2 describe-security-groups` の出力を使ってください。",
  }),
  "cloud-range": ({ range }) => ({
    message: `${range} はアドレスの範囲ではありません。`,
    found: range,
    expected: "203.0.113.0/24 のような範囲",
    todo: mend,
  }),
  "cloud-protocol": ({ protocol }) => ({
    message: `${protocol} は未知のプロトコルです。`,
    found: protocol,
    expected: "tcp、udp、icmp、icmpv6、-1、または番号",
    todo: mend,
  }),
  "cloud-ports": ({ ports }) => ({
    message: `${ports} はポートの範囲ではありません。`,
    found: ports,
    expected: "0-65535",
    todo: mend,
  }),
} satisfies Partial<FaultTable>;
