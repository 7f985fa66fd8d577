"""`python3 -m agent.enter HOST COMMAND ...`: a command of the fabric's own in the network of a host of a kept lab."""

import os
import sys

from . import directory


def main() -> None:
    name, *command = sys.argv[1:]
    directory.read(name).enter()
    try:
        os.execvp(command[0], command)
    except OSError as error:  # As a shell tells it: POSIX, 2.8.2.
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


main()
