"""Every event that the server may send, by its type; the codec has those of clients."""

from types import ModuleType

from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.events import (
    conversation,
    error,
    input_audio_buffer,
    mcp,
    output_audio_buffer,
    response,
    rtc,
    session,
)

FAMILIES: tuple[ModuleType, ...] = (
    session,
    conversation,
    input_audio_buffer,
    output_audio_buffer,
    response,
    mcp,
    error,
    rtc,
)

SERVER_EVENTS: dict[str, type[ServerEvent]] = {
    str(kind.__struct_config__.tag): kind
    for family in FAMILIES
    for name, kind in vars(family).items()
    if isinstance(kind, type) and issubclass(kind, ServerEvent)
    if kind is not ServerEvent and not name.startswith("_")  # which are roots of families
}
