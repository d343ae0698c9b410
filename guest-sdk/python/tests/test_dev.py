"""What `roomcast dev` has to build anew, and what it only has to read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parent.parent
HELLO = "from roomcast_sdk import plugin\n@plugin.on_connect\ndef greet(connection, request):\n    pass\n"
MORE = "@plugin.on_timer\ndef fire(token): pass\n"


def dev(project: Path, source: str = HELLO) -> tuple[Path, Path]:
    """The component and the source. The component is there afterwards, as if it was built."""
    (project / "plugin.py").write_text(source)
    command = [sys.executable, "-m", "roomcast_sdk._dev", str(project), str(project / "build")]
    done = subprocess.run(command, cwd=project, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    component, source_folder = map(Path, done.stdout.splitlines()[-2:])
    component.touch()
    return component, source_folder


def entry(project: Path) -> str:
    return (project / "build" / "roomcast_entry.py").read_text()


def test_another_source_is_the_same_component(tmp_path) -> None:
    component, source = dev(tmp_path)
    assert "import plugin" not in entry(tmp_path) and entry(tmp_path).endswith("import Lifecycle\n")
    again = dev(tmp_path, HELLO + "print('hello')\n")
    assert again[0] == component and again[1] != source
    assert (source / "plugin.py").read_text() == HELLO, "an instance that starts again has the source of its version"
    assert dev(tmp_path) == (component, source)


@pytest.mark.parametrize(
    "changed",
    [HELLO + MORE, "from roomcast_sdk import keyvalue\n" + HELLO, HELLO.replace("pass", "connection.state = 1")],
)
def test_other_hooks_or_capabilities_are_another_component(tmp_path, changed) -> None:
    component, _ = dev(tmp_path)
    assert dev(tmp_path, changed)[0] != component
    assert dev(tmp_path)[0] == component


def test_what_is_imported_has_to_be_in_the_component(tmp_path) -> None:
    component, _ = dev(tmp_path)
    names = "from roomcast_sdk import Event, Refusal, hub\nimport json, os.path\nfrom urllib.parse import quote\n"
    assert dev(tmp_path, names + HELLO)[0] == component
    (tmp_path / "helper.py").write_text("def late():\n    from xml import dom\n")
    more = dev(tmp_path, "import helper, wave\n" + HELLO)[0]
    assert more != component
    lines = entry(tmp_path).splitlines()
    assert {"    import wave", "    import xml", "    import xml.dom"} <= set(
        lines
    ) and "    import helper" not in lines
    assert dev(tmp_path, "import wave\n" + HELLO)[0] == more


def test_the_source_is_modules_and_what_they_read_at_the_top(tmp_path) -> None:
    for name in [
        "words.txt",
        "other.txt",
        "deep/er/part.py",
        "test_plugin.py",
        "page/x.py",
        "node_modules/y.py",
        "sdk/z.py",
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    read = "from pathlib import Path\nWORDS = Path(__file__).with_name('words.txt').read_text()\n"
    _, source = dev(tmp_path, read + HELLO)
    found = sorted(str(path.relative_to(source)) for path in source.rglob("*") if path.is_file())
    assert found == ["deep/er/part.py", "plugin.py", "words.txt"]


def test_some_components_are_kept(tmp_path) -> None:
    for module in ("wave", "cmd", "pstats", "plistlib", "gettext", "mailbox"):
        last, _ = dev(tmp_path, f"import {module}\n" + HELLO)
    kept = list((tmp_path / "build").glob("*.wasm"))
    assert len(kept) == 4 and last in kept


def test_some_sources_are_kept_and_the_last_is_among_them(tmp_path) -> None:
    for number in range(22):
        older = tmp_path / "build" / "source" / str(number)
        older.mkdir(parents=True)
        os.utime(older, (number, number))
    _, first = dev(tmp_path)
    dev(tmp_path, HELLO + "one = 1\n")
    assert dev(tmp_path)[1] == first
    assert len(list(first.parent.iterdir())) == 20 and first.is_dir()


def test_mistakes_are_told_as_by_a_build(tmp_path) -> None:
    (tmp_path / "plugin.py").write_text("def f(:\n")
    command = [sys.executable, "-m", "roomcast_sdk._dev", str(tmp_path), str(tmp_path / "build")]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(SDK)}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: File")
