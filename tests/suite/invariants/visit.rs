//! Clients that do not stay.

use roomcast_tests::{Server, Wire, eventually};
use tokio::io::AsyncWriteExt;

use super::world::is_down;

/// One that does not stay.
#[derive(Debug, Clone, Copy)]
pub(super) enum Visit {
    /// The probe rejects it.
    Rejected(Wire),
    /// The rogue traps in its `on-connect`.
    Trapped(Wire),
    /// It goes as within_deadline as it is let in.
    Brief(Wire),
    /// It goes before it is let in.
    Impatient,
}

/// What has become of a visit.
pub(super) enum Outcome {
    Rejected,
    /// By the first plugin at least.
    Accepted,
    Trapped,
}

impl Visit {
    /// Make it.
    pub(super) async fn make(self, server: &Server) -> Outcome {
        let (wire, query) = match self {
            Self::Impatient => return impatient(server).await,
            Self::Rejected(wire) => (wire, "join=one&reject=403"),
            Self::Trapped(wire) => (wire, "join=one&join=two&action=trap"),
            Self::Brief(wire) => (wire, "join=one"),
        };
        let answer = match server.try_connect(wire, &format!("/sse?{query}")).await {
            Ok(_) => {
                assert!(matches!(self, Self::Brief(_)), "{self:?} is not let in");
                return Outcome::Accepted;
            }
            Err(answer) => answer,
        };
        match self {
            Self::Rejected(_) if answer.status == 403 => Outcome::Rejected,
            _ if is_down(&answer) => Outcome::Accepted,
            Self::Trapped(_) if answer.status == 503 => Outcome::Trapped,
            _ => panic!("{self:?}: {}: {}", answer.status, answer.text()),
        }
    }
}

async fn impatient(server: &Server) -> Outcome {
    let mut stream = server.dial().await;
    let address = stream.local_addr().expect("connected").to_string();
    stream.write_all(b"GET /sse?join=one&action=sleep&n=20 HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writable");
    let is_there = eventually("a connection", || async {
        let all = server.api_call("GET", "/v1/connections?limit=1000", "").await.json();
        let mut all = all["connections"].as_array().expect("a list").iter();
        all.any(|connection| connection["peer"] == address).then_some(())
    });
    // When there is an answer, it was too late to go, but has been asked about all the same.
    tokio::select! {
        () = is_there => {}
        readable = stream.readable() => readable.expect("an answer"),
    }
    Outcome::Accepted
}
