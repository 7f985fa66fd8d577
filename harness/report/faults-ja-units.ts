/** Faults of systemd units in Japanese. */
import type { FaultTable } from "./fault-words.ts";

export const unitFaults = {
  "unit-not-ssh": ({ program, shell }) => ({
    message: `ユニットが実行するのは ssh ではなく ${program} です。`,
    expected: "ssh または autossh",
    todo: shell
      ? "forwardlab はシェルのコマンドを読み取りません。ユニットが ssh を直接実行するようにするか、転送を `ssh:` で書いてください。"
      : "転送を `ssh:` で書いてください。",
  }),
  "unit-file-not-given": ({ path, key, optional }) => ({
    message: `ユニットは ${path} を読み込みますが、そのコピーが指定されていません。`,
    expected: `\`${key}\` のコピー、または実際のマシンと同じ位置関係（etc/systemd/system と ${path.slice(1)}）のコピー`,
    todo: `\`${key}: { ${path}: ./COPY }\` を追加してください。${optional ? "そのファイルがマシンにないなら、./COPY の代わりに `none` と書いてください。" : ""}`,
  }),
  "unit-config-not-given": ({ path }) => ({
    message: `ssh は ${path} を読み込みますが、そのコピーが指定されていません。`,
    todo: "`home: { ssh_config: ./COPY }` を追加してください。",
  }),
  "unit-runs-command": ({ command, comment }) => ({
    message: "ssh がサーバーでコマンドを実行しますが、ラボは実行しません。",
    found: `\`${command}\``,
    expected: "-N を付け、接続先の後には何も書かない",
    todo: comment
      ? "コメントは独立した行に書いてください。行末に書くと、systemd はそのまま ssh に渡します。"
      : "ユニットが転送のためだけのものなら、-N を付けてコマンドを外してください。",
  }),
  "unit-no-destination": ({ unset }) => ({
    message: "ssh に接続先がありません。",
    expected: "`user@server`",
    todo: unset === undefined ? "ユニットを変更せずにコピーしてください。接続先がないと ssh 自体が失敗します。" : unsetTodo(unset),
  }),
  "unit-no-forward": ({ unset, configGiven }) => ({
    message: "転送が指定されていません。",
    expected: "-R、-L、-D のどれかを 1 つ以上",
    ...(unset === undefined ? {} : { todo: unsetTodo(unset) }),
    ...(unset === undefined && configGiven === false
      ? { todo: "ssh を実行するユーザーの ssh_config に転送が書かれているなら、`home: { ssh_config: ./コピー }` を追加してください。" }
      : {}),
    ...(unset === undefined && configGiven === true
      ? { todo: "ssh_config のうち、ユニットに書かれた接続先の `Host` に転送が書かれているか確認してください。" }
      : {}),
  }),
  "unit-word-unknown": ({ word }) => ({
    message: `${word} の値は、そのマシンでしかわかりません。`,
    expected: "ユニットかそのファイルで設定される値",
    todo: `ユニットのコピーの ${word} を、実際の値に書き換えてください。`,
  }),
  "unit-user": ({ value, comment }) => ({
    message: "systemd はこのユニットを起動できません。User= がアカウント名になっていません。",
    found: `User=${value}`,
    expected: "アカウント 1 つ（名前または番号）",
    todo: comment
      ? "コメントは独立した行に書いてください。行末に書くと、systemd は名前の一部とみなします。"
      : "サービスを実行するアカウントの名前を書いてください。",
  }),
  "unit-setting-ignored": ({ key }) => ({
    message: `systemd はこの ${key}= を無視します。引用符が閉じていないか、未知のエスケープがあります。`,
    expected: "systemd.syntax(7) の引用符とエスケープ",
    todo: "引用符を閉じ、バックスラッシュは 2 つ重ねて書いてください。",
  }),
  "unit-commands": ({ unit, count }) => ({
    message: `systemd は ${unit} を受け付けません。コマンドが ${count} 個あります。`,
    expected: "ExecStart= を 1 つだけ、または Type=oneshot",
    todo: "元の ExecStart= を取り消すには、新しい行の前に空の `ExecStart=` を書いてください。",
  }),
  "unit-no-program": ({ key }) => ({
    message: `${key}= にプログラムがありません。`,
    expected: "プログラム（変数では指定できません）",
    todo: "ユニットのコピーに、プログラムのパスを書いてください。",
  }),
  "unit-not-a-unit": ({ file, section }) => ({
    message: `${file} は systemd のユニットではありません。`,
    expected: section ? "先頭に [Service] などのセクション" : "`設定=値`",
    todo: "`systemctl cat NAME` でユニットとドロップインを確認し、表示されたファイルをコピーしてください。",
  }),
  "unit-starts-nothing": ({ file }) => ({
    message: `${file} は何も起動しません。`,
    found: "ExecStart= なし",
    expected: "[Service] の ExecStart=",
    todo: "ドロップインもコピーしてください。`systemctl cat NAME` で確認できます。",
  }),
  "unit-name": ({ file }) => ({
    message: `${file} は、サービスユニットの名前ではありません。`,
    expected: "NAME.service、または NAME@INSTANCE.service",
    todo: "マシンでのユニットの名前を変えないでください。%i などの指定子は名前で決まります。",
  }),
  "unit-template": ({ file, prefix }) => ({
    message: `${file} はテンプレートですが、インスタンスが指定されていません。`,
    expected: `インスタンス（例: ${prefix}@office.service）`,
    todo: "`systemctl start NAME@INSTANCE.service` のように書いてください。ファイル名はそのままでかまいません。",
  }),
  "unit-file-pattern": ({ path }) => ({
    message: `ユニットがパターンでファイルを読み込んでいます: ${path}`,
    expected: "EnvironmentFile= ごとに 1 つのファイルのパス",
    todo: "ユニットのコピーに、パターンに一致するファイルをすべて書いてください。",
  }),
  "unit-file-absent": ({ path, folder }) => ({
    message: `systemd はこのユニットを起動しません。${path} は${folder ? "ディレクトリです" : "存在しません"}。`,
    expected: "ファイル、またはパスの前に `-`",
    todo: `マシンから ${path} をコピーしてください。マシンにもなければ、ユニットは起動しません。`,
  }),
  "unit-not-sshd": ({ file, program }) => ({
    message: `${file} は sshd を起動しません。`,
    found: program ?? "ExecStart= なし",
    expected: "sshd を実行する ExecStart=",
    todo: "sshd を起動するユニットをコピーしてください。`systemctl cat ssh` または `systemctl cat sshd` で確認できます。",
  }),
  "sshd-option-other": ({ word }) => ({
    message: "sshd に、設定ではないオプションが渡されています。",
    found: word,
    expected: "-o Keyword=value、-p PORT、-4、-6",
    todo: word.startsWith("-f")
      ? "-f のファイルを `sshd_config` に指定し、コピーから -f を外してください。"
      : "コピーから外すか、設定をリストで書いてください。",
  }),
} satisfies Partial<FaultTable>;

function unsetTodo(variable: string): string {
  return `変数 $${variable} は設定されていないため、systemd はその単語を取り除きます。単語の途中の変数は \${NAME} と書いてください。`;
}
