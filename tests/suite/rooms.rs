//! The hub and its rooms, through the API.

use std::collections::BTreeSet;

use roomcast_tests::{EventStream, Server, Wire};
use serde_json::json;

use crate::on_every_wire;

async fn join(server: &Server, stream: &EventStream, room: &str) {
    let answer = server.api_call("PUT", &format!("/v1/connections/{}/rooms/{room}", stream.id()), "").await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn leave(server: &Server, stream: &EventStream, room: &str) {
    let answer = server.api_call("DELETE", &format!("/v1/connections/{}/rooms/{room}", stream.id()), "").await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn rooms(server: &Server) -> BTreeSet<(String, u64)> {
    let list = server.api_call("GET", "/v1/rooms", "").await.json();
    let rooms = list["rooms"].as_array().expect("a list").iter();
    rooms
        .map(|room| (room["name"].as_str().expect("a name").to_owned(), room["members"].as_u64().expect("a number")))
        .collect()
}

fn set(rooms: &[(&str, u64)]) -> BTreeSet<(String, u64)> {
    rooms.iter().map(|(name, members)| ((*name).to_owned(), *members)).collect()
}

on_every_wire! {
    /// Members get what is sent to their room, and nothing else.
    async fn event_reaches_the_members_of_its_room(wire) {
        let server = Server::without_plugins().start().await;
        let mut ada = server.connect(wire, "/sse").await;
        let mut bob = server.connect(wire, "/sse").await;
        join(&server, &ada, "tea").await;
        join(&server, &bob, "cake").await;
        assert_eq!(server.publish("tea", "for ada").await, 1);
        assert_eq!(server.publish("cake", "for bob").await, 1);
        assert_eq!(server.publish("__all", "for both").await, 2);
        assert_eq!(server.publish("nobody-is-here", "lost").await, 0);
        for (stream, own) in [(&mut ada, "for ada"), (&mut bob, "for bob")] {
            assert_eq!(stream.event().await.data, own);
            assert_eq!(stream.event().await.data, "for both");
        }
    }

    /// Joining twice is one membership.
    async fn joining_twice_delivers_once(wire) {
        let server = Server::without_plugins().start().await;
        let mut ada = server.connect(wire, "/sse").await;
        join(&server, &ada, "tea").await;
        join(&server, &ada, "tea").await;
        assert_eq!(server.publish("tea", "once").await, 1);
        assert_eq!(server.publish("tea", "end").await, 1);
        assert_eq!(ada.event().await.data, "once");
        assert_eq!(ada.event().await.data, "end");
        leave(&server, &ada, "tea").await;
        assert_eq!(rooms(&server).await, set(&[("__all", 1)]));
    }

    /// A room is gone when its last member leaves, or goes.
    async fn empty_room_is_removed(wire) {
        let server = Server::without_plugins().start().await;
        let ada = server.connect(wire, "/sse").await;
        let bob = server.connect(wire, "/sse").await;
        join(&server, &ada, "tea").await;
        join(&server, &bob, "tea").await;
        assert_eq!(rooms(&server).await, set(&[("__all", 2), ("tea", 2)]));
        leave(&server, &ada, "tea").await;
        leave(&server, &ada, "tea").await;
        leave(&server, &ada, "never-was").await;
        assert_eq!(rooms(&server).await, set(&[("__all", 2), ("tea", 1)]));
        drop(bob);
        server.wait_for_connections(1).await;
        assert_eq!(rooms(&server).await, set(&[("__all", 1)]));
        assert_eq!(server.api_call("GET", "/v1/rooms/tea", "").await.status, 404);
        drop(ada);
        server.wait_for_connections(0).await;
        assert_eq!(rooms(&server).await, set(&[]));
        assert_eq!(server.metric("roomcast_rooms", "").await, 0.0);
    }

    /// Everybody but one.
    async fn excluded_connection_gets_no_event(wire) {
        let server = Server::without_plugins().start().await;
        let mut ada = server.connect(wire, "/sse").await;
        let mut bob = server.connect(wire, "/sse").await;
        let event = json!({ "data": "not for ada", "except": ada.id() });
        assert_eq!(server.publish_event("__all", &event).await, 1);
        assert_eq!(server.publish("__all", "for both").await, 2);
        assert_eq!(bob.event().await.data, "not for ada");
        assert_eq!(bob.event().await.data, "for both");
        assert_eq!(ada.event().await.data, "for both");
    }

    /// An operator ends a connection: after what was sent before, and in order.
    async fn operator_can_close_a_connection(wire) {
        let server = Server::without_plugins().start().await;
        let mut ada = server.connect(wire, "/sse").await;
        server.publish("__all", "before").await;
        let path = format!("/v1/connections/{}", ada.id());
        assert_eq!(server.api_call("DELETE", &path, "").await.status, 204);
        let events: Vec<_> = ada.events_to_end().await.into_iter().map(|event| event.data).collect();
        assert_eq!(events, ["before"]);
        server.wait_for_connections(0).await;
        assert_eq!(server.api_call("DELETE", &path, "").await.status, 404);
        assert_eq!(server.metric("roomcast_disconnects_total", "operator-closed").await, 1.0);
    }
}

#[tokio::test]
async fn members_are_listed() {
    let server = Server::without_plugins().start().await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(server.connect(Wire::Http11, "/sse").await);
    }
    let page = |query: &'static str| {
        let server = &server;
        async move { server.api_call("GET", &format!("/v1/rooms/__all{query}"), "").await }
    };
    let (first, second) = (page("?limit=3").await.json(), page("?limit=3&offset=3").await.json());
    assert_eq!(first["members"], 5);
    let listed = [&first, &second].into_iter().flat_map(|page| page["connections"].as_array().expect("a list").clone());
    let listed: BTreeSet<_> = listed.map(|id| id.as_str().expect("a text").to_owned()).collect();
    assert_eq!(listed, streams.iter().map(EventStream::id).collect());
    assert_eq!(page("?limit=0").await.status, 400);
    assert_eq!(page("?limit=1001").await.status, 400);
    assert_eq!(page("?offset=x").await.status, 400);

    let connections = server.api_call("GET", "/v1/connections?limit=2", "").await.json();
    assert_eq!(
        (connections["total"].as_u64(), connections["connections"].as_array().map(Vec::len)),
        (Some(5), Some(2))
    );
    assert_eq!(connections["connections"][0]["rooms"], json!(["__all"]));
}

