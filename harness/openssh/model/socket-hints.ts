/** Typical mistakes with Unix sockets, told from the question and the model's answer. */
import { settingFor } from "../forwarding-settings.ts";
import type { ModelInput } from "./model-input.ts";
import { formatSource, type Prediction } from "./prediction.ts";
import type { Hint } from "./sentence.ts";

/** Who speaks to one of these is root on its host, or as good as. */
const powerful = /(^|\/)(docker|podman|containerd|crio|libvirt-sock|lxd|unix\.socket)[^/]*$/;

/** For a forward with a socket at either end. */
export function socketHints(input: ModelInput, text: Prediction): Hint[] {
  const { request } = input;
  return [
    ...(request.listenPath === undefined ? [] : listenerHints(input, text, request.listenPath)),
    ...(request.targetPath === undefined ? [] : targetHints(text, request.targetPath)),
  ];
}

function listenerHints({ settings, client, key }: ModelInput, text: Prediction, path: string): Hint[] {
  const remote = text.listensOn === "server";
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  const unlink = remote ? settingFor(settings, "streamlocalbindunlink").value === "yes" : client.streamLocalBindUnlink === true;
  if (text.socket && !unlink) hints.push(staleSocketHint(remote, path));
  if (text.socket && (text.socket.mode & 0o002) !== 0)
    add(
      "open-socket",
      `Every account on ${remote ? "the server" : "this client"} may open ${path}, unless a parent folder keeps it out.`,
      `上位のディレクトリが妨げないかぎり、${remote ? "サーバー" : "このクライアント"}のどのアカウントも ${path} を開けます。`,
    );
  if (remote && (client.streamLocalBindMask !== undefined || client.streamLocalBindUnlink === true))
    add(
      "client-options",
      "ssh's StreamLocalBindMask and StreamLocalBindUnlink are for its own sockets (-L); for -R the server's apply.",
      "ssh の StreamLocalBindMask と StreamLocalBindUnlink は ssh 自身のソケット(-L)のものです。-R ではサーバーの設定が効きます。",
    );
  const permit = settingFor(settings, "permitlisten");
  if (remote && text.socket && (permit.value !== "any" || /(^|,)permitlisten=/i.test(key.options)))
    add(
      "permitlisten-not-for-sockets",
      `PermitListen${formatSource(permit)} and permitlisten limit only ports; only AllowStreamLocalForwarding limits sockets.`,
      `PermitListen${formatSource(permit)} や permitlisten が制限するのはポートだけで、ソケットを制限するのは AllowStreamLocalForwarding だけです。`,
    );
  return hints;
}

function staleSocketHint(remote: boolean, path: string): Hint {
  const [program, enCure, jaCure] = remote
    ? [
        "sshd",
        "StreamLocalBindUnlink yes on the server prevents that; ssh's own option of that name is for -L.",
        "防ぐにはサーバーの StreamLocalBindUnlink yes が必要で、ssh の同名のオプションは -L のためのものです。",
      ]
    : ["ssh", "-o StreamLocalBindUnlink=yes prevents that.", "-o StreamLocalBindUnlink=yes で防げます。"];
  return {
    id: "stale-socket",
    text: {
      en: `${program} leaves the file when the session ends, and the next forward to ${path} is then refused. ${enCure}`,
      ja: `セッションが終わってもファイルは残り、次に ${path} を要求する転送は失敗します。${jaCure}`,
    },
  };
}

function targetHints(text: Prediction, path: string): Hint[] {
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  if (powerful.test(path))
    add(
      "powerful-socket",
      `Anyone who reaches this forward controls what listens on ${path}; with a container engine that is as good as root on its host, without a password.`,
      `この転送に接続できる人は、${path} で待ち受けるものを自由に操作できます。コンテナエンジンなら、そのホストの root と同等の権限になり、パスワードも不要です。`,
    );
  if (text.granted)
    add(
      "socket-rights",
      text.dials.by === "client"
        ? `ssh opens ${path} with the permissions of the user who runs it, and every visitor acts with them.`
        : `sshd opens ${path} with the permissions of the account that logs in; if these do not suffice, visitors are accepted, then disconnected.`,
      text.dials.by === "client"
        ? `${path} を開くのは ssh で、それを動かす人の権限を使います。接続する人は誰でもその権限で操作できます。`
        : `${path} を開くのは sshd で、ログインしたアカウントの権限を使います。権限が足りなければ、接続は受け付けられた直後に切断されます。`,
    );
  return hints;
}
