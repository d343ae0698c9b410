//! Bodies: of requests, read whole within bounds; of responses, in several kinds behind one type.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::Frame;
use thiserror::Error;

use super::body_permits::BodyPermit;
use super::{BodyLimits, Client};
use crate::metrics::HubMetrics;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of any response.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is there already.
pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    boxed(Full::new(bytes.into()))
}

/// No body, where one could be: of an answer to HEAD, or with status 204.
pub(super) fn none() -> Body {
    full(Bytes::new())
}

/// Any body.
pub(super) fn boxed<B>(body: B) -> Body
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}

/// A body of unknown length that ends at once: an answer to HEAD for a stream has no `Content-Length`.
pub(super) struct Unsized;

impl hyper::body::Body for Unsized {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// What a client sends: from a socket, or from within the program.
pub(crate) trait Sent: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

impl<B: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static> Sent for B {}

/// The body of any request, where its kind does not matter.
pub(super) type IncomingBody = UnsyncBoxBody<Bytes, Interrupted>;

/// Why a request's body broke off. A type of its own, since a future that holds a bare `Box<dyn Error>` is not `Send` to
/// the compiler once the body is boxed.
#[derive(Debug, Error)]
#[error(transparent)]
pub(super) struct Interrupted(BoxError);

/// A request's body, boxed.
pub(super) fn of_request<B: Sent>(body: B) -> IncomingBody {
    body.map_err(|why| Interrupted(why.into())).boxed_unsync()
}

/// A request's body, read whole. It keeps its permit until it is dropped.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    _permit: BodyPermit,
}

/// Why a request's body was not read.
#[derive(Debug, Error)]
pub(super) enum BodyError {
    /// With the bound in bytes.
    #[error("the body is larger than `server.body_bytes` = {0} bytes")]
    TooLarge(usize),
    /// With the key of the bound on bodies that are read at once.
    #[error("`{0}` is reached: try again a little later")]
    TooMany(&'static str),
    #[error("the body cannot be read: {0}")]
    Unreadable(BoxError),
    #[error("the body did not arrive in time")]
    TooSlow,
}

impl BodyError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// After how many seconds the same request may be accepted; none if waiting does not help.
    pub(super) fn retry_after(&self) -> Option<u64> {
        matches!(self, Self::TooMany(_)).then_some(1)
    }
}

/// Read a request's body. What is declared as too large is not read at all, so a client that asks whether it should send
/// it (`Expect: 100-continue`) is told not to.
pub(super) async fn read<B: Sent>(body: B, limits: &BodyLimits, client: &Client) -> Result<Read, BodyError> {
    let too_large = || {
        HubMetrics::limit_reached("server.body_bytes");
        BodyError::TooLarge(limits.bytes)
    };
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(too_large());
    }
    let permit = limits.permits.acquire(client.peer.ip()).await.map_err(BodyError::TooMany)?;
    match tokio::time::timeout(limits.timeout, Limited::new(body, limits.bytes).collect()).await {
        Ok(Ok(collected)) => {
            client.body_was_read();
            Ok(Read { bytes: collected.to_bytes(), _permit: permit })
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(BodyError::Unreadable(error)),
        Err(_) => Err(BodyError::TooSlow),
    }
}
