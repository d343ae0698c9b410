#!/usr/bin/env python3
"""Everything that the SDK offers, in C and in C++, against a real server.

    guest-sdk/c/check/check.py target/debug/roomcast guest-sdk/c/check/c guest-sdk/c/check/cpp
"""
import atexit, http.client, http.server, json, os, re, subprocess, sys, threading, time


def until(condition, detail):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    sys.exit(f"it did not come to that: {detail}")


class Upstream(http.server.BaseHTTPRequestHandler):
    """Where fetches go: it tells what it was asked, then goes on until it is let go, or breaks off."""

    protocol_version = "HTTP/1.1"
    let_go = threading.Event()

    def do_POST(self):
        self.send_response(418)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        header = self.headers["X-Asked"].encode("latin-1").decode()
        for piece in ["event: asked\nda", f"ta: {header} {asked.split()[0]} ", "\u0436\n", "\ndata: two\n\n"]:
            self.write(piece.encode())
        if self.path == "/stream":
            self.let_go.wait()
            self.write(b"\xff\n")
            self.write(b"")
        self.close_connection = True

    def write(self, piece):
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        except OSError:
            pass

    def log_message(self, *_):
        pass


def granting(folder, upstream):
    """The folder's configuration, with the grant that only this run knows."""
    with open(f"{folder}/roomcast.toml") as given, open(f"{folder}/build/check.toml", "w") as made:
        made.write(given.read().replace("build/", ""))
        made.write(f'\n[plugins.capabilities.http]\nprivate = "allow"\nallow = ["http://{upstream}"]\n')
    return made.name


class Server:
    def __init__(self, binary, config, *settings):
        command = [binary, "serve", "--config", config, "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0"]
        # It sends faster than people do.
        command += ["--set", "rates.messages="]
        for setting in settings:
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        atexit.register(self.process.kill)
        self.log, self.port, self.api = [], None, None
        threading.Thread(target=self.read, daemon=True).start()
        until(lambda: self.api and self.port or self.process.poll() is not None, self.log)

    def read(self):
        for line in self.process.stdout:
            self.log.append(line)
            if found := re.search(r"streams: http://127.0.0.1:(\d+)/", line):
                self.port = int(found[1])
            if found := re.search(r"api: http://127.0.0.1:(\d+)/", line):
                self.api = int(found[1])

    def ask(self, method, path, body=None, headers={}, api=False):
        asked = http.client.HTTPConnection("127.0.0.1", self.api if api else self.port)
        asked.request(method, path, body, headers)
        return asked.getresponse()

    def plugin(self):
        return json.load(self.ask("GET", "/v1/plugins", api=True))[0]


class Stream:
    def __init__(self, server, query="", headers={}):
        self.server, self.lines = server, []
        self.answer = server.ask("GET", "/sse" + query, headers=headers)
        self.id = self.answer.getheader("roomcast-connection")
        if self.answer.status == 200:
            threading.Thread(target=self.read, daemon=True).start()
        else:
            self.body = self.answer.read().decode()

    def read(self):
        try:
            for line in self.answer:
                self.lines.append(line.decode().rstrip("\n"))
        except (OSError, ValueError, AttributeError):
            pass
        self.lines.append("<end>")

    def sees(self, *wanted):
        until(lambda: all(line in self.lines for line in wanted), f"{wanted} in {self.lines}")

    def do(self, command, query=""):
        body = command if isinstance(command, bytes) else command.encode()
        answer = self.server.ask("POST", "/send" + query, body, {"Roomcast-Connection": self.id, "X-Given": "Some"})
        got = answer.read()
        return answer, answer.status, got.decode(errors="replace")


def same(got, expected):
    if got != expected:
        sys.exit(f"got {got!r}, expected {expected!r}")


