/** Asks, as one principal, for what needs no address: a Unix socket to listen on, an X11 display, the agent, a tunnel device. */

import { adapted, type HostAdaptation } from "../../core/adaptation.ts";
import { isLoopback, parseTarget } from "../../core/address.ts";
import { targetsOf } from "../../core/cells.ts";
import type { Refusal, SettingSource } from "../../core/forward-outcome.ts";
import type { ChannelAnswer } from "../../core/review-facts.ts";
import { formatSocketFile } from "../../core/socket-file.ts";
import { splitKeyOptions } from "../../openssh/authorized-keys.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { channelKeywords } from "../../openssh/forwarding-settings.ts";
import { AskConnection } from "../../ssh/ask-connection.ts";
import { whyDenied } from "../../ssh/describe-forward.ts";
import type { Asker } from "../asker.ts";
import { atMost } from "../at-most.ts";
import type { ForwardToOpen } from "../forward-handle.ts";
import type { ForwardLab } from "../forward-lab.ts";
import { serverHost } from "../login-route.ts";

/** Where the account may write; a name that nobody else takes. */
const socketPath = "/tmp/forwardlab-review.sock";
const xauthPaths = ["/usr/bin/xauth", "/usr/X11R6/bin/xauth"];

export interface Principal {
  asker: Asker;
  login: ForwardToOpen;
  settings: readonly SettingSource[];
  /** Nobody has asked for a tunnel under `PermitTunnel no` yet: whoever is first proves that it is refused. */
  firstTunnel: boolean;
}

/** sshd grants no X11 where it finds no xauth. The lab's does nothing: sshd's own decision is what counts. */
export async function provideXauth(lab: ForwardLab): Promise<HostAdaptation[]> {
  const host = lab.lab.host(serverHost);
  const [path = ""] = xauthPaths;
  for (const each of xauthPaths) if ((await host.run(["test", "-x", each])).code === 0) return [];
  await host.writeFiles({ [path]: { content: "#!/bin/sh\nexit 0\n", mode: 0o755 } });
  return [adapted("xauth-made", { path })];
}

/** A login by certificate is asked over the real ssh's control socket, which has no such requests. */
export async function askChannels(lab: ForwardLab, principal: Principal): Promise<ChannelAnswer[]> {
  const { asker } = principal;
  const tunnel = await askTunnel(lab, principal);
  if (!(asker instanceof AskConnection)) return [tunnel];
  const refused = (granted: boolean, refusal: Refusal | undefined) => (granted || !refusal ? {} : { refusedBy: refusal });
  const host = lab.lab.host(serverHost);
  await host.remove([socketPath]);
  const socket = await asker.listenOnPath(socketPath);
  await host.remove([socketPath]);
  const x11 = await asker.x11(async (listeners) => ({ listeners, visitors: await visitorsOf(lab, listeners) }));
  const { granted: agent } = await asker.agent();
  return [
    {
      kind: "socket",
      granted: socket.granted,
      listeners: socket.file ? [formatSocketFile(socket.file)] : [],
      said: "",
      ...refused(socket.granted, whyDenied({ ssh: parseForwardArguments(`-R ${socketPath}:localhost:1`), ...asker.principal })),
    },
    {
      kind: "x11",
      granted: x11.granted,
      listeners: x11.seen?.listeners ?? [],
      ...(x11.seen && x11.seen.visitors.length > 0 ? { visitors: x11.seen.visitors } : {}),
      said: "",
      ...refused(x11.granted, refusalBy(principal, "x11")),
    },
    { kind: "agent", granted: agent, listeners: [], said: "", ...refused(agent, refusalBy(principal, "agent")) },
    tunnel,
  ];
}

/** Who gets a connection to a display that does not listen on loopback alone; whether the cookie would let them further is the client's affair. */
async function visitorsOf(lab: ForwardLab, listeners: readonly string[]): Promise<{ vantage: string; family: 4 | 6 }[]> {
  const open = listeners.flatMap((each) => parseTarget(each) ?? []).filter(({ address }) => !isLoopback(address));
  const { spec } = lab.lab;
  const ways = open.flatMap(({ port }) =>
    Object.keys(spec.hosts)
      .filter((vantage) => vantage !== serverHost && spec.hosts[vantage]?.families?.length !== 0)
      .flatMap((vantage) =>
        targetsOf(spec, vantage, serverHost)
          .filter(({ via, routed }) => via === undefined && routed)
          .map((to) => ({ ...to, vantage, port })),
      ),
  );
  const accepted = await atMost(16, ways, async ({ vantage, address, port, nat, family }) => {
    const { evidence } = await lab.prober.probe({ vantage, address, port, targetHost: nat ?? serverHost, identity: "" });
    return evidence.connect === "connected" ? [{ vantage, family }] : [];
  });
  return accepted.flat();
}

async function askTunnel(lab: ForwardLab, principal: Principal): Promise<ChannelAnswer> {
  const { login, settings, firstTunnel } = principal;
  const refusal = refusalBy(principal, "tunnel");
  const refusedBy = refusal ? { refusedBy: refusal } : {};
  const permits = settings.find(({ keyword }) => keyword === channelKeywords.tunnel)?.value ?? "no";
  if (permits === "no" && !firstTunnel) return { kind: "tunnel", granted: false, listeners: [], said: "", ...refusedBy };
  const { granted, said } = await lab.askTunnel(login);
  return { kind: "tunnel", granted, listeners: [], said, ...(granted ? {} : refusedBy) };
}

/** The setting, or the key's option, that a refusal comes down to; undefined where neither does. */
function refusalBy({ settings, asker }: Principal, kind: keyof typeof channelKeywords): Refusal | undefined {
  const disabled = settings.find((each) => each.keyword === "disableforwarding" && each.value === "yes");
  const source = disabled ?? settings.find((each) => each.keyword === channelKeywords[kind]);
  if (source && (source.value === "no" || disabled))
    return { layer: "sshd-policy", code: "disable-forwarding", params: {}, text: `${source.keyword} ${source.value}`, source };
  const { options, place } = asker.principal.key;
  const option = splitKeyOptions(options).find((each) => ["restrict", `no-${kind}-forwarding`].includes(each.toLowerCase()));
  if (option === undefined) return undefined;
  const found = { keyword: option.toLowerCase(), value: option, ...place, keyOption: true as const };
  return { layer: "key-options", code: "key-no-forwarding", params: {}, text: `key option ${option}`, source: found };
}
