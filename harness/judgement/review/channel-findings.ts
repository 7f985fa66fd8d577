/** Findings about what needs no address: Unix sockets that accounts open, tunnels, X11 displays, the agent. Pure. */

import { type Audience, audiences } from "../../core/audience.ts";
import type { SettingSource } from "../../core/forward-outcome.ts";
import type { Unworded } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import type { ChannelAnswer, PrincipalFacts } from "../../core/review-facts.ts";
import { channelKeywords } from "../../openssh/forwarding-settings.ts";
import { settingText } from "../../openssh/sshd-keywords.ts";
import { findingId } from "./finding-id.ts";
import { settingAllows } from "./listener-findings.ts";
import { audienceOf, lanOf, type SourceIndex, visitorsOf } from "./reach.ts";
import { referencesFor } from "./references.ts";
import { type Found, isEverybody, type ReviewInput } from "./review-input.ts";

type Kind = ChannelAnswer["kind"];

interface Granted {
  principal: PrincipalFacts;
  answer: ChannelAnswer;
  audience: Audience;
  setting: SettingSource;
}

const keywords: Readonly<Record<Kind, string>> = {
  socket: "streamlocalbindmask",
  ...channelKeywords,
};

export const channelExamples: Readonly<Record<Kind, string>> = {
  socket: "-R /tmp/service.sock:localhost:8080",
  tunnel: "-w any:any",
  x11: "-X",
  agent: "-A",
};

export function channelFindings(input: ReviewInput, index: SourceIndex): Found[] {
  const granted = input.principals.flatMap((principal) =>
    principal.channels.flatMap((answer): Granted[] => {
      const audience = answer.granted ? audienceFor(answer, input, index) : undefined;
      if (!audience) return [];
      const keyword = answer.kind === "x11" && audience !== "account" ? "x11uselocalhost" : keywords[answer.kind];
      const setting = principal.settings.find((each) => each.keyword === keyword) ?? { keyword, value: "" };
      return [{ principal, answer, audience, setting }];
    }),
  );
  const alike = Map.groupBy(granted, ({ answer: { kind, listeners, visitors }, audience, setting: { value, file, line } }) =>
    JSON.stringify([kind, audience, kind === "x11" ? listeners.map(bare) : [], visitors ?? [], value, file, line]),
  );
  return [...alike.values()].map((group) => foundOf(group, input, index));
}

function bare(listener: string): string {
  return listener.replace(/:\d+$/, "");
}

/** A socket that only its owner may open is no exposure. */
function audienceFor(answer: ChannelAnswer, input: ReviewInput, index: SourceIndex): Audience | undefined {
  if (answer.kind === "socket") return answer.listeners.some(othersMayWrite) ? "server" : undefined;
  if (answer.kind !== "x11" || !answer.visitors) return "account";
  return audienceOf({ classes: classesOf(answer, input), server: true }, index);
}

/** Mode of `srwxrwxrwx`: connecting needs the right to write. Source: unix(7). */
function othersMayWrite(file: string): boolean {
  return file[8] === "w";
}

function classesOf({ visitors = [] }: ChannelAnswer, { sources }: ReviewInput) {
  return sources.classes.map((source) => ({
    source,
    reached: visitors.some(({ vantage, family }) => vantage === source.vantage && family === source.family),
    at: [],
    missed: [],
    verdicts: [],
  }));
}

function foundOf(group: readonly Granted[], input: ReviewInput, index: SourceIndex): Found {
  const { answer, audience, setting } = group[0] as Granted;
  const { kind, listeners } = answer;
  const accounts = [...new Set(group.map(({ principal }) => principal.account))];
  const classes = classesOf(answer, input);
  const finding: Unworded<ReviewFinding> = {
    id: findingId(kind, audience, [settingText(setting), ...(kind === "x11" ? listeners.map(bare) : [])]),
    kind,
    audience,
    code: `review-${kind}`,
    params: { accounts, everybody: isEverybody(accounts, input) },
    principals: group.map(({ principal }) => principal.id),
    accounts,
    listeners,
    targets: [],
    example: channelExamples[kind],
    visitors: visitorsOf(classes, index),
    ...lanOf(classes, index),
    destinations: [],
    server: audience !== "account",
    decidedBy: [settingAllows(setting)],
    passed: [],
    references: referencesFor(kind),
  };
  // Whoever shows it to many shows it to few as well.
  const reached = audiences.slice(audiences.indexOf(audience));
  return { finding, exposures: group.flatMap(({ principal: { id } }) => reached.map((each) => JSON.stringify([kind, id, each]))) };
}
