//! One request to the API.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::printable::printable;

/// How long an answer may take; a reload takes as long as a compiler does.
const PATIENCE: Duration = Duration::from_secs(300);
/// The largest answer.
const ANSWER: usize = 16 << 20;

/// Where the API is.
pub(super) struct Client {
    pub(super) address: String,
    pub(super) token: String,
}

impl Client {
    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Value, String> {
        self.ask(Method::POST, path, body).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        match tokio::time::timeout(PATIENCE, self.try_ask(method, path, body)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("the server at {} did not answer", self.address)),
        }
    }

    async fn try_ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let address = &self.address;
        let broken = |why: hyper::Error| format!("talking to the server at {address}: {why}");
        let socket = TcpStream::connect(address).await.map_err(|why| {
            format!("no server answers at {address}: {why} (is it running? `--api ADDR` says where, as its log does)")
        })?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(broken)?;
        // What goes wrong with it is told to the request, too.
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, address);
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(Full::new(body)).map_err(|why| format!("`{address}`: {why}"))?;
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER).collect().await;
        let body = body.map_err(|why| format!("talking to the server at {address}: {why}"))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| format!("what listens at {address} is not the API of a roomcast server (status {status})"))?;
        if status.is_success() {
            return Ok(answer);
        }
        Err(answer["error"].as_str().map_or_else(|| format!("status {status}"), printable))
    }
}
