"""`ssl` in a component, where there is no TLS: types that packages mention when they are imported. A context raises."""

from __future__ import annotations

from typing import Any, NoReturn

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)
# urllib3 is not imported with an older one.
OPENSSL_VERSION, OPENSSL_VERSION_INFO = "OpenSSL (none)", (1, 1, 1, 0, 0)


class SSLError(OSError): ...


class SSLCertVerificationError(SSLError, ValueError): ...


class SSLEOFError(SSLError): ...


class SSLSyscallError(SSLError): ...


class SSLWantReadError(SSLError): ...


class SSLWantWriteError(SSLError): ...


class SSLZeroReturnError(SSLError): ...


CertificateError = SSLCertVerificationError


class SSLContext:
    def __new__(cls, *arguments: Any, **named: Any) -> NoReturn:
        raise SSLError("a component has no TLS: use roomcast_sdk.http or roomcast_sdk.fetch, whose https is the host's")


class SSLObject(SSLContext): ...


class SSLSocket(SSLContext): ...


create_default_context = _create_default_https_context = SSLContext
