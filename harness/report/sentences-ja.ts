/** Japanese. */

import { formatDurationJa } from "../core/duration.ts";
import { enumeratedJa } from "../core/enumerated.ts";
import type { Sentences, Words } from "./sentence-table.ts";

export const japanese: Sentences = {
  "allow-tcp-forwarding": (is) => `${visitor(is)}\`${is.rule}\` により${is.has("socket") ? "ソケットの転送も" : ""}拒否されます。`,
  "allow-stream-local-forwarding": (is) => `${visitor(is)}\`${is.rule}\` により拒否されます。`,
  "disable-forwarding": (is) => `${visitor(is)}\`${is.rule}\` により、すべての転送が拒否されます。`,
  "key-no-forwarding": (is) => `${visitor(is)}鍵のオプション \`${is.rule}\` により拒否されます。`,
  "certificate-no-forwarding": (is) => `${visitor(is)}証明書に \`${is.rule}\` がないため拒否されます。`,
  "permit-listen": (is) => `\`${is.rule}\` には、ssh が要求した${asked(is)}が含まれていません。`,
  "key-permit-listen": (is) => `鍵のオプション \`${is.rule}\` には、ssh が要求した${asked(is)}が含まれていません。`,
  "permit-open": (is) => `${visitor(is)}\`${is.rule}\` に ${dialled(is)} が含まれていません。`,
  "key-permit-open": (is) => `${visitor(is)}鍵のオプション \`${is.rule}\` に ${dialled(is)} が含まれていません。`,
  "channel-prohibited": (is) => `転送ポートは接続を受け付けますが、サーバーがチャネルを拒否します: ${is("said")}`,
  "port-taken": (is) => `${is("address")} のポート ${is("port")} はすでに使用中です。`,
  "port-privileged": (is) => `ポート ${is("port")} は 1024 未満なので、root しか待ち受けられません。`,
  "no-such-address": (is) => `アドレス ${is("address")} を持つインターフェースがありません。`,
  "unknown-name": (is) => `バインドアドレス ${is("name")} の名前を解決できません: ${is("error")}`,
  "address-family": (is) => `\`${is.rule}\` のため、バインドアドレス ${is("name")} のアドレスファミリーは使えません。`,
  "bind-failed": (is) => `${is("address")} のポート ${is("port")} で待ち受けられませんでした: ${is("error")}`,
  "path-taken": (is) => `${is("path")} にはすでにファイルがあります。以前の転送が残したソケットと思われます。`,
  "path-not-permitted": (is) => `このアカウントには ${is("path")} のディレクトリへの書き込み権限がありません。`,
  "no-folder": (is) => `${is("path")} のディレクトリが存在しません。`,
  "path-owned-by-other": (is) => `${is("path")} のファイルは別のアカウントのものです。`,
  "path-read-only": (is) => `${is("path")} のファイルシステムは読み取り専用です。`,
  "path-failed": (is) => `${is("path")} で待ち受けられませんでした: ${is("error")}`,
  "clear-all-forwardings": () => "`ClearAllForwardings yes` により、転送は要求前に取り消されました。",
  "permit-remote-open": (is) =>
    `ssh 自身の \`PermitRemoteOpen ${is.list("entries").join(" ")}\` に ${is("host")}:${is("port")} がありません。`,
  "other-software": (is) =>
    `${is.has("software") ? is("software") : "サーバー"}が転送を拒否しました${is.has("said") ? `: ${is("said")}` : "。"}`,
  "jump-refused": (is) =>
    `踏み台 ${is("hop")} は ${is("account")} のログインを許可しますが、${is("target")} への接続は拒否します: ${is.rule === "" ? is("said") : `\`${is.rule}\``}`,
  "jump-filtered": (is) =>
    `踏み台 ${is("hop")} から ${is("target")} の sshd に到達できません。${is("at")} の \`${is.rule}\` がパケットを${is("action") === "reject" ? "拒否" : "破棄"}します。`,
  "login-failed": (is) =>
    `${is.rule === "" ? "" : `\`${is.rule}\` により、`}ログインできませんでした${is.has("said") ? `: \`${is("said")}\`` : "。"}`,
  "forward-permitted": (is) => `sshd は ${is("account")} に許可しました。${setting(is)}により許可されます。`,
  "not-granted": () => "転送は許可されず、何も待ち受けていません。ssh も sshd も理由を出力していません。",
  "target-path-failed": (is) =>
    `${is("target")} は接続を受け付けますが、sshd（アカウント ${is("account")}）が ${is("path")} を開けません: ${is("error")}`,
  "service-silent": (is) =>
    `${is("target")} は接続を受け付けますが、転送先のサービスが応答しません${is.has("said") ? `: ${is("said")}` : "。"}`,
  "ended-with-sibling": (is) =>
    `\`ExitOnForwardFailure\` があるため、${is("from")} の ssh は転送が 1 つでも拒否されると終了し、${is("host")} での待ち受けもなくなります。${is("sibling")} が${is.rule ? ` \`${is.rule}\` により` : ""}拒否されました。`,
  "session-ended": (is) => `${is("from")} の ssh セッションが終了したため、${is("host")} での待ち受けもなくなりました。`,
  "kept-for-silent-client": (is) =>
    is.has("measured")
      ? `${setting(is)}のため、クライアントが応答しなくなってから${span(is("within"))}たっても、サーバーは待ち受けたままです。`
      : `${setting(is)}のため、サーバーは応答しなくなったクライアントのセッションを${is.has("bound") ? `${span(is("bound"))}保持します` : "終了しません"}（設定からの計算で、実測ではありません）。`,

  "client-bind": (is) => `${is("host")} の ssh には \`${is("requested")}\` が指定されているため、${listens(is)}。`,
  "other-server-bind": (is) => `${is("software")} に \`-R ${is("requested")}\` を要求した結果、${listens(is)}。`,
  "family-left-out": (is) => `${setting(is)}により sshd は IPv${is("family")} で待ち受けないため、${listens(is)}。`,
  "asked-for-loopback": (is) =>
    `\`-R ${is("requested")}\` が求めるのはサーバー自身からの接続だけで、${setting(is)}もそれ以上を許可しないため、${listens(is)}。`,
  "gateway-ports-ignores-bind": (is) =>
    `${setting(is)}のため \`-R ${is("requested")}\` のバインドアドレスは警告なしに無視され、${listens(is)}。`,
  "no-leading-colon": (is) =>
    `\`-R ${is("requested")}\` には先頭のコロンがないため、ssh は \`localhost\` を要求し、${setting(is)}のサーバーはそのとおりに動作し、${listens(is)}。`,
  "asked-for-one-address": (is) =>
    `\`-R ${is("requested")}\` は 1 つのアドレスだけを要求し、${setting(is)}のサーバーはそのとおりに動作し、${listens(is)}。`,
  "port-taken-in-family": (is) =>
    `${setting(is)}なら \`-R ${is("requested")}\` は IPv4 と IPv6 の両方で待ち受けるはずですが、IPv${is("family")} のポートは使用中だったため、${listens(is)}。`,
  "listens-there": (is) =>
    `\`${is("asked")}\`${is.has("setting") ? `（${setting(is).trim()}）` : ""}${is.has("software") ? `（${is("software")}）` : ""}${is.has("setting") || is.has("software") ? "" : " "}は ${is("host")} の ${enumeratedJa(is.list("listeners"))} で待ち受け、${is.has("admittedBy") ? `${is.has("front") ? "手前にあるクラウドの" : ""}ファイアウォールがパケットを許可します: \`${is("admittedBy")}\`${admittedAt(is)}` : "これを遮るファイアウォールのルールはありません"}${other(is)}。`,
  "loopback-let-in": (is) =>
    `${is("host")} のカーネルは 127.0.0.0/8 宛てのパケットを LAN からも受け入れる（\`route_localnet\`）ため、${is("via")} をネクストホップにする隣のホストに対しては、ループバックで待ち受けても守られません${other(is)}。`,
  "nothing-listens": (is) => `${is("host")} のポート ${is("port")} では何も待ち受けていません。`,
  "listens-elsewhere": (is) => `${is("host")} の ${listens(is)}。`,
  "answers-unexpectedly": (is) =>
    `${is.list("listeners").length === 0 ? "転送自体は待ち受けていません" : listens(is)}が、${is("target")} が応答します${other(is)}。`,
  "listener-contradicts": (is) => `${enumeratedJa(is.list("listeners"))} の待ち受けを確認したにもかかわらず、接続が拒否されました。`,

  "packet-admitted": (is) =>
    `${firewall(is, "host")}がパケットを許可します: \`${is("rule")}\`。その先で \`${is("asked")}\` が ${enumeratedJa(is.list("listeners"))} で待ち受けています${other(is)}。`,
  "port-moved": (is) =>
    `ファイアウォールのルールが ${is("target")} を ${enumeratedJa(is.list("listeners"))} へ転送します: \`${is("rule")}\`${other(is)}。`,
  "packet-dropped": (is) => `${firewall(is, "at")}が${packet(is("direction"))}を破棄します: \`${is("rule")}\`。`,
  "packet-rejected": (is) => `${firewall(is, "at")}が${packet(is("direction"))}を拒否します: \`${is("rule")}\`。`,
  "packet-redirected": (is) =>
    `${firewall(is, "at")}が${packet(is("direction"))}を別の宛先へ送ります${is.has("nobodyThere") ? "（ラボでは応答するものがありません）" : ""}: \`${is("rule")}\`。`,
  "answer-rewritten": (is) =>
    `${firewall(is, "at")}のために応答のアドレスまたはポートが変わり、クライアントは応答として受け取りません: \`${is("rule")}\`。`,
  "no-route": (is) => `${is("vantage")} から ${is("address")} への経路がありません。`,
  "nat-leads-nowhere": (is) => `${is("address")} は ${is("nat")} の公開アドレスで、${is("host")} へは何も転送されません。`,
  "nat-port-not-forwarded": (is) => `${is("nat")} はポート ${is("port")} を ${is("host")} へ転送せず、自身で接続を拒否します。`,
  "nat-target-not-listening": (is) => `${is("nat")} はポート ${is("port")} を ${is("to")} へ転送しますが、${listens(is)}。`,
  "nat-port-forwarded": (is) => `${is("nat")} がポート ${is("port")} を ${is("host")} へ転送します${other(is)}。`,

  "path-elsewhere": (is) => `転送は ${is("host")} の ${is("path")} で待ち受けており、${is("vantage")} からこのパスは指定できません。`,
  "socket-folder-denies": (is) => `${socket(is)}が、上位のディレクトリが ${is("as")} のアクセスを許可しません。`,
  "socket-mode-denies": (is) => `${socket(is)}ので、${is("as")} は開けません。`,
  "socket-mode-allows": (is) => `${socket(is)}ので、${is("as")} は開けます${other(is)}。`,
  "socket-gone": (is) => `${is("host")} の ${is("path")} にはもうファイルがありません。`,
  "socket-without-listener": (is) => `${is("path")} にソケットはありますが、待ち受けているプロセスがありません。`,

  "not-proven": (is) => `\`${is("verdict")}\` は証明されていません: ${missing[is("missing")] ?? is("missing")}。`,
  "probe-inconclusive": (is) => (is.has("said") ? `判定できませんでした: ${is("said")}` : "判定できませんでした。"),
  "socks-target-missing": (is) =>
    `SOCKS プロキシは ${is("host")}:${is("port")} への接続を通しますが、ラボにそのホストがありません。\`network.vantages\` に追加してください。`,
  "bind-name-unknown": (is) =>
    `バインドアドレス ${is("name")} は、ラボではアドレスのない名前なので、何も待ち受けていません。実際のホストで名前を解決できれば、待ち受ける可能性があります。`,
  "probe-missing": () => "このプローブは実行されませんでした。",
  "probes-contradict": (is) => `同じ宛先の測定結果が食い違っています: ${is("verdicts")}。`,
  "depends-on-chance": (is) => `結果は確率に左右され、\`${is("rule")}\` により次回は変わることがあります。`,
  "depends-on-program": (is) =>
    `\`${is("rule")}\` がパケットをラボで動いていないプログラムに渡すため、結果はそのプログラムによって変わります。`,
  "depends-on-clock": (is) => `結果は時刻に左右され、\`${is("rule")}\` により次回は変わることがあります。`,
  "depends-on-source-port": (is) => `\`${is("rule")}\` があるため、結果は接続元のポートによって変わります。`,
  "depends-on-retries": (is) =>
    `\`${is("rule")}\` があるため、最初のパケットが破棄されても、あとのパケットは通ることがあります。結果は、クライアントが何回、どのくらいの間隔で再試行するかによって変わります。`,
  "depends-on-lookups": (is) =>
    `結果は、どちらのホストが先に相手のリンク層アドレスを問い合わせたかによって変わります。\`${is("rule")}\` があるためパケットの宛先のリンク層アドレスは見つかりませんが、そのルールのあるホストが直前に問い合わせていれば見つかります。`,
  "depends-on-dial-port": (is) =>
    `\`${is("rule")}\` があるため、結果は転送先への接続の送信元ポートによって変わります。このポートは接続のたびに変わります。`,
  "self-check-missing": () => "ラボの自己診断は実行されませんでした。",
  "sources-inexact": (is) =>
    `${is("place")}: \`${is("rule")}\` は、書かれたアドレス以外のもので送信元を区別するので、1 つのアドレスでほかを代表できません。`,
  "sender-chooses": (is) =>
    `${is.has("place") ? `${is("place")}: ` : ""}\`${is("rule")}\` は、送信元ポートなど、接続する側が自由に選べるもので判断するので、遮断されていることを証明できません。`,
  "self-check-failed": (is) => `ラボの自己診断に失敗しました: ${is.list("checks").join("、")}。`,
  "nothing-expected": () => "期待値が 1 つも選ばれていないため、何も検証していません。",
  "waiver-expired": (is) => `免除 ${is("id")} は ${is("expires")} に期限が切れました（担当: ${is("owner")}）。`,
  "waiver-unused": (is) => `免除 ${is("id")} に該当する違反はありません（${is("vantage")} からの ${is("forward")}）。削除してください。`,

  // レビュー。
  "review-setting": (is) => `${setting(is)}により許可されます。`,
  "review-rule": (is) => `ファイアウォールがパケットを許可します: \`${is("rule")}\`。`,
  "review-no-rule": () => "パケットを遮るファイアウォールのルールがありません。",
  "review-no-firewall": () => "ファイアウォールが指定されていないため、パケットを遮るものがありません。",
  "review-bind-name-unknown": (is) =>
    `転送は ${is("name")} にバインドできますが、この名前はラボではアドレスがありません。実際のサーバーで名前を解決できれば、sshd はそこで待ち受けます。\`server.names\` にアドレスを書いたポリシーを調査してください。`,
  "review-cell-unproven": (is) => `${is("vantage")} から ${is("target")} に到達できるかどうかは証明できませんでした: ${why(is)}`,
  "review-answers-differ": (is) => `${is("principal")} の \`ssh ${is("ssh")}\` は、個別の ssh では結果が異なりました: ${is("differs")}。`,
  "patch-no-fix": () => "これだけを取り除く 1 つの変更はありません。",
  "patch-conflict": () => "上の修正と同じ行を変更します。",
  "patch-refused": () => "上の修正と合わせると、sshd またはファイアウォールのツールが拒否します。",
  "patch-opens": () => "上の修正と合わせると、新たに公開されるものがあります。",
  "patch-no-help": () => "上の修正と合わせると、これが残るか、上のどれかが元に戻ります。",
  "patch-not-tried": () => "時間がかかりすぎるため、上の修正と合わせては試していません。",
  "what-if-not-found": () => "読み込んだファイルの中に、この文が見つかりませんでした",
  "what-if-setting": () => "ファイアウォールのプログラムが、この設定から自分のルールを作ります",
  "what-if-shared-line": () => "この要素と同じ行に、ほかの要素があります",
  "what-if-order": () => "チェーンのルールが番号（`handle`、`replace`）でしかわかりません",
  "what-if-policy": () => "ポリシーが `accept` でも `drop` でもありません",
  "what-if-only-element": () => "リストには要素が必要で、これが唯一の要素です",
  "what-if-many": (is) => `この要素と、同じリストの残り ${Number(is("count")) - 1} 個: 数が多すぎます`,
  "review-ports-inexact": (is) =>
    `${is("place")}: \`${is("rule")}\` は、書かれた番号以外のものでポートを区別するので、1 つのポートでほかを代表できません。`,
  "review-clients-inexact": (is) =>
    `${is("place")}: \`${is("text")}\` は、アドレス以外のものでクライアントを区別するので、1 つのアドレスでほかを代表できません。`,
  "review-target-not-tried": (is) =>
    `sshd は ${is("target")} への接続を許可しますが、ラボにはそこにホストを置けないため、応答があるかどうかは確認していません。`,
  "review-logins-not-tried": (is) =>
    `${is.has("place") ? `${is("place")}: ` : ""}\`${is("rule")}\` は、ラボにクライアントがない場所からの ssh を許可する可能性がありますが、そのログインに何が許可されるかは確認していません。そこに接続元を追加し（\`network.vantages\`）、サーバーには接続を受けるインターフェースを追加してください（\`network.server\`）。`,

  "go-by-what-is-given": () =>
    "接続元のアドレス、受信インターフェース、接続先のポートなど、クライアントが自由に選べない条件をルールに使ってください",
  "name-the-address": (is) =>
    `そのホストでの ${is("name")} のアドレスを追加してください: \`server: { names: { ${is("name")}: アドレス } }\``,
  "look-at-the-lab": () => "`--keep` を付けて再実行し、ラボを直接調べてください",
  "free-the-port": (is) =>
    `ポート ${is("port")} を使っているものを ${is("host")} の \`ss -ltnp\` で確認してください${is.has("exits") ? "" : "。`-o ExitOnForwardFailure=yes` を付けると、ssh は転送なしで続行せずに終了します"}`,
  "port-of-other-forward": (is) =>
    `${is("host")} のポート ${is("port")} では、すでに ${is("other")} が待ち受けています。どちらかを別のポートにしてください`,
  "bind-own-address": (is) =>
    `${is("host")} が持つアドレス（${is.list("own").join("、")}）を使うか、先頭のコロン（\`:${is("port")}:…\`）ですべてのアドレスで待ち受けてください${is.has("router") ? `。${is("address")} は ${is("router")} のアドレスです` : ""}`,
  "setting-in-other-match": (is) =>
    `${is("place")} の \`${is("setting")}\` は \`${is("match")}\`（${is("matchPlace")}）に属し、${is("account")} には適用されません`,
  "take-a-high-port": (is) => `1024 以上のポートを使ってください。${is("host")} でポート ${is("port")} を待ち受けられるのは root だけです`,
  "find-other-service": (is) => `${is("target")} で応答しているものを ${is("host")} の \`ss -ltnp\` で確認し、別のポートを使ってください`,
  "syn-proxy-needs-setting": (is) =>
    `SYN プロキシは \`${is("setting")}\` が 0 のときだけ機能します。実際の ${is("host")} で 0 なら \`server.sysctl\` に追加してください`,
  "use-a-port": (is) => `${is("path")} の代わりにポートを転送してください。パスを開けるのは ${is("host")} のプロセスだけです`,
  "see-sibling": (is) => `先に ${is("sibling")} を直してください。拒否されている間、ssh はどの転送も開いたままにしません`,
  "open-again": () => "転送を開き直してください。待ち受けがなくなっています",
  "start-the-service": (is) => `転送先のサービスを起動し、${is("host")} から見たアドレスを確認してください`,
  "forward-the-port": (is) => `${is("nat")} でポート ${is("port")} を転送するか、外から届くサーバーへの \`-R\` を使ってください`,
  "give-a-route": (is) => `${is("vantage")} から ${is("address")} への経路を用意するか、\`reachable_from\` から外してください`,
  "use-local-forward": (is) =>
    `\`-R\` はサーバー側でポートを開きます。${is("from")} からサーバーのサービスを使うには \`-L\` を使ってください`,
  "nothing-keeps-out": (is) =>
    `サービスに認証を設けるか、この転送をやめてください。${is("who")} が ${is("what")} を開くのを防ぐものはありません`,
  "nothing-keeps-local-out": (is) =>
    `サービスに認証を設けるか、この転送をやめてください。${is("target")} にはローカルのどのプロセスも接続できます`,
  "firewall-leaves-open": (is) =>
    `ポリシーに指定したファイアウォールは ${is("host")} への IPv${is("family")} の接続元を制限していません。ルールを追加するか、\`firewall:\` に両方のダンプを指定してください`,
  "neighbour-needs-rule": (is) =>
    `${is("host")} と同じ LAN のホストは、${is("host")} をネクストホップにすると ${is("host")} のほかのアドレスにも到達できます。防げるのはファイアウォールだけです。${is.has("filtered") ? "ルールを追加してください" : `${is("host")} にあれば \`firewall:\` に追加してください`}`,
  "no-firewall": (is) => `${is("host")} には接続元を制限するファイアウォールがありません。ある場合は \`firewall:\` に指定してください`,
  "decide-which-is-right": (is) => `どちらが正しいか決めてください。ポリシーは \`${is("expected")}\`、実際は \`${is("observed")}\` です`,
  "set-setting": (is) => `${settingsAt(is)} にしてください`,
  "set-gateway-ports-and-colon": (is) => `${settingsAt(is)} にし、\`-R\` の先頭にコロンを付けてください: \`-R ${is("listener")}:…\``,
  "add-leading-colon": (is) => `ポートの前にコロンを付けてください: \`${is("listener")}:…\``,
  "set-setting-and-address": (is) =>
    `${settingsAt(is)} にし、転送は ${is("address")} に限られるので、ポリシーの ${enumeratedJa(is.list("vantages"))} にこのアドレスを指定してください`,
  "name-address-in-policy": (is) =>
    `転送は ${is("address")} に限られるので、ポリシーの ${enumeratedJa(is.list("vantages"))} にこのアドレスを指定してください`,
  "allow-in-key": (is) => `${is("place")} の鍵のオプションで転送を許可してください: \`${is("options")}\``,
  "permit-in-key": (is) => `${is("place")} の鍵のオプションに \`${is("option")}\` を加えてください`,
  "set-for-account": (is) => `末尾の \`Match\` ブロックで ${is("account")} に ${settings(is)} を設定してください`,
  "set-for-match": (is) => `末尾に \`Match ${is("match")}\` のブロックを置き、${settings(is)} を設定してください`,
  "set-for-account-first": (is) =>
    `${is("place")} の前に専用の \`Match\` ブロックを置き、${is("account")} に ${settings(is)} を設定してください`,
  "move-accept": (is) => `${is("late")} のルールは位置が後ろすぎます。${is("place")} の前へ移してください`,
  "accept-before": (is) => `${is("place")} の前に挿入してください: ${rules(is)}`,
  "set-ufw-ipv6": (is) =>
    `${is("at")} を \`IPV6=yes\` にしてください。${is.list("rules").length > 0 ? `また、${is("place")} の前に挿入してください: ${rules(is)}` : "そうしないと、ufw はルールに関係なく IPv6 のパケットをすべて破棄します"}`,
  "narrow-accept": (is) => `${is("place")} のルールを、接続を許す相手だけに絞ってください: ${rules(is)}`,
  "remove-accept": (is) => `${is("place")} のルールを削除してください。接続するのはサーバー自身だけです`,
  "drop-before": (is) => `${is("place")} の前に挿入してください: ${rules(is)}`,
  "remove-rule": (is) => `${is("place")} のルールを削除してください。接続を許す相手には不要です`,
  "review-add-setting": (is) =>
    `${is.has("beforeMatch") ? "最初の `Match` より前の " : ""}${is("place")} に、新しい行として \`${is("setting")}\` を追加してください`,
  "review-remove-rule": (is) => `${is("place")} のルールを削除してください`,
  "remove-redirect": (is) => `${is("place")} のルールを削除してください。別のポートへの接続を転送に導いています`,
  "drop-gateway-option": () => "`-g` を外してください。ssh がほかのホストからの接続も待ち受けるようになります",
  "drop-bind-address": (is) => `ループバックだけで待ち受けるようにしてください: \`${is("listener")}:…\``,
  "no-single-change": (is) => (is("tried") === "0" ? "提案できる変更はありません" : noneFixes(is)),
  "no-change-found-in-time": (is) =>
    is("tried") === "0" ? "時間が足りず、変更を試せませんでした" : `${noneFixes(is)}。試していない変更が残っています`,

  "ssh-failed-first": () => "サーバーが判断する前に ssh が失敗しました。ログは JSON と HTML のレポートにあります",
};

