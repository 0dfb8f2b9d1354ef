"""The part of the Python face that brings mail in and takes it elsewhere."""

from pathlib import Path

from letterbook.adapters.answering import AnsweringHandle
from letterbook.adapters.mail_files import facts
from letterbook.application.engine import Engine
from letterbook.application.exporting import export_mail
from letterbook.application.importing import Report, import_mail
from letterbook.application.moving import MailFormats
from letterbook.application.moving import Progress as Moved
from letterbook.application.rows import PersonRow
from letterbook.application.transcribing import Restored, contents_of, entries, restore


class MovingBook:
    """A book whose whole history can be taken out, and read into a new one."""

    engine: Engine

    def export_facts(self, path: str | Path, progress: Moved | None = None) -> int:
        """Write every fact of every mailbox into a file of JSON Lines, with the blobs they name; gives how
        many there were. Read into a new store, every seal is the same.
        """
        contents = contents_of(self.engine)
        facts.write(Path(path), contents, entries(self.engine, contents, progress))
        return contents.events

    def import_facts(self, path: str | Path, progress: Moved | None = None) -> Restored:
        """Read such a file into this store, which is to be new; whoever was stopped runs it again.

        Raises :class:`letterbook.MoveRefused` or :class:`letterbook.SealBroken`; what was read before stays.
        """
        return restore(self.engine, facts.FactsFile(Path(path)), progress)


class MovingHandle(AnsweringHandle):
    """A hold on one person's mailbox, for mail that comes from other programs or goes to them."""

    _formats: MailFormats

    def import_mail(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002 - as it is called everywhere
        folder: str | None = None,
        progress: Moved | None = None,
    ) -> Report:
        """Bring in letters that another program kept: ``mbox``, ``maildir``, ``eml``, or ``graph`` (JSON).

        They keep their folders, below ``folder`` if one is named, their moments and their marks; nothing is
        delivered. A Message-ID is brought in once, and whoever was stopped runs it again. ``progress`` is
        told how much is done, and of how much. Raises :class:`letterbook.MoveRefused`.
        """
        into = self._engine.folder(self.id, self._folder_id(folder)).folder if folder else None
        source = self._formats.source(Path(path), format, named=into is None)
        return import_mail(self._engine, self._person(), source, into, progress)

    def export_mail(
        self,
        path: str | Path,
        *,
        format: str = "maildir",  # noqa: A002 - as it is called everywhere
        progress: Moved | None = None,
    ) -> int:
        """Put every letter into a new folder, as ``mbox``, ``maildir`` or ``eml``; gives how many there were.

        Raises :class:`letterbook.MoveRefused`.
        """
        with self._formats.target(Path(path), format) as target:
            return export_mail(self._engine, self._person(), target, progress)

    def _person(self) -> PersonRow:
        return PersonRow(self.id, self.address, self.name)
