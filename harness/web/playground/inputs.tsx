/** What is typed: the command, the server's config, who logs in, the firewall. Each fault stands beside its field. */
import type { ComponentChildren } from "preact";
import { Segments, Sentence } from "../parts/bits.tsx";
import { ErrorText } from "../parts/error-text.tsx";
import type { Answer, Fault, Field, Note } from "./answer.ts";
import type { RuleFault, RuleField } from "./firewall-form.ts";
import { anyRule, type FormRule, type Situation, versions } from "./situation.ts";
import { usePlaygroundWords } from "./words.ts";

interface InputsProps {
  situation: Situation;
  change(next: Situation): void;
  answer: Answer | undefined;
}

export function Inputs({ situation, change, answer }: InputsProps) {
  const own = usePlaygroundWords();
  const set = (part: Partial<Situation>) => change({ ...situation, ...part });
  const faults = (field: Field) => answer?.faults.filter((each) => each.field === field) ?? [];
  const notes = (field: Field) => answer?.notes.filter((each) => each.field === field) ?? [];
  return (
    <form class="inputs" aria-label={own.inputs} onSubmit={(event) => event.preventDefault()}>
      <Text
        id="ssh"
        label={own.ssh}
        hint={own.sshHint}
        value={situation.ssh}
        rows={[2, 6]}
        onInput={(ssh) => set({ ssh })}
        faults={faults("ssh")}
        notes={notes("ssh")}
      />
      <label class="check">
        <input type="checkbox" checked={situation.dead} onChange={(event) => set({ dead: event.currentTarget.checked })} />
        {own.target}
      </label>
      <Text
        id="config"
        label={own.config}
        hint={own.configHint}
        value={situation.config}
        rows={[3, 18]}
        onInput={(config) => set({ config })}
        faults={faults("config")}
        notes={notes("config")}
      />
      <fieldset class="group">
        <legend>{own.who}</legend>
        <div class="row">
          <Line
            id="account"
            label={own.account}
            placeholder={situation.account === "" ? `${answer?.login.account ?? ""} (${own.accountHint})` : ""}
            value={situation.account}
            onInput={(account) => set({ account })}
            faults={faults("account")}
          />
          <Line
            id="groups"
            label={own.groups}
            placeholder={own.groupsHint}
            value={situation.groups}
            onInput={(groups) => set({ groups })}
            faults={faults("groups")}
          />
        </div>
        <div class="row">
          <Line
            id="keyOptions"
            label={own.keyOptions}
            placeholder={own.keyOptionsHint}
            value={situation.keyOptions}
            onInput={(keyOptions) => set({ keyOptions })}
            faults={faults("keyOptions")}
          />
          <label class="field narrow">
            <span class="label">{own.version}</span>
            <select
              id="version"
              value={situation.version}
              onChange={(event) => set({ version: event.currentTarget.value as Situation["version"] })}
            >
              {versions.map((version) => (
                <option key={version}>{version}</option>
              ))}
            </select>
          </label>
        </div>
      </fieldset>
      <Firewall situation={situation} set={set} answer={answer} />
    </form>
  );
}

interface FieldProps {
  id: string;
  label: string;
  value: string;
  onInput(value: string): void;
  faults: readonly Fault[];
  notes?: readonly Note[];
  hint?: string;
  placeholder?: string;
}

