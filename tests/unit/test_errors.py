"""Errors say whose fault it is."""

import pytest

from rtcserver import errors


@pytest.mark.parametrize(
    "kind", [errors.ServiceUnavailable, errors.ServiceBusy, errors.ServiceFailed]
)
def test_a_service_error_names_its_service(kind: type[errors.ServiceError]) -> None:
    error = kind("stt", "no answer within 2 s")
    assert str(error) == "stt: no answer within 2 s"
    assert error.service == "stt"
    assert isinstance(error, errors.RtcServerError)


def test_a_protocol_error_carries_what_the_client_needs_to_mend_it() -> None:
    error = errors.ProtocolError("no such item", code="item_not_found", param="item_id")
    assert (str(error), error.code, error.param, error.event_id) == (
        "no such item",
        "item_not_found",
        "item_id",
        None,
    )


def test_the_end_of_a_call_is_not_one_of_our_errors() -> None:
    assert not issubclass(errors.TransportClosed, errors.RtcServerError)
