//! The API of a running server: where it is, and one request to it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Error, Result, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::AUTHORIZATION;
use hyper::{Method, Request};
use serde_json::Value;
use toml::Table;

use super::error::UsageError;
use super::http;
use super::printable::printable;
use super::serve::config_file;
use crate::config::Config;
use crate::http::api::Listen;

/// How long an answer may take; a reload takes as long as a compiler does.
const PATIENCE: Duration = Duration::from_secs(300);
/// The largest answer.
const ANSWER: usize = 16 << 20;

/// Where the API of a running server is.
#[derive(Debug, clap::Args)]
pub(super) struct ApiArgs {
    /// The server's API [default: `api.listen` of the configuration, which is 127.0.0.1:9090].
    #[arg(long, value_name = "ADDR|URL", global = true)]
    api: Option<String>,
    /// The configuration file of the server, for `api.listen` and `api.token` [default: roomcast.toml, if there is one here].
    #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG", global = true)]
    config: Option<PathBuf>,
}

/// A client of one server's API.
pub(super) struct ApiClient {
    /// Host and port, or with `https://` in front.
    address: String,
    token: String,
}

impl ApiClient {
    /// Of the server that is meant.
    ///
    /// # Errors
    /// When the configuration cannot be read, or says that there is no API.
    pub(super) fn of(args: &ApiArgs) -> Result<Self> {
        let config = Config::resolve(config_file(args.config.as_deref()).as_deref(), Table::new())?;
        let address = match (&args.api, config.api.listen) {
            (Some(address), _) => address.trim_end_matches('/').to_owned(),
            (None, Listen::At(address)) => address.local_target().to_string(),
            (None, Listen::Off) => {
                return Err(UsageError("`api.listen` is \"off\": this server has no API".into()).into());
            }
        };
        Ok(Self { address, token: config.api.token })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Value> {
        self.ask(Method::POST, path, body).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        match tokio::time::timeout(PATIENCE, self.try_ask(method, path, body)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(anyhow!("the server at {} did not answer", self.address)),
        }
    }

    async fn try_ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let address = &self.address;
        let base = if address.contains("://") { address.clone() } else { format!("http://{address}") };
        let mut request = Request::builder().method(method).uri(format!("{base}{path}"));
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request
            .body(Full::new(body))
            .map_err(|why| UsageError(format!("`--api {address}` is not an address such as 127.0.0.1:9090: {why}")))?;
        let response = http::client().request(request).await.map_err(|why| {
            let cause = http::cause(&why);
            if !why.is_connect() {
                return anyhow!("talking to the server at {address}: {cause}");
            }
            anyhow!("no server answers at {address}: {cause} (is it running? `--api ADDR` says where, as its log does)")
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER).collect().await;
        let body = body.map_err(|why| anyhow!("talking to the server at {address}: {why}"))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| anyhow!("what listens at {address} is not the API of a roomcast server (status {status})"))?;
        if status.is_success() {
            return Ok(answer);
        }
        Err(Error::msg(answer["error"].as_str().map_or_else(|| format!("status {status}"), printable)))
    }
}
