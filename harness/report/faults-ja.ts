/** Faults of commands, configs, keys, firewalls and labs in Japanese: all that a page can show whose reader gives no policy. */
import { enumeratedJa } from "../core/enumerated.ts";
import type { FaultParams, FirewallLacks, NoCertificate, PortRefusal, RefusedKeyword, RefusedOption } from "../core/fault.ts";
import { type FaultTable, type FaultWords, foundInstead } from "./fault-words.ts";

const needsServers = "踏み台サーバーを使うには、その先のサーバーを `servers:` に書いたポリシーが必要です";
const readsMessages = "ラボは ssh 自身のメッセージを読み取ります";

const optionBecause: Record<RefusedOption, string> = {
  J: `-J: ${needsServers}。`,
  W: "-W は 1 つの接続を標準入出力につなぐだけで、検証できる待ち受けを作りません。",
  w: "トンネルデバイス（-w）にはまだ対応していません。",
  O: "制御コマンド（-O）には実行中のマスター接続が必要です。転送そのものを書いてください。",
  E: `${readsMessages}。-E を外してください。`,
  y: `${readsMessages}。-y（syslog）を外してください。`,
  G: "-G は ssh の設定を表示するだけです。",
  Q: "-Q は ssh が対応する機能を表示するだけです。",
  V: "-V は ssh のバージョンを表示するだけです。",
  l: "アカウントは `as:` で指定します。-l を外してください。",
  F: "ここに書いた引数だけが有効になるように、ラボは ssh を -F none で実行します。",
  s: "サブシステム（-s）は転送ではありません。-s を外してください。",
  1: "ssh は SSH プロトコル 1 に対応しなくなりました。",
  q: `${readsMessages}。-q を外してください。`,
  v: "ssh の出力の詳しさはラボが設定します。-v を外してください。",
};

const keywordBecause: Record<RefusedKeyword, string> = {
  proxyjump: `${needsServers}。`,
  proxycommand: "ProxyCommand にはまだ対応していません。ssh を実行するホストから転送を開いてください。",
  user: "アカウントは `as:` で指定します。",
  hostname: "接続先はラボが付け加えます。",
  tunnel: "トンネルデバイスにはまだ対応していません。",
  sessiontype: "代わりに -N を使ってください。",
  forkafterauthentication: "代わりに -f を使ってください。",
  remotecommand: "ラボはサーバーでコマンドを実行しません。外してください。",
};

const forms = {
  forward: "`[待ち受けアドレス:]ポート:ホスト:ポート`（IPv6 アドレスは角括弧で囲む）",
  "dynamic-forward": "`[待ち受けアドレス:]ポート`",
  jump: "`-J [ユーザー@]ホスト[:ポート]`（複数ならコンマで区切る）",
};

const optionForms = {
  DynamicForward: "待ち受けだけ: `DynamicForward [bind_address:]port`",
  LocalForward: "待ち受けと転送先の間に空白: `LocalForward [bind_address:]port host:port`",
  RemoteForward: "待ち受けと転送先の間に空白: `RemoteForward [bind_address:]port host:port`",
};

const dumps = "`iptables-save` と `ip6tables-save` の出力";
const listing = "`nft list ruleset` の出力";
const saveAdvice = {
  "byte-order-mark": "ファイルを BOM なしの UTF-8 で保存してください。",
  "utf-16": "ファイルが UTF-16 になっています。UTF-8 で保存してください。",
};

const correctLine = "その行を直してください。サーバーで `sshd -t` を実行しても同じエラーが出ます。";
const doctor = "`forwardlab doctor` を実行してください。";

const fillTemplate = "先にテンプレートを展開し（Ansible、Puppet、Helm など）、できたファイルを使ってください。";

const loginAdvice = {
  from: "この鍵の `from=` を直すか、ssh の実際の接続元アドレスを `network`（ホストの `public` か `address`）に書くか、別の鍵（`key:`）を使ってください。",
  "expiry-time": "この鍵の `expiry-time` を更新するか、別の鍵（`key:`）を使ってください。",
  none: "設定が許可するアカウントを使う（AllowUsers、AllowGroups、DenyUsers、PermitRootLogin、鍵の from=、証明書の有効な範囲）か、設定を直してください。",
};

const loadAdvice: Record<FaultParams<"firewall-load">["advice"], string> = {
  "from-iptables": `これらのルールは iptables で作られたものです。${listing}ではなく、${dumps}を使ってください。`,
  template: fillTemplate,
  "last-line": "最後の行を改行で終えてください。サーバーの nft もこの改行を必要とします。",
  "line-ends": "改行コードを LF にしてください。サーバーの nft も CRLF を受け付けません。",
  "dump-line-ends": "改行コードを LF にしてください。サーバーの iptables-restore も CRLF を受け付けません。",
  kernel:
    "このルールに必要なモジュールが、コンテナエンジンのカーネルにない可能性があります（`forwardlab doctor` で確認できます）。そうでなければルールを直してください。",
  nft: "ファイルを直してください。サーバーで `nft -c -f FILE` を実行しても確認できます。",
  iptables: "ファイルを直してください。サーバーで `iptables-restore --test FILE` を実行しても確認できます。",
};

