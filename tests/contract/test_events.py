"""Every event that the server has sent in this run of the tests is one of the contract's.

This is the last test of a whole run. It makes one call of its own, so that it says something when
it is run alone.
"""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel, ValidationError

from rtcserver.turns.hearing import Word
from tests.clients import node
from tests.contract.recording import FOLDER, Event, recorded
from tests.session.calls import call

_JUDGE = Path(__file__).parent / "judge.mjs"
_UNION = get_args(get_args(RealtimeServerEvent)[0])
_MODELS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in _UNION
}


@pytest.fixture(scope="module")
def events() -> list[Event]:
    call(8, speech=[(1.0, 2.0)], words=[Word("hello", 1.2)])
    return recorded()


def test_openais_client_takes_each(events: list[Event]) -> None:
    bad = [(problem, event) for event in events if (problem := _problem(event))]
    assert bad == []
    assert len(events) >= 15


def _problem(event: Event) -> str | None:
    model = _MODELS.get(event["type"])
    if model is None:
        return "unknown"
    try:
        model.model_validate(event)
    except ValidationError as exc:
        return str(exc)
    return None


async def test_agents_js_takes_each_as_it_is(events: list[Event]) -> None:
    packages = node.install()
    file = FOLDER / "shapes"
    file.write_text("\n".join(map(json.dumps, events)))
    verdict: dict[str, Any] = await node.run(str(_JUDGE), str(packages), str(file))
    assert verdict["refused"] == []
    assert verdict["judged"] == len(events)
    assert "response.done" in verdict["known"]
