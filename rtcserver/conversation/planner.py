"""Turn the conversation into a reply that is being made, ahead of time if need be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.context import ChatRequest
from rtcserver.conversation.history import History
from rtcserver.conversation.plan import Plan
from rtcserver.conversation.plan import plan as plan_of
from rtcserver.conversation.replies import Replies
from rtcserver.conversation.reply import Reply
from rtcserver.conversation.requests import Requests
from rtcserver.conversation.response import ResponseLife
from rtcserver.conversation.tool_offer import Offer
from rtcserver.conversation.tools import Tools
from rtcserver.conversation.truncation import ContextTooLong
from rtcserver.conversation.usage import Meter, SoundHeard
from rtcserver.realtime.base import Absent, given
from rtcserver.realtime.events.response import (
    Response,
    ResponseAudio,
    ResponseAudioOutput,
    ResponseParams,
)
from rtcserver.realtime.formats import format_name

AS_THE_SESSION = ResponseParams()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Without a request it cannot be made, and `failure` says why."""

    response_id: str
    plan: Plan
    offer: Offer
    request: ChatRequest | None
    failure: str = ""
    results: frozenset[str] = frozenset()
    """Of our tools, that the model is told in it for the first time."""


class Planner:
    """At most one prepared reply waits for its turn to be over."""

    def __init__(
        self,
        configuration: Configuration,
        history: History,
        replies: Replies,
        tools: Tools,
        sound: SoundHeard,
        new_id: Callable[[str], str],
    ) -> None:
        self._configuration = configuration
        self._history = history
        self._replies = replies
        self._tools = tools
        self._sound = sound
        self._new_id = new_id
        self._requests = Requests(history, configuration.limits.context_tokens)
        self._conversation_id = new_id("conv")
        self._prepared: _Prepared | None = None

    def prepare(self, pending: str) -> Iterator[fx.Effect]:
        """Start to make a reply. `pending` is what the user said and is no item yet."""
        self._prepared = self._plan(AS_THE_SESSION, pending)
        yield from _making(self._prepared)

    def discard(self) -> Iterator[fx.Effect]:
        """The user went on: what was prepared answers only half of it."""
        prepared, self._prepared = self._prepared, None
        if prepared and prepared.request:
            yield fx.DropReply(prepared.response_id)

    def respond(
        self, timing: fx.TurnTiming | None = None, params: ResponseParams = AS_THE_SESSION
    ) -> Iterator[fx.Effect]:
        """Announce the prepared reply, or one made now."""
        prepared, self._prepared = self._prepared, None
        if prepared is None:
            prepared = self._plan(params)
            yield from _making(prepared)
        yield from self._announce(prepared, params, timing)

    def respond_aside(self, params: ResponseParams) -> Iterator[fx.Effect]:
        """A reply that belongs to no conversation, beside whatever else is going on."""
        prepared = self._plan(params)
        yield from _making(prepared)
        yield from self._announce(prepared, params)

    def _plan(self, params: ResponseParams, pending: str = "") -> _Prepared:
        plan, response_id = plan_of(self._configuration.answering, params), self._new_id("resp")
        aside, results = params.conversation == "none", self._tools.ledger.unspoken
        offer = self._tools.boxes.offer(plan.tools, plan.tool_choice, aside=aside)
        try:
            if isinstance(params.input, Absent):
                request = self._requests.about_conversation(plan, offer, pending)
            else:
                request = self._requests.about(plan, offer, self._history.resolve(params.input))
        except ContextTooLong as too_long:
            return _Prepared(response_id, plan, offer, None, str(too_long), results)
        return _Prepared(response_id, plan, offer, request, results=results)

    def _announce(
        self, prepared: _Prepared, params: ResponseParams, timing: fx.TurnTiming | None = None
    ) -> Iterator[fx.Effect]:
        aside = params.conversation == "none"
        response = _response(prepared, params, None if aside else self._conversation_id)
        history = None if aside else self._history
        if not aside:
            self._tools.ledger.tell(prepared.results)
        reply = Reply(
            ResponseLife(response, self._new_id("item"), history),
            self._history,
            prepared.offer,
            Meter(prepared.request, 0 if aside else self._sound.take()),
            format_name(prepared.plan.output_format),
            timing,
        )
        if prepared.request:
            yield from self._replies.start(reply)
        else:
            code = "context_length_exceeded"
            failure = inputs.ReplyFailed(prepared.response_id, code, prepared.failure)
            yield from reply.refuse(failure)


def _making(prepared: _Prepared) -> Iterator[fx.Effect]:
    plan = prepared.plan
    voice = plan.voice if plan.spoken else None
    if prepared.request:
        yield fx.PrepareReply(prepared.response_id, prepared.request, voice, plan.speed)


def _response(prepared: _Prepared, params: ResponseParams, conversation_id: str | None) -> Response:
    plan = prepared.plan
    output = ResponseAudioOutput(format=plan.output_format, voice=plan.voice)
    return Response(
        id=prepared.response_id,
        conversation_id=conversation_id,
        output_modalities=("audio",) if plan.spoken else ("text",),
        audio=ResponseAudio(output=output),
        max_output_tokens=plan.max_output_tokens,
        metadata=given(params.metadata),
    )
