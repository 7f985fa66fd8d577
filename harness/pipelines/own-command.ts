/** The command as the person at the terminal can type it: in a checkout it is a script of npm's. */
export function ownCommand(): string {
  return process.env.npm_lifecycle_event === undefined ? "forwardlab" : "npm run -s forwardlab --";
}
