/** A terminal on a host of the lab. What it shows is drawn as text only. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal as XTerm } from "@xterm/xterm";
import { useEffect, useRef } from "preact/hooks";
import type { TerminalProps } from "./classroom.tsx";
import { socketAddress } from "./connection.ts";
import "@xterm/xterm/css/xterm.css";

const colours = { background: "#12161c", foreground: "#e7ebf0", cursor: "#8ab8ff", selectionBackground: "#33486b" };

export function Terminal({ host, label, endedText }: TerminalProps) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef({ label, endedText });
  latest.current = { label, endedText };
  useEffect(() => (box.current ? openTerminal(box.current, host, latest.current) : undefined), [host]);
  return <div class="terminal-box" ref={box} lang="en" translate={false} data-host={host} />;
}

function openTerminal(box: HTMLElement, host: string, { label, endedText }: { label: string; endedText: string }): () => void {
  const terminal = new XTerm({
    fontSize: 14,
    fontFamily: getComputedStyle(box).fontFamily,
    theme: colours,
    screenReaderMode: true,
    scrollback: 2000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(box);
  terminal.textarea?.setAttribute("aria-label", label);
  const socket = new WebSocket(socketAddress(`tty?host=${encodeURIComponent(host)}`));
  socket.binaryType = "arraybuffer";
  const encoder = new TextEncoder();
  const send = (data: string | Uint8Array<ArrayBuffer>) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  const resize = () => send(JSON.stringify({ cols: terminal.cols, rows: terminal.rows }));
  const left = new AbortController();
  const on: typeof socket.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) =>
    socket.addEventListener(type, listener, { signal: left.signal });
  on("open", resize);
  on("message", ({ data }) => terminal.write(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data)));
  on("close", () => terminal.write(`\r\n\x1b[2m${endedText}\x1b[0m\r\n`));
  terminal.onData((text) => send(encoder.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (one) => one.charCodeAt(0))));
  terminal.onResize(resize);
  // Tab belongs to the shell: this is the way out for who has no mouse.
  terminal.attachCustomKeyEventHandler((event) => {
    if (!(event.ctrlKey && event.shiftKey && event.code === "KeyQ")) return true;
    event.preventDefault();
    document.querySelector<HTMLElement>('.terminals [role="tab"][aria-selected="true"]')?.focus();
    return false;
  });
  // Hidden, it has no size.
  const observer = new ResizeObserver(() => {
    if (box.clientWidth > 0) fit.fit();
  });
  observer.observe(box);
  return () => {
    observer.disconnect();
    left.abort();
    closeOnceOpen(socket);
    terminal.dispose();
  };
}

/** A browser reports a connection that is closed before it is open as a failure. */
function closeOnceOpen(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
  else socket.close();
}
