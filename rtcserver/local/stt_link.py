"""One caller's line to a decoder, and to the next one when that crashes."""

import asyncio
from urllib.parse import urlsplit

import structlog

from rtcserver.audio.format import SAMPLE_RATE, Samples
from rtcserver.audio.resample import Resampler
from rtcserver.errors import ServiceUnavailable
from rtcserver.local.stt_decoder import Decoder
from rtcserver.local.stt_worker_wire import RATE_HZ, Heard

_RETRY_S = 0.2

_log = structlog.get_logger()


class DecoderLink:
    """Utterances in, reports out. What a crashed decoder knew is lost; nothing waits for it."""

    def __init__(self, url: str) -> None:
        """`url`: where decoders are forked, "http://127.0.0.1:port"."""
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 0)
        self._decoder: Decoder | None = None
        self._to_16k = Resampler(SAMPLE_RATE, RATE_HZ)
        self.ended = 0
        """Utterances ended so far; each is numbered by this count."""
        self.finished = 0
        """Number of the last utterance of which no more words will come."""

    async def connect(self) -> None:
        """Get a decoder. Raises ServiceUnavailable."""
        try:
            self._decoder = await Decoder.open(*self._address)
        except (OSError, EOFError, TimeoutError) as exc:
            raise ServiceUnavailable("stt", "no decoder") from exc

    @property
    def behind(self) -> int:
        """Samples at 24 kHz that were fed but not decoded yet."""
        return self._decoder.behind // 2 * SAMPLE_RATE // RATE_HZ if self._decoder else 0

    def feed(self, samples: Samples, start_s: float) -> None:
        """Continue the utterance, or start one `start_s` seconds into the call."""
        pcm = self._to_16k.push(samples).tobytes()
        if self._decoder:
            self._decoder.feed(pcm, start_s)

    def end(self) -> None:
        """End the utterance; a report that is final for its number will follow."""
        self._to_16k = Resampler(SAMPLE_RATE, RATE_HZ)  # the last millisecond is silence
        self.ended += 1
        if self._decoder:
            self._decoder.end(self.ended)
        else:
            self.finished = self.ended

    async def receive(self) -> Heard | None:
        """The next report; None when the decoder was lost, with what it had not reported yet."""
        if self._decoder is None:
            await self._replace()
        assert self._decoder
        try:
            heard = await self._decoder.read()
        except (OSError, EOFError, TimeoutError) as exc:
            _log.warning("decoder lost", why=repr(exc))
            self.close()
            self.finished = self.ended
            return None
        if heard.final is not None:
            self.finished = heard.final
        return heard

    def close(self) -> None:
        """Let the decoder go. Idempotent."""
        if self._decoder:
            self._decoder.close()
            self._decoder = None

    async def _replace(self) -> None:
        while self._decoder is None:
            try:
                await self.connect()
            except ServiceUnavailable:
                await asyncio.sleep(_RETRY_S)
