"""The three ways in which a client asks for a transcription, and no conversation."""

from openai.types.realtime import RealtimeTranscriptionSessionCreateResponse

from tests.loopback.caller import Caller
from tests.loopback.door import CALLS, open_door

TRANSCRIPTION = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}


async def test_by_the_query_of_a_websocket() -> None:
    async with open_door() as door, door.http.ws_connect("/v1/realtime?intent=transcription") as ws:
        session = (await ws.receive_json(timeout=5))["session"]
        assert session["type"] == "transcription"
        await ws.send_json({"type": "session.update", "session": TRANSCRIPTION})
        updated = (await ws.receive_json(timeout=5))["session"]
        assert updated["audio"]["input"]["turn_detection"] is None


async def test_by_the_session_of_a_webrtc_call() -> None:
    async with open_door() as door, Caller() as caller:
        body = {"sdp": await caller.offer(), "session": TRANSCRIPTION}
        async with door.http.post(CALLS, json=body) as response:
            await caller.connect(await response.text())
        created = await caller.event("session.created")
        assert created["session"]["object"] == "realtime.transcription_session"


async def test_by_the_session_of_a_client_secret() -> None:
    async with open_door() as door:
        wish = {"session": TRANSCRIPTION}
        async with door.http.post("/v1/realtime/client_secrets", json=wish) as response:
            made = await response.json()
        RealtimeTranscriptionSessionCreateResponse.model_validate(made["session"])
        key = {"Authorization": f"Bearer {made['value']}"}
        async with door.http.ws_connect("/v1/realtime", headers=key) as ws:
            session = (await ws.receive_json(timeout=5))["session"]
            assert session["type"] == "transcription"
            assert session["audio"]["input"]["turn_detection"] is None


async def test_a_secret_for_one_type_of_session_makes_no_other() -> None:
    async with open_door() as door, Caller() as caller:
        wish = {"session": TRANSCRIPTION}
        async with door.http.post("/v1/realtime/client_secrets", json=wish) as response:
            key = {"Authorization": f"Bearer {(await response.json())['value']}"}
        body = {"sdp": await caller.offer(), "session": {"type": "realtime"}}
        async with door.http.post(CALLS, json=body, headers=key) as response:
            assert response.status == 400
            assert (await response.json())["error"]["param"] == "session.type"
