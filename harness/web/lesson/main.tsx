/** A page of an export: a lesson with its recorded run, or the list of all of them. Nobody to ask, no lab. */
import { render } from "preact";
import type { Catalogue, RecordedRun } from "../../core/lesson.ts";
import type { Language } from "../../report/sentences.ts";
import { ClassroomState } from "../learn/classroom.tsx";
import { LearnPage } from "../learn/page.tsx";
import type { Room } from "../learn/room.ts";
import { browserLanguage } from "../parts/browser-language.ts";
import { PageState } from "../parts/page.tsx";
import "../report/style.css";
import "../learn/style.css";

interface Embedded {
  language: Language | null;
  catalogue: Catalogue;
  run: RecordedRun | null;
}

const { language, catalogue, run } = JSON.parse(document.getElementById("document")?.textContent ?? "{}") as Embedded;
const root = document.getElementById("page");
const room: Room = { catalogue, faults: {}, ended: false, ...(run ? { run: { ...run, going: false } } : {}) };

if (root) {
  root.replaceChildren();
  render(
    <PageState language={language ?? browserLanguage()}>
      <ClassroomState place={{ room }}>
        <LearnPage />
      </ClassroomState>
    </PageState>,
    root,
  );
}
