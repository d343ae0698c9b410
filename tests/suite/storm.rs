//! Many clients at once: each is let in when its turn comes, and what clients with a stream want is not held up.

use futures_util::future::join_all;
use roomcast_tests::{Builder, EventStream, Server, Wire, plugin, test_guest};
use serde_json::json;

use crate::on_every_wire;

/// Takes the plugin's time, so that all others have arrived when the first of them gets its turn.
const SLEEPS: &str = "/sse?action=sleep&n=700";

async fn crowd(server: &Server, wire: Wire, count: usize) -> Vec<EventStream> {
    let connects = (0..count).map(|_| server.try_connect(wire, "/sse"));
    let refused = |answer: roomcast_tests::Answer| panic!("refused with {}: {}", answer.status, answer.text());
    join_all(connects).await.into_iter().map(|stream| stream.unwrap_or_else(refused)).collect()
}

on_every_wire! {
    async fn crowd_of_clients_is_admitted(wire) {
        let limits = "limits.mailbox = 16\nlimits.queue_time = '25s'";
        let server = Builder::default().plugin_with(test_guest("rogue"), limits).start().await;
        let (slow, crowd) = tokio::join!(server.try_connect(wire, SLEEPS), crowd(&server, wire, 300));
        assert!(slow.is_ok());
        assert_eq!(server.publish("__all", "all").await, 301);
        for mut stream in crowd {
            assert_eq!(stream.event_of("message").await.data, "all");
        }
        assert_eq!(server.metric("roomcast_plugin_mailbox_full_total", "rogue").await, 0.0);
    }
}

#[tokio::test]
async fn crowd_that_joins_rooms_is_admitted() {
    let config = "[endpoint]\nroom_parameter = 'room'";
    let limits = "limits.mailbox = 1\nlimits.queue_time = '25s'";
    let server = Builder::default().config(config).plugin_with(test_guest("probe"), limits).start().await;
    let connects = (0..100).map(|_| server.try_connect(Wire::Http11, "/sse?room=tea&room=cake"));
    let streams: Vec<_> = join_all(connects).await.into_iter().filter_map(Result::ok).collect();
    assert_eq!(streams.len(), 100);
    assert_eq!(server.publish("cake", "all").await, 100);
}

#[tokio::test]
async fn client_queued_too_long_is_rejected() {
    let limits = "limits.queue_time = '50ms'";
    let server = Builder::default().plugin_with(test_guest("rogue"), limits).start().await;
    let connects = (0..5).map(|_| server.try_connect(Wire::Http11, SLEEPS));
    let refused: Vec<_> = join_all(connects).await.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 4, "all but the first");
    for answer in refused {
        assert_eq!(answer.status, 503);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    }
    assert_eq!(server.limit_hits("limits.queue_time").await, 4.0);
}

/// Fewer sockets than clients: those beyond it wait in the kernel's queue until others have become streams.
#[tokio::test]
async fn crowd_beyond_the_socket_limit_is_admitted() {
    let server = Builder::default().config("[server]\nsockets = 20").plugin(plugin("lobby")).start().await;
    let _crowd = crowd(&server, Wire::Http11, 200).await;
    assert_eq!(server.connections().await, 200);
}

#[tokio::test]
async fn messages_are_not_queued_behind_connects() {
    let limits = "limits.mailbox = 4\nlimits.queue_time = '25s'\nlimits.deadline = '25s'";
    let server = Builder::default().plugin_with(test_guest("rogue"), limits).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    // Each takes so long that the whole crowd would take longer than the test may.
    let connects = join_all((0..500).map(|_| server.try_connect(Wire::Http11, "/sse?action=sleep&n=200")));
    let message = async {
        server.wait_for_connections(501).await;
        server.send_message(&ada.id(), &json!({"action": "ok"}).to_string()).await.status
    };
    tokio::select! {
        _ = connects => panic!("the crowd cannot be through"),
        status = message => assert_eq!(status, 200),
    }
}
