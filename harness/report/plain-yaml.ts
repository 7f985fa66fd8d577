/** Text as a YAML scalar: plain if YAML reads that back as the same text, otherwise quoted. */
export function plainYaml(text: string): string {
  return /^[A-Za-z./][\w./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text) ? text : JSON.stringify(text);
}
