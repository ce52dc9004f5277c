"""The documents say what the code does: generated parts are current, and what they name exists."""

import re
from pathlib import Path

import pytest

from docs import contract
from docs.contract_notes import NOTES, UNSUPPORTED
from docs.generate import pages
from rtcserver.settings import all_keys, variable
from tests.source import REPOSITORY

DOCUMENTS = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").glob("*.md"))]
NAMES = {document: document.name for document in DOCUMENTS}


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text() == pages()[path], "run `make docs`"


@pytest.mark.parametrize("title", contract.TABLES)
def test_what_is_not_spoken_has_a_reason_and_what_is_has_none(title: str) -> None:
    not_spoken = {name for name, spoken in contract.rows(title) if not spoken}
    assert not_spoken == set(UNSUPPORTED[title]), "see docs/contract_notes.py, then `make docs`"
    assert set(NOTES[title]) <= {name for name, spoken in contract.rows(title) if spoken}


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES.get)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES.get)
def test_files_named_exist(document: Path) -> None:
    named = re.findall(
        r"`((?:rtcserver|tests|static|deploy|docs|loadtests)/[\w./-]*)`", document.read_text()
    )
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES.get)
def test_variables_named_are_settings(document: Path) -> None:
    known = {variable(key) for key in all_keys()} | {"RTCSERVER_CONFIG"}
    named = set(re.findall(r"\bRTCSERVER_[A-Z]\w*\b", document.read_text()))
    assert named <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES.get)
def test_commands_of_make_exist(document: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = set(
        re.findall(r"^(?:\$ )?make ([\w-]+)|`make ([\w-]+)", document.read_text(), re.MULTILINE)
    )
    assert {name for pair in named for name in pair if name} <= targets
