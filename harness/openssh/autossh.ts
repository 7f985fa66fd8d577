/** autossh's command line: ssh's own, and what autossh takes out of it or adds. Source: autossh(1) and autossh.c 1.4g. */

/** autossh asks for `-L send:127.0.0.1:send` and `-R send:127.0.0.1:receive`. */
export interface AutosshMonitor {
  send: number;
  receive: number;
}

export interface AutosshLine {
  /** What autossh hands to ssh. */
  words: string[];
  /** `-M`: the port that it sends on, and the one that it receives on; undefined: no monitoring (0), or an echo service is used. */
  monitor?: AutosshMonitor;
}

/** Undefined when the words do not begin with `autossh`. */
export function readAutossh(words: readonly string[]): AutosshLine | undefined {
  if (words[0] === undefined || !/(^|\/)autossh$/.test(words[0])) return undefined;
  const rest: string[] = [];
  let monitor: string | undefined;
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (/^-M/.test(word)) monitor = word.slice(2) || words[++i];
    // autossh itself goes to the background; ssh does not.
    else if (/^-[A-Za-z0-9]*f/.test(word) && !/^-[A-Za-z0-9]*?[BDEFIJLOPQRSWbceilmopw]/.test(word)) {
      const left = word.replace("f", "");
      if (left !== "-") rest.push(left);
    } else rest.push(word);
  }
  const port = /^\d+$/.test(monitor ?? "") ? Number(monitor) : 0;
  return { words: rest, ...(port > 0 ? { monitor: { send: port, receive: port + 1 } } : {}) };
}

/** For a person. */
export function autosshNote({ send, receive }: AutosshMonitor): { en: string; ja: string } {
  return {
    en: `autossh and its -M ${send} are left out. On a real client -M also takes ports ${send} and ${receive} there, and port ${send} on the server: of its loopback, or of every address with \`GatewayPorts yes\`.`,
    ja: `autossh とその -M ${send} は除いてあります。実際には -M がクライアントのポート ${send} と ${receive}、サーバーのポート ${send} も使います（ループバックのみ。\`GatewayPorts yes\` ではすべてのアドレス）。`,
  };
}
