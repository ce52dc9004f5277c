"""rtc.*: our own events, sent only to a client that asks for them with ?rtc_events=1."""

from rtcserver.realtime.base import ServerEvent, Wire


class Phase(Wire, frozen=True, kw_only=True):
    name: str
    ms: float


class RtcLatency(ServerEvent, tag="rtc.latency", frozen=True, kw_only=True):
    """The silence between the caller's last sound and the first sample of the answer, in parts
    that add up to `total_ms`."""

    response_id: str
    item_id: str
    total_ms: float
    phases: tuple[Phase, ...]


class RtcPlaybackPaused(ServerEvent, tag="rtc.playback.paused", frozen=True, kw_only=True):
    """The caller may be interrupting; `audio_ms` of the response were played."""

    response_id: str
    audio_ms: int


class RtcPlaybackResumed(ServerEvent, tag="rtc.playback.resumed", frozen=True, kw_only=True):
    response_id: str
    audio_ms: int


class RtcHeard(ServerEvent, tag="rtc.heard", frozen=True, kw_only=True):
    """`text` is the part of a spoken item that was heard after `audio_ms` of it. It grows word by
    word as the item is played, at most every 80 ms and only while the caller's audio comes in; the
    last one, `final`, is what the conversation remembers."""

    response_id: str
    item_id: str
    text: str
    audio_ms: int
    final: bool


OUR_OWN = (RtcHeard, RtcLatency, RtcPlaybackPaused, RtcPlaybackResumed)
