/** Japanese. */
import { formatDurationJa } from "../core/duration.ts";
import { enumeratedJa } from "../core/enumerated.ts";
import type { WarningTable } from "./warning-table.ts";

const ignoredBecause = {
  "byte-order-mark": () => "ファイルの先頭に BOM があるため、sshd はこの行を無視します。BOM なしの UTF-8 で保存してください。",
  "open-quote": () => "オプションの引用符が閉じていないため、sshd はこの行を無視します。",
  "no-key": () => "この行には鍵がないため、sshd は無視します。",
  certificate: () => "ここに証明書を書いても鍵とは認められず、sshd はこの行を無視します。",
  "unknown-option": (option: string) => `${option} は未知の鍵オプションなので、sshd はこの行を無視します。`,
  "bad-option": (option: string) => `鍵オプション ${option} が正しくないため、sshd はこの行を無視します。`,
};

const labPrincipal = (account: string) => `ラボではプリンシパル ${account}（オプションなし）だけがあるものとします。`;

const matchUnknownBecause = {
  "no-dns": "`UseDNS yes` がないと、sshd はクライアントの名前ではなくアドレスを比較します。",
  "no-names": "クライアントのホスト名が不明なので、server.names に書いてください。",
  version: "ポリシーを読む時点では、サーバーの sshd がまだ動いていません。",
};

