/** The page of `forwardlab learn`: one learner, one connection, a lab behind it. */
import { render } from "preact";
import type { Language } from "../../report/sentences.ts";
import { browserLanguage } from "../parts/browser-language.ts";
import { PageState } from "../parts/page.tsx";
import { ClassroomState } from "./classroom.tsx";
import { useConnection } from "./connection.ts";
import { LearnPage } from "./page.tsx";
import { Terminal } from "./terminal.tsx";
import "../report/style.css";
import "./style.css";

const { language } = JSON.parse(document.getElementById("document")?.textContent ?? "{}") as { language?: Language | null };
const root = document.getElementById("page");

function Live() {
  const { room, ask } = useConnection();
  return (
    <ClassroomState place={{ room, ask, Terminal }}>
      <LearnPage />
    </ClassroomState>
  );
}

if (root) {
  root.replaceChildren();
  render(
    <PageState language={language ?? browserLanguage()}>
      <Live />
    </PageState>,
    root,
  );
}
