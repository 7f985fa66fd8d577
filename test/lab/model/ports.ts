/** Ports that forwards, rules and other services are drawn from: the same few, so that they meet. */
export const ports = [43234, 8081, 2222] as const;
export const edgePorts = [80, 443, 22, 1023, 1024, 65535] as const;
