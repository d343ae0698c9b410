//! Bodies: of requests, read whole within bounds; of responses, in several kinds behind one type.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Frame;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use super::places::Place;
use super::{BodyLimits, Client, text};
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

/// A request's body, read whole. It counts as under way until it is dropped.
pub(super) struct Read {
    pub(super) bytes: Bytes,
    _place: Place,
}

/// Read a request's body.
///
/// # Errors
/// The answer for a client whose body is too large or too slow, or broke off; or when too many are under way. What is
/// declared as too large is not read at all, so a client that asks whether it should send it is told not to.
pub(super) async fn read<B: Sent>(body: B, limits: &BodyLimits, client: &Client) -> Result<Read, Box<Response<Body>>> {
    let answer = |status, why: String| Err(Box::new(text(status, why)));
    let too_large = || {
        HubMetrics::limit_reached("server.body_bytes");
        let why = format!("the body is larger than `server.body_bytes` = {} bytes\n", limits.bytes);
        answer(StatusCode::PAYLOAD_TOO_LARGE, why)
    };
    if body.size_hint().lower() > limits.bytes as u64 {
        return too_large();
    }
    let place = match limits.places.enter(client.peer.ip()).await {
        Ok(place) => place,
        Err(key) => {
            let why = format!("`{key}` is reached: try again a little later\n");
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, why);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            return Err(Box::new(response));
        }
    };
    match tokio::time::timeout(limits.timeout, Limited::new(body, limits.bytes).collect()).await {
        Ok(Ok(collected)) => {
            client.has_sent_all();
            Ok(Read { bytes: collected.to_bytes(), _place: place })
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => too_large(),
        Ok(Err(error)) => answer(StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}\n")),
        Err(_) => answer(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time\n".into()),
    }
}
