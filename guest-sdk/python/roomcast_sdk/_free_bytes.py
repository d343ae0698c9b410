"""Has a component free the bytes that it hands to the host: `python -m roomcast_sdk._free_bytes COMPONENT`.

componentize-py 0.25 copies a list of bytes for the host, an answer's body for example, and never frees the copy. Its adapter,
a small core module between the host's types and Python, gets the copy from the function `wit_dylib_pop_list`, and frees
others by `wit_dylib_dealloc_bytes` when a call is over. So the adapter gets a function of its own in front of the first,
which has what that returns freed by the second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

_POP, _FREE = b"wit_dylib_pop_list", b"wit_dylib_dealloc_bytes"

_HEADER = 8
_IMPORT, _FUNCTION, _CODE = 2, 3, 10
_MODULE = 1
"""The sections of a module, and that of a component with a module in it."""

_CALL = 0x10


class Reader:
    """Reads WebAssembly's binary format."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def bytes(self) -> bytes:
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at]

    def is_at_end(self) -> bool:
        return self.at == len(self.data)


def freeing(component: bytes) -> bytes:
    """The component, with the adapter changed. Raises `ValueError` if it has none."""
    changed, out = 0, [component[:_HEADER]]
    for kind, content in _sections(component):
        if kind == _MODULE and _POP in content and _FREE in content and _is_adapter(content):
            content = _adapter(content)
            changed += 1
        out.append(_section(kind, content))
    if changed != 1:
        raise ValueError(
            f"the component has {changed} adapters, and 1 is expected: is componentize-py another version?"
        )
    return b"".join(out)


def _is_adapter(module: bytes) -> bool:
    return {_POP, _FREE} <= {name for name, _ in _imported_functions(module)}


def _adapter(module: bytes) -> bytes:
    imported = _imported_functions(module)
    names = [name for name, _ in imported]
    pop, free = names.index(_POP), names.index(_FREE)
    sections = dict(_sections(module))
    functions, bodies = Reader(sections[_FUNCTION]), Reader(sections[_CODE])
    added = len(imported) + functions.number()
    bodies.number()
    code = [_redirected(bodies.bytes(), pop, added) for _ in range(added - len(imported))]
    code.append(_freeing_pop(pop, free))
    sections[_FUNCTION] = _leb(len(code)) + functions.data[functions.at :] + _leb(imported[pop][1])
    sections[_CODE] = _leb(len(code)) + b"".join(_leb(len(body)) + body for body in code)
    order = [kind for kind, _ in _sections(module)]
    custom = iter([content for kind, content in _sections(module) if kind == 0])
    return module[:_HEADER] + b"".join(_section(kind, sections[kind] if kind else next(custom)) for kind in order)


def _freeing_pop(pop: int, free: int) -> bytes:
    """The body of `pop_list(call, type, place) -> length`, which leaves the copy's address at `place`, or 0: then the adapter
    makes the list itself, and has it freed. The copy is freed when the call is over."""
    call, place, length = b"\x20\x00", b"\x20\x02", b"\x20\x03"
    copy = place + b"\x28\x02\x00"
    return b"".join(
        [
            b"\x01\x01\x7f",  # one local of type i32
            call + b"\x20\x01" + place + b"\x10" + _leb(pop) + b"\x21\x03",  # length = pop(call, type, place)
            copy + b"\x45\x45" + length + b"\x45\x45\x71",  # copy != 0 and length != 0
            b"\x04\x40",
            call + copy + length + b"\x41\x01\x41\x01\x10" + _leb(free),  # free(call, copy, length, align 1, later)
            b"\x0b",
            length + b"\x0b",
        ]
    )


def _redirected(body: bytes, old: int, new: int) -> bytes:
    """A function's body that calls the function `new` instead of `old`."""
    code, out, copied = Reader(body), [], 0
    for _ in range(code.number()):
        code.number()
        code.byte()
    while not code.is_at_end():
        opcode = code.byte()
        if opcode == _CALL:
            start = code.at
            if code.number() == old:
                out += [body[copied:start], _leb(new)]
                copied = code.at
        else:
            _skip_immediates(code, opcode)
    return b"".join([*out, body[copied:]])


def _skip_immediates(code: Reader, opcode: int) -> None:
    if opcode in (0x00, 0x01, 0x05, 0x0B, 0x0F, 0x1A, 0x1B) or 0x45 <= opcode <= 0xC4:
        return
    if opcode in (0x02, 0x03, 0x04, 0x0C, 0x0D, 0x3F, 0x40, 0x41, 0x42) or 0x20 <= opcode <= 0x26:
        code.number()
    elif 0x28 <= opcode <= 0x3E:
        code.number()
        code.number()
    elif opcode == 0x0E:
        for _ in range(code.number() + 1):
            code.number()
    elif opcode == 0x11:
        code.number()
        code.number()
    elif opcode in (0x43, 0x44):
        code.at += 4 if opcode == 0x43 else 8
    else:
        raise ValueError(f"the adapter has an instruction that is not expected: {opcode:#x}")


def _imported_functions(module: bytes) -> list[tuple[bytes, int]]:
    """The names and types of the functions that a module imports."""
    reader = Reader(dict(_sections(module)).get(_IMPORT, b"\x00"))
    found = []
    for _ in range(reader.number()):
        reader.bytes()
        name, kind = reader.bytes(), reader.byte()
        if kind == 0:
            found.append((name, reader.number()))
        elif kind in (1, 2):
            reader.at += kind == 1
            flags = reader.byte()
            for _ in range(1 + (flags & 1)):
                reader.number()
        else:
            reader.at += 2
    return found


def _sections(binary: bytes) -> Iterator[tuple[int, bytes]]:
    reader = Reader(binary, _HEADER)
    while not reader.is_at_end():
        yield reader.byte(), reader.bytes()


def _section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + _leb(len(content)) + content


def _leb(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_bytes(freeing(path.read_bytes()))