const missing: Record<string, string> = {
  nonce: "サービスのノンスが返ってきませんでした",
  connection: "接続の確立を確認できませんでした",
  closing: "サービスのノンスが返ってきました",
  arrival: "拒否した側にパケットが届いたことを確認できませんでした",
  rule: "パケットを破棄または拒否したルールを確認できませんでした",
  "route-error": "経路エラーも ICMP メッセージも確認できませんでした",
};

const packets: Record<string, string> = {
  request: "パケット",
  reply: "応答",
  data: "ハンドシェイク後のデータ",
  dial: "転送先への接続",
  neighbour: "リンク層アドレスの問い合わせ（ARP または近隣探索）",
};

function noneFixes(is: Words): string {
  const together = is("tried") === "1" ? "" : "（組み合わせを含む）";
  return `試した ${is("tried")} 通りの変更${together}では、ほかに影響を与えずに直すことはできません`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function rules(is: Words): string {
  const inserted = is.list("rules").map(code).join("、");
  const chosen = is.list("chosen");
  if (chosen.length === 0) return inserted;
  return `${inserted}。${chosen.join("、")} はラボが割り当てたアドレスです。実際のアドレスに置き換えるか、ポリシーの \`network\` に書いてもう一度実行してください`;
}

/** Follows the sentence about a setting that has later lines of the same keyword. */
export function ignoredLines(is: Words): string {
  const places = is.list("ignoredAt");
  const lines = is.list("ignored").map((setting, at) => `\`${setting}\`（${places[at] ?? ""}）`);
  return `sshd が使うのは最初の行だけで、${lines.join("、")} は無視されます。`;
}

function visitor(is: Words): string {
  return is.has("visitor") ? "転送ポートは接続を受け付けますが、サーバーがチャネルを拒否します: " : "";
}

function asked(is: Words): string {
  return `${is.has("address") ? ` ${is("address")} の` : "全アドレスの"}ポート ${is("port")} `;
}

function dialled(is: Words): string {
  return is.has("path") ? is("path") : `${is("host")}:${is("port")}`;
}

/** ホスト自身のもの、またはその手前にあるクラウドのもの。 */
function firewall(is: Words, host: string): string {
  return is.has("front") ? `${is(host)} の手前にあるクラウドのファイアウォール` : `${is(host)} のファイアウォール`;
}

function admittedAt(is: Words): string {
  return is.has("admittedFile") ? `（${is("admittedFile")}:${is("admittedLine")}）` : "";
}

function packet(direction: string): string {
  return packets[direction] ?? direction;
}

function listens(is: Words): string {
  return is.list("listeners").length === 0
    ? "何も待ち受けていません"
    : `${is("program")} は ${enumeratedJa(is.list("listeners"))} だけで待ち受けています`;
}

function span(seconds: string): string {
  return formatDurationJa(Number(seconds));
}

function setting(is: Words): string {
  return `\`${is("setting")}\`${is.has("byDefault") ? "（既定値）" : " "}`;
}

function socket(is: Words): string {
  return is.has("file") ? `${is("path")} は ${is("file")} です` : `${is("path")} は存在します`;
}

function other(is: Words): string {
  return `${is.has("wrongService") ? "（ただし、応答するのは目的とは別のサービスです）" : ""}${linkLocal(is)}${later(is)}${slow(is)}`;
}

function later(is: Words): string {
  if (is.has("portsStoppedBy")) return `（接続元のポートによっては \`${is("portsStoppedBy")}\` に止められます）`;
  return is.has("stoppedFirst") ? `（最初のパケットは \`${is("stoppedFirst")}\` に止められますが、再送されたパケットは通ります）` : "";
}

function linkLocal(is: Words): string {
  return is.has("linkLocal") ? "（リンクローカルアドレスは隣のホストならどれでも使え、ほかのアドレスのためのルールは適用されません）" : "";
}

function slow(is: Words): string {
  if (!is.has("slowDialler")) return "";
  const because = is.has("slowRule") ? `: \`${is("slowRule")}\`` : "";
  return `（${is("slowDialler")} が最初に接続するアドレスから応答がないため、応答までに 2 分以上かかります${because}）`;
}

/** Why a cell of a review proves nothing, by the code that it names. */
function why(is: Words): string {
  const sentence = Object.hasOwn(japanese, is("why")) ? japanese[is("why")] : undefined;
  return sentence ? sentence(is) : `${is("why")}。`;
}

function settings(is: Words): string {
  return enumeratedJa([is("setting"), ...is.list("more")].map(code));
}

function settingsAt(is: Words): string {
  return is.has("account")
    ? `${is("place")} の \`Match\` ブロックで ${is("account")} の設定を ${settings(is)}`
    : `${is("place")} を ${settings(is)}`;
}
