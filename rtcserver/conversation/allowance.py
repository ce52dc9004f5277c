"""How much a client may put into a conversation, so that one call cannot fill the memory of all."""

import msgspec

from rtcserver.errors import ProtocolError
from rtcserver.realtime.items import ClientItem


class Allowance:
    """Counts the JSON of the items that a client has made and not deleted."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._taken: dict[str, int] = {}

    def check(self, item: ClientItem) -> int:
        """Its size in bytes. Raises ProtocolError if there is no room for it."""
        size = len(msgspec.json.encode(item))
        if size > self._left:
            raise ProtocolError(
                f"A conversation holds at most {self._max_bytes} bytes of items; delete some.",
                code="conversation_too_large",
                param="item",
            )
        return size

    def take(self, item_id: str, size: int) -> None:
        self._taken[item_id] = size
        self._left -= size

    def give_back(self, item_id: str) -> None:
        """The item was deleted; of one that no client has made nothing was counted."""
        self._left += self._taken.pop(item_id, 0)
