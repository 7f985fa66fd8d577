/** Options before a key in authorized_keys. sshd itself permits all. */
import { everyone, type PlantedCase } from "./planted-case.ts";

const home = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJZ1LpNmKJqW0eRcSGmBSUG5Yl6MVRFbOx2hmm6nYxZ1 alice@home\n";
const backup = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGpGWbVDH1cPVo6lkcLoKQdRkRLdJvtkVQvUP9lAtFnx alice@backup\n";
const keys = (options: string) => ({ "alice.keys": `# alice\n${options}${home}` });
const notAtAll = { right: "refused", exposes: everyone } as const;

export const keyOptions: readonly PlantedCase[] = [
  {
    name: "restrict left out",
    mistake: "A key without options may do all that sshd permits.",
    files: keys("«restrict |»"),
    ...notAtAll,
  },
  {
    name: "another no-… option",
    mistake: "no-agent-forwarding does not forbid forwards of ports.",
    files: keys("no-pty,no-X11-forwarding,no-«port|agent»-forwarding "),
    ...notAtAll,
  },
  {
    name: "one thing too many given back",
    mistake: "After `restrict` a terminal was to be permitted, not forwarding.",
    files: keys("restrict,«pty|port-forwarding» "),
    ...notAtAll,
  },
  {
    name: "port-forwarding after restrict",
    mistake: "Options apply in their order: what stands after `restrict` is permitted again.",
    files: keys("«port-forwarding,restrict|restrict,port-forwarding» "),
    ...notAtAll,
  },
  {
    name: "permitlisten of another port",
    mistake: "The port is the one of the desktop, and the one of the web server was meant.",
    files: keys('restrict,port-forwarding,permitlisten="«8080|43234»" '),
    ...notAtAll,
  },
  {
    name: "permitlisten without a host",
    mistake: "A port without a host permits every bind address.",
    files: keys('permitlisten="«localhost:|»43234" '),
    ...notAtAll,
  },
  {
    name: "permitopen for permitlisten",
    mistake: "permitopen restricts -L, not where -R may listen.",
    files: keys('restrict,port-forwarding,permit«listen|open»="localhost:8080" '),
    ...notAtAll,
  },
  {
    name: "the second permitlisten",
    mistake: "Of several permitlisten each permits its own; the old one was left in.",
    files: keys('permitlisten="8080",permitlisten="«8443|43234»" '),
    ...notAtAll,
  },
  {
    name: "the second key",
    mistake: "Only the first key of the account was restricted.",
    files: { "alice.keys": `restrict ${home}«restrict,|»command="/usr/bin/true" ${backup}` },
    key: 2,
    ...notAtAll,
  },
  {
    name: "a forced command alone",
    mistake: "`command=` does not keep ssh -N from forwarding.",
    files: keys('command="/usr/bin/rrsync -ro /srv"«,no-port-forwarding|» '),
    ...notAtAll,
  },
  {
    name: "from= too wide",
    mistake: "The prefix of the office is two bits too short, and has home's address in it.",
    files: keys('from="203.0.113.«48/28|0/26»" '),
    ...notAtAll,
  },
];
