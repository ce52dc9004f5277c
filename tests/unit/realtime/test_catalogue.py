"""The list of what the server may send."""

from pathlib import Path

from rtcserver.realtime import events
from rtcserver.realtime.catalogue import FAMILIES, SERVER_EVENTS


def test_no_family_of_events_is_left_out() -> None:
    files = {path.stem for path in Path(next(iter(events.__path__))).glob("*.py")}
    assert {family.__name__.rpartition(".")[2] for family in FAMILIES} == files - {"__init__"}


def test_an_event_is_found_by_its_type_and_roots_of_families_are_none() -> None:
    assert SERVER_EVENTS["response.done"].__name__ == "ResponseDone"
    assert all("." in kind for kind in SERVER_EVENTS if kind != "error")
