"""`python3 -m agent.enter HOST COMMAND ...`: a command of the fabric's own in the network of a host of a kept lab."""

import os
import sys

from . import directory


def main() -> None:
    name, *command = sys.argv[1:]
    directory.read(name).enter()
    os.execvp(command[0], command)


main()
