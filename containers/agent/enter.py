"""`python3 -m agent.enter HOST COMMAND ...`: a command of the fabric's own in the network of a host of a kept lab."""

import json
import os
import sys

from .namespaces import Namespace


def main() -> None:
    name, *command = sys.argv[1:]
    with open("/run/forwardlab/hosts.json") as file:
        host = json.load(file)[name]
    namespace = Namespace(name, os.open(host["network"], os.O_RDONLY))
    namespace.names = host["names"]
    namespace.enter()
    os.execvp(command[0], command)


main()
