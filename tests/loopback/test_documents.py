"""What the documents for programs say is what the server does."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from rtcserver.realtime.codec import CLIENT_EVENTS
from tests.loopback.door import CALLS, Door, open_door

REALTIME = "/v1/realtime"
SECRETS = "/v1/realtime/client_secrets"
Document = dict[str, Any]


async def document(door: Door, path: str) -> Document:
    async with door.http.get(path) as response:
        assert response.status == 200
        found: Document = await response.json()
        return found


def check(whole: Document, schema: Document, instance: object) -> None:
    """`schema` may point into `whole`."""
    Draft202012Validator({**whole, **schema}).validate(instance)


async def test_the_openapi_document_is_valid_and_has_every_route() -> None:
    async with open_door() as door:
        api = await document(door, "/openapi.json")
        OpenAPIV31SpecValidator(api).validate()
        written = {(m.upper(), path) for path, methods in api["paths"].items() for m in methods}
        routes = {
            (route.method, route.resource.canonical)
            for route in door.app.router.routes()
            if route.resource and route.method != "HEAD"
        }
        assert written == routes


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "status"),
    [
        ("GET", "/v1/models", "", None, 200),
        ("GET", "/v1/models/{model}", "rtcserver", None, 200),
        ("GET", "/v1/models/{model}", "nobody", None, 404),
        ("GET", "/health", "", None, 200),
        ("POST", SECRETS, "", b"{}", 200),
        ("POST", SECRETS, "", b"[]", 400),
        ("POST", CALLS, "", b"x", 400),
        ("GET", REALTIME, "", None, 426),
        ("POST", CALLS + "/{call_id}/hangup", "rtc_1", None, 404),
    ],
)
async def test_an_answer_has_the_shape_that_is_written(
    method: str, path: str, query: str, body: bytes | None, status: int
) -> None:
    async with open_door() as door:
        api = await document(door, "/openapi.json")
        url = re.sub(r"{\w+}", query, path)
        async with door.http.request(method, url, data=body) as response:
            assert response.status == status
            written = api["paths"][path][method.lower()]["responses"][str(status)]
            content = written["content"][response.content_type]
            check(api, content["schema"], await response.json())


async def test_the_body_of_a_request_is_written_as_it_is_taken() -> None:
    async with open_door() as door:
        api = await document(door, "/openapi.json")
        body = api["paths"][SECRETS]["post"]["requestBody"]["content"]["application/json"]
        session = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        check(api, body["schema"], {"expires_after": {"seconds": 10}, "session": session})
        with pytest.raises(ValidationError, match="'seconds': 9"):
            check(api, body["schema"], {"expires_after": {"seconds": 9}})


async def test_every_event_of_a_call_has_the_shape_that_is_written() -> None:
    async with open_door() as door:
        api = await document(door, "/asyncapi.json")
        messages = api["components"]["messages"]
        async with door.http.ws_connect(f"{REALTIME}?rtc_events=1") as ws:
            text = {"type": "input_text", "text": "Hello."}
            item = {"type": "message", "role": "user", "content": [text]}
            for said in (
                {"type": "conversation.item.create", "item": item},
                {"type": "response.create"},
                {"type": "no.such"},
            ):
                if said["type"] in messages:
                    check(api, messages[said["type"]]["payload"], said)
                await ws.send_json(said)
            kinds = set()
            while "response.done" not in kinds or "error" not in kinds:
                event = await ws.receive_json(timeout=5)
                check(api, messages[event["type"]]["payload"], event)
                kinds.add(event["type"])
            assert len(kinds) > 10


async def test_the_asyncapi_document_holds_together() -> None:
    """https://www.asyncapi.com/docs/reference/specification/v3.0.0, as far as we use it."""
    async with open_door() as door:
        api = await document(door, "/asyncapi.json")
        assert {"asyncapi", "info", "channels", "operations"} <= set(api)
        assert api["asyncapi"] == "3.0.0"
        for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(api)):
            node: Any = api
            for part in reference.split("/"):
                node = node[part]
        for payload in [m["payload"] for m in api["components"]["messages"].values()]:
            Draft202012Validator.check_schema(payload)
        heard = [ref["$ref"].rpartition("/")[2] for ref in api["operations"]["hear"]["messages"]]
        assert heard == list(CLIENT_EVENTS)
        channel = set(api["channels"]["realtime"]["messages"])
        told = {ref["$ref"].rpartition("/")[2] for ref in api["operations"]["tell"]["messages"]}
        assert channel == set(heard) | told
        assert "response.done" in told
