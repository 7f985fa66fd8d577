/** Terminals on hosts of the lab, a tab for each. */
import { useState } from "preact/hooks";
import { useClassroom } from "./classroom.tsx";
import { useLearnWords } from "./words.ts";

interface Opened {
  id: number;
  host: string;
  /** Of this host, from 1. */
  number: number;
}

export function Terminals({ hosts, first }: { hosts: readonly string[]; first: string | undefined }) {
  const own = useLearnWords();
  const { Terminal } = useClassroom();
  const [opened, setOpened] = useState<readonly Opened[]>(() => (first === undefined ? [] : [{ id: 1, host: first, number: 1 }]));
  const [shown, setShown] = useState(1);
  if (!Terminal) return null;
  const nameOf = ({ host, number }: Opened) => own.terminal(host, number);
  const open = (host: string) => {
    const id = Math.max(0, ...opened.map((each) => each.id)) + 1;
    const number = Math.max(0, ...opened.filter((each) => each.host === host).map((each) => each.number)) + 1;
    setOpened([...opened, { id, host, number }]);
    setShown(id);
  };
  const close = (id: number) => {
    const left = opened.filter((each) => each.id !== id);
    setOpened(left);
    setShown(left.at(-1)?.id ?? 0);
  };
  const current = opened.find(({ id }) => id === shown);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = opened.findIndex(({ id }) => id === shown);
    const to = step === undefined ? undefined : opened[(at + step + opened.length) % opened.length];
    if (!to) return;
    event.preventDefault();
    setShown(to.id);
    document.getElementById(`terminal-tab-${to.id}`)?.focus();
  };
  return (
    <section class="terminals" aria-labelledby="terminals-title">
      <h2 id="terminals-title">{own.terminals}</h2>
      <div class="terminal-head">
        <div role="tablist" aria-label={own.terminals} class="tabs" onKeyDown={move}>
          {opened.map((each) => (
            <button
              key={each.id}
              type="button"
              role="tab"
              id={`terminal-tab-${each.id}`}
              class="tab"
              aria-selected={each.id === shown}
              aria-controls={`terminal-${each.id}`}
              tabIndex={each.id === shown ? 0 : -1}
              onClick={() => setShown(each.id)}
            >
              {nameOf(each)}
            </button>
          ))}
        </div>
        <label class="open-terminal">
          <span>{own.openTerminal}</span>
          <select
            value=""
            onChange={(event) => {
              if (event.currentTarget.value !== "") open(event.currentTarget.value);
              event.currentTarget.value = "";
            }}
          >
            <option value="">…</option>
            {hosts.map((host) => (
              <option key={host} value={host}>
                {host}
              </option>
            ))}
          </select>
        </label>
        {current && (
          <button type="button" class="button small" onClick={() => close(current.id)} aria-label={own.closeTerminal(nameOf(current))}>
            ✕
          </button>
        )}
      </div>
      {opened.map((each) => (
        <div
          key={each.id}
          role="tabpanel"
          id={`terminal-${each.id}`}
          aria-labelledby={`terminal-tab-${each.id}`}
          class="terminal-panel"
          hidden={each.id !== shown}
        >
          <Terminal host={each.host} label={nameOf(each)} endedText={own.terminalEnded} />
        </div>
      ))}
      <p class="hint">{own.terminalHint}</p>
    </section>
  );
}
