/** @param ssh what a policy's `ssh:` says: options alone, or a whole command */
export function typedCommand(ssh: string): string {
  return /^(auto)?ssh\s/.test(ssh) ? ssh : `ssh ${ssh}`;
}