/** Code, as many lines as it has. */
function Text({
  id,
  label,
  hint,
  value,
  rows: [least, most],
  onInput,
  faults,
  notes = [],
}: FieldProps & { rows: readonly [number, number] }) {
  return (
    <Labelled id={id} label={label} hint={hint} faults={faults} notes={notes}>
      <textarea
        id={id}
        class="code"
        lang="en"
        rows={Math.min(most, Math.max(least, value.split("\n").length))}
        style={{ minHeight: `calc(${least}lh + 14px)` }}
        value={value}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-invalid={faults.length > 0}
        aria-describedby={`${id}-about`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  );
}

function Line({ id, label, placeholder = "", value, onInput, faults }: FieldProps) {
  return (
    <Labelled id={id} label={label} faults={faults} notes={[]}>
      <input
        id={id}
        type="text"
        class="code"
        value={value}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-invalid={faults.length > 0}
        aria-describedby={`${id}-about`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  );
}

interface LabelledProps {
  id: string;
  label: string;
  hint?: string | undefined;
  faults: readonly Fault[];
  notes: readonly Note[];
  children: ComponentChildren;
}

function Labelled({ id, label, hint, faults, notes, children }: LabelledProps) {
  const own = usePlaygroundWords();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {children}
      <div id={`${id}-about`}>
        {faults.map((fault) => (
          <FaultText key={`${fault.line} ${fault.message}`} fault={fault} />
        ))}
        {notes.map(({ code, text, line, distribution = "" }) => (
          <p key={`${code} ${line} ${text}`} class="note-text">
            {line !== undefined && <strong>{own.line(line)}: </strong>}
            <Sentence text={own.note[code](text, distribution)} />
          </p>
        ))}
        {hint !== undefined && faults.length === 0 && (
          <p class="hint">
            <Sentence text={hint} />
          </p>
        )}
      </div>
    </div>
  );
}

function FaultText({ fault }: { fault: Fault }) {
  const own = usePlaygroundWords();
  return (
    <div class="fault">
      <ErrorText error={fault} at={fault.line === undefined ? "" : <strong>{own.line(fault.line)}: </strong>} beside />
    </div>
  );
}

function Firewall({ situation, set, answer }: { situation: Situation; set(part: Partial<Situation>): void; answer: Answer | undefined }) {
  const own = usePlaygroundWords();
  const { firewall, ruleset } = situation;
  const doubts = firewall === "none" ? [] : (answer?.doubts ?? []);
  return (
    <fieldset class="group">
      <legend>{own.firewall}</legend>
      <Segments
        label={own.firewall}
        value={firewall}
        choices={(["none", "form", "text"] as const).map((value) => ({ value, label: own.firewallKinds[value] }))}
        onChange={(value) => set({ firewall: value })}
      />
      {firewall === "form" && <Rules situation={situation} set={set} faults={answer?.ruleFaults ?? []} />}
      {firewall === "text" && (
        <Text
          id="ruleset"
          label={own.ruleset}
          hint={own.rulesetHint}
          value={ruleset}
          rows={[8, 24]}
          onInput={(text) => set({ ruleset: text })}
          faults={[]}
        />
      )}
      {doubts.length > 0 && (
        <div class="doubts" role="status">
          <p>
            <strong>{own.doubts}</strong> <Sentence text={own.doubtsHint} />
          </p>
          <ul>
            {doubts.map(({ code, line, text, family }) => (
              <li key={`${code} ${line} ${family}`}>
                <strong>{own.line(line)}</strong>
                {family !== undefined && ` (IPv${family})`}: <Sentence text={own.doubt[code]} />
                {text !== "" && (
                  <code class="doubt-line" lang="en" translate={false}>
                    {text}
                  </code>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
}

interface RulesProps {
  situation: Situation;
  set(part: Partial<Situation>): void;
  faults: readonly RuleFault[];
}

function Rules({ situation: { rules, policy }, set, faults }: RulesProps) {
  const own = usePlaygroundWords();
  const setRule = (at: number, part: Partial<FormRule>) =>
    set({ rules: rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)) });
  return (
    <>
      <p class="hint">{own.always}</p>
      <ol class="rules">
        {rules.map((rule, at) => (
          <li key={at}>
            <fieldset class="rule">
              <legend class="vh">{own.rule(at + 1)}</legend>
              <label class="field">
                <span class="label">{own.ruleFields.action}</span>
                <select value={rule.action} onChange={(event) => setRule(at, { action: event.currentTarget.value as FormRule["action"] })}>
                  {["accept", "drop", "reject"].map((action) => (
                    <option key={action}>{action}</option>
                  ))}
                </select>
              </label>
              {(["ports", "sources", "by"] as const).map((field) => (
                <RuleText
                  key={field}
                  id={`rule-${at}-${field}`}
                  field={field}
                  value={rule[field]}
                  onInput={(value) => setRule(at, { [field]: value })}
                  faults={faults.filter((fault) => fault.rule === at && fault.field === field)}
                />
              ))}
              <label class="field">
                <span class="label">{own.ruleFields.family}</span>
                <select value={rule.family} onChange={(event) => setRule(at, { family: event.currentTarget.value as FormRule["family"] })}>
                  <option value="">{own.anyFamily}</option>
                  <option value="4">IPv4</option>
                  <option value="6">IPv6</option>
                </select>
              </label>
              <div class="rule-buttons">
                {at > 0 && (
                  <button
                    type="button"
                    class="button small"
                    aria-label={own.moveUp(at + 1)}
                    onClick={() => set({ rules: movedUp(rules, at) })}
                  >
                    ↑
                  </button>
                )}
                <button
                  type="button"
                  class="button small"
                  aria-label={own.removeRule(at + 1)}
                  onClick={() => set({ rules: rules.filter((_, index) => index !== at) })}
                >
                  ✕
                </button>
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      <button type="button" class="button small no-print" onClick={() => set({ rules: [...rules, anyRule] })}>
        + {own.addRule}
      </button>
      <label class="field inline">
        <span class="label">{own.policy}</span>
        <select value={policy} onChange={(event) => set({ policy: event.currentTarget.value as Situation["policy"] })}>
          {(["drop", "accept"] as const).map((value) => (
            <option key={value} value={value}>
              {own.policies[value]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function movedUp(rules: readonly FormRule[], at: number): FormRule[] {
  const moved = [...rules];
  moved.splice(at - 1, 0, ...moved.splice(at, 1));
  return moved;
}

interface RuleTextProps {
  id: string;
  field: RuleField;
  value: string;
  onInput(value: string): void;
  faults: readonly RuleFault[];
}

function RuleText({ id, field, value, onInput, faults }: RuleTextProps) {
  const own = usePlaygroundWords();
  return (
    <div class={`field rule-${field}`}>
      <label class="label" for={id}>
        {own.ruleFields[field]}
      </label>
      <input
        id={id}
        type="text"
        class="code"
        value={value}
        placeholder={own.rulePlaceholders[field]}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-invalid={faults.length > 0}
        aria-describedby={`${id}-about`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <div id={`${id}-about`}>
        {faults.map(({ text }) => (
          <p key={text} class="fault">
            {own.ruleFault[field](text)}
          </p>
        ))}
      </div>
    </div>
  );
}
