/** Japanese. */
import type { LoginSettingBecause } from "../core/adaptation.ts";
import type { AdaptationTable } from "./adaptation-table.ts";

const kernelBecause = {
  "privileged-ports": "通常のホストと同じく、1024 未満のポートを使えるのは root だけです",
  "no-routing": "ホストはパケットを中継しません",
  "ipv6-at-once": "通常のホストと同じく IPv6 は有効ですが、重複アドレス検出は行いません",
};

const settingBecause: Record<LoginSettingBecause, (instead: string) => string> = {
  "no-public-keys": () => "設定では no ですが、ラボは鍵でログインします",
  "other-methods": (methods) => `設定は ${methods} を求めますが、ラボには鍵が 1 つだけあり、第 2 の認証要素はありません`,
  "keys-elsewhere": () => "設定では鍵を別の場所から取得しますが、ラボの鍵はファイルにあります",
  "no-plain-key": () => "設定で許可されているのは証明書かハードウェアの鍵だけで、通常の鍵は使えません",
  "no-plain-certificate": () => "設定では通常の鍵の証明書が許可されていません",
  "no-common-ca": () => "すべてのアカウントで許可される CA の種類がありません",
  "command-not-run": (command) => `ラボでは ${command} を実行できません`,
  "principals-elsewhere": () => "ラボのプリンシパルはファイルにあります",
  "log-too-short": () => "ラボは sshd の判断の理由をログから読み取ります",
};

export const japanese: AdaptationTable = {
  every: { host: "すべてのホスト", container: "すべてのコンテナ" },
  what: {
    "kernel-settings": (is) => `${is.settings.join(", ")}（${kernelBecause[is.why]}）`,
    "ports-reserved": (is) =>
      `net.ipv4.ip_local_reserved_ports = ${is.ports}（転送に使うポートを、外向きの接続が送信元ポートとして使わないようにします）`,
    "names-written": () => "/etc/hosts と /etc/resolv.conf（ラボのホスト名は解決でき、ほかの名前はすぐに失敗します）",
    "tun-made": () => "/dev/net/tun（通常のホストにあり、ssh -w に必要です）",
    "tun-missing": () => "/dev/net/tun なし（コンテナエンジンがデバイスの作成を許可しないため、ssh -w は失敗します）",
    "observation-table": () =>
      "nft のテーブル `forwardlab`（TCP ハンドシェイク、プローブの最初のデータ、ARP、近隣探索をカーネルに追跡させるもので、何も遮断しません）",
    "runtime-folder": (is) => `${is.account} のために ${is.folder} を作成（本来は systemd がログイン時に作ります）`,
    "lab-socket": (is) => `${is.path} はラボのサービスで、すべてのアカウントが開けます（どこに到達したかを証明するため）`,
    "front-firewall": () => "手前にあるクラウドのファイアウォールを、このホスト自身のカーネルのテーブルとして設定",
    "neighbour-added": (is) => `ポリシーでは ${is.lan} に観測地点がないため、ラボが追加したホスト`,

    "keyword-commented-out": (is) => `${is.place}: この sshd にない ${is.keyword} をコメントアウト（ignore_unknown）`,
    "host-keys": (is) => `ラボのホスト鍵: ${is.paths.join(", ")}`,
    "cgroups-made": (is) =>
      `作成した cgroup: ${is.groups.join("、")}${is.pam === undefined ? "" : `（${is.pam} に追加したルールが、pam_systemd と同じようにログインをそれぞれの cgroup に移します）`}`,
    "sshd-options": (is) => `sshd のコマンドライン: ${is.settings.map((setting) => `-o ${setting}`).join(" ")}`,
    "revoked-keys-emptied": (is) => `RevokedKeys ${is.path} は渡されていないため、空のファイルを使用`,
    "chroot-made": (is) => `ChrootDirectory ${is.paths.join(", ")} を作成（所有者は root で、ほかには何もありません）`,
    "xauth-made": (is) => `何もしないラボの ${is.path} を配置（ないと sshd は X11 を拒否します）`,

    "account-unlocked": (is) => `イメージでロックされていたアカウント ${is.account} のロックを解除（パスワードはありません）`,
    "accounts-copied": (is) =>
      `イメージのアカウントとグループを、${is.passwd} の ${is.accounts} アカウントと ${is.group} の ${is.groups} グループに置き換え（パスワードは含みません）`,
    "accounts-created": (is) => `作成したアカウント: ${is.accounts.join("、")}`,
    "login-shell-replaced": (is) => `ログインシェル ${is.shell} はイメージにないため、スクリプトで代用`,
    "login-setting": (is) => `${is.account} に適用: ${is.line}（${settingBecause[is.why](is.instead ?? "")}）`,
    "command-output-given": (is) =>
      `${is.setting} は実行せず、${is.account} にはポリシーが指定する${is.prints === "keys" ? "鍵" : "プリンシパル"}を使用`,
    "lab-keys": (is) => `ラボの鍵を書いた authorized_keys: ${is.path}`,
    "lab-ca": (is) => `${is.path}（TrustedUserCAKeys）をラボの CA で置き換え`,
    "principals-copied": (is) => `${is.file} を ${is.path} にそのまま配置`,
    "lab-principal": (is) => `${is.path} にプリンシパル ${is.account}（オプションなし）を記載（このファイルのコピーは渡されていません）`,
    "certificate-copied": (is) => `${is.account} は、${is.file} の内容をラボの鍵に対して写し、ラボの CA が署名した証明書でログインします`,
    "certificate-made": (is) =>
      `${is.account} は、ラボの CA が署名した証明書でログインします。すべての extension を持ち、プリンシパルは ${is.principals.join(",")} です${is.place === undefined ? "" : `（${is.place}）`}`,
  },
};
