"""Whatever callers, clients and services do, and in whatever order: the rules hold."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from rtcserver.config import Settings
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.engine import Conversation
from rtcserver.conversation.tool_ledger import OnInterrupt
from rtcserver.conversation.tool_rules import ToolRules
from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.conversation.turn_rules import Limits
from rtcserver.errors import ProtocolError
from rtcserver.ids import counting_ids
from rtcserver.realtime.codec import dump_event, parse_client_event
from rtcserver.realtime.events.conversation import (
    ConversationItemRetrieve,
    ConversationItemRetrieved,
)
from rtcserver.realtime.events.error import error_event
from rtcserver.realtime.events.response import ResponseCancel, ResponseCreate
from rtcserver.session.defaults import effective_session
from rtcserver.turns.hearing import Final, Word
from tests.properties.client_texts import CLIENT_TEXTS, with_ids
from tests.properties.legal_order import LegalOrder

WINDOW = 768

TOOL_RULES = ToolRules(
    own=("own",), allowed_urls=("https://a.example",), max_rounds=3, max_running=2
)
MADE = st.sampled_from(["text", "audio", "tool", *OnInterrupt, "end", "fail"])
TOOLS = tuple(ToolSpec(policy, "", {}, on_interrupt=policy) for policy in OnInterrupt)

NEVER_IDLE = parse_client_event(
    '{"type":"session.update","session":{"audio":{"input":{"turn_detection":'
    '{"type":"server_vad"}}}}}'
)


class Stage:
    """Stands in for the session: a clock, a transcriber, services, and a wire that plays."""

    def __init__(self, owns_playback: bool) -> None:
        session = effective_session(
            Settings(), session_id="s", expires_at=0, model=None, changes=None
        )
        limits = Limits(tools=TOOL_RULES)
        self.engine = Conversation(session, limits, counting_ids(), owns_playback=owns_playback)
        self.now, self.windows, self.mark = 0.0, 0, 0
        self.making: dict[str, bool] = {}  # response id -> released
        self.playing: list[str] = []  # responses with audio on the wire, oldest first
        self.heard_from: set[str] = set()
        self.paused = False
        self.order = LegalOrder()
        self.tools: set[str] = set()  # call ids of tools that run
        self.boxes: set[str] = set()
        self.take(self.engine.start())
        self.happen(inputs.ToolsListed("own", TOOLS))

    def hear(self, probability: float, windows: int) -> None:
        for _ in range(windows):
            begin, self.windows = self.windows * WINDOW, self.windows + 1
            self.now += 0.032
            self.happen(inputs.SpeechScore(probability, begin, begin + WINDOW))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.happen(inputs.Tick())

    @property
    def released(self) -> list[str]:
        return [response_id for response_id, out in self.making.items() if out]

    def play(self) -> None:
        """The oldest response starts, or if all of it was made, ends."""
        if not self.playing or self.paused:
            return
        response_id = self.playing[0]
        if response_id not in self.heard_from:
            self.heard_from.add(response_id)
            self.happen(inputs.PlaybackStarted(response_id))
        elif response_id not in self.making:
            self.playing.pop(0)
            self.happen(inputs.PlaybackStopped(response_id))

    def make(self, response_id: str, kind: str) -> None:
        match kind:
            case "text":
                self.happen(inputs.ReplyText(response_id, "word "))
            case "audio":
                if response_id not in self.playing:
                    self.playing.append(response_id)
                self.happen(inputs.ReplyAudio(response_id, 1_920))
            case "tool":
                self.happen(inputs.ReplyToolCall(response_id, "c", "f", "{}"))
            case "cancel" | "finish_silently" | "finish_and_speak":
                self.happen(inputs.ReplyToolCall(response_id, "c", kind, "{}"))
            case "end":
                del self.making[response_id]
                self.happen(inputs.ReplyEnded(response_id))
            case "fail":
                del self.making[response_id]
                self.happen(inputs.ReplyFailed(response_id, "llm_failed", "gone"))

    def happen(self, event: inputs.Input) -> None:
        self.take(self.engine.handle(event, self.now, played=len(self.heard_from) * 960))

    def take(self, effects: list[fx.Effect]) -> None:
        for effect in effects:
            match effect:
                case fx.Send(event=event):
                    self.note(event)
                case fx.FlushTranscriber(mark=mark):
                    assert mark > self.mark
                    self.mark = mark
                case fx.PrepareReply(response_id=response_id):
                    assert response_id not in self.making
                    self.making[response_id] = False
                case fx.ReleaseReply(response_id=response_id):
                    assert self.making[response_id] is False
                    self.making[response_id] = True
                case fx.DropReply(response_id=response_id):
                    del self.making[response_id]
                case fx.PausePlayback():
                    self.paused = True
                case fx.ResumePlayback():
                    self.paused = False
                case fx.ClearPlayback():
                    self.paused, self.playing = False, []
                case _:
                    self.take_tool(effect)

    def take_tool(self, effect: fx.Effect) -> None:
        match effect:
            case fx.OpenToolbox(box=box):
                assert box not in self.boxes
                self.boxes.add(box)
            case fx.CloseToolbox(box=box):
                self.boxes.remove(box)
            case fx.RunTool(call_id=call_id, box=box):
                assert box in self.boxes
                assert call_id in self.order.running - self.tools
                self.tools.add(call_id)
                assert len(self.tools) <= TOOL_RULES.max_running
            case fx.CancelTool(call_id=call_id):
                self.tools.discard(call_id)

    def end_tool(self, call_id: str, failed: bool) -> None:
        self.tools.discard(call_id)
        self.happen(inputs.ToolFailed(call_id, "no") if failed else inputs.ToolResult(call_id, "1"))

    def tell(self, text: str) -> None:
        """The client sends this; the codec may refuse it, and then nothing has happened."""
        try:
            event = parse_client_event(text)
        except ProtocolError as refused:
            dump_event(error_event(refused))
        else:
            self.happen(event)

    def note(self, event: Any) -> None:
        dump_event(event)
        self.order.follow(event)

    def look_for(self, item_id: str) -> None:
        """It was added, not deleted, and so it is there."""
        retrieve = ConversationItemRetrieve(item_id=item_id)
        effects = self.engine.handle(retrieve, self.now)
        self.take(effects)
        told = [effect.event for effect in effects if isinstance(effect, fx.Send)]
        found = [event for event in told if isinstance(event, ConversationItemRetrieved)]
        assert [event.item.id for event in found] == [item_id]


class AnyOrder(RuleBasedStateMachine):
    @initialize(owns_playback=st.booleans())
    def begin(self, owns_playback: bool) -> None:
        self.stage = Stage(owns_playback)

    @rule(loud=st.booleans(), windows=st.sampled_from([4, 17]))
    def the_caller_sounds(self, loud: bool, windows: int) -> None:
        self.stage.hear(0.9 if loud else 0.0, windows)

    @rule(stale=st.sampled_from([None, False, True]))
    def the_transcriber_speaks(self, stale: bool | None) -> None:
        heard = Word("word") if stale is None else Final(self.stage.mark - stale)
        self.stage.happen(heard)

    @rule(text=CLIENT_TEXTS)
    def the_client_speaks(self, text: str) -> None:
        order = self.stage.order
        self.stage.tell(with_ids(text, order.ever, order.created))

    @rule()
    def the_client_asks(self) -> None:
        self.stage.happen(ResponseCreate())

    @rule()
    def the_client_cancels(self) -> None:
        self.stage.happen(ResponseCancel())

    @rule(seconds=st.sampled_from([0.05, 0.6, 4.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.wait(seconds)

    @rule(data=st.data(), kind=MADE)
    def a_reply_is_made(self, data: Any, kind: str) -> None:
        if released := self.stage.released:
            self.stage.make(data.draw(st.sampled_from(released)), kind)

    @rule(data=st.data(), failed=st.booleans())
    def a_server_tells_its_tools(self, data: Any, failed: bool) -> None:
        if boxes := sorted(self.stage.boxes):
            box = data.draw(st.sampled_from(boxes))
            listed = inputs.ToolsFailed(box, "gone") if failed else inputs.ToolsListed(box, TOOLS)
            self.stage.happen(listed)

    @rule(data=st.data(), failed=st.booleans(), late=st.booleans())
    def a_tool_ends(self, data: Any, failed: bool, late: bool) -> None:
        if running := sorted(self.stage.tools):
            call_id = data.draw(st.sampled_from(running))
            self.stage.end_tool(call_id, failed)
            if late:  # what a tool says that was told to be over
                self.stage.end_tool(call_id, not failed)

    @rule()
    def the_wire_plays(self) -> None:
        self.stage.play()

    def teardown(self) -> None:
        """Let everything come to its end: then nothing is held, and nothing is missing."""
        if not hasattr(self, "stage"):
            return
        stage = self.stage
        for item_id in sorted(stage.order.items):
            stage.look_for(item_id)
        stage.happen(NEVER_IDLE)
        stage.hear(0.0, 70)  # 2 s: as long as a turn may wait
        for _ in range(20):
            stage.happen(Final(stage.mark))
            stage.wait(4.0)
            for call_id in sorted(stage.tools):
                stage.end_tool(call_id, failed=False)
            for response_id in stage.released:
                stage.make(response_id, "end")
            stage.play()
        assert not stage.paused
        assert not stage.playing
        assert not stage.making
        assert not stage.tools
        assert sorted(stage.order.done) == sorted(stage.order.created)
        assert stage.engine.deadline() is None


AnyOrder.TestCase.settings = settings(max_examples=2_000, stateful_step_count=30, deadline=None)
TestAnyOrder = pytest.mark.timeout(600)(AnyOrder.TestCase)
