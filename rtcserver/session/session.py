"""One call.

inbox      transport.recv -> microphone, conversation
ear        frames -> transcriber -> words -> conversation
clock      the conversation's deadline -> conversation
reply …    one task per reply: chat model -> voice -> transport.write
tools …    one task per server of tools, which keeps it open
tool …     one task per run of a tool -> conversation
"""

import asyncio

from msgspec import structs

from rtcserver import trace
from rtcserver.config import Settings
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.engine import Conversation
from rtcserver.errors import ProtocolError, ServiceError, TransportClosed
from rtcserver.ids import NewId
from rtcserver.realtime.base import ServerEvent
from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.events.error import Error, error_event, server_error
from rtcserver.realtime.events.input_audio_buffer import InputAudioBufferAppend
from rtcserver.realtime.events.rtc import OUR_OWN
from rtcserver.realtime.events.session import SessionCreated
from rtcserver.realtime.session_object import AnySession
from rtcserver.session import defaults
from rtcserver.session.apology import apology
from rtcserver.session.counts import count
from rtcserver.session.ear import Ear
from rtcserver.session.microphone import Microphone
from rtcserver.session.responders import Responders
from rtcserver.session.services import Services
from rtcserver.session.sidebands import Sideband, Sidebands
from rtcserver.session.toolbench import Toolbench
from rtcserver.timer import now
from rtcserver.transports import base as wire


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
            defaults.limits(settings, services.tools.labels),
            new_id,
            owns_playback=transport.owns_playback,
        )
        self._tasks = asyncio.TaskGroup()
        self._ear = Ear(services.transcribers, self._happen, self._deaf)
        self._microphone = Microphone(services.new_vad(), self._ear, self._happen)
        self._responders = Responders(
            services,
            settings.tts.warm_s,
            transport,
            self._tasks,
            self._happen,
            apology(settings.session),
        )
        self.sidebands = Sidebands(settings.server.max_sidebands)
        self._toolbench = Toolbench(services.tools, settings.tools, self._tasks, self._happen)
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
                try:
                    await self._inbox()
                finally:
                    self.sidebands.over = True
        except* TransportClosed as closed:
            reason = str(closed.exceptions[0])
        except* TimeoutError:
            reason = f"the call reached its limit of {self._max_call_s:g} s"
        return reason

    async def attend(self, sideband: Sideband) -> None:
        """Serve a sideband until it leaves. What it does wrong is told to it alone, and a bug that
        it meets ends it alone. Raises TransportClosed; RateLimited if there are too many."""
        with self.sidebands.opened(sideband):
            created = SessionCreated(session=self._conversation.session)
            sideband.send(structs.replace(created, event_id=self._new_id("event")))
            while True:
                match await sideband.wire.recv():
                    case wire.EventReceived(text=text) if not self.sidebands.over:
                        self._obey_aside(text, sideband)

    def _obey_aside(self, text: str | bytes, sideband: Sideband) -> None:
        try:
            event = parse_client_event(text)
            trace.received(event)
            if isinstance(event, InputAudioBufferAppend):
                raise ProtocolError(
                    "Audio comes from the caller, not from a sideband.",
                    code="unsupported_event",
                    param="type",
                    event_id=event.event_id,
                )
            self._happen(event, sideband)
        except ProtocolError as exc:
            self._carry_out([fx.Send(error_event(exc))], sideband)

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
            trace.received(event)
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

    def _happen(self, event: inputs.Input, by: Sideband | None = None) -> None:
        """`by`: who sent it, if not the caller."""
        self._carry_out(self._conversation.handle(event, now(), self._transport.played()), by)
        if self._conversation.deadline() != self._deadline:
            self._deadline_moved.set()

    def _carry_out(self, effects: list[fx.Effect], by: Sideband | None = None) -> None:
        for effect in effects:
            count(effect)
            match effect:
                case fx.Send(event=Error() as error) if by:
                    by.send(structs.replace(error, event_id=self._new_id("event")))
                case fx.Send(event=event):
                    self._send(event)
                case fx.FlushTranscriber(mark=mark):
                    self._ear.flush(mark)
                    self._responders.expect(self._conversation.expected_voice)
                case fx.PausePlayback():
                    self._transport.pause()
                case fx.ResumePlayback():
                    self._transport.resume()
                case fx.ClearPlayback():
                    self._transport.clear()
                case fx.Reconfigure(input_format=name):
                    self._microphone.set_format(name)
                case fx.PrepareReply() | fx.ReleaseReply() | fx.DropReply():
                    self._responders.carry_out(effect)
                case _:
                    self._toolbench.carry_out(effect)

    def _send(self, event: ServerEvent) -> None:
        """Every event gets its id as it leaves."""
        stamped = structs.replace(event, event_id=self._new_id("event"))
        if self._rtc_events or not isinstance(event, OUR_OWN):
            self._transport.send(stamped)
        self.sidebands.send(stamped)

    def _deaf(self, error: ServiceError) -> None:
        self._carry_out([fx.Send(server_error("stt_unavailable", str(error)))])