def fetches(server, upstream):
    ada, watch = Stream(server), Stream(server)
    watch.do("join watch")
    here = f"http://{upstream}"
    expect = lambda command, *expected: same((command, *ada.do(command)[1:]), (command, *expected))
    Upstream.let_go.clear()
    expect(f"fetch {here}/stream t\u00f6ken", 202, "")
    watch.sees("event: response", "data: t\u00f6ken 418 text/event-stream of 1", "event: asked", "data: t\u00f6ken fetch \u0436", "data: two")
    Upstream.let_go.set()
    watch.sees("event: binary", "data: 2", "data: t\u00f6ken 0 no error")
    expect("break", 200, "0")
    expect(f"fetch {here}/broken off", 202, "")
    until(lambda: any(re.match("data: off 10 .", line) for line in watch.lines), watch.lines)
    for url, named in [("http://127.0.0.1:1/", "`capabilities.http.allow = "), ("nowhere", "`request.url`: ")]:
        status, answer = ada.do(f"fetch {url} none")[1:]
        same((status in (400, 503), answer.startswith(named)), (True, True))
    Upstream.let_go.clear()
    expect(f"fetch {here}/stream broken", 202, "")
    expect("break", 200, "1")
    expect("break", 200, "0")
    expect(f"fetch {here}/stream hers", 202, "")
    ada.do("close")
    watch.sees("data: hers 11 the connection that the fetch was for has ended")
    Upstream.let_go.set()
    # Head and pieces may have been faster than the breaking off; but no end of it is told.
    same([line for line in watch.lines if re.match(r"data: broken \d+ ", line) and " 418 " not in line], [])


