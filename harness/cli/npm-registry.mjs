// npm's registry, asked without npm: that takes three times as long to bring a package whose place and hash are known.
// Runs on any Node from 16 on.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

/** Without a byte. Milliseconds. */
const SILENCE = 10_000;
const CONNECTIONS = 8;
const REDIRECTIONS = 5;
const PROXIES = ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/**
 * Of npm's settings, as `npm config list --json` prints them, what leads to the registries; undefined where npm reaches them in a way that is
 * not known here: through a proxy, with a certificate of its own, not at all.
 */
export function registriesOf(settings, env = process.env) {
  const otherWay = ["proxy", "https-proxy", "ca", "cert", "key", "local-address"].some((name) => settings[name]);
  if (otherWay || settings.offline || settings["strict-ssl"] === false || PROXIES.some((name) => env[name])) return undefined;
  const scopes = Object.entries(settings).filter(([name]) => /^@[^:]+:registry$/.test(name));
  return { registry: settings.registry, cafile: settings.cafile ?? undefined, ...Object.fromEntries(scopes) };
}

/** Where registries usually have a package, and what they say of it. */
export function placesOf(registries, name, version) {
  const [, scope, bare] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name);
  const registry = ((scope && registries[`${scope}:registry`]) || registries.registry).replace(/\/$/, "");
  return { archive: `${registry}/${name}/-/${bare}-${version}.tgz`, about: `${registry}/${name}/${version}` };
}

/** @returns what asks for a URL, with connections that are kept; its answer is a stream */
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

/** @throws for anything else than what `integrity` says, as package-lock.json has it */
export function requireIntegrity(hash, integrity, what) {
  if (`sha512-${hash.digest("base64")}` !== integrity) throw new Error(`${what} is not what was expected`);
}

export const newHash = () => createHash("sha512");
