// action.yml: the difference as one comment of the pull request, written anew by each run. Plain JavaScript without dependencies.
import { readFile } from "node:fs/promises";

const MARK = "<!-- forwardlab -->";
/** GitHub takes 65,536 characters. */
const LONGEST = 60_000;
const PER_PAGE = 100;

const {
  GITHUB_API_URL: api,
  GITHUB_REPOSITORY: repository,
  GITHUB_SERVER_URL: server,
  GITHUB_RUN_ID: run,
  TOKEN: token,
  PULL: pull,
} = process.env;
const whole = await readFile(process.argv[2], "utf8");
const summary = `${server}/${repository}/actions/runs/${run}`;
const text = whole.length <= LONGEST ? whole : `The difference is too long for a comment: [job summary](${summary}).\n`;
const body = `${MARK}\n${text}`;

const earlier = await find();
if (earlier) await ask("PATCH", `/repos/${repository}/issues/comments/${earlier.id}`, { body });
else if (whole.trim() !== "") await ask("POST", `/repos/${repository}/issues/${pull}/comments`, { body });

/** Only a bot's: anybody may write the mark. */
async function find() {
  for (let page = 1; ; page++) {
    const comments = await ask("GET", `/repos/${repository}/issues/${pull}/comments?per_page=${PER_PAGE}&page=${page}`);
    const found = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(MARK));
    if (found || comments.length < PER_PAGE) return found;
  }
}

async function ask(method, path, content) {
  const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${token}`, "x-github-api-version": "2022-11-28" };
  const answer = await fetch(api + path, { method, headers, ...(content && { body: JSON.stringify(content) }) });
  if (answer.ok) return answer.json();
  console.log(
    `::error::forwardlab: the comment cannot be written: ${method} ${path}: ${answer.status} (does the job have pull-requests: write?)`,
  );
  process.exit(2);
}
