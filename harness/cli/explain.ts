/** `forwardlab explain`: the model's answer about one ssh command line. No lab, no Docker. */
import type { SshRules } from "../exposure/model/model-input.ts";
import { keyAllowsForwarding, keyOptionValues } from "../ssh/authorized-keys.ts";
import { wireBindAddress } from "../ssh/forward-request.ts";
import { permitsListening } from "../ssh/permit-list.ts";

/** OpenSSH's comparisons, for the model. */
export const sshRules: SshRules = { wireBindAddress, permitsListening, keyAllowsForwarding, keyOptionValues };
