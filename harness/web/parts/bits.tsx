/** Small parts that every page uses. */
import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../../core/result.ts";
import { placeText } from "../../report/words.ts";
import { usePage, useWords } from "./page.tsx";

/** Drawn again only when a property changes. */
export abstract class Still<Props> extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const [before, after] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
    return Object.keys({ ...before, ...after }).some((key) => before[key] !== after[key]);
  }
}

/** The symbol is drawn by the style sheet: never colour alone. */
export function StatusBadge({ status }: { status: Status }) {
  return <span class={`badge s-${status}`}>{useWords().status[status]}</span>;
}

export function Code({ children }: { children: ComponentChildren }) {
  return (
    <code lang="en" translate={false}>
      {children}
    </code>
  );
}

/** A sentence in which names and settings stand in backquotes. */
export function Sentence({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <Code key={at}>{part}</Code> : part))}</>;
}

/** The rule or the line that decided, quoted, with its place. */
export function Quote({ rule, file, line, note }: { rule?: string; file?: string; line?: number; note?: string }) {
  const place = placeText({ ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) });
  if (rule === undefined && place === "" && note === undefined) return null;
  return (
    <span class="quote" lang="en">
      {place !== "" && <span class="quote-place">{place}</span>}
      {rule !== undefined && <code translate={false}>{rule}</code>}
      {note !== undefined && (
        <span class="quote-note">
          <Sentence text={note} />
        </span>
      )}
    </span>
  );
}

/** Text of a program: keyboard users can scroll it. */
export function Block({ text, label, kind = "log" }: { text: string; label: string; kind?: "log" | "patch" }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a labelled box, no set of fields
    <pre class={`block ${kind}`} lang="en" translate={false} tabIndex={0} role="group" aria-label={label}>
      {kind === "patch" ? text.split("\n").map((line, at) => <PatchLine key={at} line={line} />) : text}
    </pre>
  );
}

function PatchLine({ line }: { line: string }) {
  const kinds: Record<string, string> = { "+": "plus", "-": "minus", "@": "hunk" };
  const kind = /^(\+\+\+|---) /.test(line) ? "head" : kinds[line.charAt(0)];
  return <span class={`patch-line${kind ? ` ${kind}` : ""}`}>{`${line}\n`}</span>;
}

export function Patch({ text }: { text: string }) {
  const words = useWords();
  return <ToCopy text={text} label={words.patch} kind="patch" note={words.patchUse} />;
}

/** Text of a file, with a button that copies it. */
export function ToCopy({ text, label, kind, note }: { text: string; label: string; kind: "log" | "patch"; note?: string }) {
  return (
    <div class="patch-box">
      <div class="patch-head">
        <span>
          {label}
          {note !== undefined && (
            <span class="patch-note">
              {" "}
              <Sentence text={note} />
            </span>
          )}
        </span>
        <CopyButton text={`${text.trimEnd()}\n`} />
      </div>
      <Block text={text.trimEnd()} label={label} kind={kind} />
    </div>
  );
}

/** A page that was opened from a file may be denied the clipboard: then the text is selected in a field and copied from there. */
export function CopyButton({ text }: { text: string }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => setCopied(false), [text]);
  // Not on blur: the shorter label could move what is being pressed, and a press that ends beside its button is no click.
  useEffect(() => {
    if (!copied) return;
    const reset = () => setCopied(false);
    document.addEventListener("click", reset, { once: true });
    return () => document.removeEventListener("click", reset);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyByField(text);
    }
    setCopied(true);
  };
  return (
    <button type="button" class="button small no-print" onClick={copy}>
      <span aria-live="polite">{copied ? `✔ ${words.copied}` : words.copy}</span>
    </button>
  );
}

function copyByField(text: string): void {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "vh";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Opened by what the address says, or by hand. */
export function Fold({
  title,
  children,
  open = false,
  count,
}: {
  title: string;
  children: ComponentChildren;
  open?: boolean;
  count?: number;
}) {
  // What is folded is made when it is first opened: a result may have hundreds of logs.
  const [made, setMade] = useState(open);
  return (
    <details class="fold" open={open} onToggle={(event) => event.currentTarget.open && setMade(true)}>
      <summary>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </summary>
      {made && <div class="fold-body">{children}</div>}
    </details>
  );
}

export function Section({ id, title, hint, children }: { id: string; title: string; hint?: string; children: ComponentChildren }) {
  return (
    <section class="section" aria-labelledby={`${id}-title`} id={id}>
      <h2 id={`${id}-title`}>{title}</h2>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {children}
    </section>
  );
}

/** A table that may be wider than the page scrolls by itself. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a labelled box, no set of fields
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** Cells of a table's head. */
export function Columns({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <th key={name} scope="col">
      {name}
    </th>
  ));
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  /** Class for the mark before the label. */
  mark?: string;
  count?: number;
}

/** One of several. */
export function Segments<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange(value: Value): void;
}) {
  return (
    <fieldset class="segments no-print">
      <legend class="vh">{label}</legend>
      {choices.map((each) => (
        <label key={each.value} class={each.value === value ? "on" : ""}>
          <input type="radio" class="vh" name={label} checked={each.value === value} onChange={() => onChange(each.value)} />
          {each.label}
        </label>
      ))}
    </fieldset>
  );
}

/** Any of several. */
export function Chips<Value extends string>({
  label,
  choices,
  chosen,
  onChange,
}: {
  label: string;
  choices: readonly Choice<Value>[];
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}) {
  return (
    <fieldset class="chips no-print">
      <legend class="vh">{label}</legend>
      {choices.map(({ value, label: text, mark = "", count }) => {
        const on = chosen.includes(value);
        return (
          <button
            key={value}
            type="button"
            class={`chip ${mark}${on ? " on" : ""}`}
            aria-pressed={on}
            onClick={() => onChange(on ? chosen.filter((each) => each !== value) : [...chosen, value])}
          >
            {text}
            {count !== undefined && <span class="count">{count}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}

/** Typed text that the address holds, written there when the typing pauses. */
export function SearchField({ name, label, hint }: { name: string; label: string; hint: string }) {
  const { state, set } = usePage();
  return (
    <label class="search no-print">
      <span>{label}</span>
      <input
        type="search"
        name={name}
        value={state[name] ?? ""}
        placeholder={hint}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}

export function LanguageButton() {
  const { words, language, set } = usePage();
  const other = language === "en" ? "ja" : "en";
  return (
    <button type="button" class="button no-print" lang={other} onClick={() => set({ lang: other })}>
      {words.otherLanguage}
    </button>
  );
}

/** Marks and sentences, as lists of what went wrong and warnings have them. */
export function Notes({ title, items, kind }: { title: string; items: readonly string[]; kind: "warning" | "waiver" | "reason" }) {
  if (items.length === 0) return null;
  return (
    <section class={`notes ${kind}`} aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item}>
            <Sentence text={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The element is focused when the key changes: who does not see it hears that it is there. */
export function useFocus<Element extends HTMLElement>(key: string | undefined) {
  const element = useRef<Element>(null);
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (key !== undefined && key !== before.current) element.current?.focus({ preventScroll: true });
    before.current = key;
  }, [key]);
  return element;
}
