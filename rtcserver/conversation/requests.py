"""What the chat model is asked for one response."""

from collections.abc import Iterable

from rtcserver.conversation import tokens
from rtcserver.conversation.context import ChatRequest, messages
from rtcserver.conversation.history import History
from rtcserver.conversation.plan import Plan
from rtcserver.conversation.tool_offer import Offer
from rtcserver.conversation.truncation import room, to_drop
from rtcserver.realtime.items import Item


class Requests:
    """Remembers which items of the conversation were too much: those stay out, so that what a
    chat model has cached of the rest is good for as long as possible."""

    def __init__(self, history: History, context_tokens: int) -> None:
        self._history = history
        self._context_tokens = context_tokens
        self._left_out: set[str] = set()
        self._costs: dict[str, tuple[Item, int]] = {}  # of what was asked about last, by item id

    def about_conversation(self, plan: Plan, offer: Offer, pending: str = "") -> ChatRequest:
        """`pending` is what the user said and is no item yet. Raises ContextTooLong."""
        items = [item for item in self._history if item.id not in self._left_out]
        drop = self._to_drop(plan, offer, self._costs_of(items), pending)
        self._left_out.update(str(item.id) for item in items[:drop])
        return _request(plan, offer, items[drop:], pending)

    def about(self, plan: Plan, offer: Offer, items: Iterable[Item]) -> ChatRequest:
        """Of these items only. Raises ContextTooLong."""
        items = list(items)
        return _request(plan, offer, items[self._to_drop(plan, offer, list(map(_cost, items))) :])

    def _costs_of(self, items: Iterable[Item]) -> list[int]:
        """Most of a conversation is as it was when it was last asked about."""
        known, self._costs = self._costs, {}
        for item in items:
            same, cost = known.get(str(item.id), (None, 0))
            self._costs[str(item.id)] = item, cost if same is item else _cost(item)
        return [cost for _, cost in self._costs.values()]

    def _to_drop(self, plan: Plan, offer: Offer, costs: list[int], pending: str = "") -> int:
        if pending:
            costs.append(tokens.of_messages(messages("", [], pending)))
        fixed = tokens.of_request(_request(plan, offer, []))
        space = room(self._context_tokens, fixed, plan.max_output_tokens)
        return to_drop(costs, space, plan.truncation)


def _cost(item: Item) -> int:
    return tokens.of_messages(messages("", [item]))


def _request(plan: Plan, offer: Offer, items: Iterable[Item], pending: str = "") -> ChatRequest:
    limit = plan.max_output_tokens
    return ChatRequest(
        messages=messages(plan.instructions, items, pending),
        model=plan.model,
        tools=offer.tools,
        tool_choice=offer.choice,
        parallel_tool_calls=False if offer.tools and not plan.parallel_tool_calls else None,
        max_tokens=limit if isinstance(limit, int) else None,
        reasoning_effort=plan.reasoning_effort,
    )
