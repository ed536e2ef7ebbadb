"""Start the server: `python run_server.py --help`."""

import sys

from conference import process
from conference.config import ConfigurationError, from_arguments


def main() -> int:
    """Exit code 0 after a clean end, 2 with one sentence when the server cannot start."""
    try:
        config = from_arguments(sys.argv[1:])
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    return process.run(config)


if __name__ == "__main__":
    sys.exit(main())
