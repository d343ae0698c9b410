//! Accepts clients that have the token, and rejects those with a certain header. The rest is up to the next plugins.
//!
//! Settings: `token`, which a client shows as `Authorization: Bearer ...` or, since a browser's `EventSource` cannot
//! send headers, as `?token=...`; `deny_header`, a header such as `x-blocked` or `x-plan: free` whose bearers are
//! turned away.

mod rules;
#[cfg(test)]
mod tests;

use roomcast_sdk::prelude::*;

use rules::{DeniedHeader, Token};

/// What the operator has set.
#[derive(Debug)]
pub struct Guard {
    token: Token,
    denied: Option<DeniedHeader>,
}

impl Plugin for Guard {
    fn new() -> Result<Self, String> {
        let token = config::get("token")?.unwrap_or_default();
        let denied = config::parse("deny_header")?;
        Ok(Self { token: Token::new(token)?, denied })
    }
}

impl Guard {
    fn check(&self, request: &Request) -> Result<(), Rejection> {
        if self.denied.as_ref().is_some_and(|denied| denied.is_in(request)) {
            return Err(Rejection::forbidden("this client is not served here"));
        }
        self.token.check(request)
    }
}

impl OnConnect for Guard {
    fn on_connect(&mut self, _connection: Connection, request: &Request) -> Result<(), Rejection> {
        let answer = self.check(request);
        if let Err(Rejection { status, body, .. }) = &answer {
            log::info!("{} turned away with {status}: {body}", request.peer());
        }
        answer
    }
}

impl OnMessage for Guard {
    /// A client that names an open stream was accepted before, and ids cannot be guessed.
    fn on_message(
        &mut self,
        connection: Option<Connection>,
        request: &Request,
        _body: Body,
    ) -> Result<Reply, Rejection> {
        match connection.map_or_else(|| self.check(request), |_| Ok(())) {
            Ok(()) => Ok(Reply::Pass),
            Err(rejection) => Err(rejection),
        }
    }
}

roomcast_sdk::export!(Guard: OnConnect, OnMessage);
