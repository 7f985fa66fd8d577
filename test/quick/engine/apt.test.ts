import { describe, expect, test } from "vitest";
import { carriedOptions, mirrorOf, needsCertificates, parseDeb822, parseOneLine } from "../../../harness/engine/apt.ts";

describe("sources.list, one line each", () => {
  test("reads uri, suite and components; passes over comments, deb-src and options", () => {
    const text = [
      "# deb http://old.example/debian bookworm main",
      "deb-src http://mirror.example/debian bookworm main",
      "deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian/ bookworm main contrib # ours",
      "deb http://mirror.example/debian-security bookworm-security main",
    ].join("\n");
    expect(parseOneLine(text)).toEqual([
      { uri: "http://mirror.example/debian", suite: "bookworm", components: ["main", "contrib"] },
      { uri: "http://mirror.example/debian-security", suite: "bookworm-security", components: ["main"] },
    ]);
  });
});

describe("deb822", () => {
  test("reads several URIs and suites, continuation lines and comments between fields", () => {
    const text = `Types: deb deb-src
# a comment inside
URIs: http://a.example/debian
  http://b.example/debian/
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;
    expect(parseDeb822(text).map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
      "http://a.example/debian trixie",
      "http://a.example/debian trixie-updates",
      "http://b.example/debian trixie",
      "http://b.example/debian trixie-updates",
    ]);
  });

  test("passes over disabled paragraphs and those with sources only", () => {
    const text = "Types: deb\nURIs: http://a.example\nSuites: sid\nEnabled: no\n\nTypes: deb-src\nURIs: http://b.example\nSuites: sid\n";
    expect(parseDeb822(text)).toEqual([]);
  });
});

describe("the mirror", () => {
  const main = { uri: "http://m.example/debian", suite: "bookworm", components: ["main"] };
  const security = { uri: "http://m.example/debian-security", suite: "bookworm-security", components: ["main"] };
  const third = { uri: "http://other.example/apt", suite: "nodistro", components: ["main"] };

  test("is the source of the machine's own suite, with its security archive", () => {
    expect(mirrorOf([third, security, main], "bookworm")).toEqual({ main: main.uri, security: security.uri });
  });

  test("may be named by its role", () => {
    expect(mirrorOf([{ ...main, suite: "oldstable" }], "bookworm")).toEqual({ main: main.uri });
  });

  test.each([
    [undefined, false],
    [{ main: main.uri }, false],
    [{ main: "file:/srv/debian", security: security.uri }, false],
    [{ main: "https://m.example/debian" }, true],
    [{ main: main.uri, security: "https://m.example/debian-security" }, true],
    [{ main: "mirror+http://m.example/list" }, true],
  ])("needs certificates where it speaks TLS: %j", (mirror, needed) => {
    expect(needsCertificates(mirror)).toBe(needed);
  });

  test("is unknown when only third parties are configured", () => {
    expect(mirrorOf([third], "bookworm")).toBeUndefined();
  });
});

test("carries over what decides whether the mirror can be reached, nothing else", () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::Proxy "";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::http::User-Agent "x";',
  ].join("\n");
  expect(carriedOptions(dump)).toEqual(['Acquire::http::Proxy "http://proxy.example:3128";', 'Acquire::Check-Valid-Until "false";']);
});
