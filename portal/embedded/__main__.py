"""python -m portal.embedded stop|status|keep DATA_DIR (keep: started by `ensure`, not by hand)."""

import argparse
import sys
from pathlib import Path

from portal.embedded import EmbeddedServerError, status, stop
from portal.embedded.keeper import keep
from portal.embedded.servers import Postgres, Valkey


def main() -> int:
    """Runs one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m portal.embedded")
    parser.add_argument("command", choices=["keep", "status", "stop"])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("servers", nargs="*", help="of keep: postgres, valkey")
    given = parser.parse_args()
    if given.command == "keep":
        kinds = [kind for kind in (Postgres, Valkey) if kind.name in given.servers]
        keep(given.data_dir, [kind(given.data_dir) for kind in kinds])
    try:
        if given.command == "status":
            sys.stdout.write("\n".join([*status(given.data_dir), ""]))
        else:
            stop(given.data_dir)
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
