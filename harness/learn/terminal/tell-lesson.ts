/** A lesson on a terminal: question, prediction, what happens, prediction compared, why, the counter-example. */
import { styleText } from "node:util";
import { cellKey } from "../../core/cells.ts";
import type { Lesson, RunEvent } from "../../core/lesson.ts";
import type { DecidedBy, ResultCell, ResultForward } from "../../core/result.ts";
import { type Language, sentenceFor } from "../../report/sentences.ts";
import { clean, placeText } from "../../report/words.ts";
import { byHost, compare, parsePrediction, type SeenHost } from "./predictions.ts";
import type { UpcomingEvents } from "./upcoming.ts";
import { words } from "./words.ts";

/** A terminal, or what stands for one. */
export interface Console {
  print(text: string): void;
  /** A line that was typed; undefined: nobody types any more. */
  ask(): Promise<string | undefined>;
}

export interface Told {
  held: boolean | undefined;
  right: number;
  /** Hosts of which something was predicted and seen. */
  predicted: number;
}

/** Lines of a file, or of what a command printed, before the rest is left out. */
const mostLines = 24;

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** Says what stands before the run. */
export function introduce(lesson: Lesson, language: Language, { print }: Pick<Console, "print">): void {
  const say = words[language];
  print(heading(say.question));
  print(`  ${lesson.question[language]}`);
  print(heading(say.typed));
  for (const command of lesson.commands) print(`  ${clean(command)}`);
  print(heading(say.predict));
  print(`  ${lesson.predict[language]}`);
}

/** Says what stands behind it. */
export function conclude(lesson: Lesson, language: Language, { print }: Pick<Console, "print">): void {
  const say = words[language];
  print(heading(say.seen));
  print(`  ${lesson.seen[language]}`);
  print(heading(say.why));
  print(`  ${lesson.why[language]}`);
}

export class LessonTeller {
  readonly #lesson: Lesson;
  readonly #language: Language;
  readonly #console: Console;
  readonly #events: UpcomingEvents;
  #hosts: string[] = [];
  #experiments = 0;
  #files = "";
  /** Of the line before: a lesson with one rule would say the same of every host. */
  #lastCause = "";
  readonly #predictions = new Map<number, Set<string>>();
  readonly #cells = new Map<number, ResultCell[]>();
  #right = 0;
  #predicted = 0;
  #typing = true;

  constructor(lesson: Lesson, language: Language, console: Console, events: UpcomingEvents) {
    this.#lesson = lesson;
    this.#language = language;
    this.#console = console;
    this.#events = events;
  }

  async tell(): Promise<Told> {
    let held: boolean | undefined;
    for (let event = await this.#events.next(); event; event = await this.#events.next()) {
      if (event.type === "over") held = this.#over(event);
      else await this.#tell(event);
    }
    return { held, right: this.#right, predicted: this.#predicted };
  }

  async #tell(event: Exclude<RunEvent, { type: "over" }>): Promise<void> {
    switch (event.type) {
      case "lab":
        this.#hosts = Object.keys(event.topology.hosts);
        return;
      case "experiment":
        return this.#begin();
      case "server":
        return this.#server(event);
      case "asked":
        this.#print(`\n  ${event.from}$ ssh ${clean(event.ssh)} ${event.account}@server`);
        return this.#ask(event.id);
      case "opened":
        return this.#opened(event.forward);
      case "served":
        this.#print(`\n  ${this.#say.listens([`port ${event.port}`], event.host)}`);
        return this.#ask(event.id);
      case "cells":
        return this.#seen(event);
      case "closed":
        this.#compare(event.id);
        return this.#print(`  ${styleText("dim", this.#say.ended)}`);
      case "command":
        return this.#command(event);
      case "change":
        return this.#print(`  ${event.at}: ${this.#say.change[event.what]} ${clean(event.detail)}`.trimEnd());
      case "experiment-over":
        return this.#end(event);
    }
  }

  get #say() {
    return words[this.#language];
  }