const lackingWords: Record<FirewallLacks, (name: string) => { what: string; todo: string }> = {
  account: () => ({
    what: "そのアカウントまたはグループはラボのサーバーにありません",
    todo: "`server.accounts`（グループなら `groups`）に追加するか、番号で指定してください。",
  }),
  "host-name": () => ({ what: "その名前はラボでは解決できません", todo: "`server.names: { 名前: アドレス }` に追加してください。" }),
  interface: (name) => ({
    what: name === "" ? "そのインターフェースはラボのサーバーにありません" : `インターフェース ${name} はラボのサーバーにありません`,
    todo: `\`network.server\` または \`network.servers.NAME\` に書いてください（例: \`[{ interface: eth0, … }, { interface: ${name || "docker0"}, … }]\`）。`,
  }),
  set: (name) => ({
    what: `セット ${name} はラボにありません（サーバーでは ipset で作られています）`,
    todo: "サーバーで `ipset save > ipset.save` を実行し、`server.ipsets: ./ipset.save` を追加してください。",
  }),
  cgroup: (name) => ({
    what: `ラボのサーバーに cgroup ${name} がありません`,
    todo: `sshd とログインが動く cgroup を \`server.cgroups: { sshd: /system.slice/ssh.service, logins: { アカウント: /user.slice/… } }\` のように書いてください。どちらも ${name} で動いていなければ、\`others\` に加えてください。`,
  }),
  "cgroup-support": () => ({
    what: "このコンテナエンジンでは、cgroup に一致するルールを検証できません",
    todo: "cgroup v2 とカーネル 6.11 以降（またはその修正を含むもの）のマシンにあるエンジンを使ってください。ファイルは正しい可能性があります。",
  }),
  extension: (name) => ({
    what: `ここの iptables に拡張 \`${name}\` がありません`,
    todo: `サーバーには追加の拡張（xtables-addons など）があるようです。${name} を使うルールを除いたダンプのコピーで検証してください。`,
  }),
  "kernel-module": (name) => ({
    what: `コンテナエンジンのマシンのカーネルに ${name} がありません`,
    todo: `そのマシンで読み込む（\`modprobe ${/^\w+$/.test(name) ? name : "…"}\`）か、それを備えたカーネルのマシンを使ってください。ファイルは正しい可能性があります。`,
  }),
};

const notLoadable: Record<FaultParams<"firewall-not-loadable">["is"], { found: string; todo: string }> = {
  nothing: { found: "ルールがない（コメントだけ）", todo: "サーバーにファイアウォールがなければ、`firewall:` を外してください。" },
  "iptables-commands": {
    found: "iptables や nft を呼び出すシェルスクリプト",
    todo: `サーバーで実行してから、${dumps}、または ${listing}を使ってください。`,
  },
  "nft-json": { found: "JSON", todo: `-j を付けない ${listing}を使ってください。` },
  "iptables-listing": { found: "`iptables -L` の出力", todo: `${dumps}を使ってください。` },
  template: { found: "テンプレート", todo: fillTemplate },
  unknown: { found: "不明な形式", todo: `${listing}、または ${dumps}を使ってください。` },
};

const requests = { run: "レッスンの実行", try: "実習", grade: "採点", use: "ファイルの適用", check: "目標の確認", stop: "停止" };

const said = (text: string | undefined) => text ?? "理由の出力はありません";
const of = (server: string) => (server === "server" ? "サーバー" : server);

const portBecause: Readonly<Record<PortRefusal, string>> = {
  "too-high": "は範囲外です。上限は 65535 です",
  "zero-listener": "はサーバーにポートを選ばせる指定で、-R でしか使えません",
  "zero-target": "には接続できません",
  "no-service": "は番号でもサービス名でもありません。サービス名では大文字と小文字が区別されます",
};

function badPort({ port, why }: { port?: string | undefined; why?: PortRefusal | undefined }): string {
  return port !== undefined && why ? `（ポート ${port} ${portBecause[why]}）` : "";
}

function nftFragment(file: string): FaultWords {
  return {
    message: `${file} は一部だけのファイルで、フックを持つチェーンがありません。`,
    found: "`type … hook …` のないチェーン",
    expected: "ベースチェーン（`type filter hook input priority 0`）を持つルールセット",
    todo: `このファイルを読み込むファイル、または ${listing}を使ってください。`,
  };
}

function dumpFragment(file: string, chains: string, ufw: boolean): FaultWords {
  return {
    message: `${file} は一部だけのファイルで、組み込みのチェーンからルールに到達しません。`,
    found: `${chains} だけにルールがあり、INPUT、OUTPUT、FORWARD にはない`,
    expected: "完全なルールセット",
    todo: ufw
      ? "ufw はこれらのルールを自身のルールと組み合わせます。/etc/ufw ディレクトリ全体のコピーを指定してください。"
      : `サーバーで実行した ${dumps}を使ってください。`,
  };
}

const noCertificate: Record<Exclude<NoCertificate, "unknown-type">, string> = {
  "private-key": "秘密鍵",
  "public-key": "証明書ではない公開鍵",
  nothing: "証明書ではないもの",
  "cut-off": "途中で切れた証明書",
  "mixed-up": "種類と内容が一致しない証明書",
  "of-a-host": "ホストの証明書",
};

