/** What is found where a file should be that can be read. Types only. */

/** What lies where a file should. */
export type StrangeFile = "folder" | "pipe" | "socket" | "device" | "too-large";

/** Why a file is not read: what it is, or what the system says. */
export interface FoundFile {
  strange?: StrangeFile | undefined;
  said?: string | undefined;
}
