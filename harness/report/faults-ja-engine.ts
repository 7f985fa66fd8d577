/** Faults of container engines and images in Japanese. */
import type { EngineFaults, MachineLacks } from "../core/engine-faults.ts";
import type { FaultWords } from "./fault-words.ts";

type EngineTable = { readonly [Code in keyof EngineFaults]: (is: EngineFaults[Code]) => FaultWords };

/** Why neither the embedded engine nor a base of an image can be had here. */
export const lacking: Record<MachineLacks, string> = {
  linux: "Linux が必要です",
  root: "root 権限が必要です",
  "apt-get": "apt-get（Debian または Ubuntu）が必要です",
};

const mirror =
  "このマシンの apt がそのリリースの Debian ミラーに接続できることを確認するか、コンテナエンジンからレジストリに接続できるようにしてください。";
const writeAgain = "`forwardlab cache export` で書き出し直してください。";

export const engineFaults: EngineTable = {
  "engine-disk-full": () => ({
    message: "コンテナエンジンのディスクがいっぱいです。",
    todo: "空き容量を増やしてから（何が使っているかは `docker system df` でわかります）、もう一度実行してください。",
  }),
  "engine-none": ({ permission, account, lacks }) => ({
    message: "このマシンで応答するコンテナエンジンがありません。",
    expected: "このアカウントで使える、Docker 互換のコンテナエンジン",
    todo: `${startEngine(permission, account)}（ここでは組み込みエンジンを使えません。${lacking[lacks]}）`,
  }),
  "engine-dead": (is) => ({
    message: `${is.source} が指すコンテナエンジンが応答しません。`,
    todo: "そのコンテナエンジンを起動するか、変数を直してください。変数を消すと、forwardlab が自分で探します。",
  }),
  "image-name": ({ name }) => ({
    message: `\`${name}\` はイメージ名ではありません。`,
    expected: "registry/name:tag、name:tag、name@sha256:…、またはイメージ ID",
  }),
  "image-not-pulled": ({ image }) => ({
    message: `イメージ ${image} がコンテナエンジンにありません。`,
    expected: "コンテナエンジンにあるイメージ（ポリシーのイメージをプルするのは `--pull` を付けたときだけです）",
    todo: `ビルドするか、\`docker pull ${image}\` を実行してください。ポリシーとイメージを信頼できるなら、\`--pull\` を付けてください。`,
  }),
  "image-not-found": ({ image, versions }) => ({
    message: `イメージ ${image} はコンテナエンジンになく、プルもできません。`,
    todo: `先にビルドするか \`docker pull\` を実行するか、次の OpenSSH のバージョンを使ってください: ${versions.join("、")}`,
  }),
  "image-not-built": (is) => ({
    message: `Debian ${is.suite} のイメージ ${is.image} を作成できませんでした。`,
    todo: "どのステップで失敗したかはログの末尾にあります。多くの場合、パッケージのミラーに接続できないことが原因です。",
  }),
  "base-not-built": ({ suite }) => ({ message: `Debian ${suite} のベースイメージを作成できませんでした。`, todo: mirror }),
  "base-none": ({ suite, registry, said, lacks }) => ({
    message: `Debian ${suite} のベースイメージがありません。`,
    found: `${registry} をプルできず（\`${said}\`）、Debian のパッケージから作ることもできません（${lacking[lacks]}）。`,
    todo: `コンテナエンジンからレジストリに接続できるようにするか、${registry} のアーカイブを \`docker load\` で読み込んでください。`,
  }),
  "base-not-imported": ({ name }) => ({
    message: `ベースイメージ ${name} をコンテナエンジンに取り込めませんでした。`,
    todo: "コンテナエンジンのログを確認してください。",
  }),
  "bridge-not-made": ({ name, command }) => ({
    message: `組み込みエンジンのブリッジ ${name} を作成できませんでした（\`${command}\`）。`,
    todo: "組み込みエンジンには、ネットワークインターフェースを作成する権限が必要です（コンテナの中では --privileged）。または、DOCKER_HOST に別のコンテナエンジンを指定してください。",
  }),
  "bridge-not-removed": ({ name }) => ({
    message: `組み込みエンジンのブリッジ ${name} を削除できませんでした。`,
    todo: `\`ip link del ${name}\` で削除してください。`,
  }),
  "bridge-no-network": () => ({
    message: "組み込みエンジンが使えるプライベートネットワークは、このマシンですべて使用中です。",
    todo: "DOCKER_HOST に別のコンテナエンジンを指定してください。",
  }),
  "embedded-impossible": ({ lacks }) => ({
    message: `ここでは組み込みエンジンを使えません。${lacking[lacks]}。`,
    todo: "Docker を起動し、そのエンドポイントを DOCKER_HOST に指定してください。",
  }),
  "embedded-does-not-start": ({ seconds }) => ({
    message:
      seconds === undefined ? "組み込みエンジンが起動中に終了しました。" : `組み込みエンジンが ${seconds} 秒以内に応答しませんでした。`,
    todo: "下のログを確認してください。コンテナの中では --privileged が必要です。`forwardlab engine rm` で初期状態に戻すか、DOCKER_HOST に別のコンテナエンジンを指定してください。",
  }),
  "embedded-does-not-stop": () => ({
    message: "組み込みエンジンのプロセスの一部を終了できませんでした。",
    todo: "プロセスがカーネルの中で止まっています。もう一度試すか、マシンを再起動してください。",
  }),
  "debian-packages": ({ packages }) => ({
    message: `Debian のパッケージをダウンロードできませんでした${packages.length > 0 ? `: ${packages.join("、")}` : "。"}`,
    todo:
      packages.length > 0
        ? "このマシンで `apt-get update` が成功することを確認するか、Docker を起動して DOCKER_HOST に指定してください。"
        : mirror,
  }),
  "debian-package": ({ file }) => ({ message: `パッケージ ${file} を展開できませんでした。`, todo: "もう一度実行してください。" }),
  "npm-packages": ({ image }) => ({
    message: `イメージ ${image} に必要な npm パッケージをインストールできませんでした。`,
    todo: "このマシンに npm があり、そのレジストリに接続できること（`npm ping`）を確認してから、もう一度実行してください。",
  }),
  "cache-unusable": ({ folder }) => ({
    message: `forwardlab のキャッシュディレクトリ ${folder} を使えません。`,
    todo: "書き込めるようにして空き容量を増やすか、FORWARDLAB_CACHE に別のディレクトリを指定してください。",
  }),
  "engine-userns": ({ engine }) => ({
    message: "コンテナエンジンが、コンテナに独自の ID を割り当てています。",
    found: `${engine}（userns-remap）`,
    expected: "userns-remap を使わないコンテナエンジン（ラボは外からコンテナに入ります）",
    todo: "別のコンテナエンジン（DOCKER_HOST）、または全体が rootless のコンテナエンジンを使ってください。",
  }),
  "image-unknown": ({ known }) => ({ message: "forwardlab にその名前のイメージはありません。", expected: known.join("、") }),
  "openssh-unknown": ({ known }) => ({
    message: "このバージョンの OpenSSH を含む Debian のリリースはありません。",
    expected: `${known.join("、")} のどれか`,
    todo: "どれかを選ぶか、使いたい sshd の入ったイメージを `image:` に指定してください。",
  }),
  "archive-unreadable": () => ({ message: "イメージのファイルを読み込めません。" }),
  "archive-unwritable": () => ({ message: "イメージのファイルに書き込めません。" }),
  "archive-refused": () => ({ message: "コンテナエンジンがイメージのファイルを受け付けません。", todo: writeAgain }),
  "archive-other-file": () => ({
    message: "forwardlab のイメージのファイルではありません。",
    expected: "`forwardlab cache export` が書き出したファイル",
    todo: "そのファイルを指定してください。`docker save` のアーカイブは `docker load` で読み込めます。",
  }),
  "archive-outdated": ({ machine, engine, foreign, usual }) => ({
    message: machine === undefined ? "別のバージョンの forwardlab のイメージです。" : "別のアーキテクチャ用のイメージです。",
    found: machine === undefined ? foreign.join("、") : `${machine} 用のイメージ`,
    expected: machine === undefined ? `このバージョンのイメージ: ${usual.join("、")}` : `${engine} 用のイメージ`,
    todo: `${writeAgain}書き出し直す必要があるかどうかは \`forwardlab cache key\` でわかります。`,
  }),
  "archive-damaged": ({ found, bytes }) => ({
    message: "イメージのファイルが壊れています。",
    found: found === undefined ? "ファイルに記録されたものと異なるハッシュ" : `${found} バイト`,
    expected: found === undefined ? "記録されたとおりのハッシュ" : `${bytes} バイト`,
    todo: `削除してから、${writeAgain}`,
  }),
};

function startEngine(permission: string | undefined, account: string | undefined): string {
  if (permission === undefined)
    return "Docker（`systemctl start docker`）か Podman（`systemctl --user start podman.socket`、root なら `--user` なし）を起動するか、DOCKER_HOST を設定してください。";
  return account === undefined
    ? `${permission} は root のものです。このアカウントの Podman を起動し（\`systemctl --user start podman.socket\`）、見つからなければ DOCKER_HOST を設定してください。`
    : `このアカウントに ${permission} を使う権限を与えるか（root で \`usermod -aG docker ${account}\` を実行し、ログインし直します）、rootless のコンテナエンジンを使ってください。`;
}
