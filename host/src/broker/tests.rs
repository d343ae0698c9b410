//! The operations without plugins. What plugins are told is tested on the real server.

use super::*;
use crate::hub::{Config, HubLimits, Totals};
use crate::plugin::{CacheConfig, DataConfig, Engine};

async fn broker(limits: HubLimits) -> Broker {
    let (hub, _) = Hub::start(&Config::default(), limits).expect("a hub");
    let engine = Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default()).expect("an engine");
    let chain = Chain::load(&engine, Vec::new(), hub.clone()).await.expect("no plugins");
    Broker::new(hub, chain)
}

fn peer() -> SocketAddr {
    ([127, 0, 0, 1], 1).into()
}

fn request() -> Request {
    let (method, path) = ("GET".into(), "/sse".into());
    Request { method, path, query: None, headers: Vec::new(), peer: peer(), last_event_id: None }
}

fn room(name: &str) -> RoomName {
    RoomName::new(name).expect("a name")
}

#[tokio::test]
async fn connect_to_a_full_hub_makes_no_request() {
    let broker = broker(HubLimits { connections: 0, ..HubLimits::default() }).await;
    let request = || unreachable!("no plugin is asked");
    let refused = broker.connect(peer(), request, Vec::new(), Cancellation::Never).await.err();
    assert!(matches!(refused, Some(Rejection::Hub(HubError::Limit { key: "limits.connections", .. }))), "{refused:?}");
    broker.hub().stop();
}

#[tokio::test]
async fn connect_into_a_room_beyond_the_limit_leaves_nothing() {
    let broker = broker(HubLimits { rooms_per_connection: 2, ..HubLimits::default() }).await;
    for cancellation in [Cancellation::Never, Cancellation::Possible] {
        let rooms = vec![room("a"), room("a"), room("b")];
        let refused = broker.connect(peer(), request, rooms, cancellation).await.err();
        assert!(matches!(&refused, Some(Rejection::Room(at, _)) if *at == room("b")), "{refused:?}");
        assert_eq!(broker.hub().totals(), Totals::default());
    }
    broker.hub().stop();
}

#[tokio::test]
async fn join_leave_and_publish_end_in_the_hub() {
    let broker = broker(HubLimits { event_bytes: 100, ..HubLimits::default() }).await;
    let admitted = broker.connect(peer(), request, Vec::new(), Cancellation::Never).await.expect("a place");
    let (id, tea) = (admitted.id(), room("tea"));
    for _ in 0..2 {
        broker.join(id, tea.clone()).await.expect("no plugin refuses");
    }
    let publish = |data: &str, except| {
        let event = Event { data: data.into(), ..Event::default() };
        broker.publish(tea.clone(), event, PublishOrigin::Api(peer()), except)
    };
    assert_eq!(publish("x", None).await.expect("sent").receivers, 1);
    assert_eq!(publish("x", Some(id)).await.expect("sent").receivers, 0);
    let too_large = publish(&"x".repeat(100), None).await.err();
    assert!(matches!(too_large, Some(Rejection::Event(EventError::TooLarge { .. }))), "{too_large:?}");
    assert_eq!(broker.leave(id, tea.clone()).await.expect("open"), Left::Yes);
    assert_eq!(broker.leave(id, tea.clone()).await.expect("open"), Left::WasNotIn);
    drop(admitted);
    for refused in [broker.join(id, tea.clone()).await.err(), broker.leave(id, tea.clone()).await.err()] {
        assert!(matches!(refused, Some(Rejection::Hub(HubError::NoSuchConnection))), "{refused:?}");
    }
    broker.hub().stop();
}
