"""As few changes as can be are counted."""

import pytest

from rtcserver.text.edits import edits


@pytest.mark.parametrize(
    ("these", "those", "count"),
    [
        ("two plus three", "two plus three", 0),
        ("true plus three", "two plus three", 1),
        ("two plus two three", "two plus three", 1),
        ("plus three", "two plus three", 1),
        ("to blessed three", "two plus three", 2),
        ("", "two plus three", 3),
        ("two plus three", "", 3),
    ],
)
def test_put_in_take_out_and_change_count_alike(these: str, those: str, count: int) -> None:
    assert edits(these.split(), those.split()) == count
