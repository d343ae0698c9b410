//! The directory's invariants hold whatever is done to it.

use std::collections::{HashMap as Model, HashSet};

use proptest::prelude::*;

use super::*;
use crate::event::Epoch;
use crate::hub::history::{HistoryLimits, Rules};

#[derive(Debug, Clone)]
enum Step {
    Open,
    Join(usize, u8),
    JoinWithin(usize, u8),
    Leave(usize, u8),
    Remove(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Open),
        (any::<usize>(), 0..6u8).prop_map(|(who, room)| Step::Join(who, room)),
        (any::<usize>(), 0..6u8).prop_map(|(who, room)| Step::JoinWithin(who, room)),
        (any::<usize>(), 0..6u8).prop_map(|(who, room)| Step::Leave(who, room)),
        any::<usize>().prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..120)
}

fn room(number: u8) -> RoomName {
    RoomName::new(&format!("room-{number}")).expect("a valid name")
}

fn peer(number: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, (number % 3) as u8 + 1], 1))
}

fn directory(shards: usize) -> Directory {
    let bounds = HistoryLimits { bytes: 0, rooms: 0 };
    Directory::new(shards, Ipv6Prefix::default(), History::new(Rules::default(), bounds, Epoch::FIXED))
}

proptest! {
    /// Membership is symmetric, rooms exist exactly while they have members, and counts are those of a simple model.
    #[test]
    fn agrees_with_a_model(steps in steps()) {
        let limits = HubLimits { rooms_per_connection: 4, rooms: 5, connections: 20, ..HubLimits::default() };
        let mut directory = directory(2);
        let mut model: Model<ConnectionId, HashSet<RoomName>> = Model::new();
        let mut order: Vec<ConnectionId> = Vec::new();
        let quota = RoomQuota::new(2);
        // The rooms that count in the quota.
        let mut made: HashSet<RoomName> = HashSet::new();
        for step in steps {
            match step {
                Step::Open => {
                    let id = ConnectionId::random();
                    let opened = directory.open(id, peer(order.len()), &limits);
                    prop_assert_eq!(opened.is_ok(), model.len() < limits.connections);
                    if opened.is_ok() {
                        model.insert(id, HashSet::new());
                        order.push(id);
                    }
                }
                Step::Join(who, number) | Step::JoinWithin(who, number) if !order.is_empty() => {
                    let id = order[who % order.len()];
                    let (name, key) = (room(number), directory.find(id).expect("open"));
                    let existing: HashSet<_> = model.values().flatten().cloned().collect();
                    let quota = matches!(step, Step::JoinWithin(..)).then_some(&quota);
                    let may_create = existing.len() < limits.rooms && (quota.is_none() || made.len() < 2);
                    let may = model[&id].len() < limits.rooms_per_connection
                        && (existing.contains(&name) || may_create);
                    let joined = directory.join(key, &name, &limits, quota);
                    if model[&id].contains(&name) {
                        prop_assert_eq!(joined, Ok(None));
                    } else {
                        prop_assert_eq!(joined.is_ok(), may);
                        if may {
                            if quota.is_some() && !existing.contains(&name) {
                                made.insert(name.clone());
                            }
                            model.get_mut(&id).expect("open").insert(name);
                        }
                    }
                }
                Step::Leave(who, number) if !order.is_empty() => {
                    let id = order[who % order.len()];
                    let key = directory.find(id).expect("open");
                    let left = directory.leave(key, &room(number)).is_some();
                    prop_assert_eq!(left, model.get_mut(&id).expect("open").remove(&room(number)));
                }
                Step::Remove(who) if !order.is_empty() => {
                    let id = order.swap_remove(who % order.len());
                    let key = directory.find(id).expect("open");
                    let removed: HashSet<_> = directory.remove(key).rooms.into_iter().map(|(_, name)| name).collect();
                    prop_assert_eq!(Some(removed), model.remove(&id));
                    prop_assert_eq!(directory.find(id), Err(HubError::NoSuchConnection));
                }
                _ => {}
            }
            check(&mut directory, &model)?;
            made.retain(|name| directory.room(name).is_some());
            prop_assert_eq!(quota.rooms(), made.len());
        }
    }
}

