/**
 * Bridges and cables to a machine's own containers and guests, by the names that docker, libvirt, LXC, Podman and Kubernetes give them: nobody
 * comes in there from another network. `br-*` in a rule is for all of docker's own networks: a single bridge is called by its name (`br-lan`).
 */
export function isOwnBridge(name: string): boolean {
  return /^(docker|br-(?:[0-9a-f]{12}|\*)$|virbr|vnet|veth|lxc|lxd|podman|cni|cali|flannel)/.test(name);
}
