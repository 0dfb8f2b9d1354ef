"""Somebody who types commands, for the tests of the command line."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from letterbook.adapters.cli.commands import cli

ALEX, ADELE, MEGAN = "alexw@contoso.com", "adelev@contoso.com", "meganb@contoso.com"


@dataclass
class Terminal:
    """Somebody at a terminal."""

    store: Path
    colours: bool = False

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Type a command."""
        settings = {"LETTERBOOK_STORE": str(self.store), "LETTERBOOK_AS": None}
        shown = {"FORCE_COLOR": "1", "COLUMNS": "140"} if self.colours else {"FORCE_COLOR": None}
        return CliRunner().invoke(cli, words, input=typed, env=settings | shown, prog_name="letterbook")

    def tell(self, *words: str, typed: str | None = None) -> str:
        """Type a command that goes well; gives what it prints."""
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        assert done.stderr == ""
        return done.stdout

    def ask(self, *words: str) -> Any:
        """Type a command that goes well, for its JSON."""
        return json.loads(self.tell(*words, "--json"))

    def refused(self, *words: str, code: int = 1) -> str:
        """Type a command that is refused: the reason alone, on the side for errors."""
        done = self.run(*words)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith("Error: ")
        assert code == 2 or done.stderr.count("\n") == 1
        return last.removeprefix("Error: ")

    def draft(self, *words: str) -> str:
        """Begin a draft; gives its id."""
        return self.tell("draft", *words).strip()
