/** What was asked for and what the server answered, merged over ports and principals that got the same. Pure. */
import type { Refusal } from "../../core/forward-outcome.ts";
import { portsText } from "../../core/port-range.ts";
import type { Reason } from "../../core/reason.ts";
import type { Unworded } from "../../core/result.ts";
import type { ReviewAnswer } from "../../core/review.ts";
import {
  type ChannelAnswer,
  type DialAnswer,
  type ListenAnswer,
  listeningAddresses,
  type PrincipalFacts,
} from "../../core/review-facts.ts";
import { ruleOf } from "../settings.ts";
import { channelExamples } from "./channel-findings.ts";
import { type ReviewInput, targetText } from "./review-input.ts";

type Answer = Unworded<ReviewAnswer>;

export function reviewAnswers(input: ReviewInput): Answer[] {
  return [...listenAnswers(input), ...dialAnswers(input.principals), ...channelAnswers(input.principals)];
}

/** Why, with the line; null where nobody said why. */
export function refusalReason(refusal: Refusal | undefined): Reason | null {
  if (!refusal) return null;
  const { layer, code, params, source } = refusal;
  const byDefault = source !== undefined && source.file === undefined && !source.keyOption;
  return { layer, code, params: { ...params, ...(byDefault ? { byDefault } : {}) }, ...ruleOf(source) };
}

function listenAnswers({ principals, ports }: ReviewInput): Answer[] {
  const alike = Map.groupBy(
    principals.flatMap((principal) =>
      [...Map.groupBy(principal.listens, sameAnswer)].map(([key, answers]) => ({ principal, key, answers })),
    ),
    ({ key, answers }) => JSON.stringify([key, answers.map(({ ask }) => ask.portClass)]),
  );
  return [...alike.values()].map((group): Answer => {
    const { answers } = group[0] as (typeof group)[number];
    const first = answers[0] as ListenAnswer;
    return {
      request: {
        kind: "listener",
        bind: first.ask.bind,
        ports: portsText([...new Set(answers.map(({ ask }) => ask.portClass))].flatMap((at) => ports[at]?.ranges ?? [])),
      },
      example: first.ask.ssh,
      principals: group.map(({ principal }) => principal.id),
      granted: first.granted,
      listeners: listeningAddresses(first.listeners),
      refusedBy: first.granted ? null : refusalReason(first.refusedBy),
    };
  });
}

function sameAnswer({ ask, granted, listeners, refusedBy }: ListenAnswer): string {
  const { code, source } = refusedBy ?? {};
  return JSON.stringify([ask.bind, granted, listeningAddresses(listeners), code, source?.value, source?.file, source?.line]);
}

function dialAnswers(principals: readonly PrincipalFacts[]): Answer[] {
  const alike = Map.groupBy(
    principals.flatMap((principal) => principal.dials.map((answer) => ({ principal, answer }))),
    ({ answer: { ask, answer, refusedBy } }) =>
      JSON.stringify([
        ask.host,
        ask.port,
        answer,
        refusedBy?.code,
        refusedBy?.source?.value,
        refusedBy?.source?.file,
        refusedBy?.source?.line,
      ]),
  );
  return [...alike.values()].map((group): Answer => {
    const { answer } = group[0] as { answer: DialAnswer };
    const { ask } = answer;
    const target = targetText(ask);
    return {
      request: { kind: "target", target, of: ask.kind },
      example: `-L 9000:${target}`,
      principals: group.map(({ principal }) => principal.id),
      granted: answer.answer !== "denied",
      listeners: [],
      reached: answer.answer === "reached",
      refusedBy: answer.answer === "denied" ? refusalReason(answer.refusedBy) : null,
    };
  });
}

function channelAnswers(principals: readonly PrincipalFacts[]): Answer[] {
  const alike = Map.groupBy(
    principals.flatMap((principal) => principal.channels.map((answer) => ({ principal, answer }))),
    ({ answer: { kind, granted, refusedBy } }) =>
      JSON.stringify([kind, granted, refusedBy?.source?.value, refusedBy?.source?.file, refusedBy?.source?.line]),
  );
  return [...alike.values()].map((group): Answer => {
    const { answer } = group[0] as { answer: ChannelAnswer };
    return {
      request: { kind: answer.kind },
      example: channelExamples[answer.kind],
      principals: group.map(({ principal }) => principal.id),
      granted: answer.granted,
      listeners: answer.listeners,
      refusedBy: answer.granted ? null : refusalReason(answer.refusedBy),
    };
  });
}
