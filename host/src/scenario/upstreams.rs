//! The upstreams of a scenario: what answers the HTTP requests of its plugins, in place of the network.

mod peer;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use tokio::io::{DuplexStream, duplex};
use tokio::time::Instant;

use super::pattern::is_like;
use super::request::UpstreamRequest;
use super::script::upstream::{AnswerEnd, Times, UpstreamFailure};
use super::show;
use crate::lock::lock;
use crate::plugin::{Network, SimulatedRequest, Unreachable};

/// How many bytes may be on their way.
const BUFFER: usize = 64 << 10;

/// All upstreams. Clones are the same ones.
#[derive(Clone, Default)]
pub(super) struct Upstreams(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<UpstreamRule>,
    /// What has come, and no step has asserted yet.
    requests: Vec<UpstreamRequest>,
    /// What no rule is for.
    unexpected: Vec<SimulatedRequest>,
    /// What has happened, and when, since this was asked last.
    news: Vec<(Instant, String)>,
}

/// What is done with some requests.
#[derive(Debug, Clone)]
pub(super) struct UpstreamRule {
    pub(super) method: Method,
    /// A star stands for any characters.
    pub(super) url: String,
    pub(super) action: UpstreamAction,
    pub(super) times: Times,
}

/// What an upstream does.
#[derive(Debug, Clone)]
pub(super) enum UpstreamAction {
    Answer(ReadyAnswer),
    Fail(UpstreamFailure),
}

/// An answer as it is sent.
#[derive(Debug, Clone)]
pub(super) struct ReadyAnswer {
    pub(super) after: Duration,
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: ReadyBody,
}

/// A body as it is sent.
#[derive(Debug, Clone)]
pub(super) enum ReadyBody {
    Whole(Bytes),
    /// Each after a time.
    Pieces(Vec<(Duration, Bytes)>, AnswerEnd),
}

impl Upstreams {
    /// From now on, this is done.
    pub(super) fn add(&self, rule: UpstreamRule) {
        self.lock().rules.push(rule);
    }

    /// Take the oldest request of this kind that was not taken yet.
    pub(super) fn take(&self, method: &Method, url: &str) -> Option<UpstreamRequest> {
        let mut state = self.lock();
        let index =
            state.requests.iter().position(|request| request.method == *method && is_like(url, &request.url))?;
        Some(state.requests.remove(index))
    }

    /// The requests that were not taken yet.
    pub(super) fn left(&self) -> Vec<UpstreamRequest> {
        self.lock().requests.clone()
    }

    /// A request that no rule is for, since this was asked last; and those that there are rules for.
    pub(super) fn take_unexpected(&self) -> Option<(SimulatedRequest, Vec<String>)> {
        let mut state = self.lock();
        let first = std::mem::take(&mut state.unexpected).into_iter().next()?;
        Some((first, state.rules.iter().map(|rule| format!("{} {}", rule.method, rule.url)).collect()))
    }

    /// What has happened, and when, since this was asked last.
    pub(super) fn take_news(&self) -> Vec<(Instant, String)> {
        std::mem::take(&mut self.lock().news)
    }

    /// A request is there.
    fn received(&self, request: UpstreamRequest) {
        let mut state = self.lock();
        state.tell(format!("upstream gets {}", show::request(&request)));
        state.requests.push(request);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl Network for Upstreams {
    fn connect(&self, request: &SimulatedRequest) -> Result<DuplexStream, Unreachable> {
        let mut state = self.lock();
        let SimulatedRequest { method, url } = request;
        let Some(action) = state.action(method, url) else {
            state.unexpected.push(request.clone());
            return Err(Unreachable::ConnectionRefused);
        };
        if let UpstreamAction::Fail(UpstreamFailure::Unreachable(why)) = action {
            let name: &str = why.into();
            state.tell(format!("upstream {method} {url} fails {name}"));
            return Err(why);
        }
        drop(state);
        let (near, far) = duplex(BUFFER);
        tokio::spawn(peer::serve(far, action, url.clone(), self.clone()));
        Ok(near)
    }
}

impl State {
    fn tell(&mut self, what: String) {
        self.news.push((Instant::now(), what));
    }

    /// What is done with a request: by the first rule for one request that is left, else by the last one for all.
    fn action(&mut self, method: &Method, url: &str) -> Option<UpstreamAction> {
        let fits = |rule: &UpstreamRule| rule.method == *method && is_like(&rule.url, url);
        if let Some(index) = self.rules.iter().position(|rule| rule.times == Times::Once && fits(rule)) {
            return Some(self.rules.remove(index).action);
        }
        self.rules.iter().rev().find(|rule| fits(rule)).map(|rule| rule.action.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(url: &str, status: u16, times: Times) -> UpstreamRule {
        let status = StatusCode::from_u16(status).expect("a status");
        let body = ReadyBody::Whole(Bytes::new());
        let answer = ReadyAnswer { after: Duration::ZERO, status, headers: Vec::new(), body };
        UpstreamRule { method: Method::GET, url: url.into(), action: UpstreamAction::Answer(answer), times }
    }

    #[test]
    fn once_comes_first_and_in_order_then_the_last_of_the_others() {
        let mut state = State::default();
        state.rules.extend([
            rule("http://a/*", 201, Times::Always),
            rule("http://a/x", 202, Times::Always),
            rule("http://a/x", 503, Times::Once),
            rule("http://a/*", 500, Times::Once),
        ]);
        let mut status = |url: &str| match state.action(&Method::GET, url) {
            Some(UpstreamAction::Answer(answer)) => answer.status.as_u16(),
            _ => 0,
        };
        assert_eq!(["http://a/x"; 4].map(&mut status), [503, 500, 202, 202]);
        assert_eq!((status("http://a/y"), status("http://b/x")), (201, 0));
        assert!(state.action(&Method::POST, "http://a/x").is_none());
    }
}