  #print(text: string): void {
    this.#console.print(text);
  }

  #begin(): void {
    const { experiment, counterExample } = this.#say;
    this.#experiments++;
    if (this.#experiments > 1)
      this.#print(heading(this.#experiments === 2 ? counterExample : `${counterExample} ${this.#experiments - 1}`));
    else this.#print(heading(experiment));
  }

  #server({ files, filtered }: EventOf<"server">): void {
    const text = JSON.stringify(files);
    if (text === this.#files) return;
    this.#files = text;
    if (!filtered) this.#print(`  ${styleText("bold", this.#say.noFirewall)}`);
    for (const file of files) {
      this.#print(`  ${styleText("bold", this.#say.server(clean(file.name)))}`);
      this.#print(block(file.text.trim() === "" ? this.#say.noFile : file.text));
    }
  }

  /** Before anybody tries the forward. */
  async #ask(id: number): Promise<void> {
    if (!this.#typing || !(await this.#events.willBeTried(id))) return;
    this.#print(`\n  ${styleText("bold", this.#say.whoGetsIn(this.#hosts))}`);
    for (;;) {
      const line = await this.#console.ask();
      if (line === undefined) {
        this.#typing = false;
        return;
      }
      const parsed = parsePrediction(line, this.#hosts);
      if ("names" in parsed) {
        this.#predictions.set(id, parsed.names);
        return;
      }
      this.#print(`  ${this.#say.unknownHost(clean(parsed.unknown))}`);
    }
  }

  #opened({ granted, listeners, listensOn, decidedBy }: ResultForward): void {
    this.#lastCause = "";
    if (granted === false) this.#print(`  ${this.#say.notGranted(decidedBy ? this.#decider(decidedBy) : "")}`);
    else this.#print(`  ${listeners.length === 0 ? this.#say.nothingListens : this.#say.listens(listeners, listensOn ?? "")}`);
  }

  #seen({ id, cells }: EventOf<"cells">): void {
    const known = this.#cells.get(id) ?? [];
    this.#cells.set(id, [...known, ...cells]);
    const news = cells.filter((cell) => !known.some((each) => sameSight(each, cell)));
    for (const seen of byHost(news)) for (const line of this.#hostLines(seen)) this.#print(line);
  }

  /** One line, or one for each cause where the addresses of a host do not agree. */
  #hostLines({ host, cells }: SeenHost): string[] {
    const alike = Map.groupBy(cells, ({ observed, decidedBy }) =>
      observed === "reached" ? observed : JSON.stringify([observed, decidedBy?.code, decidedBy?.rule]),
    );
    return [...alike.values()].map((group) => {
      const [first] = group as [ResultCell];
      const targets = this.#say.several([...new Set(group.map(({ target }) => target))]);
      return `  ${host.padEnd(10)} ${this.#verdict(first)}  ${styleText("dim", targets)}${this.#cause(first)}`;
    });
  }

  #verdict({ observed }: ResultCell): string {
    if (observed === "reached") return styleText("green", `✔ ${this.#say.getsIn}`);
    if (observed === "inconclusive") return styleText("yellow", `? ${this.#say.unproven}`);
    return styleText("red", `✘ ${this.#say.keptOut} (${observed})`);
  }

  /** Why it got no further: the way in needs no reason. */
  #cause({ observed, decidedBy, unproven }: ResultCell): string {
    if (observed === "reached") return "";
    const cause = decidedBy ? this.#decider(decidedBy) : unproven && sentenceFor(unproven, this.#language);
    if (!cause) return "";
    const again = cause === this.#lastCause;
    this.#lastCause = cause;
    return again ? `  ${styleText("dim", this.#say.sameCause)}` : `\n             ${clean(cause)}`;
  }

  #decider(decidedBy: DecidedBy): string {
    const place = placeText(decidedBy);
    return [decidedBy.layer, place, sentenceFor(decidedBy, this.#language)].filter((part) => part !== "").join("  ");
  }

  #compare(id: number): void {
    const predicted = this.#predictions.get(id);
    const seen = byHost(this.#cells.get(id) ?? []);
    this.#predictions.delete(id);
    if (!predicted || seen.length === 0) return;
    const { hosts, right, untried } = compare(predicted, seen);
    this.#print("");
    for (const each of hosts) this.#print(`  ${this.#comparison(each)}`);
    if (untried.length > 0) this.#print(`  · ${this.#say.untried(untried)}`);
    this.#print(`  ${styleText("bold", this.#say.score(right, hosts.length))}`);
    this.#right += right;
    this.#predicted += hosts.length;
  }

  #comparison({ host, predicted, getsIn }: { host: string; predicted: boolean; getsIn: boolean }): string {
    if (predicted === getsIn) return `${styleText("green", "✔")} ${this.#say.right(host)}`;
    return `${styleText("red", "✘")} ${getsIn ? this.#say.wrongIn(host) : this.#say.wrongOut(host)}`;
  }

  #command({ host, argv, code, stdout, stderr }: EventOf<"command">): void {
    this.#print(`\n  ${host}# ${clean(argv.join(" "))}`);
    const output = [stdout, stderr].map((text) => text.trimEnd()).filter((text) => text !== "");
    if (output.length > 0) this.#print(block(output.join("\n")));
    if (code !== null && code !== 0) this.#print(`    ${styleText("dim", `exit ${code}`)}`);
  }

  #end({ name, held, message = "" }: EventOf<"experiment-over">): void {
    for (const id of [...this.#predictions.keys()]) this.#compare(id);
    this.#print(`\n  ${held ? this.#say.proves(name) : this.#say.notHeld(name)}`);
    if (!held && message !== "") this.#print(block(message));
    // What the first experiment shows is the lesson; the others show the opposite.
    if (this.#experiments === 1) conclude(this.#lesson, this.#language, this.#console);
  }

  #over({ held, why }: EventOf<"over">): boolean | undefined {
    if (this.#experiments === 0 || held === undefined) for (const each of why) this.#print(block(each));
    if (held === undefined) this.#print(`  ${styleText("yellow", `? ${this.#say.notAll}`)}`);
    else this.#print(`${heading(this.#say.title)}\n  ${held ? "✔" : "✘"} ${this.#lesson.title[this.#language]}`);
    return held;
  }
}

/** It was seen before that the same host fares so at the same address. */
function sameSight(one: ResultCell, other: ResultCell): boolean {
  return cellKey(one) === cellKey(other) && one.observed === other.observed;
}

function heading(text: string): string {
  return `\n${styleText("bold", text)}`;
}

/** Indented, without control characters; what is long loses its end. */
function block(text: string): string {
  const lines = clean(text).trimEnd().split("\n");
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), "…"] : lines;
  return shown.map((line) => `    | ${line}`).join("\n");
}
