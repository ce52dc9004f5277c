"""Watch the events of a conversation, and fail at the first that may not come now."""

from typing import Any

_ITEM = "conversation.item."
_TRANSCRIBED = f"{_ITEM}input_audio_transcription."


class ResponseOrder:
    """One response: created, then items, in them parts, in them deltas, each closed before done.
    `output` holds the ids of its items, `open` those that are not done."""

    def __init__(self) -> None:
        self.output: list[str] = []
        self.open: set[str] = set()
        self.parts: set[str] = set()
        self.spoken: set[str] = set()  # whose sound or text was said to be complete

    def follow(self, tag: str, event: Any) -> None:
        match tag.removeprefix("response."):
            case "output_item.added":
                assert event.output_index == len(self.output)
                assert event.item.id not in self.output
                self.output.append(event.item.id)
                self.open.add(event.item.id)
            case "output_item.done":
                assert self.output[event.output_index] == event.item.id
                assert event.item.id not in self.parts
                self.open.remove(event.item.id)
            case "content_part.added":
                assert event.item_id in self.open - self.parts
                self.parts.add(event.item_id)
            case "content_part.done":
                assert event.item_id in self.spoken
                self.parts.remove(event.item_id)
            case kind if kind.startswith(("function_call_arguments.", "mcp_call_arguments.")):
                assert event.item_id in self.open
            case kind:
                assert event.item_id in self.parts - (
                    set() if kind.endswith("done") else self.spoken
                )
                if kind in ("output_audio_transcript.done", "output_text.done"):
                    self.spoken.add(event.item_id)

    def end(self, response: Any) -> None:
        assert not self.open
        assert [item.id for item in response.output] == self.output


class LegalOrder:
    """All of a conversation. `items` are those that exist, oldest first or not."""

    def __init__(self) -> None:
        self.items: set[str] = set()
        self.ever: list[str] = []
        self.created: list[str] = []
        self.done: list[str] = []
        self._making: dict[str, ResponseOrder] = {}
        self.running: set[str] = set()  # calls of the server's own tools
        self._ran: set[str] = set()
        self._unwritten: set[str] = set()  # committed turns whose transcript has not come

    def follow(self, event: Any) -> None:
        tag = str(event.__struct_config__.tag)
        match tag:
            case "response.created":
                self._begin(event.response)
            case "response.done":
                self._making.pop(event.response.id).end(event.response)
                self.done.append(event.response.id)
            case "input_audio_buffer.committed":
                self._unwritten.add(event.item_id)
            case "conversation.item.added":
                # Clients that change an item delete it and add it again, by the same id.
                assert event.item.id not in self.items
                self.ever.append(event.item.id)
                self.items.add(event.item.id)
            case "conversation.item.deleted":
                self.items.remove(event.item_id)
            case _ if tag in (f"{_TRANSCRIBED}completed", f"{_TRANSCRIBED}failed"):
                self._unwritten.remove(event.item_id)
            case "response.mcp_call.in_progress":
                assert event.item_id not in self.running | self._ran
                self.running.add(event.item_id)
            case "response.mcp_call.completed" | "response.mcp_call.failed":
                self.running.remove(event.item_id)
                self._ran.add(event.item_id)
            case _ if tag.startswith("response."):
                self._making[event.response_id].follow(tag, event)

    def _begin(self, response: Any) -> None:
        """A response to the conversation comes behind the transcripts of the turns it answers."""
        assert response.id not in self.created
        assert response.conversation_id is None or not self._unwritten
        self.created.append(response.id)
        self._making[response.id] = ResponseOrder()
