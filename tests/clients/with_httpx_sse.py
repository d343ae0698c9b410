"""The Python package `httpx-sse`, over HTTP/1.1 and over HTTP/2 without TLS, against a running server.

ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 python with_httpx_sse.py
"""

import httpx
from httpx_sse import connect_sse

from roomcast_server import PATIENCE, URL, Event, check_head, check_stream

for version in ("HTTP/1.1", "HTTP/2"):
    print(f"httpx-sse: {version}")
    second = version == "HTTP/2"
    # Without HTTP/1 the client speaks HTTP/2 from the first byte: prior knowledge.
    with httpx.Client(http1=not second, http2=second, timeout=PATIENCE) as client:
        with connect_sse(client, "GET", f"{URL}/sse", params={"name": "httpx"}) as source:
            connection = check_head(source.response, version)
            check_stream(connection, (Event(each.event, each.data, each.id, each.retry) for each in source.iter_sse()))
