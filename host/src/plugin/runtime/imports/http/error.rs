//! Why an outgoing request failed: in words for the operator, as an error of `wasi:http` for the guest.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::net::IpAddr;

use rustls::AlertDescription;
use thiserror::Error;
use wasmtime_wasi_http::Error;

use crate::plugin::config::destination::{Host, HttpTarget};
use crate::plugin::runtime::metrics::Outcome;
use crate::units;

/// Why a request failed.
#[derive(Debug, Error)]
pub(in crate::plugin) enum HttpError {
    #[error("its URI has no host, or a scheme other than http and https")]
    NoHost,
    #[error("{target} is asked for, and the plugin is not granted `capabilities.http`")]
    NotGranted { target: HttpTarget },
    #[error("{target} is asked for, and no entry of `capabilities.http.allow` covers it")]
    NotAllowed { target: HttpTarget },
    #[error(
        "`{host}` is {address}, which is no public address; `capabilities.http.private` = \"allow\" would allow it"
    )]
    Private { host: Host, address: IpAddr },
    #[error("the method CONNECT makes a tunnel, not a request")]
    Tunnel,
    #[error("`capabilities.http.in_flight` requests are under way: finish one first")]
    InFlight,
    #[error("the request's body is larger than {}", units::size::format(*.limit))]
    RequestBody { limit: usize },
    #[error("the answer's body is larger than {}", units::size::format(*.limit))]
    ResponseBody { limit: usize },
    #[error("looking up `{host}`: {cause}")]
    Lookup { host: Host, cause: io::Error },
    #[error("`{host}` has no address")]
    NoAddress { host: Host },
    #[error("connecting to {target}: {cause}")]
    Connect { target: HttpTarget, cause: io::Error },
    #[error("TLS with {target}: {cause}")]
    Tls { target: HttpTarget, cause: io::Error },
    #[error("speaking HTTP: {0}")]
    Http(#[source] hyper::Error),
    #[error("it took too long {0}")]
    TooLong(Phase),
}

/// The phase of a request that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(in crate::plugin) enum Phase {
    #[error("to look up the host")]
    Lookup,
    #[error("to connect")]
    Connect,
    #[error("until an answer came")]
    Head,
    #[error("until the whole answer was there")]
    Body,
}

impl HttpError {
    pub(in crate::plugin) fn outcome(&self) -> Outcome {
        match self {
            Self::NotGranted { .. } | Self::NotAllowed { .. } | Self::Private { .. } | Self::Tunnel => Outcome::Denied,
            Self::TooLong(_) => Outcome::Timeout,
            other if other.limit().is_some() => Outcome::Limit,
            _ => Outcome::Failed,
        }
    }

    /// The key of the limit that was reached, if it was one.
    pub(super) fn limit(&self) -> Option<&'static str> {
        match self {
            Self::InFlight => Some("capabilities.http.in_flight"),
            Self::RequestBody { .. } => Some("capabilities.http.request_bytes"),
            Self::ResponseBody { .. } => Some("capabilities.http.response_bytes"),
            Self::TooLong(_) => Some("capabilities.http.timeout"),
            _ => None,
        }
    }
}

/// hyper wraps the error of our own request body.
impl From<hyper::Error> for HttpError {
    fn from(error: hyper::Error) -> Self {
        match error.source().and_then(|source| source.downcast_ref()) {
            Some(&Error::HttpRequestBodySize(Some(limit))) => {
                Self::RequestBody { limit: usize::try_from(limit).unwrap_or(usize::MAX) }
            }
            _ => Self::Http(error),
        }
    }
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::NoHost => Self::HttpRequestUriInvalid,
            HttpError::NotGranted { .. } | HttpError::NotAllowed { .. } => Self::HttpRequestDenied,
            HttpError::Private { .. } => Self::DestinationIpProhibited,
            HttpError::Tunnel => Self::HttpRequestMethodInvalid,
            HttpError::InFlight => Self::ConnectionLimitReached,
            HttpError::RequestBody { limit } => Self::HttpRequestBodySize(Some(limit as u64)),
            HttpError::ResponseBody { limit } => Self::HttpResponseBodySize(Some(limit as u64)),
            // A plugin can do nothing with the resolver's own message.
            HttpError::Lookup { .. } => Self::DnsError { rcode: None, info_code: None },
            HttpError::NoAddress { .. } => Self::DestinationNotFound,
            HttpError::Connect { cause, .. } => match cause.kind() {
                ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Self::DestinationIpUnroutable,
                ErrorKind::ConnectionRefused => Self::ConnectionRefused,
                _ => Self::DestinationUnavailable,
            },
            HttpError::Tls { cause, .. } => tls(&cause),
            HttpError::Http(error) => http(&error),
            HttpError::TooLong(Phase::Lookup) => Self::DnsTimeout,
            HttpError::TooLong(Phase::Connect) => Self::ConnectionTimeout,
            HttpError::TooLong(Phase::Head | Phase::Body) => Self::ConnectionReadTimeout,
        }
    }
}

fn tls(cause: &io::Error) -> Error {
    match cause.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => {
            Error::TlsAlertReceived { alert_id: Some(number(*alert)), alert_message: alert.as_str().map(str::to_owned) }
        }
        _ => Error::TlsProtocolError,
    }
}

fn number(alert: AlertDescription) -> u8 {
    alert.into()
}

fn http(error: &hyper::Error) -> Error {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    if error.is_parse_too_large() {
        Error::HttpResponseHeaderSectionSize(None)
    } else if error.is_incomplete_message() || cause.is_some_and(|cause| cause.kind() == ErrorKind::UnexpectedEof) {
        Error::HttpResponseIncomplete
    } else if error.is_parse() || error.is_user() {
        Error::HttpProtocolError
    } else {
        Error::ConnectionTerminated
    }
}
