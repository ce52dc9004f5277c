"""Ids: hard to guess in a call, repeatable in a trace."""

import re

from rtcserver.ids import counting_ids, random_id


def test_a_random_id_has_its_prefix_and_96_bits() -> None:
    assert re.fullmatch(r"item_[0-9a-f]{24}", random_id("item"))


def test_random_ids_differ() -> None:
    assert len({random_id("rtc") for _ in range(1_000)}) == 1_000


def test_counting_ids_count_over_all_prefixes() -> None:
    new_id = counting_ids()
    assert [new_id("item"), new_id("resp"), new_id("item")] == ["item_1", "resp_2", "item_3"]


def test_each_counter_starts_anew() -> None:
    counting_ids()("item")
    assert counting_ids()("item") == "item_1"
