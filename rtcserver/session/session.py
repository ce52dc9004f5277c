"""One call.

inbox      transport.recv -> microphone, conversation
ear        frames -> transcriber -> words -> conversation
clock      the conversation's deadline -> conversation
reply …    one task per reply: chat model -> voice -> transport.write
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from rtcserver.config import Settings
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.engine import Conversation
from rtcserver.errors import ProtocolError, ServiceError, TransportClosed
from rtcserver.ids import NewId
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.events.error import error_event, server_error
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferAppend
from rtcserver.realtime.events.rtc import OUR_OWN
from rtcserver.realtime.session_object import AnySession
from rtcserver.services.llm.base import ChatModel
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.vad.base import Vad
from rtcserver.session import defaults
from rtcserver.session.counts import count
from rtcserver.session.ear import Ear
from rtcserver.session.microphone import Microphone
from rtcserver.session.responders import Responders
from rtcserver.timer import now
from rtcserver.transports import base as wire


@dataclass(frozen=True, slots=True)
class Services:
    """The black boxes of all calls."""

    transcribers: TranscriberFactory
    chat: ChatModel
    synthesizer: Synthesizer
    new_vad: Callable[[], Vad]


class Session:
    """Built for one call and run once."""

    def __init__(
        self,
        transport: wire.Transport,
        services: Services,
        settings: Settings,
        *,
        session: AnySession,
        new_id: NewId,
        rtc_events: bool = False,
    ) -> None:
        """`session` has a value in every field; `rtc_events` lets our own events through."""
        self._transport, self._new_id, self._rtc_events = transport, new_id, rtc_events
        self._max_call_s = settings.session.max_call_s
        self._conversation = Conversation(
            session,
            defaults.limits(settings),
            new_id,
            owns_playback=transport.owns_playback,
        )
        self._tasks = asyncio.TaskGroup()
        self._ear = Ear(services.transcribers, self._happen, self._deaf)
        self._microphone = Microphone(services.new_vad(), self._ear, self._happen)
        self._responders = Responders(
            services.chat, services.synthesizer, transport, self._tasks, self._happen
        )
        self._deadline: float | None = None  # that the clock waits for
        self._deadline_moved = asyncio.Event()

    async def run(self) -> str:
        """Serve the call until the peer leaves; returns why it ended."""
        reason = ""
        try:
            async with asyncio.timeout(self._max_call_s), self._tasks:
                self._tasks.create_task(self._ear.run(), name="ear")
                self._tasks.create_task(self._clock(), name="clock")
                self._carry_out(self._conversation.start())
                await self._inbox()
        except* TransportClosed as closed:
            reason = str(closed.exceptions[0])
        except* TimeoutError:
            reason = f"the call reached its limit of {self._max_call_s:g} s"
        return reason

    async def _inbox(self) -> None:
        while True:
            match await self._transport.recv():
                case wire.AudioReceived(samples=samples):
                    self._microphone.take(samples)
                case wire.EventReceived(text=text):
                    await self._obey(text)
                case wire.PlaybackStarted(response_id=response_id):
                    self._happen(inputs.PlaybackStarted(response_id))
                    if latency := self._responders.heard(response_id):
                        self._send(latency)
                case wire.PlaybackStopped(response_id=response_id):
                    self._happen(inputs.PlaybackStopped(response_id))

    async def _obey(self, text: str | bytes) -> None:
        """One client event. What is wrong with it is told, and the call goes on."""
        try:
            event = parse_client_event(text)
            if isinstance(event, InputAudioBufferAppend) and not self._transport.owns_playback:
                await self._microphone.append(event)
            else:
                self._happen(event)
        except ProtocolError as exc:
            self._carry_out([fx.Send(error_event(exc))])

    async def _clock(self) -> None:
        while True:
            self._deadline_moved.clear()
            self._deadline = deadline = self._conversation.deadline()
            try:
                async with asyncio.timeout(None if deadline is None else deadline - now()):
                    await self._deadline_moved.wait()
            except TimeoutError:
                self._happen(inputs.Tick())

    def _happen(self, event: inputs.Input) -> None:
        self._carry_out(self._conversation.handle(event, now(), self._transport.played()))
        if self._conversation.deadline() != self._deadline:
            self._deadline_moved.set()

    def _carry_out(self, effects: list[fx.Effect]) -> None:
        for effect in effects:
            count(effect)
            match effect:
                case fx.Send(event=event):
                    self._send(event)
                case fx.FlushTranscriber(mark=mark):
                    self._ear.flush(mark)
                case fx.PausePlayback():
                    self._transport.pause()
                case fx.ResumePlayback():
                    self._transport.resume()
                case fx.ClearPlayback():
                    self._transport.clear()
                case fx.Reconfigure(input_format=name):
                    self._microphone.set_format(name)
                case _:
                    self._responders.carry_out(effect)

    def _send(self, event: ServerEvent) -> None:
        """Every event gets its id as it leaves."""
        if self._rtc_events or not isinstance(event, OUR_OWN):
            self._transport.send(structs.replace(event, event_id=self._new_id("event")))

    def _deaf(self, error: ServiceError) -> None:
        self._carry_out([fx.Send(server_error("stt_unavailable", str(error)))])
