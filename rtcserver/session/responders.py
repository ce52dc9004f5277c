"""The replies of a call that are being made, each a task of the call's group."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.realtime.events.rtc import RtcLatency
from rtcserver.session.apology import Apology
from rtcserver.session.latency import TurnLatency
from rtcserver.session.responder import Responder
from rtcserver.session.services import Services
from rtcserver.session.warm_voice import WarmVoice
from rtcserver.transports.base import Transport


class Responders:
    """Carries out what a conversation wants done about its replies."""

    def __init__(
        self,
        services: Services,
        voice_warm_s: float,
        transport: Transport,
        tasks: asyncio.TaskGroup,
        report: Callable[[inputs.ReplyInput], None],
        apology: Apology,
    ) -> None:
        self._warm_voice = WarmVoice(services.synthesizer, tasks, voice_warm_s)
        self._services = replace(services, synthesizer=self._warm_voice)
        self._transport, self._apology = transport, apology
        self._tasks, self._report = tasks, report
        self._making: dict[str, tuple[Responder, asyncio.Task[None]]] = {}
        self._unheard: dict[str, TurnLatency] = {}  # released, no sample of it sent yet

    def carry_out(self, effect: fx.PrepareReply | fx.ReleaseReply | fx.DropReply) -> None:
        match effect:
            case fx.PrepareReply():
                self._prepare(effect)
            case fx.ReleaseReply(response_id=response_id):
                responder, _ = self._making[response_id]
                if responder.spoken:
                    self._unheard = {response_id: responder.latency}
                    self._transport.set_output_format(effect.output_format)
                responder.release(effect)
            case fx.DropReply(response_id=response_id):
                self._drop(response_id)

    def expect(self, voice: str | None) -> None:
        """The next reply, which may be near, will be spoken by this voice, if by any."""
        if voice is not None:
            self._warm_voice.expect(voice)

    def heard(self, response_id: str) -> RtcLatency | None:
        """The first sample of a reply has left: where the silence before it went."""
        latency = self._unheard.pop(response_id, None)
        return latency.heard() if latency else None

    def _prepare(self, plan: fx.PrepareReply) -> None:
        responder = Responder(plan, self._services, self._apology)
        task = self._tasks.create_task(
            responder.run(self._transport, self._report), name=f"reply {plan.response_id}"
        )
        self._making[plan.response_id] = responder, task
        task.add_done_callback(lambda _: self._making.pop(plan.response_id, None))

    def _drop(self, response_id: str) -> None:
        """What was written already plays to its end, unless it is cleared."""
        if making := self._making.pop(response_id, None):
            responder, task = making
            task.cancel()
            if responder.released and responder.spoken:
                self._transport.finish()
