/** The playground: what somebody types, and the model's answer. */
import { render } from "preact";
import type { Language } from "../../report/sentences.ts";
import { browserLanguage } from "../parts/browser-language.ts";
import { PageState } from "../parts/page.tsx";
import { Playground } from "./page.tsx";
import "../report/style.css";
import "./style.css";

const { language } = JSON.parse(document.getElementById("document")?.textContent ?? "{}") as { language?: Language | null };
const root = document.getElementById("page");

if (root) {
  root.replaceChildren();
  render(
    <PageState language={language ?? browserLanguage()}>
      <Playground />
    </PageState>,
    root,
  );
}