#[tokio::test]
async fn auto_join_room_can_be_renamed_or_disabled() {
    let server = Server::without_plugins().config("[hub]\nauto_join_room = \"everybody\"").start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.publish("__all", "x").await, 0);
    assert_eq!(server.publish("everybody", "y").await, 1);
    assert_eq!(ada.event().await.data, "y");

    let server = Server::without_plugins().config("[hub]\nauto_join_room = \"\"").start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.publish("__all", "x").await, 0);
    assert_eq!(rooms(&server).await, set(&[]));
}

#[tokio::test]
async fn room_parameter_joins_rooms_when_configured() {
    let server = Server::without_plugins().config("[endpoint]\nroom_parameter = \"room\"").start().await;
    let mut ada = server.connect(Wire::Http2, "/sse?room=tea&room=caf%C3%A9+au+lait&other=x").await;
    assert_eq!(rooms(&server).await, set(&[("__all", 1), ("tea", 1), ("café au lait", 1)]));
    server.publish("tea", "hello").await;
    assert_eq!(ada.event().await.data, "hello");
    assert_eq!(server.request(Wire::Http11, "GET", "/sse?room=", &[]).await.status, 400);
    assert_eq!(server.request(Wire::Http11, "GET", "/sse?room=a%00b", &[]).await.status, 400);

    let server = Server::without_plugins().start().await;
    let _ada = server.connect(Wire::Http11, "/sse?room=tea").await;
    assert_eq!(rooms(&server).await, set(&[("__all", 1)]));
}

#[tokio::test]
async fn room_names_may_contain_any_characters() {
    let server = Server::without_plugins().start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    join(&server, &ada, "a%2Fb%20%E2%98%95").await;
    assert_eq!(server.publish("a%2Fb%20%E2%98%95", "x").await, 1);
    assert_eq!(ada.event().await.data, "x");
    assert!(rooms(&server).await.contains(&("a/b ☕".to_owned(), 1)));
    let unknown = "/v1/connections/0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77/rooms/tea";
    assert_eq!(server.api_call("PUT", unknown, "").await.status, 404);
    assert_eq!(server.api_call("PUT", "/v1/connections/nobody/rooms/tea", "").await.status, 400);
}

/// Several publishers at once, members on all shards: all members see one order.
#[tokio::test(flavor = "multi_thread")]
async fn members_see_one_order() {
    let server = std::sync::Arc::new(Server::without_plugins().config("[hub]\nshards = 4").start().await);
    let mut streams = Vec::new();
    for index in 0..24 {
        streams.push(server.connect(Wire::ALL[index % 3], "/sse").await);
    }
    let publishers: Vec<_> = (0..4)
        .map(|publisher| {
            let server = server.clone();
            tokio::spawn(async move {
                for number in 0..50 {
                    assert_eq!(server.publish("__all", &format!("{publisher}:{number}")).await, 24);
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.expect("published");
    }
    let mut orders = BTreeSet::new();
    for stream in &mut streams {
        let mut order = Vec::new();
        for _ in 0..200 {
            order.push(stream.event().await.data);
        }
        orders.insert(order);
    }
    assert_eq!(orders.len(), 1, "every member has seen the same order");
    let order = orders.first().expect("one order");
    for publisher in 0..4 {
        let own: Vec<_> = order.iter().filter(|data| data.starts_with(&format!("{publisher}:"))).cloned().collect();
        assert_eq!(own, (0..50).map(|number| format!("{publisher}:{number}")).collect::<Vec<_>>());
    }
}