fn check(directory: &mut Directory, model: &Model<ConnectionId, HashSet<RoomName>>) -> Result<(), TestCaseError> {
    let mut rooms: Model<RoomName, HashSet<ConnectionId>> = Model::new();
    for (id, names) in model {
        let key = directory.find(*id).expect("open");
        prop_assert_eq!(&directory.rooms_of(key).into_iter().collect::<HashSet<_>>(), names);
        for name in names {
            rooms.entry(name.clone()).or_default().insert(*id);
        }
    }
    prop_assert_eq!(directory.connections(), model.len());
    prop_assert_eq!(directory.room_count(), rooms.len());
    let mut keys = Vec::new();
    for (name, ids) in &rooms {
        let (key, entry) = directory.room(name).expect("a room with members exists");
        let members: HashSet<_> = entry.members.iter().map(|key| directory.entry(key).id).collect();
        prop_assert_eq!(&members, ids);
        prop_assert_eq!(entry.members.len(), ids.len());
        keys.push(key);
    }
    let union: HashSet<_> = rooms.values().flatten().collect();
    prop_assert_eq!(directory.reach(&keys, None), union.len());
    let addresses: u32 = directory.by_address.values().sum();
    prop_assert_eq!(addresses as usize, model.len());
    Ok(())
}

#[test]
fn address_has_its_share_and_no_more() {
    let limits = HubLimits { connections_per_address: 2, ..HubLimits::default() };
    let mut directory = directory(1);
    let first = directory.open(ConnectionId::random(), peer(0), &limits).expect("room for one");
    assert!(directory.open(ConnectionId::random(), peer(0), &limits).is_ok());
    let refused = directory.open(ConnectionId::random(), peer(0), &limits);
    assert!(matches!(refused, Err(HubError::Limit { key: "limits.connections_per_address", limit: 2, .. })));
    assert!(directory.open(ConnectionId::random(), peer(1), &limits).is_ok(), "another address is not affected");
    directory.remove(first);
    assert!(directory.open(ConnectionId::random(), peer(0), &limits).is_ok(), "a place became free");
}

#[test]
fn quota_outlives_a_directory_that_was_emptied() {
    let (limits, quota) = (HubLimits::default(), RoomQuota::new(1));
    let mut directory = directory(1);
    for _ in 0..2 {
        let key = directory.open(ConnectionId::random(), peer(0), &limits).expect("room for one");
        assert!(directory.join(key, &room(1), &limits, Some(&quota)).is_ok());
        let refused = directory.join(key, &room(2), &limits, Some(&quota));
        assert_eq!(refused, Err(HubError::Quota { limit: 1 }));
        assert!(directory.join(key, &room(2), &limits, None).is_ok(), "others are not affected");
        assert!(directory.join(key, &room(2), &limits, Some(&quota)).is_ok(), "a room that exists costs nothing");
        // The last one: the directory starts anew.
        directory.remove(key);
        assert_eq!(quota.rooms(), 0);
    }
    assert_eq!(std::mem::size_of::<Option<Claim>>(), std::mem::size_of::<usize>());
}

#[test]
fn drain_lets_no_connection_in_and_is_over_with_the_last_connection() {
    let limits = HubLimits::default();
    let mut directory = directory(2);
    let open = |directory: &mut Directory| directory.open(ConnectionId::random(), peer(0), &limits);
    let [first, last] = [open(&mut directory), open(&mut directory)].map(|key| key.expect("a place"));
    let drained = directory.drain();
    assert_eq!(open(&mut directory), Err(HubError::Draining));
    directory.remove(first);
    assert!(!drained.is_cancelled(), "one is left");
    directory.remove(last);
    assert!(drained.is_cancelled());
    assert_eq!(open(&mut directory), Err(HubError::Draining), "also when the directory has started again");
    assert!(directory.drain().is_cancelled(), "there is none to wait for");
}

#[test]
fn ipv6_network_is_one_address_and_gives_its_places_back() {
    let limits = HubLimits { connections_per_address: 2, ..HubLimits::default() };
    let mut directory = directory(1);
    let mut open = |address: &str| {
        let peer = SocketAddr::new(address.parse().expect("an address"), 1);
        directory.open(ConnectionId::random(), peer, &limits)
    };
    let first = open("2001:db8::1").expect("a place");
    open("2001:db8::2").expect("a place");
    assert!(open("2001:db8::3").is_err());
    open("2001:db8:0:1::1").expect("another network");
    directory.remove(first);
    let peer = SocketAddr::new("2001:db8::4".parse().expect("an address"), 1);
    directory.open(ConnectionId::random(), peer, &limits).expect("the place that came back");
}
