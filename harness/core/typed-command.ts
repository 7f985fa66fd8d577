/** @param ssh the value of a policy's `ssh:`: options only, or a whole command */
export function typedCommand(ssh: string): string {
  return /^(auto)?ssh\s/.test(ssh) ? ssh : `ssh ${ssh}`;
}
