/**
 * Bridges and cables to a machine's own containers and guests, by the names that docker, libvirt, LXC, Podman and Kubernetes give them: nobody
 * comes in there from another network.
 */
export function isOwnBridge(name: string): boolean {
  return /^(docker|br-[0-9a-f]{12}$|virbr|vnet|veth|lxc|lxd|podman|cni|cali|flannel)/.test(name);
}
