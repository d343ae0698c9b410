//! Files next to the stream: the page that opens it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tower_http::services::ServeDir;
use tower_http::services::fs::DefaultServeDirFallback;
use tower_service::Service;

use super::Upload;
use super::answer::{is_read, method_not_allowed, text};
use super::body::{self, Body};
use super::files::ServedFolder;

/// What the embedded page may do: talk to its own server, and nothing else.
const POLICY: &str = "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The `[static]` table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A folder whose files are served next to the stream; none when it is not set.
    pub dir: Option<PathBuf>,
}

type FolderService = ServeDir<DefaultServeDirFallback, ServedFolder>;

/// What is served at every address that is not the endpoint's.
pub enum StaticSite {
    /// Nothing.
    None,
    /// The page of the embedded plugin, at `/`.
    Embedded(&'static str),
    /// Files of a folder.
    Files(Box<FolderService>),
}

impl StaticSite {
    /// The folder of the configuration, and the file that it was read from, which is not served.
    ///
    /// # Errors
    /// When it is no folder.
    pub fn files(dir: &Path, config: Option<&Path>) -> Result<Self, String> {
        let folder = ServedFolder::new(dir, config)?;
        Ok(Self::Files(Box::new(ServeDir::with_backend(folder.path(), folder.clone()))))
    }

    pub(super) async fn respond(&self, request: Request<Upload>) -> Response<Body> {
        let mut response = match self {
            Self::Files(_) | Self::Embedded(_) if !is_read(request.method()) => method_not_allowed("GET, HEAD"),
            // Such an address, in a redirection to the one with a slash behind it, would be a host's name to a browser.
            Self::Files(_) if request.uri().path().starts_with("//") || request.uri().path().starts_with("/\\") => {
                not_found()
            }
            Self::Files(files) => {
                let mut files = FolderService::clone(files);
                match files.call(request).await {
                    Ok(response) if response.status() == StatusCode::NOT_FOUND => not_found(),
                    Ok(response) => response.map(body::boxed),
                    Err(never) => match never {},
                }
            }
            Self::Embedded(page) if request.uri().path() == "/" => embedded(page, request.method()),
            Self::Embedded(_) | Self::None => not_found(),
        };
        let nosniff = HeaderValue::from_static("nosniff");
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "there is nothing at this address\n")
}

fn embedded(page: &'static str, method: &Method) -> Response<Body> {
    let bytes = if method == Method::HEAD { Bytes::new() } else { Bytes::from_static(page.as_bytes()) };
    let mut response = Response::new(body::full(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
