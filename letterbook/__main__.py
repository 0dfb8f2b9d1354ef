"""``python -m letterbook`` and the ``letterbook`` command."""

from letterbook.adapters.cli.commands import main

if __name__ == "__main__":
    main()
