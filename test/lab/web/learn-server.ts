/** Stands in for `forwardlab learn` where only its page is looked at: it serves the page, and replays runs that the lab recorded. */
import { execFile } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";
import type {
  Catalogue,
  Exercise,
  LearnMessage,
  LearnRequest,
  Lesson,
  LiveEvent,
  RecordedRun,
  Scenario,
} from "../../../harness/core/lesson.ts";
import firewallRight from "./recorded/firewall-right.json" with { type: "json" };
import leadingColon from "./recorded/leading-colon.json" with { type: "json" };
import sftp from "./recorded/sftp-needs-no-forward.json" with { type: "json" };

/** As `forwardlab learn` recorded them. */
export const recorded = {
  "leading-colon": leadingColon as unknown as RecordedRun,
  "firewall-right": firewallRight as unknown as RecordedRun,
  "sftp-needs-no-forward": sftp as unknown as RecordedRun,
};

/** In a process of its own: within Vitest a scenario's file would define its tests. */
const tellLessons = `
  const told = [];
  globalThis[Symbol.for("forwardlab.scenario")] = (scenario) => told.push(scenario);
  for (const name of process.argv.slice(1)) await import(process.cwd() + "/scenarios/" + name + ".scenario.ts");
  console.log(JSON.stringify(told));
`;

async function lessonsOf(names: readonly string[]): Promise<Lesson[]> {
  const argv = ["--no-warnings", "--input-type=module", "--eval", tellLessons, "--", ...names];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const told = JSON.parse(stdout) as Scenario[];
  return told.map((scenario, at) => ({ name: names[at] as string, ...scenario }));
}

export const exercise: Exercise = {
  name: "other-lan-only",
  title: { en: "Remote Desktop for the other LAN only", ja: "別の LAN だけにリモートデスクトップを" },
  task: {
    en: "Make Remote Desktop at home reachable from `other-lan`, and from nobody else.",
    ja: "自宅のリモートデスクトップに `other-lan` からだけ到達できるようにしてください。",
  },
  hint: { en: "Two files have to change.", ja: "直すファイルは 2 つです。" },
  files: [
    { name: "sshd_config", text: "GatewayPorts no\n" },
    {
      name: "nftables.conf",
      text: "table inet filter {\n  chain input {\n    type filter hook input priority filter; policy accept;\n  }\n}\n",
    },
  ],
  commands: { rdp: "-R :43234:localhost:3389" },
};

let known: Promise<Catalogue> | undefined;

/** A small course of real lessons. */
export function catalogue(): Promise<Catalogue> {
  known ??= readCatalogue();
  return known;
}

async function readCatalogue(): Promise<Catalogue> {
  const lessons = await lessonsOf([
    "cgnat",
    "leading-colon",
    "firewall-right",
    "no-colon",
    "sftp-needs-no-forward",
    "gatewayports-no",
    "gatewayports-yes",
  ]);
  return {
    lessons,
    course: [
      {
        title: { en: "Remote Desktop at home, from another LAN", ja: "別の LAN から自宅のリモートデスクトップへ" },
        lessons: ["cgnat", "leading-colon", "firewall-right"],
      },
      {
        title: { en: "GatewayPorts: who chooses the address", ja: "GatewayPorts: アドレスを決めるのは誰か" },
        lessons: ["gatewayports-no", "gatewayports-yes"],
      },
    ],
    library: [{ title: { en: "Other kinds of forwarding", ja: "その他の転送" }, lessons: ["no-colon", "sftp-needs-no-forward"] }],
    exercises: [exercise],
  };
}

type Answer = (request: LearnRequest, say: (message: LearnMessage) => void) => void;

export interface LearnServer extends AsyncDisposable {
  url: string;
  requests: LearnRequest[];
  /** What came from terminals: the host, and bytes or the text of a resize. */
  typed: { host: string; data: string; binary: boolean }[];
  /** To every page. */
  say(message: LearnMessage): void;
  live(event: LiveEvent): void;
  /** Until then, terminals that ask for a connection get none. */
  connecting: Promise<void>;
  /** Answers of the next requests, instead of the recorded runs. */
  answer: Answer | undefined;
}

/** @param page what `learnPage()` gives */
export async function startLearnServer(page: string): Promise<LearnServer> {
  const told = await catalogue();
  const http = createServer((request, response) => {
    if (request.url !== "/token/") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });
  const sockets = new WebSocketServer({
    server: http,
    verifyClient: async ({ req: { url = "" } }: { req: IncomingMessage }, admit: (admitted: boolean) => void) => {
      if (url.includes("/tty?")) await server.connecting;
      admit(true);
    },
  });
  const pages = new Set<WebSocket>();
  const server: LearnServer = {
    url: "",
    requests: [],
    typed: [],
    connecting: Promise.resolve(),
    answer: undefined,
    say: (message) => {
      for (const socket of pages) socket.send(JSON.stringify(message));
    },
    live: (event) => server.say({ of: "live", event }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((done) => http.close(done));
    },
  };
  sockets.on("connection", (socket, { url = "" }) => {
    const host = new URL(url, "http://x").searchParams.get("host");
    if (host !== null) {
      socket.on("message", (data, binary) => server.typed.push({ host, data: String(data), binary }));
      socket.send(Buffer.from(`${host}$ `));
      return;
    }
    pages.add(socket);
    socket.on("close", () => pages.delete(socket));
    const say = (message: LearnMessage) => socket.send(JSON.stringify(message));
    say({ of: "catalogue", catalogue: told });
    socket.on("message", (data) => {
      const request = JSON.parse(String(data)) as LearnRequest;
      server.requests.push(request);
      (server.answer ?? replay)(request, say);
    });
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/token/`;
  return server;
}

const replay: Answer = (request, say) => {
  if (request.do !== "run") return;
  const { lesson } = request;
  const run = recorded[lesson as keyof typeof recorded];
  if (run) for (const event of run.events) say({ of: "run", lesson, event });
  else say({ of: "error", request: "run", error: { message: `no such lesson: ${lesson}`, todo: "choose another one" } });
};
