"""Tools that the server runs, on the virtual clock."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from rtcserver.config import Settings, Tools
from rtcserver.conversation.context import ChatRequest
from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.realtime.events.conversation import ConversationItemDone
from rtcserver.realtime.mcp_items import McpCall, McpProtocolError, McpToolExecutionError
from rtcserver.realtime.session_object import RealtimeSession
from rtcserver.services.llm.base import ChatEvent, ToolCall
from rtcserver.services.llm.scripted import Reply, ScriptedChat
from rtcserver.services.tools.scripted import ScriptedTool, ScriptedTools
from rtcserver.turns.hearing import Word
from tests.session.calls import Call, call

CREATE = json.dumps({"type": "response.create"})
LOOK_UP: list[ChatEvent] = [ToolCall("c1", "look_up", '{"n":1}')]
ASKED = [(1.0, CREATE)]


def own(tool: ScriptedTool) -> ScriptedTools:
    return ScriptedTools({"look_up": tool}, labels=("own",))


def ask(
    tools: ScriptedTools,
    chat: Sequence[Reply],
    *,
    seconds: float = 8,
    events: Sequence[tuple[float, str]] = ASKED,
    **others: Any,
) -> Call:
    return call(seconds, tools=tools, chat=ScriptedChat(chat), events=events, **others)


def calls_done(made: Call) -> list[McpCall]:
    events = [event for _, event in made.wire.said if isinstance(event, ConversationItemDone)]
    return [event.item for event in events if isinstance(event.item, McpCall)]


def told(request: ChatRequest) -> list[str]:
    return [message["content"] for message in request.messages if message["role"] == "tool"]


def test_the_model_is_asked_again_with_the_result() -> None:
    tools = own(ScriptedTool("42", seconds=2))
    made = ask(tools, [LOOK_UP, "It is forty two."])
    assert tools.calls == [("look_up", {"n": 1})]
    assert told(made.chat.requests[1]) == ["42"]
    assert made.event("response.done", 1).response.status == "completed"
    offered = made.chat.requests[0].tools[0]["function"]
    assert (offered["name"], offered["description"]) == ("look_up", "Does look_up.")


def test_the_events_of_a_call_come_in_order() -> None:
    made = ask(own(ScriptedTool("42", seconds=2)), [LOOK_UP, "It is forty two."])
    types = [kind for kind in made.types if kind != "rate_limits.updated"]
    begin = types.index("response.created")
    assert types[begin : begin + 11] == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.done",
        "response.output_item.done",
        "response.mcp_call.in_progress",
        "response.done",
        "response.mcp_call.completed",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
    ]


def test_a_fast_tool_waits_for_the_end_of_its_response() -> None:
    talk: list[ChatEvent] = [*LOOK_UP, ToolCall("c2", "look_up", "{}")]
    made = ask(own(ScriptedTool("42")), [talk, "It is forty two."])
    assert len(calls_done(made)) == 2
    assert told(made.chat.requests[1]) == ["42", "42"]
    assert made.types.count("response.created") == 2


@pytest.mark.parametrize(
    ("tool", "error"),
    [
        (ScriptedTool(ToolError("no such order")), McpToolExecutionError(message="no such order")),
        (ScriptedTool(ToolError("bad", -32602)), McpProtocolError(code=-32602, message="bad")),
        (ScriptedTool("late", seconds=99), McpToolExecutionError(message="No result after 30 s.")),
    ],
)
def test_a_tool_that_fails_fails_its_call_and_tells_the_model(
    tool: ScriptedTool, error: McpToolExecutionError | McpProtocolError
) -> None:
    made = ask(own(tool), [LOOK_UP, "I cannot say."], seconds=40)
    [done] = calls_done(made)
    assert (done.output, done.error) == (None, error)
    assert told(made.chat.requests[1]) == [f"Error: {error.message}"]
    assert "response.mcp_call.failed" in made.types
    assert "error" not in made.types


@pytest.mark.parametrize("arguments", ["{", "[1]", "nonsense", "[" * 9_000])
def test_arguments_that_are_no_object_reach_no_tool(arguments: str) -> None:
    tools = own(ScriptedTool("42"))
    made = ask(tools, [[ToolCall("c1", "look_up", arguments)], "I cannot say."])
    assert tools.calls == []
    assert told(made.chat.requests[1]) == ["Error: The arguments are no JSON object."]


def test_a_model_that_calls_for_ever_is_stopped() -> None:
    tools = own(ScriptedTool("42"))
    made = ask(tools, [LOOK_UP], seconds=20, settings=Settings(tools=Tools(max_rounds=3)))
    assert [request.tool_choice for request in made.chat.requests] == ["auto"] * 3 + ["none"]
    assert len(tools.calls) == 3
    assert "Too many calls in a row" in str(calls_done(made)[-1].error)


def test_so_many_tools_run_at_once_and_no_more() -> None:
    many: list[ChatEvent] = [ToolCall(f"c{n}", "look_up", "{}") for n in range(4)]
    tools = own(ScriptedTool("42", seconds=1))
    made = ask(tools, [many, "Done."], settings=Settings(tools=Tools(max_running=3)))
    assert len(tools.calls) == 3
    assert sum("Too many tools" in text for text in told(made.chat.requests[1])) == 1


def test_a_result_that_is_too_long_is_cut() -> None:
    made = ask(
        own(ScriptedTool("x" * 999)),
        [LOOK_UP, "."],
        settings=Settings(tools=Tools(max_result_chars=100)),
    )
    [text] = told(made.chat.requests[1])
    assert text == "x" * 100 + " … (cut, the result was too long)"


def interrupting(
    policy: OnInterrupt, settings: Settings | None = None
) -> tuple[Call, ScriptedTools]:
    """The caller says a word two seconds into a run of five, and is answered."""
    tools = own(ScriptedTool("42", seconds=5, on_interrupt=policy))
    made = ask(
        tools,
        [LOOK_UP, "Yes, still here.", "It is forty two."],
        seconds=14,
        speech=[(3.0, 3.6)],
        words=[Word("hello", 3.2)],
        settings=settings,
    )
    return made, tools


def test_an_interruption_cancels_a_tool_that_wants_it() -> None:
    made, tools = interrupting(OnInterrupt.CANCEL)
    assert tools.finished == []
    assert made.first("response.mcp_call.failed") == pytest.approx(4.1, abs=0.2)
    assert len(made.chat.requests) == 2


def test_a_tool_that_finishes_silently_is_not_spoken_of() -> None:
    made, tools = interrupting(OnInterrupt.FINISH_SILENTLY)
    assert tools.finished == ["look_up"]
    assert calls_done(made)[0].output == "42"
    assert len(made.chat.requests) == 2


def test_a_tool_that_finishes_and_speaks_is() -> None:
    made, _ = interrupting(OnInterrupt.FINISH_AND_SPEAK)
    assert told(made.chat.requests[2]) == ["42"]
    assert made.types.count("response.created") == 3


def test_a_setting_has_the_last_word_on_the_policy() -> None:
    settings = Settings(tools=Tools(on_interrupt=("own=finish_silently", "own.look_up=cancel")))
    _, tools = interrupting(OnInterrupt.FINISH_AND_SPEAK, settings)
    assert tools.finished == []


def test_a_noise_while_the_tool_runs_is_no_interruption() -> None:
    made = ask(
        own(ScriptedTool("42", seconds=5)),
        [LOOK_UP, "It is forty two."],
        seconds=14,
        speech=[(3.0, 3.6)],
    )
    assert told(made.chat.requests[1]) == ["42"]


def test_a_result_waits_for_the_caller_to_finish() -> None:
    made = ask(
        own(ScriptedTool("42", seconds=2, on_interrupt=OnInterrupt.FINISH_AND_SPEAK)),
        [LOOK_UP, "You said something."],
        seconds=12,
        speech=[(2.5, 5.0)],
        words=[Word("well", 4.0)],
    )
    assert made.types.count("response.created") == 2  # and it knows the result
    assert told(made.chat.requests[-1]) == ["42"]
    assert made.chat.requests[-1].messages[-1]["content"] == "well"


def test_cancelling_the_response_interrupts_its_tools() -> None:
    talks_on: list[ChatEvent] = [*LOOK_UP, *LOOK_UP]
    tools = own(ScriptedTool("42", seconds=3, on_interrupt=OnInterrupt.CANCEL))
    chat = ScriptedChat([talks_on], per_token_s=2)
    cancel = json.dumps({"type": "response.cancel"})
    made = call(9, tools=tools, chat=chat, events=[*ASKED, (2.0, cancel)])
    assert tools.finished == []
    assert made.event("response.done").response.status == "cancelled"
    assert made.event("response.done").response.output[0].name == "look_up"
    assert len(calls_done(made)) == 1


def test_a_call_that_ends_ends_its_tools() -> None:
    tools = own(ScriptedTool("42", seconds=99))
    ask(tools, [LOOK_UP], seconds=4)  # which asserts that no task is left
    assert tools.calls
    assert tools.finished == []
    assert tools.open_now == 0


def test_a_call_deleted_while_it_runs_is_cancelled() -> None:
    first = ask(own(ScriptedTool("42", seconds=3)), [LOOK_UP])
    delete = {"type": "conversation.item.delete", "item_id": calls_done(first)[0].id}
    tools = own(ScriptedTool("42", seconds=3))
    made = ask(tools, [LOOK_UP], events=[*ASKED, (2.0, json.dumps(delete))])
    assert tools.finished == []
    assert "response.mcp_call.completed" not in made.types
    assert len(made.chat.requests) == 1


def test_a_client_that_asks_again_means_the_response_that_is_being_made() -> None:
    """As agents-js does after each call by MCP."""
    tools = own(ScriptedTool("42", seconds=2))
    chat = ScriptedChat([LOOK_UP, "It is forty two."], first_token_s=1.0)
    made = call(9, tools=tools, chat=chat, events=[*ASKED, (4.2, CREATE)])
    assert made.types.count("response.created") == 2
    assert "error" not in made.types


def test_a_client_that_asks_for_something_else_is_told_to_wait() -> None:
    tools = own(ScriptedTool("42", seconds=2))
    chat = ScriptedChat([LOOK_UP, "It is forty two."], first_token_s=1.0)
    typed = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hm"}]}
    item = json.dumps({"type": "conversation.item.create", "item": typed})
    made = call(9, tools=tools, chat=chat, events=[*ASKED, (4.2, item), (4.2, CREATE)])
    assert made.event("error").error.code == "conversation_already_has_active_response"


def test_the_answer_to_a_result_is_written_if_the_question_was() -> None:
    create = {"type": "response.create", "response": {"output_modalities": ["text"]}}
    made = ask(own(ScriptedTool("42")), [LOOK_UP, "42."], events=[(1.0, json.dumps(create))])
    assert made.event("response.output_text.done").text == "42."


def test_a_function_of_the_client_keeps_its_name() -> None:
    function = {"type": "function", "name": "look_up"}
    session = msgspec.convert({"tools": [function]}, RealtimeSession)
    made = ask(own(ScriptedTool("42")), [LOOK_UP], asked=session)
    names = [tool["function"]["name"] for tool in made.chat.requests[0].tools]
    assert names == ["look_up", "own_look_up"]
    assert made.event("response.function_call_arguments.done").call_id == "c1"


def test_a_server_that_is_lost_is_opened_again_for_the_next_call() -> None:
    tools = own(ScriptedTool(ToolboxLost("gone")))
    made = ask(tools, [LOOK_UP, LOOK_UP, "No."])
    assert tools.opened == 2
    assert len(calls_done(made)) == 2
    assert tools.open_now == 0


def test_a_server_that_cannot_be_opened_leaves_the_call_without_its_tools() -> None:
    tools = ScriptedTools({}, labels=("own",), refuse=ToolboxLost("nobody there"))
    made = ask(tools, ["I have no tools."])
    assert made.chat.requests[0].tools == ()
    assert made.event("response.done").response.status == "completed"
