/** A file to edit: its text with the numbers of its lines. */
import { useRef } from "preact/hooks";

interface EditorProps {
  name: string;
  text: string;
  /** A line with a fault, from 1. */
  fault?: number | undefined;
  onInput(text: string): void;
}

const rows = { fewest: 3, most: 22 };

export function Editor({ name, text, fault, onInput }: EditorProps) {
  const numbers = useRef<HTMLDivElement>(null);
  const lines = text.split("\n");
  return (
    <figure class="editor">
      <figcaption lang="en">{name}</figcaption>
      <div class="editor-body">
        <div class="editor-numbers" aria-hidden="true" ref={numbers}>
          {lines.map((_, at) => (
            <div key={at} class={at + 1 === fault ? "faulty" : ""}>
              {at + 1}
            </div>
          ))}
        </div>
        <textarea
          aria-label={name}
          value={text}
          rows={Math.min(rows.most, Math.max(rows.fewest, lines.length))}
          wrap="off"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          lang="en"
          aria-invalid={fault !== undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
          onScroll={(event) => {
            if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
    </figure>
  );
}