def calls(server):
    ada = Stream(server, "?a=b", {"Last-Event-ID": "77"})
    ada.sees("event: request", "id: 1", "retry: 1234", "data: GET /sse a=b, last 77")
    watch = Stream(server, "?room=watch&way=accepted")
    watch.do("join watch")

    def expect(command, *expected, query=""):
        same((command, *ada.do(command, query)[1:]), (command, *expected))

    for way, status, body, header in [
        ("unauthorized", 401, "who are you?", ("www-authenticate", "Bearer")),
        ("often", 429, "too many requests", ("retry-after", "7")),
        ("later", 503, "not available now", ("retry-after", "8")),
        ("gone", 410, "gone", ("x-way", "gone")),
    ]:
        stream = Stream(server, f"?way={way}")
        same((stream.answer.status, stream.body, stream.answer.getheader(header[0])), (status, body, header[1]))
    # A refused call that a hook hands on: the client gets a status, and the log the rest, once.
    place = r", at api\.c(pp)?:[0-9]+"
    failed, busy = (500, "the plugin has failed"), (503, "the server is busy: try again later")

    def logged(text):
        until(lambda: [bool(re.search(f"ERROR {text}{place}", line)) for line in server.log].count(True) == 1, server.log)

    for way, answer, text in [("error", failed, "`room`: .*"), ("limit", busy, "`limits.tag.*|`tag`: .*")]:
        stream = Stream(server, f"?way={way}")
        same((stream.answer.status, stream.body), answer)
        logged(f"({text})")
    same(ada.do("hand-on")[1:], failed)
    until(lambda: sum("ERROR `room`" in line for line in server.log) == 2, server.log)

    expect("texts", 200, "fine")
    for size in range(1, 120):
        expect(f"events {size}", 200, '[-|{"a":1}|-][delta|\u0436\n two|7][-|\nx:y|-][-|three|-]')
    expect("ok", 202, "")
    expect("bad-utf8", 200, "a\ufffd\ufffd b")
    answer, status, text = ada.do("bad-utf8-everywhere")
    same((status, text, answer.getheader("x-bad").encode("latin-1").decode()), (410, "a\ufffd\ufffd b", "a\ufffd\ufffd b"))
    ada.sees("data: a\ufffd\ufffd b", "event: a\ufffd\ufffd b", "id: a\ufffd\ufffd b", ": a\ufffd\ufffd b")
    expect("untag", 202, "")
    expect("body-json", 200, "1")
    expect("keep-request", 202, "")
    expect("kept-request", 200, "[] 1 0 POST")
    until(lambda: sum("a request was read after its call had returned" in line for line in server.log) == 4, server.log)
    now = int(ada.do("now")[2])
    same(abs(time.time() * 1000 - now) < 60000, True)
    early, late = int(ada.do("monotonic")[2]), int(ada.do("monotonic")[2])
    same(early <= late, True)
    expect("header x-GIVEN", 200, "Some")
    expect("parameter na&me", 200, "Ada L\u00f6we \ufffd%", query="?x=1&&na%26me=Ada+L%C3%B6we+%ff%&na%26me=no")
    expect("parameters", 200, "[x=1][na&me=Ada][=2][flag=]", query="?x=1&&na%26me=Ada&=2&flag")
    expect("parameters", 200, "")
    for number, read in [("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
                         ("9223372036854775808", "-7"), ("1.0", "-7"), ("1e1", "-7"), ('"1"', "-7"), ("-7", "-7"), ("0", "0")]:
        expect(f"integer {number}", 200, read)
    expect('json {"a":1.5,"b":[true],"c":"\\u00e9\\ud83c\\udf88\\n","d":null,"e":false,"f":-2e3}', 200,
           '[{"key":"a","kind":3,"n":1500,"text":null},{"key":"b","kind":5,"text":null},'
           '{"key":"c","kind":4,"text":"\u00e9\U0001f388\\n"},{"key":"d","kind":1,"text":null},'
           '{"key":"e","kind":2,"b":false,"text":null},{"key":"f","kind":3,"n":-2000000,"text":null}]')
    for text, problem in [
        ("[1,]", "a value was expected at line 1 column 4"), ("[", "the text ends too early at line 1 column 2"),
        ('{"a"1}', "a colon was expected at line 1 column 5"), ("{1}", "a key was expected at line 1 column 2"),
        ("[01]", "a number starts with 0 at line 1 column 4"), ("[1.]", "a number is not complete at line 1 column 4"),
        ('["\\x"]', "an escape that JSON does not have at line 1 column 5"), ('["\\ud800"]', "an escape that JSON does not have at line 1 column 9"),
        ('["a', "a string does not end at line 1 column 3"), ("[]x", "there is something after the value at line 1 column 3"),
        ("[tru]", "a value was expected at line 1 column 2"), ("[1}", "a comma or a closing bracket was expected at line 1 column 3"),
        ("[" * 200, "too many arrays and objects within each other at line 1 column 130"), ('["\\"]', "a string does not end at line 1 column 3"),
        ("[-]", "a number is not complete at line 1 column 3"), ('["\t"]', "a control character in a string at line 1 column 4"),
    ]:
        expect("json " + text, 400, problem)
    expect("config text", 200, "some text")
    expect("config none", 200, "default")
    expect("number number", 200, "-42")
    expect("number none", 200, "7")
    expect("switch switch", 200, "1")
    expect("settings", 200, "4")
    for command, problem in [("number text", "no whole number"), ("number large", "too large|out of range"), ("switch text", "neither true nor false")]:
        status, text = ada.do(command)[1:]
        same((command, status, text if not re.search(f"config `{command.split()[1]}`: .*({problem})", text) else ""), (command, 503, ""))
    expect("get k", 200, "none")
    expect("set k v", 202, "")
    expect("get k", 200, "v")
    expect("exists k", 200, "1")
    expect("increment n 5", 200, "5")
    expect("increment n -7", 200, "-2")
    expect("keys", 200, "[k][n]")
    expect("three a \u0436", 200, "[\u0436][none][]")
    expect("swap s new", 200, "none 0 meanwhile 1")
    expect("swap s newer", 200, "new 0 meanwhile 1")
    expect("get s", 200, "newer")
    expect("delete s", 202, "")
    expect("delete k", 202, "")
    expect("exists k", 200, "0")
    same(ada.do("increment k2 x" + " ")[1], 200)
    same(ada.do("set " + "k" * 2000 + " v")[1], 503)

    expect("tagged", 200, "none")
    expect("tag Ada", 202, "")
    expect("tagged", 200, "Ada")
    expect("untag", 202, "")
    expect("tagged", 200, "none")
    expect("tag Ada", 202, "")
    expect("join tea", 202, "")
    expect("join cake", 202, "")
    expect("rooms", 200, "[__all][tea][cake]")
    expect("leave cake", 202, "")
    expect("count tea", 200, "1")
    expect("count nowhere", 200, "0")
    expect("members __all", 200, "1 of 2")
    expect("all-members __all", 200, "2 2")
    expect("all-members nowhere", 200, "0 0")
    expect("broadcast tea one", 200, "1")
    expect("except tea two", 200, "0")
    expect("many tea __all", 200, "3 1")
    expect("open", 200, "1")
    expect("send three 9", 202, "")
    expect("comment four", 202, "")
    expect("retry five", 202, "")
    ada.sees("retry: 700", "data: five")
    ada.sees("data: one", "data: three", "id: 9", ": four")
    for command, named in [("join", "`room`"), ("send x bad\x01", "`event.id`"), ("tag " + "x" * 2000, "`tag`|limits"), ("after 0 x", "`delay-ms`")]:
        answer, status, text = ada.do(command)
        same((command, status in (400, 503), bool(re.search(named, text))), (command, True, True))
    expect("after 1 once", 202, "")
    watch.sees("event: timer", "data: once")
    expect("every 5 often", 202, "")
    until(lambda: watch.lines.count("data: often") > 2, watch.lines)
    expect("cancel", 200, "1")
    expect("cancel", 200, "0")
    expect("log \u00f6 two", 202, "")
    until(lambda: any("\u00f6 and two" in line for line in server.log) and any("grouped" in line for line in server.log), server.log)
    expect("print printed", 202, "")
    until(lambda: any("printed" in line for line in server.log), server.log)
    answer, status, text = ada.do(b"\xff\xfe")
    lossy = answer.getheader("x-lossy").encode("latin-1").decode()
    same((status, answer.getheader("content-type"), lossy, text), (200, "application/octet-stream", "\ufffd\ufffd", "\ufffd\ufffd"))
    same(ada.do("pass")[1], 404)
    same(ada.do("x" * 100000)[1], 400)

    def api(method, path, body=None):
        answer = server.ask(method, path, body, {"content-type": "application/json"}, api=True)
        return answer.status, answer.read().decode()

    def refused(data):
        status, text = api("POST", "/v1/rooms/tea/events", json.dumps({"data": data}))
        return status, json.loads(text)["error"]

    same(refused("refuse"), (400, "not into tea"))
    same(refused("forbid"), (403, "not you"))
    same(refused("break"), failed)
    api("POST", "/v1/rooms/tea/events", '{"data":"rewrite","event":"e","id":"5"}')
    ada.sees("data: rewritten, from the API", "id: 5", "event: e")
    api("POST", "/v1/rooms/tea/events", '{"data":"rewrite","retry_ms":700}')
    until(lambda: ada.lines.count("retry: 700") == 2, ada.lines)
    api("POST", "/v1/rooms/tea/events", '{"data":"plain"}')
    ada.sees("data: plain")
    stream = Stream(server, "?room=secret")
    same((stream.answer.status, stream.body, stream.answer.getheader("x-room")), (403, "secret is closed", "secret"))
    stream = Stream(server, "?room=broken")
    same((stream.answer.status, stream.body), failed)
    logged("`text`: .*")

    expect("keep unsavable", 202, "")
    status, text = api("POST", "/v1/plugins/api/reload")
    same((status >= 400, "it cannot be saved" in text), (True, True))
    expect("keep this", 202, "")
    same(api("POST", "/v1/plugins/api/reload")[0], 200)
    expect("kept", 200, "this")
    # It sends after the end.
    same(ada.do("close")[1], 503)
    ada.sees("<end>")
    watch.sees("event: gone", "data: Ada plugin-closed", "data: tea")
    same(server.plugin()["traps"], 0)


WAYS = {
    "panic": "it was asked for, 1 times", "trap": "in fail_by|Api::fail_by", "abort": "in abort", "assert": r"way\[0\] == 'x'",
    "null": "in fail_by|Api::", "bounds": "in fail_by|index out of bounds", "recurse": "in deeper|in .*deeper", "memory": "memory",
    "at": "vector", "value": "bad_expected_access", "loop": "deadline|interrupt|took",
}


def failures(server):
    ada = Stream(server)
    for way, told in WAYS.items():
        before = len(server.log)
        status, answer = ada.do("fail " + way)[1:]
        if "does not know" in answer:
            continue
        same((way, status), (way, 503))
        until(lambda: ada.do("kept")[1] == 200, server.log[before:])
        # The log says it, if not too often; the API says the last one.
        # The server writes its log after its answer, on a thread of its own.
        log = lambda: "".join(server.log[before:]) + str(server.plugin()["last_error"])
        until(lambda: re.search(told, log()), f"{way}: {told}, in {server.log[before:]}")
        print(f"{way}: {log().splitlines()[-1][:150]}")
    same(ada.do("open")[2], "1")


def main():
    binary, *folders = sys.argv[1:]
    answering = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=answering.serve_forever, daemon=True).start()
    upstream = f"127.0.0.1:{answering.server_port}"
    for folder in folders:
        subprocess.run([binary, "build", folder], check=True)
        scenarios = os.path.join(os.path.dirname(__file__), "scenarios")
        subprocess.run([binary, "test", folder, "--no-build", "--scenarios", scenarios], check=True)
        config = granting(folder, upstream)
        server = Server(binary, config)
        calls(server)
        fetches(server, upstream)
        server.process.terminate()
        server = Server(binary, config, "log.level=info")
        failures(server)
        server.process.terminate()
        print(f"{folder}: all is well")


main()
