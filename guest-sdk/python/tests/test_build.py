"""What the build finds out, and what it says of mistakes."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parent.parent
GRANTS = [("keyvalue", "wasi:keyvalue/"), ("fetch", "plugin/fetch@"), ("http", "python-http")]
ENDS = "@plugin.on_end\ndef end(token, failure):\n    pass\n"
HELLO = "from roomcast_sdk import plugin\n@plugin.on_connect\ndef greet(connection, request):\n    pass\n"


def build(project: Path, source: str) -> subprocess.CompletedProcess[str]:
    (project / "plugin.py").write_text(source)
    command = [sys.executable, "-m", "roomcast_sdk._build", str(project), str(project / "build")]
    return subprocess.run(command, cwd=project, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True)


def test_only_used_hooks_are_exported(tmp_path) -> None:
    done = build(tmp_path, HELLO)
    assert (done.stdout, done.stderr) == ("", "")
    world = (tmp_path / "build" / "world.wit").read_text()
    assert world.count("export") == 2 and "connect@" in world and "capabilities" not in world


@pytest.mark.parametrize(("module", "world"), GRANTS)
def test_what_may_be_granted_is_imported_by_who_uses_it(tmp_path, module, world) -> None:
    assert build(tmp_path, HELLO).returncode == 0
    assert world not in (tmp_path / "build" / "world.wit").read_text()
    assert build(tmp_path, f"from roomcast_sdk import {module}\n" + HELLO + ENDS).returncode == 0
    written = (tmp_path / "build" / "world.wit").read_text()
    assert [other for _, other in GRANTS if other in written] == [world]


@pytest.mark.parametrize(
    ("line", "exported"),
    [
        ("connection.state = 1", ["connect", "disconnect", "state"]),
        ("hub.room('x').state", ["connect", "disconnect", "room", "state"]),
        ("reader.state()", ["connect"]),
    ],
)
def test_hooks_that_values_need_are_exported_if_there_are_values(tmp_path, line, exported) -> None:
    assert build(tmp_path, HELLO.replace("pass", line)).returncode == 0
    written = (tmp_path / "build" / "world.wit").read_text()
    assert re.findall(r"export roomcast:plugin/([a-z-]+)@", written) == ["lifecycle", *exported]
    entry = (tmp_path / "build" / "roomcast_entry.py").read_text()
    assert ("_state.exported = False" in entry) == ("state" not in exported)


def test_a_fetch_without_a_hook_for_its_answer(tmp_path) -> None:
    done = build(tmp_path, "from roomcast_sdk import fetch\n" + HELLO)
    assert done.returncode == 1 and "add @plugin.on_chunk, @plugin.on_end" in done.stderr


def test_what_functions_import_is_there_from_the_start(tmp_path) -> None:
    (tmp_path / "helper.py").write_text("def f():\n    from wave import open\n    import os.path as path\n")
    assert build(tmp_path, "import helper\n" + HELLO).returncode == 0
    entry = (tmp_path / "build" / "roomcast_entry.py").read_text()
    assert "    import wave\n" in entry and "    import os.path\n" in entry


@pytest.mark.parametrize(
    ("source", "first", "last"),
    [
        ("def f(:\n", "error: File", "SyntaxError: invalid syntax"),
        ("import nothing_such", "error: Traceback", "add it to requirements.txt"),
        ("import websockets", "error: Traceback", "use roomcast_sdk.fetch or roomcast_sdk.http"),
        (HELLO.replace("on_connect", "on_conect"), "error: Traceback", "did you mean @plugin.on_connect?"),
        (HELLO.replace(", request", ""), "error: plugin.py:2: `greet` is called as on_connect", "request):"),
        ("x = 1", "error: no hook", "@plugin.on_timer"),
        ("exit(3)", "error: Traceback", "SystemExit: 3"),
    ],
)
def test_mistakes_are_told_without_the_machinery(tmp_path, source, first, last) -> None:
    done = build(tmp_path, source)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(first), done.stderr
    assert last.rstrip(":") in done.stderr.splitlines()[-1], done.stderr
    assert "importlib" not in done.stderr and "_build.py" not in done.stderr


def test_an_endless_loop_is_interrupted_and_shown(tmp_path) -> None:
    (tmp_path / "plugin.py").write_text("def wait():\n    while True:\n        pass\nwait()\n")
    limited = (
        "import sys; from pathlib import Path; from roomcast_sdk import _build, _examine; _examine.MAX_SECONDS = 0.1; "
    )
    command = [sys.executable, "-c", limited + "_build.main(Path(sys.argv[1]), Path(sys.argv[1]))", str(tmp_path)]
    # As a background job has it.
    ignore = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)  # noqa: E731
    done = subprocess.run(
        command, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True, timeout=60, preexec_fn=ignore
    )
    assert done.returncode == 1 and "in wait" in done.stderr, done.stderr
    assert "is there an endless loop?" in done.stderr.splitlines()[-1]


def test_a_missing_file(tmp_path) -> None:
    command = [sys.executable, "-m", "roomcast_sdk._build", str(tmp_path), str(tmp_path / "build")]
    done = subprocess.run(command, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True)
    assert "there is no plugin.py" in done.stderr
