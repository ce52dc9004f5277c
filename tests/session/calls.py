"""Run a whole call on the virtual clock and look at what was said in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rtcserver.config import Settings
from rtcserver.ids import counting_ids
from rtcserver.realtime.session_object import AnySession
from rtcserver.services.llm.scripted import ScriptedChat
from rtcserver.services.stt.scripted import ScriptedTranscribers
from rtcserver.services.tools.scripted import ScriptedTools
from rtcserver.services.tts.scripted import ScriptedSynthesizer
from rtcserver.services.vad.scripted import ScriptedVad
from rtcserver.session.defaults import effective_session
from rtcserver.session.services import Services
from rtcserver.session.session import Session
from rtcserver.transports.scripted import ScriptedTransport
from rtcserver.turns.hearing import Word
from tests.virtual_time import run


@dataclass
class Call:
    wire: ScriptedTransport
    chat: ScriptedChat
    transcribers: ScriptedTranscribers
    synthesizer: ScriptedSynthesizer
    reason: str

    @property
    def types(self) -> list[str]:
        """Types of all events, deltas left out."""
        return [kind for _, kind in self.timed if not kind.endswith(".delta")]

    @property
    def timed(self) -> list[tuple[float, str]]:
        return [(at, str(event.__struct_config__.tag)) for at, event in self.wire.said]

    def first(self, kind: str) -> float:
        """The second of the first event of this type."""
        return next(at for at, found in self.timed if found == kind)

    def event(self, kind: str, nth: int = 0):  # type: ignore[no-untyped-def]
        found = [e for _, e in self.wire.said if e.__struct_config__.tag == kind]
        return found[nth]


def call(
    seconds: float,
    *,
    speech: Sequence[tuple[float, float]] = (),
    words: Sequence[Word] = (),
    events: Sequence[tuple[float, str]] = (),
    chat: ScriptedChat | None = None,
    transcribers: ScriptedTranscribers | None = None,
    synthesizer: ScriptedSynthesizer | None = None,
    tools: ScriptedTools | None = None,
    settings: Settings | None = None,
    rtc_events: bool = False,
    asked: AnySession | None = None,
    beat_s: float = 0.02,
    wire_kind: type[ScriptedTransport] = ScriptedTransport,
) -> Call:
    """`speech` in seconds of audio as the VAD sees it, `words` as the transcriber hears them;
    `asked` is the session object that the client came with."""
    given = settings or Settings()

    async def main() -> Call:
        wire = wire_kind(seconds, events, beat_s=beat_s)
        ears = transcribers or ScriptedTranscribers(words)
        model = chat or ScriptedChat(["Here is a short answer of eight words."])
        voices = synthesizer or ScriptedSynthesizer()
        session = Session(
            wire,
            Services(ears, model, voices, lambda: ScriptedVad(speech), tools or ScriptedTools({})),
            given,
            session=_session(given, asked),
            new_id=counting_ids(),
            rtc_events=rtc_events,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wire.run())
            reason = await session.run()
        _nothing_is_left()
        return Call(wire, model, ears, voices, reason)

    return run(main())


def _session(settings: Settings, asked: AnySession | None) -> AnySession:
    return effective_session(settings, session_id="sess_1", expires_at=0, model=None, changes=asked)


def _nothing_is_left() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks outlived the call: {left}"
