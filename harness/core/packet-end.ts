/** Of a packet: its address and port there. */
export type PacketEnd = "source" | "destination";
