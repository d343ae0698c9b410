//! The other end of a plugin's connection.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{ReadyAnswer, ReadyBody, UpstreamAction, Upstreams};
use crate::scenario::request::UpstreamRequest;
use crate::scenario::script::upstream::{AnswerEnd, UpstreamFailure};

type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

/// Receive a request, and do what there is to be done with it.
pub(super) async fn serve(stream: DuplexStream, action: UpstreamAction, url: String, upstreams: Upstreams) {
    let (action, url) = (Arc::new(action), Arc::new(url));
    let service = service_fn(move |request| {
        let (action, url, upstreams) = (action.clone(), url.clone(), upstreams.clone());
        async move {
            upstreams.received(received(request, &url).await?);
            match &*action {
                UpstreamAction::Answer(answer) => respond(answer).await,
                UpstreamAction::Fail(UpstreamFailure::Incomplete) => Err(lost()),
                UpstreamAction::Fail(UpstreamFailure::ReadTimeout | UpstreamFailure::Unreachable(_)) => pending().await,
            }
        }
    });
    // Without a date, which is that of the real clock. An error is that the plugin is not interested any more, or one that
    // the scenario asks for.
    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service).await;
}

async fn received(request: Request<Incoming>, url: &str) -> io::Result<UpstreamRequest> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Ok(UpstreamRequest {
        method: head.method,
        url: url.into(),
        headers: head.headers.iter().map(header).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

async fn respond(answer: &ReadyAnswer) -> io::Result<Response<AnswerBody>> {
    wait(answer.after).await;
    let body = match &answer.body {
        ReadyBody::Whole(bytes) => Full::new(bytes.clone()).map_err(|never: Infallible| match never {}).boxed_unsync(),
        ReadyBody::Pieces(pieces, end) => pieces_body(pieces.clone(), *end),
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(body).map_err(io::Error::other)
}

fn pieces_body(pieces: Vec<(Duration, Bytes)>, end: AnswerEnd) -> AnswerBody {
    let frames = unfold(pieces.into_iter(), move |mut pieces| async move {
        let Some((after, bytes)) = pieces.next() else {
            return match end {
                AnswerEnd::Complete => None,
                AnswerEnd::BreaksOff(after) => {
                    // What is there is sent only when the body has to be waited for.
                    yield_now().await;
                    wait(after).await;
                    Some((Err(lost()), pieces))
                }
                AnswerEnd::StaysOpen => pending().await,
            };
        };
        wait(after).await;
        Some((Ok(Frame::data(bytes)), pieces))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// Even a sleep of no time waits for the clock.
async fn wait(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

fn lost() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}
