"""What plugins handle: events, requests, bodies, answers."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from roomcast_sdk import Body, Connection, Event, Refusal, Rejection, Request, Response
from roomcast_sdk._check import milliseconds

ID = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77"


def test_an_event_is_what_was_asked_for() -> None:
    assert Event("a") == Event("a", event=None, id=None, retry_ms=None)
    assert replace(Event("a", event="x"), data="b") == Event("b", event="x")
    assert Event.json({"text": "a\nö"}, event="chat") == Event('{"text":"a\\nö"}', event="chat")
    assert Event.json([Connection(ID)]).data == f'["{ID}"]'


@pytest.mark.parametrize(
    "make",
    [
        lambda: Event({"a": 1}),
        lambda: Event("a", event=5),
        lambda: Event("a", retry_ms=1.5),
        lambda: Event.json({1, 2}),
        lambda: Rejection("no"),
        lambda: Response(200, {"a": 1}),
        lambda: Response(200, "", {"a": 1}),
        lambda: Connection(7),
        lambda: milliseconds("delay", "soon"),
    ],
)
def test_a_wrong_type_is_found_where_it_is_given(make) -> None:
    with pytest.raises(TypeError):
        make()


@pytest.mark.parametrize(
    "make", [lambda: Event("a", retry_ms=-1), lambda: Rejection(200), lambda: Response(99), lambda: Response(100)]
)
def test_so_is_a_wrong_number(make) -> None:
    with pytest.raises(ValueError):
        make()


def test_lone_surrogates_become_replacement_characters() -> None:
    lone = json.loads('"a\\ud800b"')
    assert Event.json([lone]).data == '["a\ufffdb"]'
    assert Event(lone, event=lone, id=lone) == Event("a\ufffdb", event="a\ufffdb", id="a\ufffdb")
    assert Body(lone).text == "a\ufffdb"
    assert Response(200, lone, {"x": lone}) == Response(200, "a\ufffdb", {"x": "a\ufffdb"})
    assert (Rejection(400, lone).body, str(Refusal(lone))) == ("a\ufffdb", "a\ufffdb")
    assert Event("\U0001f980\ud83e\udd80").data == "\U0001f980\ufffd\ufffd", "what is well-formed stays"


def test_a_connection_is_its_id() -> None:
    connection = Connection(ID.upper())
    assert (str(connection), connection, hash(connection)) == (ID, Connection(ID), hash(Connection(ID)))
    assert sorted([Connection("f" + ID[1:]), connection])[0] == connection
    for other in ["", "x", ID.replace("-", ""), ID + "0", ID[:-1] + "g"]:
        with pytest.raises(ValueError):
            Connection(other)


def test_parameters_are_decoded() -> None:
    request = Request.get("/sse?name=Ada+L%C3%B6we&room=a%26b&name=second&bad=%ff&flag")
    assert request.parameter("name") == "Ada Löwe"
    assert request.parameter("room") == "a&b"
    assert request.parameter("bad") == "\ufffd"
    assert request.parameter("flag") == ""
    assert request.parameter("Name") is None
    assert len(request.parameters()) == 5
    request.parameters().clear()
    assert request.parameter("flag") == ""
    assert Request.get("/sse").parameter("name") is None


def test_headers_are_found_in_any_case() -> None:
    request = Request.get("/sse", {"Authorization": "Bearer a", "Last-Event-ID": "7"})
    assert request.header("AUTHORIZATION") == "Bearer a"
    assert request.header("cookie") is None
    assert request.last_event_id == "7"
    assert Request.get("/sse?lastEventId=8").last_event_id == "8"
    assert Request.get("/sse?lastEventId=8&last_event_id=9&last_event_id=1").last_event_id == "9"
    assert Request.get("/sse").last_event_id is None


def test_a_body_is_text_bytes_or_json() -> None:
    assert (Body("é").text, Body("é").content) == ("é", "é".encode())
    assert Body('{"a": [1]}').json() == {"a": [1]}
    assert (Body("é"), Body(b"a\xff").text_lossy) == (Body("é".encode()), "a\ufffd")
    for read in (lambda body: body.text, Body.json):
        with pytest.raises(Refusal, match="UTF-8"):
            read(Body(b"\xff"))


@pytest.mark.parametrize("text", ["", "{", "NaN", "[" * 100_000, '{"a":' * 65 + "1" + "}" * 65, "9" * 5000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="JSON"):
        Body(text).json()


def test_json_is_read_up_to_64_levels_and_brackets_in_texts_do_not_count() -> None:
    assert Body("[" * 64 + "]" * 64).json()
    many = [[1], '[[["\\', {"a": "}"}] * 1000
    assert Body(json.dumps(many)).json() == many


def test_header_names_go_out_in_lower_case() -> None:
    assert Response(200, "x", {"Content-Type": "text/plain"}).headers == [("content-type", "text/plain")]
    assert Rejection(401, "no", [("WWW-Authenticate", "Bearer")]).headers == [("www-authenticate", "Bearer")]
    assert Response.json([1]).headers == [("content-type", "application/json")]


def test_times_are_rounded_up_to_milliseconds() -> None:
    assert [milliseconds("t", time) for time in (0.1, 2, 0.0001, timedelta(seconds=1.5))] == [100, 2000, 1, 1500]
    assert milliseconds("t", timedelta(microseconds=1)) == 1
    for time in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError):
            milliseconds("t", time)