const unreadable: Record<FaultParams<"firewall-unreadable">["found"], { found: string; todo: string }> = {
  missing: { found: "ファイルがない", todo: "" },
  denied: { found: "読み取り権限がない", todo: "" },
  path: { found: "パスの途中がディレクトリではない", todo: "" },
  folder: {
    found: "ディレクトリ",
    todo: `${listing}、または ${dumps}を 1 つのファイルに保存して使ってください。/etc/ufw（ufw.conf を含む）や /etc/firewalld（zones を含む）のコピーなら、ディレクトリのまま使えます。`,
  },
  binary: { found: "バイナリデータ", todo: "サーバーで `nft -f` や `iptables-restore` が読み込むテキストファイルを指定してください。" },
  "no-file": { found: "テキストファイルではないもの", todo: "テキストファイルを指定してください。" },
};

/** Where the run has no policy, options say what a policy would. */
const byOption =
  "サーバーのアドレスを `--address ADDRESS/PREFIX` で指定してください。インターフェースが複数あるなら、ポリシーを書いてください。";

function optionOr(options: true | { before: string } | undefined, otherwise: string): string {
  if (options === undefined) return otherwise;
  return options === true ? byOption : `${options.before}${byOption}`;
}

function likewise(others: readonly string[] = []): string {
  return others.length === 0 ? "" : `${enumeratedJa(others)} についても同様です。`;
}

