/** Faults of a running lab in Japanese. */
import type { LabFaults } from "../core/lab-faults.ts";
import type { FaultWords } from "./fault-words.ts";

type LabTable = { readonly [Code in keyof LabFaults]: (is: LabFaults[Code]) => FaultWords };

const doctor = "`forwardlab doctor` を実行してください。";

export const labFaults: LabTable = {
  "program-not-ready": ({ command, host, seconds }) => ({
    message: `${host} で実行した \`${command}\` が、${seconds === undefined ? "準備の整う前に終了しました" : `${seconds} 秒たっても準備が整いません`}。`,
    todo: "そのホストで直接実行して、出力を確認してください（`forwardlab up`、`forwardlab shell HOST`）。",
  }),
  "program-port-taken": ({ command, host, port, by, address }) => ({
    message: `${host} のポート ${port} は使用中のため、\`${command}\` はそこで待ち受けられません。`,
    found: `${by} が ${address} で待ち受けている`,
  }),
  "capture-filter": ({ name, filter }) => ({
    message: `${name} で、フィルター \`${filter}\` を使ったキャプチャができません。`,
    expected: "tcpdump のフィルター",
  }),
  "capture-lost": ({ name, lost }) => ({
    message: `${name} のキャプチャが ${lost} 個のパケットを取りこぼしました。キャプチャにないパケットについては何も証明できません。`,
    todo: "フィルターを絞り込むか、通信量を減らしてください。",
  }),
  "service-path-taken": ({ said }) => ({
    message: `ラボのサービスがソケットで待ち受けられません: \`${said}\``,
    todo: "まだファイルのないパスを使ってください。",
  }),
  "service-port-taken": ({ said }) => ({
    message: `ラボのサービスがポートで待ち受けられません: \`${said}\``,
    todo: "空いているポートを使ってください。",
  }),
  "socks-target": ({ target, ssh }) => ({
    message: ssh === undefined ? `${target} は接続先として正しくありません。` : `${ssh} は SOCKS プロキシではありません。`,
    found: `target: ${target}`,
    expected:
      ssh === undefined
        ? "`ホスト:ポート`（IPv6 アドレスは角括弧で囲む）"
        : "接続元が宛先を決める転送（-D、またはポートだけを指定した -R）",
  }),
  "image-without-sshd": ({ host }) => ({
    message: `ホスト ${host} のイメージに OpenSSH サーバーがありません。`,
    expected: "sh と sshd のあるイメージ（sshd は PATH、/usr/sbin、/sbin、/usr/local/sbin、/usr/lib/ssh のどれか）",
    todo: "openssh-server の入ったイメージを使うか、`image:` を外してください。",
  }),
  "image-incomplete": ({ said }) => ({
    message: `ホストのコンテナが終了しました: \`${said}\``,
    expected: "`sleep` と `sh` のあるイメージ",
    todo: "プログラムが 1 つだけのイメージではなく、システム一式の入ったイメージを使ってください。",
  }),
  "lab-broken": ({ said }) => ({ message: `ラボを起動できません: \`${said}\``, todo: doctor }),
  "lab-rules": () => ({ message: "ラボ自身のルールを読み込めません。", todo: doctor }),
  "lab-firewall-again": ({ host }) => ({ message: `${host} のファイアウォールは、一度読み込めた後、もう一度読み込めませんでした。` }),
  "lab-not-listed": () => ({ message: "起動したばかりのラボが、コンテナエンジンに見つかりません。", todo: doctor }),
  "lab-without-server": () => ({
    message: "ラボに `server` というホストがありません。",
    expected: "sshd を実行する `server` という名前のホスト",
  }),
  "server-account-unknown": ({ name, known }) => ({
    message: `このラボのサーバーに ${name} というアカウントはありません。`,
    expected: `${known.join("、")} のどれか`,
    todo: "`server.accounts` に追加してください。",
  }),
  "keys-unreadable": ({ path, why }) => ({ message: `${path} を読み込めません: ${why}`, expected: "authorized_keys のファイル" }),

  "sshd-silent": ({ asked, seconds }) => ({
    message:
      `${asked === undefined ? "セッション" : ` ${asked} への接続`}を sshd に要求しましたが、${seconds} 秒以内に応答がありません。`.trimStart(),
    expected: "接続、または接続できない理由",
    todo: "マシンの負荷が高ければ、ほかの処理を減らしてください。そうでなければ、sshd かそのパケットを止めているものを探してください。",
  }),
  "jump-cannot-connect": ({ hop, host, port, said }) => ({
    message: `踏み台サーバー ${hop} から ${host} のポート ${port} に接続できません${said === undefined ? "。理由の出力はありません。" : `: \`${said}\``}`,
    expected: "踏み台サーバーから次の sshd のポートへの TCP 接続",
    todo: "次のサーバーのファイアウォールで踏み台サーバーを許可するか、その Port、ListenAddress、`network:` のアドレスを直してください。",
  }),
  "jump-no-further": () => ({
    message: "ssh は踏み台サーバーを通過しましたが、その先に進みません。",
    todo: "ログを確認してください。",
  }),
  "ssh-connection-gone": ({ account, ended }) => ({
    message: ended
      ? `サーバーが応答する前に、${account} としてログインした ssh の接続が切れました。`
      : `${account} としてログインした ssh の要求に、サーバーが応答しません。`,
  }),
};
