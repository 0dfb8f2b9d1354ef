"""Extended properties of folders."""

import pytest

from letterbook.domain import refusals
from letterbook.domain.folder_properties import MOST, FolderPropertiesSet, SetFolderProperties
from letterbook.domain.letter import ExtendedProperty
from letterbook.domain.mailbox import CopyFolder, FolderCopied, decide
from tests.domain.cast import ARCHIVE, EARLIER, INBOX, NOW, numbered
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import CLUBS, CLUBS_COPY, GREEN, clubs_made, opened

NAME = "{66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
RED = ExtendedProperty(id=f"String {NAME}", value="Red")
SHOUTED = ExtendedProperty(id=GREEN.id.replace("String {66f5a359", "STRING {66F5A359"), value="Green")
OTHER_CASE = ExtendedProperty(id=GREEN.id.replace("Color", "color"), value="Blue")
PALETTE = ExtendedProperty(id="StringArray {1} Name Palette", value=("Green", "Aqua"))

green_set = FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=(GREEN, PALETTE))
past = (opened, clubs_made, green_set)


def test_programs_keep_what_they_like_on_a_folder() -> None:
    ask = SetFolderProperties(CLUBS.id, (GREEN, PALETTE))
    given(opened, clubs_made).when(ask).then(green_set)
    given(opened).when(SetFolderProperties(INBOX, (RED,))).then(
        FolderPropertiesSet(on=EARLIER, folder_id=INBOX, properties=(RED,))
    )
    assert tell(*past).folder(CLUBS.id).properties == (GREEN, PALETTE)


def test_asking_twice_says_nothing_new() -> None:
    for same in ((GREEN, PALETTE), (PALETTE,), (RED, GREEN), ()):
        given(*past).when(SetFolderProperties(CLUBS.id, same)).then()


def test_what_is_not_named_keeps_its_value() -> None:
    red_set = FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=(RED,))
    given(*past).when(SetFolderProperties(CLUBS.id, (RED, PALETTE))).then(red_set)
    assert tell(*past, red_set).folder(CLUBS.id).properties == (RED, PALETTE)


def test_an_id_is_the_same_in_any_case_but_for_its_name() -> None:
    shouted = FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=(SHOUTED,))
    other = FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=(OTHER_CASE,))
    given(*past).when(SetFolderProperties(CLUBS.id, (SHOUTED,))).then(shouted)
    assert tell(*past, shouted).folder(CLUBS.id).properties == (SHOUTED, PALETTE)
    assert tell(*past, other).folder(CLUBS.id).properties == (GREEN, PALETTE, OTHER_CASE)


def test_a_folder_has_to_be_there() -> None:
    given(opened).when(SetFolderProperties(CLUBS.id, (GREEN,))).refused(refusals.NotFound)
    given(opened).when(SetFolderProperties(CLUBS.id, ())).refused(refusals.NotFound)


def test_a_folder_holds_so_many_and_no_more() -> None:
    many = tuple(ExtendedProperty(id=f"String {{1}} Name {number}", value="x") for number in range(MOST - 1))
    given(*past).when(SetFolderProperties(CLUBS.id, many)).refused(refusals.TooMany)
    given(opened, clubs_made).when(SetFolderProperties(CLUBS.id, (*many, GREEN, PALETTE))).refused(
        refusals.TooMany
    )
    full = tell(*past, FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=many[1:]))
    assert len(full.folder(CLUBS.id).properties) == MOST
    assert decide(full, SetFolderProperties(CLUBS.id, (RED,)), NOW)
    with pytest.raises(refusals.TooMany):
        decide(full, SetFolderProperties(CLUBS.id, (OTHER_CASE,)), NOW)


def test_a_copy_has_them_too() -> None:
    mailbox = tell(*past)
    (copied,) = decide(mailbox, CopyFolder(CLUBS.id, ARCHIVE, {CLUBS.id: numbered(24)}), NOW)
    assert isinstance(copied, FolderCopied)
    assert copied.folder.properties == (GREEN, PALETTE)
    assert CLUBS_COPY.properties == ()