export const basicFaults = {
  "open-quote": () => ({ message: "引用符が閉じていません。", todo: "引用符を閉じてください。" }),
  "ssh-option-unknown": (is) => ({ message: `ssh に -${is.letter} というオプションはありません。`, expected: "ssh(1) のオプション" }),
  "ssh-option-needs-argument": (is) => ({ message: `オプション -${is.letter} には引数が必要です。` }),
  "ssh-refuses": (is) => ({
    message: `ssh はこれを受け付けません: \`${is.said}\`${badPort(is)}`,
    ...(is.form ? { expected: forms[is.form] } : {}),
  }),
  "ssh-config-refused": (is) => ({
    message: `ssh はこの設定を受け付けません: \`${is.said}\`${badPort(is)}`,
    ...(is.form === undefined ? {} : { expected: is.form === "jump" ? forms.jump : optionForms[is.form] }),
    todo: "その行を直してください。`ssh -G HOST` を実行しても同じエラーが出ます。",
  }),
  "ssh-config-too-many": (is) => ({
    message: `ssh_config から読み込まれるファイルが ${is.most} 個を超えています。`,
    expected: `${is.most} 個までのファイル`,
    todo: "循環の原因になっている Include を外してください。",
  }),
  "certificate-none": (is) => ({
    message: `${is.file} はユーザーの証明書ではありません。`,
    found: is.found === "unknown-type" ? `未知の種類の証明書（${is.type}）` : noCertificate[is.found],
    expected: "`ssh-keygen -s CA -I ID -n NAMES` で署名した証明書（例: id_ed25519-cert.pub）",
    todo: "証明書の内容は `ssh-keygen -L -f FILE` で表示できます。",
  }),
  "certificate-unreadable": (is) => ({ message: `${is.file} を読み込めません: ${is.why}`, expected: "ユーザーの証明書" }),
  "ssh-refuses-option": (is) => ({
    message: `ssh は \`-o ${is.option}\` を受け付けません: \`${is.said}\`${badPort(is)}`,
    expected: is.form ? optionForms[is.form] : "`-o Keyword=value`",
  }),
  "ssh-needs-no-command": (is) => ({ message: `ssh はこれを受け付けません: \`${is.said}\``, todo: "`-fN` と書いてください。" }),
  "forward-with-variables": (is) => ({
    message: `\`${is.typed}\`: ssh が、変数を自身の環境変数の値に置き換えます。`,
    expected: "変数を含まない転送の指定",
    todo: "値そのものを書いてください。",
  }),
  "path-with-variables": (is) => ({
    message: `\`${is.typed}\`: ${is.path} の一部を、ssh が別の文字列に置き換えます。`,
    expected: "% も変数も含まないパス",
    todo: "パスそのものを書いてください。",
  }),
  "path-relative": (is) => ({
    message: `\`${is.typed}\` は、相対パスのソケットを指しています: ${is.path}`,
    expected: "スラッシュで始まるパス（スラッシュを含む欄を、ssh はポートではなくパスとみなします）",
    todo: "絶対パスを書いてください。ホストとポートのつもりなら、コロンで区切ってください。",
  }),
  "socks-on-a-socket": (is) => ({
    message: `\`${is.typed}\` はサーバーのソケットで SOCKS を求めていますが、ssh は対応しておらず、\`socks\` という名前のホストを探します。`,
    expected: "`-R [待ち受けアドレス:]ポート`、または `-R パス:ホスト:ポート`",
    todo: "SOCKS プロキシにはポートを指定してください。",
  }),
  "autossh-ports": (is) => ({
    message: `\`autossh -M ${is.send}\` は監視のためにポート ${is.send} と ${is.receive} を使いますが、この転送もポート ${is.asked} を求めています。`,
    expected: `${is.listener} 以外のポート`,
    todo: "`-M 0` と書いて ssh 自身（ServerAliveInterval）に接続を監視させるか、-M に別のポートを指定してください。",
  }),
  "option-refused": (is) => ({
    message: optionBecause[is.option],
    ...(is.option === "F"
      ? { todo: "ファイルを `home: { ssh_config: FILE }` に指定し、この転送を `ssh:` ではなく `host: NAME` で書いてください。" }
      : {}),
  }),
  "keyword-refused": (is) => ({ message: `\`-o ${is.keyword}=${is.value}\`: ${keywordBecause[is.keyword]}` }),
  "no-forward-asked": () => ({ message: "転送が指定されていません。", expected: "-R、-L、-D のどれかを 1 つ以上" }),
  "several-forwards": (is) => ({
    message: `1 つの項目に ${is.count} 個の転送があります。`,
    expected: "-R、-L、-D のどれかを 1 つだけ",
    todo: "転送ごとに項目を分け、それぞれに `reachable_from` を書いてください。",
  }),
  "destination-given": (is) => ({
    message: `接続先またはコマンドが書かれています: ${is.destination}`,
    expected: "オプションだけ（アカウント、アドレス、ポート、鍵はラボが付け加えます）",
    todo: is.autossh
      ? "autossh の -M なら、先頭に `autossh` と書いてください。ssh の -M はポートを取りません。"
      : "外してください。アカウントは `as:` で指定します。",
  }),
  "command-given": () => ({
    message: "コマンドが書かれています。",
    expected: "オプションと接続先（ラボはコマンドを実行しません）",
    todo: "コマンドを外してください。",
  }),
  "jump-without-destination": () => ({
    message: "-J に接続先がありません。",
    expected: "入力するとおりの接続先（例: `-J jump@bastion -R 8080:localhost:80 inner`）",
    todo: "接続先を書いてください。踏み台サーバーの PermitOpen はその名前と照合されます。",
  }),
  "target-unknown": (is) => ({
    message: `転送 ${is.forward} の転送先 ${is.host} はラボにありません。`,
    expected: `localhost、またはラボのホスト: ${is.known.join(", ")}`,
    todo: `\`network.vantages\` に追加する（\`${is.entry}\`）か、${is.own === undefined ? "" : `${is.dialler} 自身のアドレスであれば \`${is.own}\` に追加するか、`}転送先を直してください。`,
  }),
  "target-taken": (is) => ({
    message: `転送 ${is.forward} の転送先（${is.host} の${is.path === undefined ? `ポート ${is.port}` : ` ${is.path}`}）は、すでに別のものが使っています。`,
    expected: `空いている${is.path === undefined ? "ポート" : "パス"}（転送がどこにつながるかを証明するために、ラボがそこでサービスを動かします）`,
    todo: `転送先を別の${is.path === undefined ? "ポート" : "パス"}にしてください。誰が到達できるかは変わりません。`,
  }),

  "sshd-refuses": (is) => ({
    message: `sshd はこの設定を受け付けません: \`${is.said}\``,
    todo: is.encoding === undefined ? correctLine : `${saveAdvice[is.encoding]}サーバーで \`sshd -t\` を実行しても同じエラーが出ます。`,
  }),
  "sshd-knows-no-algorithm": (is) => ({
    message: `sshd はこの設定を受け付けません: \`${is.said}\``,
    expected: "ここの OpenSSH が対応しているアルゴリズム（対応するアルゴリズムはバージョンによって異なります）",
    todo: `\`openssh:\` または \`image:\` をサーバーに合わせるか、サーバーの \`ignore_unknown:\` に ${is.keyword} を書いてください。アルゴリズムは転送には影響しません。`,
  }),
  "sshd-knows-not": (is) => ({
    message: `sshd はこの設定を受け付けません: \`${is.said}\``,
    expected: `${is.distribution === undefined ? `OpenSSH ${is.since} 以降` : `${is.distribution} の sshd`}（サーバーの sshd は ${is.keyword} に対応していても、ここの sshd は対応していません）`,
    todo: `\`openssh:\` または \`image:\` をサーバーに合わせてください。転送に関係のない設定なら、サーバーの \`ignore_unknown:\` に ${enumeratedJa(is.keywords)} を書いてください。`,
  }),
  "sshd-does-not-start": (is) => ({
    message: `sshd が起動しません: \`${is.said}\``,
    expected: `sshd が ${is.addresses} 個のアドレスで待ち受ける`,
    todo: optionOr(
      is.options,
      is.missing === undefined
        ? "Port、ListenAddress、AddressFamily を `network:` のサーバーのアドレスと照らし合わせてください。"
        : `ラボのサーバーのアドレス ${is.missing} を、プレフィックス長を付けて \`network.server.address\` に書いてください。`,
    ),
  }),
  "include-not-given": (is) => ({
    message: `\`${is.line}\`: ${is.path} のコピーが渡されていないため、sshd が何を読み込むのかわかりません。`,
    found: is.link === undefined ? is.path : `${is.link}（${is.path} へのシンボリックリンク）`,
    expected: "そのファイルを含む /etc/ssh と同じ構成のディレクトリ、または `server.files` の項目",
    todo: `サーバーからコピーして \`server: { files: { ${is.folder}: ./copy } }\` に指定してください。存在しないなら \`${is.folder}: none\` と書いてください。`,
  }),
  "includes-endless": (is) => ({
    message: `sshd はこの設定を受け付けません: ${is.why === "loop" ? "ファイルが循環して読み込まれています。" : `読み込まれるファイルが ${is.most} 個を超えています。`}`,
    expected: is.why === "loop" ? `Include の深さは ${is.most} まで` : `${is.most} 個までのファイル`,
    todo: "循環の原因になっている Include を外してください。",
  }),
  "sshd-address-unroutable": (is) => ({
    message: `${is.from} から使える${of(is.server)}のアドレスのうち、sshd につながるものがありません${is.family === undefined ? "" : `（IPv${is.family}）`}。`,
    found: `sshd の待ち受け: ${is.listening.join(", ")}、ポート ${is.port}`,
    expected: "そこからの経路があるアドレス、またはサーバーの手前のルーターが公開するポート",
    todo: `\`server\` に \`ports: { 2222: ${is.port} }\` のように書いて公開するか、サーバーと同じ LAN のホストから ssh を実行してください（\`from:\`）。`,
  }),
  "sshd-address-none": (is) => ({
    message: `sshd は、${is.from} から使える${of(is.server)}のアドレスのどれでも待ち受けていません${is.family === undefined ? "" : `（IPv${is.family}）`}。`,
    found: `sshd の待ち受け: ${is.listening.join(", ")}`,
    todo:
      is.loopback === undefined
        ? "設定の ListenAddress 行のアドレスを `network.server` に追加してください。"
        : `サーバー上の VPN やプロキシなど、そこに接続を届けるものはラボに含まれません。\`server\` に \`sshd_options: ["ListenAddress=${is.loopback}"]\` を追加してください。転送の待ち受けには影響しません。`,
  }),
  "no-usable-key": (is) => ({
    message: `アカウント ${is.account} には、sshd が認める鍵${is.key === undefined ? "" : `（${is.key}）`}がありません。`,
    found: `使える鍵: ${is.keys} 個${is.ignored === undefined ? "" : `。sshd が無視する行: ${is.ignored.join("、")}`}`,
    ...(is.ignored === undefined ? {} : { todo: "その行を直してください。" }),
  }),

  "ssh-exits": (is) => ({
    message: `ssh が接続する前に終了しました: \`${said(is.said)}\``,
    expected: "ssh が受け付けるオプション",
    todo: "`ssh:` または ssh_config にある、ssh が指摘したオプションを直してください。",
  }),
  "ssh-cannot-connect": (is) => ({
    message: `ssh が ${is.address} の sshd に接続できません: \`${said(is.said)}\``,
    ...(is.told === undefined ? {} : { found: `ssh に指定されたポートは ${is.told}、sshd の待ち受けポートは ${is.listening?.join(", ")}` }),
    expected: "ssh を実行するホストから sshd のポートへの TCP 接続",
    todo:
      is.told === undefined
        ? "サーバーのファイアウォールでそのホストを許可するか、Port、ListenAddress、`network:` のアドレスを直してください。"
        : `ルーターやコンテナエンジンがそのポートを公開しているなら、\`server\` に \`behind: nat\`、\`public\`、\`ports: { ${is.told}: ${is.listening?.[0]} }\` を書いてください。そうでなければ、-p か設定の Port を直してください。`,
  }),
  "jump-refuses": (is) => ({
    message: `踏み台サーバー ${is.hop} が、${is.host} のポート ${is.port} への接続を拒否しました: \`${is.said}\``,
    expected: "このアカウントに、その名前での接続を許可する踏み台サーバー",
    todo: "踏み台サーバーで許可する（AllowTcpForwarding、PermitOpen、鍵のオプション）か、ポリシーに `login: refused` と書いてください。",
  }),
  "jump-kept-out": (is) => ({
    message: `踏み台サーバー ${is.hop} から ${is.places.join("、")} の sshd に到達できません。`,
    found: `\`${is.rule}\``,
    expected: `${is.hop} から ${is.host} の TCP ポート ${is.port} への接続を許可するファイアウォール`,
    todo: "ファイアウォールで踏み台サーバーを許可するか、ポリシーに `login: refused` と書いてください。",
  }),
  "login-refused": (is) => ({
    message: `アカウント ${is.account} で${is.jump === undefined ? "" : `踏み台サーバー ${is.jump}（`} ${is.server} ${is.jump === undefined ? "" : "）"}にログインできません: \`${is.said}\`${is.option === "expiry-time" ? "（鍵の有効期限が切れています）" : ""}`,
    found: `鍵 ${is.key}、${is.options === undefined ? "オプションなし" : `オプション \`${is.options}\``}`,
    expected: "サーバーの設定が、このアカウントと鍵に許可しているログイン",
    todo: `${is.next === undefined ? "" : `${is.next} に同じ鍵があり、sshd はその行に進みます。その行でログインする（\`key:\`）か、仮の鍵なら行ごとに別の鍵にしてください。そうでなければ、`}${loginAdvice[is.option ?? "none"]}`,
  }),
  "ssh-ended": (is) => ({ message: `${is.account} がログインした直後に ssh が終了しました: \`${said(is.said)}\`` }),
  "ssh-timeout": (is) => ({
    message: `転送できたかどうかを、ssh が ${is.seconds} 秒以内に出力しませんでした。`,
    todo: "ログを確認してください。クライアントからサーバーのアドレスに届いていますか。",
  }),
  "ssh-filtered": (is) => ({
    message: `${is.from} から ${is.target} の sshd に届かないため、転送を開けません。`,
    found: `${is.by}${is.fresh ? "（ルールを読み込み直した直後なので、以前の接続の影響ではありません）" : ""}`,
    expected: `${is.from} から TCP ポート ${is.port} への接続を許可するファイアウォール`,
    todo: "ssh クライアントを許可するか、ルールが想定するアドレスを home に割り当ててください（`network.home.public`）。",
  }),
  "ssh-silent": (is) => ({
    message: `${is.target} の sshd は ${is.from} からの接続を受け付けましたが、${is.seconds} 秒間何も送ってきません。`,
    expected: "sshd が最初に送るバージョンの行",
    todo: "マシンの負荷が高ければ、ほかの処理を減らしてください。そうでなければ、sshd かそのパケットを止めているものを探してください。",
  }),

  "firewall-load": (is) => ({ message: `ファイアウォールを読み込めません: \`${is.said}\``, todo: loadAdvice[is.advice] }),
  "firewall-needs": (is) => {
    const { what, todo } = lackingWords[is.lacks](is.name ?? "");
    return { message: `ファイアウォールを読み込めません: \`${is.said}\`。${what}。`, todo: `${todo}${likewise(is.also)}` };
  },
  "firewall-table-missing": (is) => ({
    message: `${is.file} にはテーブル ${is.table} がありません。iptables-save がそのルールを書き出せなかったためです。`,
    expected: "サーバーのすべてのルール",
    todo: `このテーブルのルールは nft で作られたものです。${listing}を使ってください。`,
  }),
  "firewall-hidden-extension": (is) => ({
    message: `${is.file} のこのルールは一部が欠けています。nft が iptables の拡張を表示できなかったためです。`,
    found: `\`${is.text}\``,
    expected: "nft がもう一度読み込めるルール。nft は `#` より後をコメントとして読みます。",
    todo: loadAdvice["from-iptables"],
  }),
  "firewall-not-loadable": (is) => ({
    message: `${is.file} はルールセットとして読み込めません。`,
    found: notLoadable[is.is].found,
    expected: "nft のルールセット（`table inet filter { … }`）、または iptables-save の出力（`*filter` … `COMMIT`）",
    todo: is.second && is.is === "nothing" ? "サーバーに IPv6 のルールがなければ、リストから外してください。" : notLoadable[is.is].todo,
  }),
  "firewall-fragment": (is) => (is.chains === undefined ? nftFragment(is.file) : dumpFragment(is.file, is.chains, is.ufw === true)),
  "firewall-not-a-dump": (is) => ({
    message: `${is.file} は iptables-save のダンプではありません。`,
    found: "2 つのファイルのリストにある nft のルールセット",
    expected: "iptables-save のダンプ 2 つ（IPv4、IPv6 の順）、または nft のルールセット 1 つ",
    todo: `\`firewall: ${is.file}\` と書いてください。nft のルールセットは両方を含みます。`,
  }),
  "firewall-other-family": (is) => ({
    message: `${is.file} には、もう一方の IP バージョンのルールがあります。`,
    ...(is.header ? { found: `見出しによれば IPv${is.family === 4 ? 6 : 4} のダンプ` } : {}),
    expected: `IPv${is.family} のダンプ（リストは [IPv4, IPv6] の順）`,
    todo: is.swapped ? "2 つのファイルを入れ替えてください。" : `ファイルを直してください。サーバーの ${is.tool} は何も読み込みません。`,
  }),
  "firewall-family-unclear": (is) => ({
    message: `${is.file} が IPv4 と IPv6 のどちらのルールなのか判断できません。`,
    found: "iptables と ip6tables の両方で有効なルールで、iptables-save の見出しがない",
    expected: "両方のダンプ、または iptables-save の見出しがあるダンプ",
    todo: `両方のダンプがあれば \`firewall: [v4, v6]\`、IPv4 のルールだけなら \`[${is.file}]\`、サーバーが両方のツールでこのファイルを読み込むなら \`[${is.file}, ${is.file}]\` と書いてください。`,
  }),
  "firewall-include-missing": (is) => ({
    message: "ファイアウォールが読み込むファイルが存在しません。",
    found: `\`include "${is.include}"\``,
    expected: is.expected,
    todo: "サーバーからその場所にコピーしてください。",
  }),
  "firewall-include-outside": (is) => ({
    message: `${is.path} はポリシーのディレクトリの外にあります。`,
    todo: "ファイルをディレクトリの中にコピーしてください。信頼できるポリシーなら `--allow-outside` を使えます。",
  }),
  "firewall-includes-endless": (is) => ({
    message:
      is.why === "loop"
        ? "ファイアウォールのファイルが循環して、または深すぎる階層で読み込まれています。"
        : "ファイアウォールのファイルが多すぎます。",
    expected: is.why === "loop" ? `${is.most} 階層まで（nft の上限）` : `${is.most} 個まで`,
    todo: "循環の原因になっている include を外してください。",
  }),
  "firewall-interface": (is) => {
    const what = {
      accepts: `ポート ${is.port} を許可する`,
      redirects: `ポート ${is.from} をポート ${is.port} に転送する`,
      blocks: `ポート ${is.port} を遮断する`,
    }[is.does];
    const server = is.host === undefined ? "ラボのサーバー" : `ラボの ${is.host} `;
    return {
      message: `${what}ルールがインターフェース ${is.name} を対象にしていますが、${server}にはありません。`,
      expected: `${server}のインターフェース: lo, ${is.has.join(", ")}`,
      todo: optionOr(
        is.options && { before: `\`--interface ${is.declare}\` を追加し、` },
        `${
          is.has.length === 1
            ? `\`${is.key}: { interface: ${is.declare} }\` と書いてください。サーバーに ${is.has[0]} もあるなら、リストにしてください。`
            : `\`${is.key}\` に \`interface: ${is.declare}\` の項目を追加してください。`
        }${likewise(is.also)}`,
      ),
    };
  },
  "firewall-address": (is) => {
    const what = is.does === "accepts" ? `ポート ${is.port} を許可する` : `ポート ${is.from} をポート ${is.port} に転送する`;
    const server = is.host === undefined ? "ラボのサーバー" : `ラボの ${is.host} `;
    return {
      message: is.address.includes("/")
        ? `${what}ルールが ${is.address} を対象にしていますが、${server}にはその範囲のアドレスがありません。`
        : `${what}ルールがアドレス ${is.address} を対象にしていますが、${server}にはありません。`,
      expected: `${server}のアドレス（ポリシーに指定がないため既定値）: ${is.has.join(", ")}`,
      todo: optionOr(
        is.options,
        is.address.includes("/")
          ? `サーバーの実際のアドレスを、プレフィックス長とともに \`${is.key}: { address: […] }\` と書いてください。${is.address} のアドレスは、サーバーにある場合だけ含めてください。`
          : `サーバーの実際のアドレスを、プレフィックス長とともに \`${is.key}: { address: [${is.address}/…] }\` と書いてください。`,
      ),
    };
  },
  "firewall-unreadable": ({ file, found, ...why }) => ({
    message: `ファイアウォールのファイル ${file} を読み込めません。`,
    found: found === "no-file" ? foundInstead(why) : unreadable[found].found,
    expected: "nft のルールセット、または iptables-save の出力",
    todo: unreadable[found].todo || "パス（ポリシーのファイルから見た相対パス）か、ファイルの権限を直してください。",
  }),
  "firewall-variable": ({ file }) => ({
    message: `${file} に、展開されていないシェル変数があります。`,
    expected: "変数の値（iptables-restore は変数を展開しません。スクリプトの一部であり、サーバーが読み込んだルールではありません）",
    todo: `サーバーで実行した ${dumps}を使ってください。`,
  }),
  "firewalld-no-rules": ({ said }) => ({
    message: "firewalld からルールを取得できませんでした。",
    found: said === undefined ? "応答なし" : `\`${said}\``,
    todo: `ディレクトリを添えて報告してください。代わりに、サーバーでの ${listing}を検証することもできます。`,
  }),
  "firewall-lost": () => ({
    message: "ファイアウォールは読み込まれましたが、その一部がカーネルにありません。",
    todo: "サーバーの `nft list ruleset` では表示されるなら、ファイルを添えて報告してください。",
  }),
  "ufw-files-missing": ({ files, copies }) => ({
    message: `${files.join("、")} がありません。ufw はこれがないと起動しません。`,
    found: "ファイルがない",
    expected: `サーバーの ${copies.join("、")} のコピー`,
    todo: "/etc/ufw を丸ごとコピーし、/etc/default/ufw をその隣の `default/ufw` にコピーしてください。0.35 より前の ufw では、user.rules は /lib/ufw にあります。",
  }),
  "ufw-not-plain": () => ({
    message: "ufw の設定が単純な代入ではありません。",
    expected: '`NAME="value"`',
    todo: "シェルが展開した後の値を書いてください。",
  }),
  "ufw-policy": ({ name, value }) => ({
    message: `${name} が ufw の既定ポリシーではありません。`,
    found: value === undefined ? `${name} の指定なし` : value || "空",
    expected: "ACCEPT、DROP、REJECT のどれか",
  }),
  "firewalld-no-xml": ({ file }) => ({
    message: `${file} は firewalld が読み取れる XML ではありません。`,
    expected: "`firewall-cmd --permanent` が書き込む形の XML",
    todo: "ファイルを直してください。このままでは、firewalld は設定ファイルがないものとして標準の設定で起動します。",
  }),
  "firewalld-chain": ({ chain, instead }) => ({
    message: `passthrough のチェーン ${chain} は FirewallBackend=nftables では存在しません。`,
    expected: `組み込みのチェーン ${instead}（firewalld が ${chain} を作るのは FirewallBackend=iptables のときだけです）`,
    todo: `passthrough に ${instead} と書くか、FirewallBackend=iptables にしてください。このままでは、サーバーの firewalld は標準の設定で起動します。`,
  }),
  "firewalld-refuses": ({ said, from, to }) => ({
    message: "firewalld がこの設定を受け付けません。",
    found: `\`${said}\``,
    expected: "`firewall-cmd --check-config` が受け付ける設定",
    todo:
      from === undefined
        ? "設定を直してください。このままでは、firewalld は設定ファイルがないものとして標準の設定で起動します。"
        : `サーバーのパッケージに含まれるものなら、サーバーの ${from} をコピーの ${to} に追加してください。ラボにあるのは Debian の firewalld パッケージの分だけです。`,
  }),
  "firewalld-unloadable": ({ said, kind: what }) => ({
    message: `${what === "ipsets" ? "ipset の定義" : "ファイアウォール"}を読み込めません: \`${said}\``,
    todo: {
      direct: "direct.xml を直してください。このルールを読み込めないと、サーバーの firewalld は標準の設定で起動します。",
      ipsets: "`server.ipsets` のファイルを直してください。",
      rules: "サーバーの firewalld が読み込めるなら、ディレクトリを添えて報告してください。",
    }[what],
  }),

  "file-unknown": (is) => ({
    message: `レッスンのサーバーに ${is.file} というファイルはありません。`,
    ...(is.known ? { expected: is.known.join(", ") } : {}),
  }),
  "nothing-of-that-name": (is) => ({
    message: `${is.exercise} に、その名前の編集できるものはありません。`,
    expected: is.known.join(", "),
  }),
  "attempt-too-long": (is) => ({
    message: `長すぎます: ${is.names.join(", ")}`,
    expected: `ファイルは ${is.file} 文字、コマンドは ${is.command} 文字まで`,
  }),
  "lesson-unknown": (is) => ({ message: `${is.lesson} というレッスンはありません。` }),
  "lab-busy": (is) => ({
    message: `ラボは別の処理（${requests[is.request]}）で使用中です。`,
    todo: "終わるまで待つか、停止してください。",
  }),
  "no-lab-yet": () => ({ message: "操作できるラボはまだありません。", todo: "レッスンを開いて実習を始めてください。" }),
  "message-unknown": () => ({ message: "レッスンのサーバーが理解できないメッセージです。", todo: "ページを再読み込みしてください。" }),

  "lab-gone": () => ({
    message: "実行中にラボが終了しました。",
    expected: "最後のプローブまで動き続けるコンテナエンジン",
    todo: "コンテナエンジンがまだ動いているかを確認し（`forwardlab doctor`）、もう一度実行してください。",
  }),
  "lab-agent": () => ({
    message: "ラボのエージェントとのやり取りが、この forwardlab のプロトコルと合いません。",
    expected: "このバージョンの forwardlab が作成したファブリックのイメージ",
    todo: "`forwardlab prune --images` でイメージを削除すると、次のコマンドで作り直されます。それでも直らなければ報告してください。",
  }),
  "lab-limit": (is) => ({
    message: "ラボの中の何かが、ラボに許された量を超えて資源を使っています。",
    expected: `ラボで動くものすべてを合わせて、プロセスは ${is.processes} 個、メモリは ${is.mebibytes} MiB まで`,
    todo: "プロセスを次々に起動したり、メモリを使い切ったり、出力し続けたりするものを探してください（イメージの sshd、ForceCommand、鍵の `command=`）。",
  }),
  "lab-does-not-start": (is) => ({ message: `ラボのコンテナを起動できません: \`${is.said}\``, todo: doctor }),
  "lab-unsound": () => ({
    message: "ラボの自己診断に失敗したため、判定できません。",
    todo: "ラボの構成を確認してください。すべてのホストは、サーバーへの経路を持つルーターにつながっていますか。",
  }),
  "disk-full": ({ gib }) => ({
    message: "ディスクの空き容量が足りません。",
    expected: gib === undefined ? "レポートと一時ファイルのための空き容量" : `${gib} GiB 以上の空き容量`,
    todo: "空き容量を増やしてから、もう一度実行してください。",
  }),

  "key-option-bad": (is) => ({
    message: `鍵オプション ${is.option} が正しくないため、sshd はこの行全体を無視します。`,
    expected: "sshd(8) のオプション（例: `restrict,port-forwarding`）",
  }),
  "key-option-unknown": (is) => ({
    message: `${is.option} は未知の鍵オプションなので、sshd はこの行全体を無視します。`,
    expected: "sshd(8) のオプション（例: `restrict,port-forwarding`）",
  }),
  "group-name": (is) => ({ message: `グループ名ではありません: ${is.name}`, expected: "コンマで区切った名前" }),
  "account-name": (is) => ({ message: `アカウント名ではありません: ${is.name}`, expected: "名前（例: `alice`）" }),
} satisfies Partial<FaultTable>;
