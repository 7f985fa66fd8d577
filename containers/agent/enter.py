"""`python3 -m agent.enter [--net] HOST [COMMAND ...]`: a command, or a shell, in a host of a kept lab.

With --net only the host's network is entered, and the fabric's own tools are used (tcpdump, nft, ss).
"""

import json
import os
import sys


def main():
    arguments = sys.argv[1:]
    network_only = arguments[0] == "--net"
    name, *command = arguments[1:] if network_only else arguments
    with open("/run/forwardlab/hosts.json") as file:
        host = json.load(file)[name]
    if "pid" in host and not network_only:
        entry = ["nsenter", "--target", str(host["pid"]), "--mount", "--uts", "--ipc", "--net", "--pid", "--wdns=/root"]
    else:
        entry = ["nsenter", f"--net={host['net']}"]
    if not command:
        command = ["sh", "-c", "command -v bash >/dev/null && exec bash -i || exec sh -i"]
    os.environ.update(PS1=f"{name}:\\w\\$ ", HOME="/root")
    os.execvp(entry[0], [*entry, "--", *command])


main()
