"""``python -m letterbook`` and the ``letterbook`` command."""

import gc

from letterbook.adapters.cli import commands


def main() -> None:
    """Run the command line. All that was imported for it stays, and is never looked over for garbage."""
    gc.freeze()
    commands.main()


if __name__ == "__main__":
    main()
