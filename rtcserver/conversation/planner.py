"""Turn the conversation into a request to the chat model, ahead of time if need be."""

from collections.abc import Callable, Iterator

from rtcserver.conversation import effects as fx
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.context import (
    ChatRequest,
    chat_tool_choice,
    function_tools,
    messages,
)
from rtcserver.conversation.history import History
from rtcserver.conversation.plan import plan as plan_of
from rtcserver.conversation.replies import Replies
from rtcserver.conversation.response import ResponseLife
from rtcserver.realtime.base import ABSENT
from rtcserver.realtime.events.response import ResponseParams

AS_THE_SESSION = ResponseParams()


class Planner:
    """At most one prepared reply waits for its turn to be over."""

    def __init__(
        self,
        configuration: Configuration,
        history: History,
        replies: Replies,
        new_id: Callable[[str], str],
    ) -> None:
        self._configuration = configuration
        self._history = history
        self._replies = replies
        self._new_id = new_id
        self._prepared: fx.PrepareReply | None = None

    def prepare(
        self, pending: str = "", params: ResponseParams = AS_THE_SESSION
    ) -> Iterator[fx.Effect]:
        """Start to make a reply. `pending` is what the user said and is no item yet."""
        plan = plan_of(self._configuration.answering, params)
        tools = function_tools(plan.tools)
        limit = plan.max_output_tokens
        request = ChatRequest(
            messages=messages(plan.instructions, self._history, pending),
            model=plan.model,
            tools=tools,
            tool_choice=chat_tool_choice(plan.tool_choice) if tools else None,
            parallel_tool_calls=False if tools and not plan.parallel_tool_calls else None,
            max_tokens=limit if isinstance(limit, int) else None,
            reasoning_effort=plan.reasoning_effort,
        )
        voice = plan.voice if plan.spoken else None
        self._prepared = fx.PrepareReply(self._new_id("resp"), request, voice)
        yield self._prepared

    def discard(self) -> Iterator[fx.Effect]:
        """The user went on: what was prepared answers only half of it."""
        if self._prepared:
            yield fx.DropReply(self._prepared.response_id)
            self._prepared = None

    def respond(
        self, timing: fx.TurnTiming | None = None, params: ResponseParams = AS_THE_SESSION
    ) -> Iterator[fx.Effect]:
        """Announce the prepared reply, or one made now."""
        if self._prepared is None:
            yield from self.prepare(params=params)
        assert self._prepared is not None
        prepared, self._prepared = self._prepared, None
        life = ResponseLife(
            prepared.response_id,
            self._new_id("item"),
            self._history,
            spoken=prepared.voice is not None,
            metadata=None if params.metadata is ABSENT else params.metadata,
        )
        yield from self._replies.start(life, timing)