export const japanese: WarningTable = {
  "sshd-include-algorithms": (is) => `Include ${is.pattern} は読み込みません。そこにあるファイルは暗号アルゴリズムを設定するだけです。`,
  "sshd-include-matches-nothing": (is) =>
    `Include ${is.pattern} に一致するファイルが ${is.config} にありません。sshd はそのまま続行します。`,
  "sshd-config-empty": () => "ファイルが空のため、sshd の既定値が適用されます。コピーが完全か確認してください。",
  "sshd-file-not-read": () => "このファイルを読み込む Include 行がないため、sshd は無視します。",
  "distribution-keyword": (is) =>
    `${is.keyword} に対応しているのは ${is.distribution} の sshd だけです。ほかの sshd ではエラーになります。`,
  "listen-address-missing": (is) =>
    `ラボのサーバーにはアドレス ${is.address} がないため、sshd はそこで待ち受けません。実際のサーバーにあるなら、\`network.server.address\` に追加してください。`,
  "sshd-said": (is) => `sshd の出力: ${is.message}`,
  "logins-stay-in-cgroup": (is) =>
    `sshd が PAM セッションを開かないため、${is.accounts.join("、")} のログインとそのフォワードは \`logins\` の cgroup には移らず、${is.group} にとどまります。`,
  "match-unknown": (is) => `\`${is.match}\` に一致するか判断できません。${matchUnknownBecause[is.why]}`,
  "match-untested": (is) => `\`${is.match}\` に一致するログインがポリシーにないため、このブロックで許可されるものは検証していません。`,
  "no-sshd-options": (is) => `このファイルには ${is.variables.join(" も ")} もないため、sshd にオプションは渡されません。`,
  "command-not-run": (is) =>
    `ラボでは ${is.setting} を実行できません。${is.account} に対して出力される${is.prints === "keys" ? "鍵" : "プリンシパル"}とそのオプションは検証していません。出力を保存し、\`accounts.${is.account}.${is.key}\` に指定してください。`,
  "none-taken-for-file": (is) =>
    `この OpenSSH は、Match ブロックの中の \`AuthorizedPrincipalsFile none\` を ${is.account} のホームにある \`none\` というファイルの指定とみなし、TrustedUserCAKeys の証明書をすべて拒否します。`,

  "login-line-ignored": (is) => ignoredBecause[is.why](is.option ?? ""),
  "key-repeated": (is) =>
    `${is.first} と同じ鍵が、別のオプションで書かれています${is.others === 0 ? "" : `（ほかに ${is.others} 行）`}。sshd は、これらの行のうちログインを許す（\`from=\`、\`expiry-time\`）最初の行だけを使います。ラボでは行ごとに別の鍵を使います。`,
  "principal-not-usable": (is) =>
    is.why === "no-name"
      ? "オプションのあとに名前がありません。"
      : "復帰文字（CR）が名前の一部になっています。そのようなプリンシパルを持つ証明書はありません。",
  "principal-repeated": (is) => `プリンシパル ${is.principal} は ${is.first} 行目にもあるため、sshd がこの行まで読むことはありません。`,
  "principals-not-read": (is) => `${is.account} のログインには ${is.lacks} が適用されないため、このファイルは読み込まれません。`,
  "principals-not-given": (is) =>
    `${is.account}: AuthorizedPrincipalsFile ${is.paths.join(", ")} のコピーがありません。${labPrincipal(is.account)}`,
  "principals-missing": (is) =>
    `${is.account}: AuthorizedPrincipalsFile ${is.paths.join(", ")} が存在しません。${labPrincipal(is.account)}`,
  "keys-missing": (is) =>
    `${is.account}: ${is.paths.join(", ")} に鍵がありません。ラボはオプションのない独自の${is.by === "key" ? "鍵" : "証明書"}でログインします。`,
  "logins-untested": (is) =>
    `${is.name === "" ? "この鍵" : ` \`${is.name}\` `}${is.others === 0 ? "" : `ほか ${is.others} 件`}で ${is.account} としてログインするフォワードがないため、そのオプションで許可されるものは検証していません(ログインは \`key:\` で選べます)。`.trimStart(),
  "password-without-options": (is) =>
    `鍵のオプションが制限するのは鍵によるログインだけです。${is.account} にパスワードがあれば、\`${is.setting}\` によってオプションなしでログインできます。`,
  "jump-by-first-key": (is) =>
    `-J は ${is.server} に ${is.account} として、${is.keys} 個の鍵のうち最初のもの（${is.first}）でログインします。ほかの鍵で到達できる範囲は検証していません（\`jump_keys\` で別の鍵を指定できます）。`,

  "client-canonical-name": (is) =>
    `CanonicalizeHostname により、ssh が ${is.host} にこのブロックを適用するのは、クライアントのネームサーバーで ${is.name} が引ける場合だけです。ここでは確かめられないため、その設定は適用していません（ホストを ${is.name} と書くと適用されます）。`,
  "client-include-not-read": (is) =>
    `\`Include ${is.pattern}\` は読み込まれず、その設定はここに反映されていません。該当するファイルを設定ファイルと同じディレクトリにコピーし、相対パスで Include してください。`,
  "client-match-undecided": () => "この Match は実際のクライアントでしか評価できないため、その設定は適用していません。",
  "autossh-left-out": (is) =>
    `forwards.${is.entry}: autossh とその -M ${is.send} は省いています。実際には -M がクライアントのポート ${is.send} と ${is.receive}、サーバーのポート ${is.send} も使います（ループバックのみ。\`GatewayPorts yes\` ではすべてのアドレス）。`,
  "unit-variable-unset": (is) =>
    /\W/.test(is.variable)
      ? `systemd は $${is.variable} を 1 つの変数とみなしますが、設定されていないため、その単語を取り除きます。単語の途中の変数は \${NAME} と書きます。`
      : `指定されたどのファイルでも $${is.variable} が設定されていないため、値は空です。`,
  "unit-forks": (is) =>
    `-f を付けると ${is.program} はフォークし、systemd が監視するプロセスが終了するため、systemd はサービスの残りのプロセスを強制終了します。-f を外すか、Type=forking を設定してください。`,
  "unit-does-not-fork": (is) =>
    `-f がないと ${is.program} はフォアグラウンドに残り、TimeoutStartSec= が過ぎると systemd に強制終了されます。Type=forking を外してください。`,
  "unit-not-restarted": (is) =>
    `接続が切れても、systemd は ssh を再起動しません（${is.restart === undefined ? "Restart= がありません" : `Restart=${is.restart}`}）。`,
  "unit-keeps-failed-forward": () =>
    "ExitOnForwardFailure=yes がないと、ポートが使用中でも ssh は接続を続け、転送が再び開かれることはありません。",
  "unit-misses-silence": () => "ServerAliveInterval がないと、ssh は応答の途絶えた接続に気付かず、転送が再び開かれることはありません。",
  "unit-autossh-gate-time": () =>
    "ネットワークがまだ使えないなどの理由で最初の ssh が 30 秒以内に終了すると、autossh は再試行せずに終了します。Environment=AUTOSSH_GATETIME=0 を設定してください。",
  "unit-other-account": (is) =>
    `ssh のコマンドにアカウントの指定がないため、実際の ssh は、systemd が ssh を実行するユーザー ${is.runsAs} としてログインします。ラボは ${is.account} としてログインします。\`accounts\` に \`${is.runsAs}: {}\` を追加するか、\`as: ${is.account}\` と書いてください。`,
  "unit-start-limit": (is) =>
    `systemd は ${is.interval} 秒以内に ${is.burst} 回起動すると再起動をやめます。RestartSec=${is.pause} 秒では、サーバーが一時的に停止するだけでそうなることがあります。RestartSec= を ${is.interval / is.burst} 秒より長くするか、StartLimitIntervalSec=0 を設定してください。`,
  "same-listener": (is) =>
    `${is.forwards.join("、")} は ${is.host} の同じ${is.path === undefined ? `ポート ${is.port}` : `パス ${is.path}`} で待ち受けます。ここではそれぞれ単独で判定しました。同時に使うと、2 つ目以降は拒否されることがあります（\`together: true\` でその場合を判定します）。`,

  "nft-include-folder": (is) =>
    `include "${is.pattern}" はディレクトリを指しており、nft は何も読み込みません。中のファイルを指定するには \`${is.files}\` と書きます。`,
  "nft-include-matches-nothing": (is) => `include "${is.pattern}" に一致するファイルがありません。`,
  "nft-include-twice": (is) =>
    `nft は include "${is.pattern}" のファイルを 2 回読み込みます。${is.folder} と、ルールセット自身のディレクトリ（これも ${is.folder}）を探すためです。パターンを絶対パスで書いてください。`,
  "no-chain": () => "チェーンが 1 つもなく、このルールセットは何も遮断しません。",
  "legacy-tables": () =>
    "サーバーには iptables-legacy のテーブルもありますが、このダンプには含まれていません。`iptables-legacy-save` や `ip6tables-legacy-save` にルールが表示される場合、それらは検証していません。",
  "one-family-only": (is) =>
    `IPv${is.filtered} のルールだけなので、IPv${is.open} は遮断されません。サーバーに IPv${is.open} のルールもあれば、両方のダンプを指定してください。`,
  "ufw-not-enabled": () => "ufw が有効になっていないため、このファイアウォールは何も遮断しません。",
  "ufw-script-not-run": () => "ufw はこのスクリプトを実行しますが、ラボは実行しません。スクリプトによる変更は検証していません。",
  "ufw-sysctls-not-set": (is) =>
    `ufw はカーネルの設定も変更しますが、ラボは変更しません。影響しうるものは \`server.sysctl: { ${is.settings.join(", ")} }\` で設定できます。`,
  "firewalld-no-conf": () =>
    "firewalld.conf がないため、firewalld の既定値（DefaultZone=public、FirewallBackend=nftables など）が適用されます。",
  "firewalld-said": (is) => `firewalld の出力: ${is.message}`,
  "firewalld-zone-unbound": (is) =>
    `ゾーン ${is.zone} にはインターフェースも送信元もなく、どのパケットにも適用されません。サーバーで NetworkManager や Docker などがインターフェースを割り当てるなら、\`<interface name="…"/>\` を追加してください。`,
  "firewalld-forwards": (is) =>
    `firewalld は ${is.key} を有効にしますが、ラボは有効にしません。サーバーがパケットを転送するなら、\`server.sysctl: { ${is.key}: 1 }\` で設定できます。`,
  "bridge-table": (is) =>
    `\`${is.rule}\` はブリッジを通るパケットのルールですが、ラボのサーバーにブリッジはないため、実際のサーバーでの効果は検証していません。`,
  "firewalld-bridge-rules": () => 'ブリッジ用のルール（`ipv="eb"`）は読み込みません。',
  "group-without-members": (is) =>
    `セキュリティグループのメンバーに対するルールですが、ラボにメンバーはいないため、${is.direction === "in" ? "着信" : "発信"}は許可されません。`,
  "foreign-interface": (is) =>
    `\`${is.rule}\` にある ${is.names.join(", ")} はラボのサーバーにないため、ラボではこのルールは${{ always: "常に一致します", never: "一致しません", others: "ほかのインターフェースでだけ一致します" }[is.matches]}。`,
  "foreign-interfaces": (is) => {
    const told = [
      ...(is.never.length > 0 ? [`一致しないもの: ${is.never.join(", ")}`] : []),
      ...(is.always.length > 0 ? [`常に一致するもの: ${is.always.join(", ")}`] : []),
      ...(is.others.length > 0 ? [`ほかのインターフェースでだけ一致するもの: ${is.others.join(", ")}`] : []),
    ];
    return `${is.names.join(", ")} はラボのサーバーにありませんが、${is.rules} 個のルールで使われています。ラボでは、${told.join("。")}`;
  },
  "rule-unsettled": (is) =>
    `\`${is.rule}\` の結果は${{ chance: "偶然", clock: "時刻", program: "ラボで動いていないプログラム" }[is.on]}によって変わります。このルールが関わりうる判定は「判定不能」とします。`,

  "sources-not-probed": (is) => `${lettingIn(is)}が、これを代表する観測地点はありません。\`--world\` を付けると、そこからも確認します。`,
  "sources-elsewhere": (is) =>
    `${lettingIn(is)}が、確認していません。ラボのサーバーには、そこへ通じるネットワークがないためです。実際のサーバーにあるなら、そこでのアドレスを \`--address\`（ポリシーでは \`network.server\`）で指定してください。`,
  "foreign-address": (is) =>
    `\`${is.rule}\` により、アドレス ${is.addresses.join("、")} で到達できる可能性がありますが、ラボにこのアドレスを持つホストはありません。実際のサーバーにあるなら、\`network.server\` に追加してください。`,
  "interface-assumed": (is) =>
    `\`${is.rule}\` は ${enumeratedJa(is.interfaces)} とほかのインターフェースを区別しており、ほかのインターフェース経由なら到達できる可能性があります。サーバーのインターフェースがポリシーに書かれていないので、\`network.server\` に列挙してください。`,
  "interface-not-probed": (is) =>
    `\`${is.rule}\` により ${is.interfaces.join("、")} のネットワークのホストが到達できる可能性がありますが、そこに観測地点はありません。\`network.vantages\` に \`lan: ${is.interfaces[0]}\` の観測地点を追加してください。`,
  "identity-not-probed": ({ rule, by, others = [] }) =>
    `\`${rule}\`${others.length > 0 ? `とほか ${others.length} 件のルール（${others.join("、")} 行目）` : ""}により${identities[by]}が到達できる可能性がありますが、これに当たる観測地点はありません。`,
  "led-away": (is) =>
    `\`${is.rule}\` は ${enumeratedJa(is.forwards)} への接続を別のポートまたはホストへ送ります。ラボではそこで応答するものがないため、到達できないと判定しています。実際のサーバーで、そこで待ち受けるプログラム（プロキシなど）が中継する場合は、到達できることがあります。`,
  "slow-dial": (is) =>
    `${is.forward}: 到達はできますが、応答までに 2 分以上かかります。${is.dialler} は転送先のアドレスへ順に接続し、最初のアドレスからは応答がないためです${is.rule === undefined ? "" : `（\`${is.rule}\`）`}。`,
  "unused-connection": (is) =>
    `\`${is.setting}\` により、${formatDurationJa(is.seconds)}のあいだ誰も使わないと、sshd は ${enumeratedJa(is.forwards)} の ssh 接続を切り、待ち受けもなくなります。その後の接続は拒否されます。同じ ssh でシェルやコマンドを実行しているあいだは切れません。`,
  "idle-jump": (is) =>
    `\`${is.setting}\` により、踏み台サーバー ${is.hop} の sshd は、${formatDurationJa(is.seconds)}のあいだデータが流れないと ${enumeratedJa(is.forwards)} の ssh 接続を運ぶチャネルを閉じ、接続もそこで切れます。ssh の \`ServerAliveInterval\` をこれより短くすれば切れません。`,
  "idle-visitor": (is) =>
    `\`${is.setting}\` により、${enumeratedJa(is.forwards)} を通る接続は、${formatDurationJa(is.seconds)}のあいだデータが流れないと sshd に切られます。`,
  "waiver-covers-nothing": (is) => `免除 ${is.id}（${is.vantage} からの ${is.forward}）に該当する違反はありません。削除してください。`,
  "accounts-not-listed": (is) =>
    `${is.accounts.join("、")} はこのファイルにないため、指定のとおりのアカウントがあるものとしました。実際のサーバーでは、アカウントをほかから得ていない限り${is.elsewhere.length > 0 ? `（nsswitch.conf: ${is.elsewhere.join("、")}）` : ""}、ログインは拒否されます。`,
  "accounts-nobody-has": (is) =>
    `sshd_config か鍵のファイルにある ${is.accounts.join("、")} は、このファイルにありません。sshd がログインを拒否するため、対象から外しました。`,
  "accounts-elsewhere": (is) =>
    `サーバーは ${is.sources.join("、")} からもアカウントを得ます。sshd_config のパターンやグループに当たるものは、代わりのアカウントで確認しています。`,
  "accounts-not-read": (is) => `読んでいません。ここに書かれたアカウントを対象にするには、代わりに ${is.folder} を指定してください。`,
  "locks-unknown": () =>
    "`UsePAM` が有効でないため、sshd はロックされたアカウントを拒否しますが、/etc/shadow のコピーがないので、どのアカウントもロックされていないものとしました。",
  "firewalls-not-read": (is) =>
    `ファイアウォールを読み込んでいません。${is.paths.join("、")} を使っている場合は、\`--firewall\` で指定してください。`,
  "accounts-alike": (is) =>
    `${is.account} は ${is.accounts.join("、")}${is.more > 0 ? ` ほか ${is.more} アカウント` : ""}を代表しています。sshd_config のどの行も、どの鍵のファイルも、これらを区別しません。`,
  "groups-assumed": (is) =>
    `${is.accounts.join("、")} のグループはファイルからは分からないため、\`AllowGroups\` がログインを許す ${is.group} に属するものとしました（\`--account 名前:グループ\` で指定できます）。`,
  "target-address-assumed": (is) =>
    `sshd が接続を許す ${is.name} のアドレスが分からないため、ラボでは ${is.address} としました。送信パケットを制限するルールがあると、結果が変わることがあります（ポリシーの \`server.names\` で指定できます）。`,
  "accounts-not-reviewed": (is) =>
    `${is.accounts.join("、")} も sshd にログインできる可能性がありますが、ポリシーの \`server.accounts\` にないためレビューしていません。`,
  "only-first-reviewed": (is) => `レビューしたのは \`server\` だけです。${is.others.join("、")} は対象外です。`,
  "remedies-left-out": () =>
    "修正案は省略しました。どれも、分割したうちの一部の転送でしか試していないためです。修正案を得るには、ポリシーを分割せずに検証してください。",
};

function lettingIn({ rule, others, prefixes, more }: { rule: string; others: number; prefixes: readonly string[]; more: number }): string {
  const rules = others > 0 ? `とほか ${others} 件のルール` : "";
  return `\`${rule}\`${rules} により ${prefixes.join("、")}${more > 0 ? ` ほか ${more} 件` : ""} から到達できる可能性があります`;
}

const identities = {
  listed: "、先に届いたパケット（ポートノッキングなど）やほかのプログラムがリストに加えた接続元",
  "address-bits": "、アドレスの一部のビットやハッシュが合う接続元",
  "hardware-address": "、その MAC アドレスを持つ隣のホスト（どのホストでも設定できます）",
  ipsec: " IPsec 経由の接続元",
  mark: "、ほかのプログラムがそのマークを付けたパケットの接続元",
  interfaces: "別の種類・グループ・VLAN・VRF のインターフェース経由の接続元",
};
