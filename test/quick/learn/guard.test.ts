import { expect, test } from "vitest";
import { type Asked, admit } from "../../../harness/learn/server/guard.ts";

const door = { port: 4321, token: "0123456789abcdef0123456789abcdef" };
const page: Asked = { method: "GET", url: `/${door.token}/`, host: "127.0.0.1:4321", origin: undefined, webSocket: false };
const messages: Asked = { ...page, url: `/${door.token}/ws`, origin: "http://127.0.0.1:4321", webSocket: true };
const terminal: Asked = { ...messages, url: `/${door.token}/tty?host=home` };

test("whoever has the token gets in, by either name of this machine", () => {
  expect(admit(page, door)).toMatchObject({ to: "page" });
  expect(admit({ ...page, host: "localhost:4321" }, door)).toMatchObject({ to: "page" });
  expect(admit({ ...page, origin: "http://127.0.0.1:4321" }, door)).toMatchObject({ to: "page" });
  expect(admit(messages, door)).toMatchObject({ to: "messages" });
  const entered = admit(terminal, door);
  expect(entered).toMatchObject({ to: "terminal" });
  expect("query" in entered && entered.query.get("host")).toBe("home");
});

test.each([
  { host: "evil.example:4321" },
  { host: "evil.example" },
  { host: "127.0.0.1" },
  { host: "127.0.0.1:4322" },
  { host: "127.0.0.1:4321.evil.example" },
  { host: "[::1]:4321" },
  { host: "" },
  { host: undefined },
])("a foreign name is refused: $host", ({ host }) => {
  for (const asked of [page, messages, terminal]) expect(admit({ ...asked, host }, door)).toEqual({ status: 421 });
});

test.each(["http://evil.example", "http://127.0.0.1:4322", "https://127.0.0.1:4321", "http://localhost:4321", "null", ""])(
  "a foreign origin is refused: %s",
  (origin) => {
    for (const asked of [page, messages, terminal]) expect(admit({ ...asked, origin }, door)).toEqual({ status: 403 });
  },
);

test("a WebSocket without an origin is refused", () => {
  for (const asked of [messages, terminal]) expect(admit({ ...asked, origin: undefined }, door)).toEqual({ status: 403 });
});

test.each(["", door.token.slice(1), `${door.token}0`, door.token.toUpperCase(), "%30123456789abcdef0123456789abcdef"])(
  "a wrong token is refused: %s",
  (token) => {
    for (const path of ["/", "/ws", "/tty", "/nothing"]) {
      expect(admit({ ...page, url: `/${token}${path}` }, door)).toEqual({ status: 403 });
      expect(admit({ ...messages, url: `/${token}${path}` }, door)).toEqual({ status: 403 });
    }
  },
);

test("there is nothing else", () => {
  const { token } = door;
  for (const url of [`/${token}`, `/${token}/x`, `/${token}//`, `/${token}/ws`, `/${token}/../`, `/${token}/constructor`])
    expect(admit({ ...page, url }, door), url).toEqual({ status: 404 });
  for (const url of [`/${token}/`, `/${token}/ws/`, `/${token}/wsx`])
    expect(admit({ ...messages, url }, door), url).toEqual({ status: 404 });
  for (const method of ["POST", "HEAD", "OPTIONS", "PUT"]) expect(admit({ ...page, method }, door)).toEqual({ status: 405 });
});
