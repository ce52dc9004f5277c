"""Responses that nobody asks for but a result: the model goes on where it called a tool."""

from rtcserver.conversation.tool_ledger import ToolLedger
from rtcserver.realtime.events.response import ResponseParams

_BARE = ResponseParams()


class FollowUps:
    """At most `max_rounds` in a row; in the last of them the model has to do without tools.

    OpenAI leaves it to the client to ask again after a call by MCP, and its clients do so; a
    client that asks for nothing in particular while such a response is being made means this one.
    """

    def __init__(self, ledger: ToolLedger, max_rounds: int) -> None:
        self._ledger, self._max_rounds = ledger, max_rounds
        self._rounds = 0
        self._unclaimed: str | None = None  # response id

    @property
    def due(self) -> bool:
        return self._ledger.due

    @property
    def exhausted(self) -> bool:
        return self._rounds >= self._max_rounds

    def begin(self) -> None:
        """The next response is one of these."""
        self._rounds += 1

    def begun(self, response_id: str | None) -> None:
        """None if it could not be made."""
        self._unclaimed = response_id

    def over(self) -> None:
        """Somebody asks for something else."""
        self._rounds, self._unclaimed = 0, None

    def something_new(self) -> None:
        """There is more to answer than what the response knows."""
        self._unclaimed = None

    def claims(self, active: str, params: ResponseParams) -> bool:
        """The client asks for a response: is it the one being made? Once."""
        claimed = active == self._unclaimed and params == _BARE
        self._unclaimed = None
        return claimed


def after_tools(params: ResponseParams, *, last: bool) -> ResponseParams:
    """What a response is to be that goes on where one with `params` called a tool: like it, but
    no tool has to be called again, and in the `last` one none may be."""
    return ResponseParams(
        instructions=params.instructions,
        output_modalities=params.output_modalities,
        audio=params.audio,
        tools=params.tools,
        max_output_tokens=params.max_output_tokens,
        tool_choice="none" if last else "auto",
    )
