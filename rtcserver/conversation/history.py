"""The items of the conversation, in order, as the caller knows them."""

from collections.abc import Iterable, Iterator

from rtcserver.errors import ProtocolError
from rtcserver.realtime.events.response import ItemReference
from rtcserver.realtime.items import Item, check_parts

ROOT = "root"


class History:
    """Every item has an id. An item is replaced, never changed in place."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put an item behind `after` (None: at the end, "root": at the beginning).
        Returns the id now in front of it. Raises ProtocolError."""
        if any(_id(other) == item.id for other in self._items):
            raise ProtocolError(
                f"There is an item {item.id} already.", code="invalid_value", param="item.id"
            )
        place = len(self._items)
        if after is not None:
            place = 0 if after == ROOT else self._index(after, "previous_item_id") + 1
        self._items.insert(place, item)
        return _id(self._items[place - 1]) if place else None

    def find(self, item_id: str) -> Item | None:
        return next((item for item in self._items if _id(item) == item_id), None)

    def get(self, item_id: str) -> Item:
        """Raises ProtocolError if there is none."""
        return self._items[self._index(item_id, "item_id")]

    def resolve(self, items: Iterable[Item | ItemReference], where: str = "") -> list[Item]:
        """The items, and in the place of references those that are meant. Raises ProtocolError;
        `where` is the field that `items` are the value of."""
        found = []
        for index, item in enumerate(items):
            if isinstance(item, ItemReference):
                found.append(self._items[self._index(item.id, f"{where}[{index}].id")])
            else:
                check_parts(item, f"{where}[{index}]")
                found.append(item)
        return found

    def previous_id(self, item_id: str) -> str | None:
        place = self._index(item_id, "item_id")
        return _id(self._items[place - 1]) if place else None

    def replace(self, item: Item) -> None:
        """Put a newer version in the place of the item with the same id, if it is still there."""
        for place, other in enumerate(self._items):
            if _id(other) == item.id:
                self._items[place] = item

    def delete(self, item_id: str) -> Item:
        """Returns what was there. Raises ProtocolError if there is none."""
        return self._items.pop(self._index(item_id, "item_id"))

    def _index(self, item_id: str, param: str) -> int:
        for place, item in enumerate(self._items):
            if _id(item) == item_id:
                return place
        raise ProtocolError(f"There is no item {item_id!r}.", code="item_not_found", param=param)


def _id(item: Item) -> str:
    assert isinstance(item.id, str)
    return item.id
