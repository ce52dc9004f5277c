"""Ephemeral keys."""

import base64
import json
import re

import pytest

from rtcserver.errors import AuthError, ProtocolError
from rtcserver.server.tokens import MAX_HEADER_BYTES, MAX_SESSION_BYTES, Mint, Token, is_token

SESSION = '{"type":"realtime","instructions":"Sprich Ärger aus."}'.encode()


def test_a_token_brings_back_what_was_put_in_even_in_another_process() -> None:
    token = Token("secret_1", expires_at=1_000, session=SESSION)
    text = Mint(["one", "two"]).issue(token)
    assert Mint(["one", "two"]).read(text, at=999.9) == token
    assert is_token(text)


def test_who_holds_a_token_cannot_read_its_session() -> None:
    text = Mint(["one"]).issue(Token("secret_1", 1_000, SESSION))
    _, claims, _ = text.removeprefix("ek_").split(".")
    readable = base64.urlsafe_b64decode(claims + "==")
    assert b"secret_1" in readable
    for shown in (readable, base64.urlsafe_b64decode(json.loads(readable)["session"])):
        assert b"instructions" not in shown


def test_a_token_may_have_no_session() -> None:
    mint = Mint(["one"])
    assert mint.read(mint.issue(Token("secret_1", 1_000)), at=0) == Token("secret_1", 1_000)


def test_a_token_may_stand_in_a_websocket_subprotocol() -> None:
    # RFC 6455 4.1 wants a token of RFC 9110 5.6.2, and browsers throw for anything else.
    assert re.fullmatch(r"ek_[\w.-]+", Mint(["k"]).issue(Token("secret_1", 1_000, SESSION)))


def test_a_token_ends() -> None:
    mint = Mint(["one"])
    with pytest.raises(AuthError, match="has expired"):
        mint.read(mint.issue(Token("secret_1", 1_000)), at=1_000)


# {"alg":"none","typ":"JWT"} . {"jti":"x","exp":9999999999}
UNSIGNED = "ek_eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJqdGkiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ."


@pytest.mark.parametrize(
    "text",
    [
        UNSIGNED,
        "ek_a.b.c",
        "ek_..",
        "ek_é.é.é",
        "ek_\udcff..",
        Mint(["another"]).issue(Token("x", 1_000)),
        Mint([]).issue(Token("x", 1_000)),
        Mint(["one"]).issue(Token("x", 1_000))[:-2],
    ],
)
def test_what_another_has_signed_is_no_token(text: str) -> None:
    with pytest.raises(AuthError, match="Wrong client secret"):
        Mint(["one"]).read(text, at=0)


@pytest.mark.parametrize("key", ["sk-1", "ek_unused", "a.b.c", ""])
def test_other_keys_have_another_form(key: str) -> None:
    assert not is_token(key)


def test_the_largest_session_fits_into_a_header_and_no_larger_one_is_taken() -> None:
    mint = Mint(["one"])
    largest = b'"' + b"x" * (MAX_SESSION_BYTES - 2) + b'"'
    header = f"Authorization: Bearer {mint.issue(Token('secret_' + 24 * 'f', 10**10, largest))}"
    assert len(header) < MAX_HEADER_BYTES
    with pytest.raises(ProtocolError, match="larger than 16384 bytes") as refused:
        mint.issue(Token("secret_1", 1_000, largest + b" "))
    assert refused.value.param == "session"
