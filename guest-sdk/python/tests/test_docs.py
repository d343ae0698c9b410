"""What the README and the templates show is true."""

import re
import runpy
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parent.parent


def run(folder: Path, plugin: str, test: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the tests of a project in which there is nothing else; answers how many there were."""
    (folder / "plugin.py").write_text(plugin)
    (folder / "test_shown.py").write_text(test)
    monkeypatch.syspath_prepend(str(folder))
    tests = [value for name, value in runpy.run_path(str(folder / "test_shown.py")).items() if name.startswith("test_")]
    for test_ in tests:
        test_()
    return len(tests)


def test_the_readme(tmp_path, monkeypatch) -> None:
    plugin, test = re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)
    assert run(tmp_path, plugin, test, monkeypatch) == 1


@pytest.mark.parametrize("template", ["chat", "presence", "dashboard", "board", "llm"])
def test_a_template(template, tmp_path, monkeypatch) -> None:
    plugin, test = ((SDK / "template" / template / name).read_text() for name in ("plugin.py", "test_plugin.py"))
    assert run(tmp_path, plugin, test, monkeypatch) == 1
