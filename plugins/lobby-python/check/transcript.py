"""The same conversation with two lobbies, and with a swap from one to the other and back in the middle of it.

    python check/transcript.py ROOMCAST lobby.wasm build/lobby-python.wasm

Each of the three runs has to give the same events, answers and statuses. Ids differ, and so do words of what a JSON parser
says, so both are left out.
"""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

QUIET = 0.7
SETTINGS = """
[server]
listen = "127.0.0.1:0"
[api]
listen = "127.0.0.1:0"
[log]
format = "json"
[compiler]
timeout = "10m"
[[plugins]]
name = "lobby"
path = "lobby.wasm"
[plugins.limits]
memory = "128MiB"
"""
ADDRESSES = re.compile(r"http://(127\.0\.0\.1:\d+)/(sse|v1)")


class Server:
    def __init__(self, binary: Path, component: Path, folder: Path) -> None:
        self.folder = folder
        self.put(component)
        (folder / "roomcast.toml").write_text(SETTINGS)
        self.process = subprocess.Popen(
            [binary, "serve"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.log: list[str] = []
        found: dict[str, str] = {}
        for line in self.process.stderr:
            self.log.append(line)
            found.update({kind: address for address, kind in ADDRESSES.findall(line)})
            if len(found) == 2:
                break
        else:
            sys.exit("the server has not started:\n" + "".join(self.log))
        self.streams, self.api = found["sse"], found["v1"]
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()

    def put(self, component: Path) -> None:
        shutil.copy(component, self.folder / "new")
        os.replace(self.folder / "new", self.folder / "lobby.wasm")

    def swap(self, component: Path) -> None:
        before = self.plugin()["generation"]
        self.put(component)
        for _ in range(600):
            if self.plugin()["generation"] > before:
                return
            time.sleep(0.5)
        sys.exit("the server has not taken the other component:\n" + "".join(self.log[-20:]))

    def plugin(self) -> dict:
        connection = http.client.HTTPConnection(self.api)
        connection.request("GET", "/v1/plugins/lobby")
        return json.load(connection.getresponse())


class Chat:
    """A conversation, and what has come of it, with ids replaced by the names of their streams."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ids: dict[str, str] = {}
        self.sockets: dict[str, http.client.HTTPConnection] = {}
        self.heard: dict[str, list[str]] = {}
        self.transcript: list[str] = []

    def enter(self, who: str, query: str) -> None:
        connection = http.client.HTTPConnection(self.server.streams)
        connection.request("GET", "/sse" + query)
        response = connection.getresponse()
        if response.status != 200:
            self.note(f"{who} enters {query}: {response.status} {response.read().decode()}")
            return
        self.ids[response.headers["roomcast-connection"]] = who
        self.sockets[who], self.heard[who] = connection, []
        threading.Thread(target=self.listen, args=(who, response), daemon=True).start()
        self.note(f"{who} enters {query}: 200")

    def listen(self, who: str, response: http.client.HTTPResponse) -> None:
        try:
            for line in response:
                if not line.startswith(b":") and line.strip():
                    self.heard[who].append(line.decode().rstrip())
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def post(self, who: str | None, body: str) -> None:
        connection = http.client.HTTPConnection(self.server.streams)
        sender = next((id for id, name in self.ids.items() if name == who), None)
        headers = {"Roomcast-Connection": sender} if sender else {}
        connection.request("POST", "/send", body.encode(), headers)
        response = connection.getresponse()
        text = response.read().decode()
        # What a JSON parser says is its own, up to the hint.
        text = re.sub(r"^.*; send JSON", "...; send JSON", text)
        self.note(f"{who} posts {body[:60]}: {response.status} {text}")

    def leave(self, who: str) -> None:
        self.sockets.pop(who).sock.shutdown(2)
        self.note(f"{who} leaves")

    def note(self, what: str) -> None:
        """Note what was done, and when all is quiet, what everybody has heard."""
        total, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET:
            now = sum(map(len, self.heard.values()))
            if now != total:
                total, since = now, time.monotonic()
            time.sleep(0.05)
        self.transcript.append(self.named(what))
        for who, lines in sorted(self.heard.items()):
            self.transcript += [f"    {who} < {self.named(line)}" for line in lines]
            lines.clear()

    def named(self, text: str) -> str:
        for id, who in self.ids.items():
            text = text.replace(id, f"<{who}>").replace(f"guest-{id[:4]}", f"guest-<{who}>")
        return text


def act_one(chat: Chat) -> None:
    chat.enter("ada", "?name=Ada&room=tea")
    chat.enter("bob", "?name=+B%C3%B6b+&room=tea")
    chat.enter("guest", "")
    for query in ("?name=", "?name=" + "x" * 41, "?room=__all", "?room=a%0Ab"):
        chat.enter("nobody", query)
    chat.post("ada", '{"type":"say","text":"hi \\"all\\" \\u00e9\\n🦀"}')


def act_two(chat: Chat) -> None:
    chat.post("bob", '{"type":"move","room":"cake"}')
    chat.post("bob", '{"type":"move","room":"cake"}')
    chat.post("bob", '{"type":"name","name":"Rob"}')
    chat.post("ada", '{"type":"say","text":"still here"}')
    chat.enter("eve", "?name=Eve&room=cake")
    chat.leave("ada")


def act_three(chat: Chat) -> None:
    for body in (
        "hi", '{"type":"say"}', '{"type":"sing"}', '{"type":"say","text":5}', '{"type":"say","text":" "}',
        '{"type":"say","text":"' + "x" * 2001 + '"}', '{"type":"move","room":""}', '{"type":"move","room":"__x"}',
        '{"type":"name","name":"a\\nb"}', '{"type":"say","text":"hi","more":1}', "[" * 1000,
    ):  # fmt: skip
        chat.post("eve", body)
    chat.post(None, '{"type":"say","text":"hi"}')
    chat.post("bob", '{"type":"move","room":"lobby"}')
    chat.leave("eve")
    chat.leave("guest")
    chat.leave("bob")


def run(binary: Path, first: Path, second: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, first, Path(folder))
        try:
            chat = Chat(server)
            act_one(chat)
            if second != first:
                server.swap(second)
            act_two(chat)
            if second != first:
                server.swap(first)
            act_three(chat)
        finally:
            server.process.terminate()
            server.process.wait()
        return chat.transcript


def main() -> None:
    binary, rust, other = (Path(path).resolve() for path in sys.argv[1:4])
    wanted = run(binary, rust, rust)
    for name, first, second in (("the other lobby", other, other), ("a swap and back", rust, other)):
        got = run(binary, first, second)
        if got != wanted:
            differing = [pair for pair in zip(wanted, got, strict=False) if pair[0] != pair[1]]
            sys.exit(f"{name} differs, {len(wanted)} lines and {len(got)}:\n" + "\n".join(map("\n".join, differing)))
        print(f"{name}: the same {len(got)} lines")


if __name__ == "__main__":
    main()
