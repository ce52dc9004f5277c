"""Make ids: `item_…`, `resp_…`, `event_…`, `sess_…`, `rtc_…`."""

import secrets
from collections.abc import Callable
from itertools import count

NewId = Callable[[str], str]
"""Give it a prefix ("item"), get a fresh id ("item_4f0c…"). Injected, so that traces can repeat."""


def random_id(prefix: str) -> str:
    """96 random bits: unguessable, since an id of a call is also the right to hang it up."""
    return f"{prefix}_{secrets.token_hex(12)}"


def counting_ids() -> NewId:
    """Ids that count up, for tests and replay: item_1, resp_2, event_3."""
    numbers = count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"
