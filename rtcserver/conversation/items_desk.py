"""conversation.item.*: the client adds, asks for, removes and cuts items."""

from collections.abc import Callable, Iterator

from msgspec import structs

from rtcserver.conversation import effects as fx
from rtcserver.conversation.allowance import Allowance
from rtcserver.conversation.configuration import Configuration
from rtcserver.conversation.history import History
from rtcserver.conversation.replies import Replies
from rtcserver.conversation.tool_calls import ToolCalls
from rtcserver.realtime.events import conversation as ev
from rtcserver.realtime.items import ClientItem, check_parts
from rtcserver.realtime.mcp_items import McpApprovalResponse

ItemEvent = (
    ev.ConversationItemCreate
    | ev.ConversationItemRetrieve
    | ev.ConversationItemDelete
    | ev.ConversationItemTruncate
)


class ItemsDesk:
    """Raises ProtocolError naming the field; the history is then as it was."""

    def __init__(
        self,
        configuration: Configuration,
        history: History,
        replies: Replies,
        calls: ToolCalls,
        new_id: Callable[[str], str],
    ) -> None:
        self._configuration = configuration
        self._history = history
        self._replies = replies
        self._calls = calls
        self._new_id = new_id
        self._allowance = Allowance(configuration.limits.conversation_bytes)

    def handle(self, event: ItemEvent) -> Iterator[fx.Effect]:
        match event:
            case ev.ConversationItemCreate(item=created, previous_item_id=after):
                yield from self._create(created, after)
            case ev.ConversationItemRetrieve(item_id=item_id):
                yield fx.Send(ev.ConversationItemRetrieved(item=self._history.get(item_id)))
            case ev.ConversationItemDelete(item_id=item_id):
                item = self._history.delete(item_id)
                self._allowance.give_back(item_id)
                yield fx.Send(ev.ConversationItemDeleted(item_id=item_id))
                yield from self._calls.deleted(item)
            case ev.ConversationItemTruncate(item_id=item_id, audio_end_ms=audio_end_ms):
                # Where speech cancels a response, openai-agents leaves it to us at its own
                # interruptions too: it cuts the item, and waits for response.done.
                hushes = self._configuration.turns.interrupts_response
                yield from self._replies.truncate(item_id, audio_end_ms, hushes=hushes)

    def _create(self, item: ClientItem, after: str | None) -> Iterator[fx.Effect]:
        check_parts(item, "item")
        self._calls.check(item)
        size = self._allowance.check(item)
        if not isinstance(item.id, str):
            item = structs.replace(item, id=self._new_id("item"))
        if not isinstance(item, McpApprovalResponse):
            item = structs.replace(item, status="completed")
        previous = self._history.add(item, after, by_client=True)
        self._allowance.take(str(item.id), size)
        yield fx.Send(ev.ConversationItemAdded(previous_item_id=previous, item=item))
        yield fx.Send(ev.ConversationItemDone(previous_item_id=previous, item=item))
        yield from self._calls.added(item)
