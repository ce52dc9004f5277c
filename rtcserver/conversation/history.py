"""The items of the conversation, in order, as the caller knows them."""

from collections.abc import Iterable, Iterator

from rtcserver.errors import ProtocolError
from rtcserver.realtime.events.response import ItemReference
from rtcserver.realtime.items import Item, check_parts

ROOT = "root"


class History:
    """Every item has an id. An item is replaced, never changed in place.

    A client may make thousands: they are found by their ids at once, and the ids alone are searched
    for a place among them."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._of_client: set[str] = set()

    def __iter__(self) -> Iterator[Item]:
        return map(self._items.__getitem__, self._order)

    def add(self, item: Item, after: str | None = None, *, by_client: bool = False) -> str | None:
        """Put an item behind `after` (None: at the end, "root": at the beginning).
        Returns the id now in front of it. Raises ProtocolError."""
        item_id = _id(item)
        if item_id in self._items:
            raise ProtocolError(
                f"There is an item {item_id} already.", code="invalid_value", param="item.id"
            )
        place = len(self._order)
        if after is not None:
            place = 0 if after == ROOT else self._place(after, "previous_item_id") + 1
        self._order.insert(place, item_id)
        self._items[item_id] = item
        if by_client:
            self._of_client.add(item_id)
        return self._order[place - 1] if place else None

    def find(self, item_id: str) -> Item | None:
        """An item of ours, if it is still there. Clients edit one that is being made by deleting
        it and making their own by the same id, as agents-js does; that is not ours any more."""
        return None if item_id in self._of_client else self._items.get(item_id)

    def get(self, item_id: str, param: str = "item_id") -> Item:
        """Raises ProtocolError if there is none; `param` is the field that names it."""
        if item_id not in self._items:
            raise ProtocolError(
                f"There is no item {item_id!r}.", code="item_not_found", param=param
            )
        return self._items[item_id]

    def resolve(self, items: Iterable[Item | ItemReference], where: str = "") -> list[Item]:
        """The items, and in the place of references those that are meant. Raises ProtocolError;
        `where` is the field that `items` are the value of."""
        found = []
        for index, item in enumerate(items):
            if isinstance(item, ItemReference):
                found.append(self.get(item.id, f"{where}[{index}].id"))
            else:
                check_parts(item, f"{where}[{index}]")
                found.append(item)
        return found

    def previous_id(self, item_id: str) -> str | None:
        place = self._place(item_id, "item_id")
        return self._order[place - 1] if place else None

    def replace(self, item: Item) -> None:
        """Put a newer version in the place of the item of ours with the same id, if find() would
        find it."""
        if self.find(_id(item)) is not None:
            self._items[_id(item)] = item

    def delete(self, item_id: str) -> Item:
        """Returns what was there. Raises ProtocolError if there is none."""
        del self._order[self._place(item_id, "item_id")]
        self._of_client.discard(item_id)
        return self._items.pop(item_id)

    def _place(self, item_id: str, param: str) -> int:
        """Of the last item at once, since that is what is mostly asked for."""
        self.get(item_id, param)
        if self._order[-1] == item_id:
            return len(self._order) - 1
        return self._order.index(item_id)


def _id(item: Item) -> str:
    assert isinstance(item.id, str)
    return item.id
