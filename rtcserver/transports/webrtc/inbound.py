"""What a caller says: from aiortc's decoded frames to 24 kHz mono in the inbox."""

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from rtcserver.audio.format import SAMPLE_RATE, silence
from rtcserver.audio.resample import FrameResampler, join
from rtcserver.transports.base import AudioReceived
from rtcserver.transports.inbox import Inbox

_LONGEST_GAP_S = 1.0


async def hear(track: MediaStreamTrack, inbox: Inbox) -> None:
    """Listen until the track ends, and then close the inbox. aiortc's queue has no limit, so
    it is emptied as fast as it fills; ours drops the oldest."""
    resampler = FrameResampler(SAMPLE_RATE)
    expected: int | None = None
    try:
        while True:
            frame = await track.recv()
            if not isinstance(frame, av.AudioFrame):
                continue
            if expected is not None and frame.pts is not None:
                _keep_the_time(frame.pts - expected, frame.sample_rate, inbox)
            expected = None if frame.pts is None else frame.pts + frame.samples
            samples = join(resampler.push(frame))
            if len(samples):
                inbox.put(AudioReceived(samples))
    except MediaStreamError:
        inbox.close("the client's audio ended")


def _keep_the_time(gap: int, rate_hz: int, inbox: Inbox) -> None:
    """Sound that was lost, or not sent because it was silence, still took its time: a turn
    detector that counts samples must not see it vanish."""
    if 0 < gap <= _LONGEST_GAP_S * rate_hz:
        inbox.put(AudioReceived(silence(gap * SAMPLE_RATE // rate_hz)))
