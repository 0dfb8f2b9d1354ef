"""Takes out of package-lock.json whom one could pay: names and hashes are all that it is for."""

import json
import sys
from pathlib import Path


def tidied(lock: str) -> str:
    """A lock without addresses."""
    known = json.loads(lock)
    for package in known["packages"].values():
        package.pop("funding", None)
    return json.dumps(known, indent=2) + "\n"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(tidied(place.read_text("utf-8")), "utf-8")
