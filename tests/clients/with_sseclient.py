"""The Python package `sseclient-py`, an independent parser, against a running server.

ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 python with_sseclient.py
"""

from collections.abc import Iterator

import httpx
from sseclient import SSEClient

from roomcast_server import PATIENCE, URL, Event, check_head, check_stream


def events(response: httpx.Response) -> Iterator[Event]:
    for each in SSEClient(response.iter_raw()).events():
        yield Event(each.event, each.data, each.id, None if each.retry is None else int(each.retry))


print("sseclient-py: HTTP/1.1")
with httpx.stream("GET", f"{URL}/sse", headers={"Accept": "text/event-stream"}, timeout=PATIENCE) as response:
    check_stream(check_head(response, "HTTP/1.1"), events(response))
