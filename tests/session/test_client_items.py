"""What the client makes of the conversation's items, on the virtual clock."""

from rtcserver.config import Session, Settings
from rtcserver.realtime.items import text_of
from tests.session.calls import call
from tests.session.test_client_events import CREATE, script, typed


def test_items_are_made_retrieved_and_deleted() -> None:
    message = {"id": "mine", **typed("hi")["item"]}
    made = call(
        3,
        events=script(
            (1, {"type": "conversation.item.create", "item": message}),
            (1, {"type": "conversation.item.retrieve", "item_id": "mine"}),
            (1, {"type": "conversation.item.delete", "item_id": "mine"}),
            (1, {"type": "conversation.item.retrieve", "item_id": "mine", "event_id": "e"}),
        ),
    )
    assert text_of(made.event("conversation.item.retrieved").item) == "hi"
    assert made.event("conversation.item.deleted").item_id == "mine"
    assert made.event("error").error.param == "item_id"


def test_what_a_client_makes_in_the_place_of_an_answer_stays_as_the_client_wrote_it() -> None:
    first = call(8, events=script((1, typed("hi")), (1, CREATE)))
    item_id = first.event("response.output_item.added").item.id
    at = first.first("response.output_audio_transcript.delta") + 0.05
    mine = {
        "id": item_id,
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "As I wrote it."}],
    }
    edit = script(
        (1, typed("hi")),
        (1, CREATE),
        (at, {"type": "conversation.item.delete", "item_id": item_id}),
        (at, {"type": "conversation.item.create", "item": mine}),
        (7, {"type": "conversation.item.retrieve", "item_id": item_id}),
    )
    made = call(8, events=edit)
    assert made.first("conversation.item.deleted") < made.first("response.done")
    assert text_of(made.event("conversation.item.retrieved").item) == "As I wrote it."


def test_a_client_fills_its_conversation_and_not_the_memory_of_all() -> None:
    settings = Settings(session=Session(max_conversation_bytes=1_024))
    deletion = {"type": "conversation.item.delete", "item_id": "mine"}
    long = {"id": "mine", **typed(700 * "x")["item"]}
    create = {"type": "conversation.item.create", "item": long, "event_id": "first"}
    again = typed(700 * "y") | {"event_id": "second"}
    made = call(
        3, events=script((1, create), (1, again), (1, deletion), (1, again)), settings=settings
    )
    assert [kind for kind in made.types if kind.endswith((".added", "error", ".deleted"))] == [
        "conversation.item.added",
        "error",
        "conversation.item.deleted",
        "conversation.item.added",
    ]
    error = made.event("error").error
    assert (error.code, error.event_id) == ("conversation_too_large", "second")
