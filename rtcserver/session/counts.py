"""Count what conversations do, effect by effect."""

from rtcserver import metrics
from rtcserver.conversation import effects as fx
from rtcserver.realtime.events.error import Error
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferCommitted
from rtcserver.realtime.events.response import ResponseDone
from rtcserver.realtime.events.rtc import RtcPlaybackResumed


def count(effect: fx.Effect) -> None:
    match effect:
        case fx.Send(event=InputAudioBufferCommitted()):
            metrics.TURNS.inc()
        case fx.Send(event=ResponseDone(response=response)):
            metrics.RESPONSES.labels(response.status).inc()
        case fx.Send(event=Error(error=error)):
            metrics.ERROR_EVENTS.labels(error.code or "").inc()
        case fx.ClearPlayback():
            metrics.INTERRUPTIONS.inc()
        case fx.Send(event=RtcPlaybackResumed()):
            metrics.FALSE_INTERRUPTIONS.inc()
        case fx.ReleaseReply(timing=fx.TurnTiming() as timing):
            ahead = timing.transcript_ready_at < timing.turn_ended_at
            metrics.SPECULATIONS.labels("used" if ahead else "none").inc()
        case _:
            pass
