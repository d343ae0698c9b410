"""The change of the adapter, on one that is made here. That a component with it frees is a test of the host's suite."""

import pytest

from roomcast_sdk._free_bytes import Reader, freeing

POP, FREE = b"wit_dylib_pop_list", b"wit_dylib_dealloc_bytes"


def sized(content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([len(content)]) + content


def section(kind: int, content: bytes) -> bytes:
    assert len(content) < 16384
    return bytes([kind, len(content) & 0x7F | 0x80, len(content) >> 7]) + content


def module(*bodies: bytes, names: tuple[bytes, ...] = (FREE, POP)) -> bytes:
    types = b"\x02\x60\x05\x7f\x7f\x7f\x7f\x7f\x00\x60\x03\x7f\x7f\x7f\x01\x7f"
    imports = b"".join(b"\x03env" + sized(name) + b"\x00" + bytes([at % 2]) for at, name in enumerate(names))
    memory = b"\x03env\x06memory\x02\x00\x00"
    code = b"".join(map(sized, bodies))
    parts = [
        section(1, types),
        section(2, bytes([len(names) + 1]) + imports + memory),
        section(3, bytes([len(bodies)]) + b"\x01" * len(bodies)),
        section(0, sized(b"name")),
        section(10, bytes([len(bodies)]) + code),
        section(0, sized(b"last")),
    ]
    return b"\0asm\1\0\0\0" + b"".join(parts)


def component(*modules: bytes) -> bytes:
    return b"\0asm\x0d\0\1\0" + b"".join(section(1, one) for one in modules) + section(11, b"rest")


BODY = b"".join(
    [
        b"\x01\x02\x7f\x20\x00\x04\x40",  # two locals; if the first
        b"\x10\x01\x1a\x42\x7f\x1a\x41\x10",  # pop, drop, i64.const -1, drop, i32.const 16
        b"\x0e\x01\x00\x00",  # br_table
        b"\x44" + b"\x10\x01" * 4,  # f64.const whose bytes look like calls
        b"\x1a\x0b\x0b",
    ]
)


def test_calls_go_through_the_new_function_and_nothing_else_changes() -> None:
    other = module(b"\x00\x0b", names=(FREE,))
    changed = freeing(component(other, module(BODY, b"\x00\x10\x00\x10\x01\x0b")))
    assert other in changed and changed.endswith(b"\x0b\x04rest")
    # Two functions are imported, and two were there: the new one is number 4.
    assert BODY.replace(b"\x04\x40\x10\x01\x1a", b"\x04\x40\x10\x04\x1a") in changed
    assert b"\x00\x10\x00\x10\x04\x0b" in changed
    assert b"\x03\x04\x03\x01\x01\x01" in changed, "it has the type of the one that it calls"
    added = changed.index(b"\x01\x01\x7f\x20\x00\x20\x01\x20\x02\x10\x01\x21\x03")
    assert changed.rindex(b"\x04name") < added < changed.rindex(b"\x04last")


@pytest.mark.parametrize("modules", [[], [module(BODY, names=(FREE, b"x"))], [module(BODY), module(BODY)]])
def test_another_number_of_adapters_is_refused(modules) -> None:
    with pytest.raises(ValueError, match="1 is expected"):
        freeing(component(*modules))


def test_an_instruction_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="0xfd"):
        freeing(component(module(b"\x00\xfd\x00\x0b")))


def test_numbers_are_read_to_their_end() -> None:
    reader = Reader(b"\xe5\x8e\x26\x00")
    assert (reader.number(), reader.at) == (624485, 3)
