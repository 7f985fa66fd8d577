// Fetches from npm's registry without npm, which takes three times as long for a package whose URL and hash are known.
// Runs on any Node from 16 on.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

/** Longest time without any data. Milliseconds. */
const SILENCE = 10_000;
const CONNECTIONS = 8;
const REDIRECTIONS = 5;
const PROXIES = ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/**
 * The registry settings among npm's settings, as `npm config list --json` prints them; undefined if npm reaches registries in a way that is not
 * supported here: through a proxy, with a client certificate, or not at all.
 */
export function registriesOf(settings, env = process.env) {
  const otherWay = ["proxy", "https-proxy", "ca", "cert", "key", "local-address"].some((name) => settings[name]);
  if (otherWay || settings.offline || settings["strict-ssl"] === false || PROXIES.some((name) => env[name])) return undefined;
  const scopes = Object.entries(settings).filter(([name]) => /^@[^:]+:registry$/.test(name));
  return { registry: settings.registry, cafile: settings.cafile ?? undefined, ...Object.fromEntries(scopes) };
}

/** The usual URLs of a package's archive and of its description. */
export function placesOf(registries, name, version) {
  const [, scope, bare] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name);
  const registry = ((scope && registries[`${scope}:registry`]) || registries.registry).replace(/\/$/, "");
  return { archive: `${registry}/${name}/-/${bare}-${version}.tgz`, about: `${registry}/${name}/${version}` };
}

/** @returns a function that requests a URL over kept-alive connections and returns the answer as a stream */
export function opener({ cafile }) {
  const options = { keepAlive: true, maxSockets: CONNECTIONS, ...(cafile && { ca: readFileSync(cafile) }) };
  const agents = { "http:": new http.Agent(options), "https:": new https.Agent(options) };
  const open = (url, left = REDIRECTIONS) =>
    new Promise((done, fail) => {
      const { protocol } = new URL(url);
      const asked = (protocol === "http:" ? http : https).get(url, { agent: agents[protocol], timeout: SILENCE }, (answer) => {
        const { statusCode, headers } = answer;
        if (statusCode === 200) return done(answer);
        answer.resume();
        if (statusCode < 300 || statusCode >= 400 || !headers.location || left === 0) return fail(new Error(`${url}: ${statusCode}`));
        open(new URL(headers.location, url).href, left - 1).then(done, fail);
      });
      asked.on("timeout", () => asked.destroy(new Error(`${url}: no answer`)));
      asked.on("error", fail);
    });
  return open;
}

export async function contentOf(answer) {
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws if the hash is not the `integrity` of package-lock.json */
export function requireIntegrity(hash, integrity, what) {
  if (`sha512-${hash.digest("base64")}` !== integrity) throw new Error(`${what} does not have the expected hash`);
}

export const newHash = () => createHash("sha512");
