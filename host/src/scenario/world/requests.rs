//! What clients, publishers and operators ask of the server, as requests that its HTTP part answers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Client, World};
use crate::event::ConnectionId;
use crate::http::{Body, Client as Peer, StreamMode};
use crate::hub::Cut;
use crate::scenario::answer::Answer;
use crate::scenario::clock::Patience;

/// What a browser encodes in an address that somebody types.
const TYPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#');
/// Tells which stream is whose.
const CONNECTION: HeaderName = HeaderName::from_static("roomcast-connection");
/// The port of the first client.
const FIRST_PORT: u16 = 50_000;

/// A message of a client.
pub(in crate::scenario) struct Post {
    pub(in crate::scenario) path: Option<String>,
    pub(in crate::scenario) headers: Vec<(String, String)>,
    pub(in crate::scenario) body: Vec<u8>,
    pub(in crate::scenario) from: Option<ConnectionId>,
}

type RequestResult = Result<Response<Body>, String>;

impl World {
    /// A client asks for a stream. It has this name from now on, whatever the answer is.
    ///
    /// # Errors
    /// When that is no request.
    pub(in crate::scenario) async fn connect(
        &mut self,
        name: &str,
        path: Option<String>,
        headers: Vec<(String, String)>,
        from: Option<IpAddr>,
    ) -> Result<(), String> {
        let path = path.unwrap_or_else(|| self.paths[0].clone());
        let defaults = [(header::ACCEPT, "text/event-stream")];
        let response = self.ask(request(Method::GET, &path, &defaults, headers, Vec::new())?, from).await?;
        let id = response.headers().get(CONNECTION).and_then(|id| id.to_str().ok()?.parse().ok());
        let client = match id {
            Some(id) => Client::open(id, response.into_body()),
            None => Client::rejected(self.read(response).await),
        };
        self.clients.insert(name.into(), client);
        self.settle().await;
        Ok(())
    }

    /// A client sends a message.
    ///
    /// # Errors
    /// When that is no request.
    pub(in crate::scenario) async fn post(&mut self, post: Post) -> Result<Answer, String> {
        let path = post.path.unwrap_or_else(|| self.paths[1].clone());
        let mut headers = post.headers;
        if let Some(id) = post.from {
            headers.insert(0, (CONNECTION.as_str().into(), id.to_string()));
        }
        let response = self.ask(request(Method::POST, &path, &[], headers, post.body)?, None).await?;
        let answer = self.read(response).await;
        self.settle().await;
        Ok(answer)
    }

    /// Somebody uses the API. `path` is what stands behind `/v1/`, its parts are encoded here.
    ///
    /// # Errors
    /// When that is no request.
    pub(in crate::scenario) async fn operate(
        &mut self,
        method: Method,
        path: &[&str],
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let path: String =
            path.iter().map(|part| format!("/{}", utf8_percent_encode(part, NON_ALPHANUMERIC))).collect();
        let request = request(method, &format!("/v1{path}"), &[], Vec::new(), body)?;
        let peer = self.peer(None);
        let response = self.clock.wait_for(self.api.answer(request, peer), &self.engine, Patience::Answer).await;
        let answer = self.read(response).await;
        self.settle().await;
        Ok(answer)
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>, from: Option<IpAddr>) -> RequestResult {
        let peer = self.peer(from);
        let path = request.uri().path().to_owned();
        let answered = self.clock.wait_for(self.endpoint.answer(request, peer), &self.engine, Patience::Answer).await;
        answered.map_err(|_| {
            let [streams, messages] = &self.paths;
            format!("nothing of a plugin's is at `{path}`: streams are at `{streams}`, and messages go to `{messages}`")
        })
    }

    async fn read(&self, response: Response<Body>) -> Answer {
        let (parts, body) = response.into_parts();
        let body = self.clock.wait_for(body.collect(), &self.engine, Patience::Answer).await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers.iter().map(header).collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A client's address.
    fn peer(&mut self, from: Option<IpAddr>) -> Peer {
        self.ports = self.ports.wrapping_add(1);
        let address = from.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let peer = SocketAddr::new(address, FIRST_PORT.saturating_add(self.ports));
        // Streams of HTTP/2 leave the server as bodies, and so they can be read without a socket.
        Peer { peer, mode: StreamMode::Pull(Cut::default()) }
    }
}

fn request(
    method: Method,
    path: &str,
    defaults: &[(HeaderName, &'static str)],
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Result<Request<Full<Bytes>>, String> {
    let typed = utf8_percent_encode(path, TYPED).to_string();
    let uri: Uri = typed.parse().map_err(|why| format!("`{path}` is no path: {why}"))?;
    let mut request = Request::new(Full::new(Bytes::from(body)));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    let map = request.headers_mut();
    map.insert(header::HOST, HeaderValue::from_static("localhost"));
    for (name, value) in defaults {
        map.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in headers {
        let wrong = |why: String| format!("`{name}: {value}` is no header: {why}");
        let header = HeaderName::try_from(name.as_str()).map_err(|why| wrong(why.to_string()))?;
        let content = HeaderValue::try_from(value.as_str()).map_err(|why| wrong(why.to_string()))?;
        // What a scenario says takes the place of what is said by itself; several of its own can have one name.
        if defaults.iter().any(|(default, _)| *default == header) || header == header::HOST {
            map.insert(header, content);
        } else {
            map.append(header, content);
        }
    }
    Ok(request)
}
