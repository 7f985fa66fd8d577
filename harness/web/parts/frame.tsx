/** The frame of a page: its head with the verdict, its content, and the drawer beside it. */
import type { ComponentChildren } from "preact";
import { LanguageButton } from "./bits.tsx";
import { useWords } from "./page.tsx";

export interface FrameProps {
  kind: "verify" | "fleet" | "review" | "diff";
  mark: "pass" | "fail" | "inconclusive";
  verdict: string;
  sentence: string;
  /** What it is about, as the user named it. */
  subject: string;
  foot: string;
  /** Stands over the verdict. */
  above?: ComponentChildren;
  drawer?: ComponentChildren;
  children: ComponentChildren;
}

export function Frame({ kind, mark, verdict, sentence, subject, foot, above, drawer, children }: FrameProps) {
  const words = useWords();
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>("#content")?.focus()}>
        {words.skip}
      </button>
      <div class="page">
        <header class="top">
          <p class="brand">
            <Logo />
            forwardlab <span>{words.report[kind]}</span>
          </p>
          <LanguageButton />
        </header>
        <main id="content" tabIndex={-1}>
          {above}
          <div class={`verdict o-${mark}`}>
            <h1>
              <span class="verdict-word">{verdict}</span>
              <span class="verdict-sentence">{sentence}</span>
            </h1>
            <p class="subject" lang="en">
              {subject}
            </p>
            <p class="foot">{foot}</p>
          </div>
          {children}
        </main>
      </div>
      {drawer}
    </div>
  );
}

export function Logo() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" class="logo">
      <path d="M3 12h7M14 12h7M17 8l4 4-4 4" />
      <circle cx="12" cy="12" r="2" />
      <path d="M12 3v4M12 17v4" />
    </svg>
  );
}
