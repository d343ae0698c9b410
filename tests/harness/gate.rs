//! An HTTP server whose responses a test holds back, so that a plugin's call blocks until the gate is opened.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::within_deadline;

/// It ends with the test.
pub struct Gate {
    address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Default)]
struct State {
    arrived: usize,
    open: bool,
}

impl Gate {
    /// A closed gate: requests wait.
    pub async fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = watch::Sender::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                shared.send_modify(|state| state.arrived += 1);
                let mut state = shared.subscribe();
                tokio::spawn(async move {
                    // The whole request, which is short.
                    let mut request = [0; 1024];
                    let _ = stream.read(&mut request).await;
                    if state.wait_for(|state| state.open).await.is_ok() {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nopen").await;
                    }
                });
            }
        });
        Self { address, state }
    }

    /// The URL to request.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The probe's command for a request that waits here.
    pub fn command(&self) -> String {
        serde_json::json!({ "op": "fetch", "url": self.url() }).to_string()
    }

    /// The configuration that grants requests to it.
    pub fn grant(&self) -> String {
        format!("[plugins.capabilities.http]\nallow = ['http://{}']\nprivate = 'allow'\n", self.address)
    }

    /// Wait until this many requests have arrived, in all.
    pub async fn wait_for_arrivals(&self, number: usize) {
        let mut state = self.state.subscribe();
        within_deadline("a request at the gate", state.wait_for(|state| state.arrived >= number))
            .await
            .expect("the gate stands");
    }

    /// Answer the requests that wait, and later ones.
    pub fn open(&self) {
        self.state.send_modify(|state| state.open = true);
    }

    /// Hold later requests back again.
    pub fn close(&self) {
        self.state.send_modify(|state| state.open = false);
    }
}
