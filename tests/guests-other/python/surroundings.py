"""Commands that reach for what lies around a plugin: time, chance, the standard streams, and requests by `http`, which Python
has; the environment and files, as far as they are granted; and the network, which it has not."""

from __future__ import annotations

import os
import socket
import sys
import time
from base64 import b64encode
from typing import Any, NoReturn

from roomcast_sdk import HostError, NotPermitted, Refusal, http

from arguments import Arguments

START = time.monotonic_ns()


def now(given: Arguments) -> Any:
    return {"wall_ms": time.time_ns() // 1_000_000, "monotonic_ns": time.monotonic_ns() - START}


def random(given: Arguments) -> str:
    return b64encode(os.urandom(given.number("bytes"))).decode()


def print_text(given: Arguments) -> None:
    stream = {"stdout": sys.stdout, "stderr": sys.stderr}.get(given.text("to"))
    if stream is None:
        raise OSError(f"no stream {given.text('to')}")
    stream.write(given.text("text"))
    stream.flush()


def environment(given: Arguments) -> Any:
    return {"variables": list(os.environ.items()), "arguments": sys.orig_argv}


def read_file(given: Arguments) -> str:
    with open(given.text("path"), encoding="utf-8") as file:
        return file.read()


def write_file(given: Arguments) -> None:
    with open(given.text("path"), "w") as file:
        file.write("probe")


def list_folder(given: Arguments) -> int:
    return len(os.listdir(given.text("path")))


def connect_tcp(given: Arguments) -> None:
    socket.create_connection(_address(given)).close()


def bind_udp(given: Arguments) -> None:
    socket.socket(type=socket.SOCK_DGRAM).bind(_address(given))


def resolve(given: Arguments) -> int:
    return len(socket.getaddrinfo(*_address(given)))


CALLS = {
    "now": now,
    "random": random,
    "print": print_text,
    "environment": environment,
    "read-file": read_file,
    "write-file": write_file,
    "list-folder": list_folder,
    "connect-tcp": connect_tcp,
    "bind-udp": bind_udp,
    "resolve": resolve,
}


def _address(given: Arguments) -> tuple[str, int]:
    host, _, port = given.text("address").rpartition(":")
    return host, int(port)


def run(op: str, given: Arguments) -> Any:
    """Run one of these. What goes wrong is the standard library's to say."""
    try:
        return {"ok": CALLS[op](given)}
    except Refusal:
        raise
    except Exception as why:
        return {"error": {"kind": "other", "reason": f"{type(why).__name__}: {why}"}}


def request(given: Arguments) -> Any:
    """The command `fetch`: a request that is waited for."""
    body = (given.optional_text("body") or "") * given.command.get("repeat", 1)
    try:
        answer = http.request(
            given.optional_text("method") or "GET", given.text("url"), body, headers=given.pairs("headers")
        )
    except NotPermitted:
        return {"error": {"kind": "http", "code": "HttpRequestDenied"}}
    except http.HttpError as why:
        return {"error": {"kind": "http", "code": "".join(word.capitalize() for word in why.code.split("-"))}}
    return {"ok": {"status": answer.status, "headers": answer.headers, "body": answer.text}}


def keep_asking(given: Arguments) -> NoReturn:
    while True:
        try:
            http.get(given.text("url"))
        except HostError:
            pass
