"""`python -m bench NAME [--json]`: measure, say what was found; with --json as one object last."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping

from bench import capture, forwarding, packager

BENCHES: dict[str, Callable[[], Mapping[str, object]]] = {
    "capture": capture.measure,
    "forwarding": forwarding.measure,
    "packager": packager.measure,
}


def main(arguments: list[str]) -> int:
    """Run the named measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    chosen = parser.parse_args(arguments)
    found = BENCHES[chosen.name]()
    print(json.dumps(found, indent=None if chosen.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
