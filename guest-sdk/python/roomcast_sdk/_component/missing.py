"""What Python's library does not have in a component, as far as packages need it to be imported. The entry point imports this
first.

There are no sockets: what needs them says so, and what to use instead. There is no TLS: `ssl` has the names that packages
mention at the top of their files. Encodings are modules, which a component cannot import later, so the common ones are here.
"""

from __future__ import annotations

import _socket

# A codec is looked up by name when text is first encoded with it.
import encodings.ascii
import encodings.cp1252
import encodings.idna
import encodings.iso8859_15
import encodings.latin_1
import encodings.punycode
import encodings.utf_8_sig
import encodings.utf_16
import encodings.utf_16_be
import encodings.utf_16_le  # noqa: F401
import sys
from typing import Any, NoReturn

from . import no_tls

NO_SOCKETS = "a component has no sockets: use roomcast_sdk.http or roomcast_sdk.fetch"

_LOOKUPS = ("getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostbyname_ex", "getnameinfo")


def _refuse(*arguments: Any, **named: Any) -> NoReturn:
    raise OSError(NO_SOCKETS)


class _Socket(_socket.socket):
    __slots__ = ()
    __init__ = _refuse


# The host's own refusal of a look-up would be a trap, which ends the instance.
for name in _LOOKUPS:
    setattr(_socket, name, _refuse)
setattr(_socket, "socket", _Socket)  # noqa: B010
sys.modules.setdefault("ssl", no_tls)
