//! What `roomcast dev` adds to a project's pages: they are loaded again when they change, and tell which version serves and
//! why a build has failed.
//!
//! Each page gets a script, which reads a stream of its own beside the plugin's. A name with a dot in front is never one of
//! the folder's files, so these addresses take none away. Only `dev` has a [`Development`]; what `serve` serves is as it is
//! on the disk.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::answer::{is_read, text};
use super::body::{self, Body};
use super::stream_head::stream_headers;
use super::{StaticSite, Upload};

const SCRIPT: &str = include_str!("development/page.js");
const SCRIPT_PATH: &str = "/.roomcast/dev.js";
const STREAM_PATH: &str = "/.roomcast/dev";
/// How long the stream is silent. A window that was closed is noticed when something is written.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A development server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Development(Arc<Inner>);

struct Inner {
    news: watch::Sender<News>,
    /// Tells this server's pages from those of one before it at the same address.
    run: Uuid,
    changes: AtomicU64,
    end: CancellationToken,
}

/// What pages are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct News {
    /// Which state of the page's files this is about. A page with another one is loaded again.
    page: String,
    /// The version of the plugin that serves.
    version: u64,
    /// Why there is no newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Development {
    /// A development server, whose plugin has its first version.
    pub(crate) fn new() -> Self {
        let (run, changes) = (Uuid::new_v4(), AtomicU64::new(0));
        let (news, _) = watch::channel(News { page: format!("{run}-0"), version: 1, error: None });
        Self(Arc::new(Inner { news, run, changes, end: CancellationToken::new() }))
    }

    /// Files of the page have changed.
    pub(crate) fn page_changed(&self) {
        let number = self.0.changes.fetch_add(1, Relaxed) + 1;
        self.0.news.send_modify(|news| news.page = format!("{}-{number}", self.0.run));
    }

    /// This version of the plugin serves.
    pub(crate) fn serves(&self, version: u64) {
        self.0.news.send_modify(|news| (news.version, news.error) = (version, None));
    }

    /// There is no new version, and this is why.
    pub(crate) fn failed(&self, why: &str) {
        self.0.news.send_modify(|news| news.error = Some(why.into()));
    }

    /// End the streams, which would hold up the end of the server.
    pub(crate) fn end(&self) {
        self.0.end.cancel();
    }

    /// Answer in place of the site.
    pub(super) async fn respond(&self, site: &StaticSite, mut request: Request<Upload>) -> Response<Body> {
        match request.uri().path() {
            SCRIPT_PATH if is_read(request.method()) => return script(),
            STREAM_PATH if is_read(request.method()) => return self.stream(),
            _ => {}
        }
        let is_get = request.method() == Method::GET;
        // A browser has no copy of its own, which could be without the script.
        for condition in [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH] {
            request.headers_mut().remove(condition);
        }
        let mut response = site.respond(request).await;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if !is_page(&response) {
            return response;
        }
        response.headers_mut().remove(header::CONTENT_LENGTH);
        if is_get { self.with_script(response).await } else { response }
    }

    /// A page with the script behind its end, which browsers read as a part of its body.
    async fn with_script(&self, response: Response<Body>) -> Response<Body> {
        let (parts, page) = response.into_parts();
        let Ok(page) = page.collect().await else {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be read\n");
        };
        let News { page: state, version, .. } = &*self.0.news.borrow();
        let element =
            format!("\n<script src=\"{SCRIPT_PATH}\" data-page=\"{state}\" data-version=\"{version}\"></script>\n");
        let whole = [&page.to_bytes(), element.as_bytes()].concat();
        Response::from_parts(parts, body::full(whole))
    }

    /// The stream of news. The first is what holds now.
    fn stream(&self) -> Response<Body> {
        let mut news = self.0.news.subscribe();
        news.mark_changed();
        let pieces = stream::unfold((news, self.0.end.clone()), |(mut news, end)| async {
            let next = end.run_until_cancelled(timeout(KEEPALIVE, news.changed())).await?;
            let piece = match next {
                Ok(changed) => {
                    changed.ok()?;
                    event(&news.borrow_and_update())
                }
                Err(_) => Bytes::from_static(b":\n\n"),
            };
            Some((Ok::<_, Infallible>(Frame::data(piece)), (news, end)))
        });
        let mut response = Response::new(body::boxed(StreamBody::new(pieces)));
        stream_headers(response.headers_mut());
        response
    }
}

/// JSON has no line ends of its own, so it is one line.
fn event(news: &News) -> Bytes {
    let data = serde_json::to_string(news).expect("texts and a number have a form in JSON");
    format!("data: {data}\n\n").into()
}

fn script() -> Response<Body> {
    let mut response = Response::new(body::full(SCRIPT));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Whether it is HTML, and all of it.
fn is_page(response: &Response<Body>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    response.status() == StatusCode::OK && kind.is_some_and(|kind| kind.starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the stream says next.
    async fn next(stream: &mut Response<Body>) -> Option<serde_json::Value> {
        let frame = stream.body_mut().frame().await?.expect("no error").into_data().expect("data");
        let text = String::from_utf8(frame.into()).expect("UTF-8");
        let data = text.strip_prefix("data: ").and_then(|rest| rest.strip_suffix("\n\n")).expect("one event");
        Some(serde_json::from_str(data).expect("JSON"))
    }

    #[tokio::test]
    async fn pages_are_told_of_versions_failures_and_changes() {
        let development = Development::new();
        let mut stream = development.stream();
        let first = next(&mut stream).await.expect("what holds now");
        assert_eq!((&first["version"], &first["error"]), (&1.into(), &serde_json::Value::Null));

        development.failed("line 3:\n<b>no</b>");
        let failed = next(&mut stream).await.expect("news");
        assert_eq!((&failed["page"], &failed["error"]), (&first["page"], &"line 3:\n<b>no</b>".into()));
        development.serves(2);
        let swapped = next(&mut stream).await.expect("news");
        assert_eq!((&swapped["version"], &swapped["error"]), (&2.into(), &serde_json::Value::Null));
        development.page_changed();
        assert_ne!(next(&mut stream).await.expect("news")["page"], first["page"]);

        development.end();
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test]
    async fn page_gets_the_script_with_what_it_shows() {
        let development = Development::new();
        development.serves(7);
        let page = development.with_script(Response::new(body::full("<p>hi</p>"))).await;
        let page = page.into_body().collect().await.expect("a body").to_bytes();
        let page = String::from_utf8(page.into()).expect("UTF-8");
        assert!(page.starts_with("<p>hi</p>\n<script src=\"/.roomcast/dev.js\" data-page=\""), "{page}");
        assert!(page.contains("data-version=\"7\""), "{page}");
    }
}
