//! A crowd: 5,000 streams with joins and broadcasts, in which each receives exactly what it should, in order.

use std::collections::HashMap;
use std::sync::Arc;

use roomcast_tests::{EventStream, Server, Wire};

const CROWD: usize = 5_000;
const ROOMS: usize = 50;
const ROUNDS: usize = 4;

/// The room that a member of the crowd joins, beside the one that all are in.
fn room(member: usize) -> String {
    format!("room-{}", member % ROOMS)
}

async fn crowd(server: &Arc<Server>) -> Vec<EventStream> {
    let mut tasks = Vec::new();
    // From several addresses and a few at a time, so that neither ports nor file descriptors run out.
    for part in 0..10 {
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            let mut streams = Vec::new();
            for member in (part..CROWD).step_by(10) {
                let path = format!("/sse?room={}", room(member));
                let from = Some([127, 0, 1, part as u8 + 1]);
                // Most over HTTP/1.1, as in life; some over the others.
                let wire = if member % 25 == 0 { Wire::ALL[member / 25 % 3] } else { Wire::Http11 };
                streams.push((member, server.connect_from(wire, &path, &[], from).await));
            }
            streams
        }));
    }
    let mut streams: Vec<Option<EventStream>> = (0..CROWD).map(|_| None).collect();
    for task in tasks {
        for (member, stream) in task.await.expect("connected") {
            streams[member] = Some(stream);
        }
    }
    streams.into_iter().map(|stream| stream.expect("every member is connected")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_connection_of_a_crowd_receives_exactly_its_events() {
    let config = "[endpoint]\nroom_parameter = \"room\"";
    let server = Arc::new(Server::without_plugins().config(config).start().await);
    let streams = crowd(&server).await;
    assert_eq!(server.connections().await, CROWD as u64);

    // The order in which events were published is the order in which every member has to see them.
    let mut published: HashMap<String, Vec<String>> = HashMap::new();
    for round in 0..ROUNDS {
        for number in 0..ROOMS {
            let name = room(number);
            let data = format!("{name} {round}");
            assert_eq!(server.publish(&name, &data).await, (CROWD / ROOMS) as u64);
            published.entry(name).or_default().push(data);
        }
        let data = format!("all {round}");
        assert_eq!(server.publish("__all", &data).await, CROWD as u64);
        published.values_mut().for_each(|events| events.push(data.clone()));
    }
    let readers: Vec<_> = streams
        .into_iter()
        .enumerate()
        .map(|(member, mut stream)| {
            let expected = published[&room(member)].clone();
            tokio::spawn(async move {
                for (at, data) in expected.iter().enumerate() {
                    assert_eq!(&stream.event().await.data, data, "event {at} of member {member}");
                }
                stream
            })
        })
        .collect();
    let mut streams = Vec::new();
    for reader in readers {
        streams.push(reader.await.expect("a member that saw what it should"));
    }

    // A third leaves; the others are unaffected, and no trace of the third stays.
    streams.retain({
        let mut at = 0;
        move |_| {
            at += 1;
            at % 3 != 0
        }
    });
    server.wait_for_connections(streams.len() as u64).await;
    assert_eq!(server.publish("__all", "after").await, streams.len() as u64);
    for stream in &mut streams {
        assert_eq!(stream.event().await.data, "after");
    }
    drop(streams);
    server.wait_for_connections(0).await;
    assert_eq!(server.metric("roomcast_rooms", "").await, 0.0);
    assert_eq!(server.metric("roomcast_disconnects_total", "client-closed").await, CROWD as f64);
}
