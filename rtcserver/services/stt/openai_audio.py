"""Have utterances transcribed by /v1/audio/transcriptions (speaches, vLLM, LocalAI, OpenAI…).

Its limits, designed around: it takes a whole file, so an utterance is cut by our own voice
activity detection and no word comes before a pause; it may cut its answer into events or not,
whatever was asked for; it tells no times of words that all servers would have.
https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial

import aiohttp

from rtcserver.audio.format import Samples
from rtcserver.audio.silero import SileroVad
from rtcserver.audio.wav import as_wav
from rtcserver.config import Stt
from rtcserver.errors import ServiceBusy, ServiceFailed, ServiceUnavailable
from rtcserver.metrics import SERVICE_ACTIVE
from rtcserver.services.connect import connect, count_failure
from rtcserver.services.openai_http import OpenAiHttp
from rtcserver.services.stt.openai_ear import OpenAiTranscriber
from rtcserver.services.stt.transcript import StreamedTranscript, whole_transcript
from rtcserver.services.vad.base import Vad

_LONGEST_ANSWER = 2**20
_RETRY_AFTER_S = 0.1
_STREAM = "text/event-stream"


class OpenAiTranscribers:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        settings: Stt,
        new_vad: Callable[[], Vad] = SileroVad,
    ) -> None:
        self._settings, self._new_vad = settings, new_vad
        self._server = OpenAiHttp(http, "stt", url, settings.api_key, settings.connect_timeout_s)

    async def open(self) -> OpenAiTranscriber:
        limit_s = self._settings.connect_timeout_s
        await connect("stt", self._server.check, timeout_s=limit_s)
        return OpenAiTranscriber(self._words, self._new_vad(), self._settings.final_timeout_s)

    async def probe(self) -> float:
        return await self._server.check()

    async def _words(self, speech: Samples) -> AsyncGenerator[str, None]:
        """As they are recognised. Closing the iterator stops the service's work.

        A server that refuses is asked once more. Raises ServiceError."""
        wav = as_wav(speech)
        try:
            answer = await self._ask(wav)
        except (ServiceBusy, ServiceUnavailable):
            await asyncio.sleep(_RETRY_AFTER_S)
            answer = await self._ask(wav)
        SERVICE_ACTIVE.labels("stt").inc()
        try:
            if answer.content_type != _STREAM:
                for word in whole_transcript(await _read(answer, _LONGEST_ANSWER)):
                    yield word
                return
            transcript = StreamedTranscript()
            while data := await _read(answer):
                for word in transcript.push(data):
                    yield word
            for word in transcript.end():
                yield word
        except ServiceFailed as error:
            count_failure(error)
            raise
        finally:
            answer.close()
            SERVICE_ACTIVE.labels("stt").dec()

    async def _ask(self, wav: bytes) -> aiohttp.ClientResponse:
        async def post() -> aiohttp.ClientResponse:
            model = self._settings.model or await self._server.pick_model()
            form = partial(_form, wav, model, self._settings.language)
            return await self._server.ask(
                "/audio/transcriptions", partial(form, False), fuller=partial(form, True)
            )

        return await connect("stt", post, timeout_s=self._settings.final_timeout_s)


def _form(wav: bytes, model: str, language: str, streamed: bool) -> aiohttp.FormData:
    form = aiohttp.FormData({"model": model, "response_format": "json"})
    if language:
        form.add_field("language", language)
    if streamed:
        form.add_field("stream", "true")
    form.add_field("file", wav, filename="speech.wav", content_type="audio/wav")
    return form


async def _read(answer: aiohttp.ClientResponse, at_most: int | None = None) -> bytes:
    """The next bytes, or all of them if there are no more than `at_most`. Raises ServiceFailed."""
    try:
        if at_most is None:
            return await answer.content.readany()
        body = await answer.content.read(at_most)
        while not answer.content.at_eof() and len(body) < at_most:
            body += await answer.content.read(at_most - len(body))
    except (aiohttp.ClientError, OSError) as exc:
        raise ServiceFailed("stt", f"connection lost: {exc}") from exc
    return body
