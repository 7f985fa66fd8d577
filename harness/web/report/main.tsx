/** The page of a report: reads the document that stands in it and shows it. */
import { render } from "preact";
import type { Embedded, Shown } from "../../report/html.ts";
import { unpack } from "../../report/packed.ts";
import { clean } from "../../report/words.ts";
import { browserLanguage } from "../parts/browser-language.ts";
import { PageState, usePage } from "../parts/page.tsx";
import { DiffPage, ReviewDiffPage } from "./diff.tsx";
import { DiffFleetPage } from "./diff-fleet.tsx";
import { FleetPage } from "./fleet.tsx";
import { ReviewPage } from "./review.tsx";
import { ReviewFleetPage } from "./review-fleet.tsx";
import "./style.css";
import { VerifyPage } from "./verify.tsx";

/** The versions of documents that the page can show. */
const version = 1;

const { document: packed, language } = JSON.parse(document.getElementById("document")?.textContent ?? "") as Embedded;
// Logs and banners may hold control characters that turn text around.
const shown = unpack({ ...packed, atoms: packed.atoms.map((each) => (typeof each === "string" ? clean(each) : each)) }) as Shown;
const root = document.getElementById("page");

if (root) {
  root.replaceChildren();
  render(
    <PageState language={language ?? browserLanguage()}>
      <Content />
    </PageState>,
    root,
  );
}

function Content() {
  const { words } = usePage();
  if (shown.schemaVersion !== version) return <p class="page">{words.versionUnknown(String(shown.schemaVersion))}</p>;
  if ("kind" in shown && shown.kind === "fleet") return <FleetPage fleet={shown} />;
  if ("kind" in shown && shown.kind === "diff-fleet") return <DiffFleetPage fleet={shown} />;
  if ("kind" in shown && shown.kind === "review-fleet") return <ReviewFleetPage fleet={shown} />;
  if ("kind" in shown) return shown.kind === "review" ? <ReviewPage review={shown} /> : <ReviewDiffPage diff={shown} />;
  return "before" in shown ? <DiffPage diff={shown} /> : <VerifyPage result={shown} />;
}
