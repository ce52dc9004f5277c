"""The roots of every event: what a client may say, what the server says, and objects inside."""

from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType


class Wire(Struct, frozen=True, kw_only=True):
    """A plain object inside an event."""


class ClientEvent(Struct, tag_field="type", frozen=True, kw_only=True):
    """Fields it does not know are ignored, so that newer clients keep working."""

    event_id: str | None = None


class ServerEvent(Struct, tag_field="type", frozen=True, kw_only=True):
    """`event_id` is stamped when the event is sent; a null field differs from an absent one."""

    event_id: str = ""


Absent = UnsetType
ABSENT = UNSET
"""A field that is not there; None is a field that says null."""

T = TypeVar("T")


def there(value: T | Absent) -> T:
    """The value of a field that cannot be absent, such as those of an effective session."""
    assert not isinstance(value, Absent)
    return value


def given(value: T | Absent) -> T | None:
    """The value of a field, where absent and null mean the same."""
    return None if isinstance(value, Absent) else value
