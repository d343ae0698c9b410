//! What a plugin is told before it is asked anything else.

use std::collections::VecDeque;

use super::mailbox::Notification;

/// Notifications that wait for an instance to take them, the oldest first.
#[derive(Default)]
pub(super) struct Notifications(VecDeque<Notification>);

impl Notifications {
    pub(super) fn add(&mut self, notifications: Vec<Notification>) {
        self.0.extend(notifications);
    }

    pub(super) fn next(&mut self) -> Option<Notification> {
        self.0.pop_front()
    }

    /// Drop the oldest beyond so many: how many those are.
    pub(super) fn truncate(&mut self, max: usize) -> usize {
        let surplus = self.0.len().saturating_sub(max);
        self.0.drain(..surplus);
        surplus
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ConnectionId, RoomName};

    fn left(room: &str) -> Notification {
        let room = RoomName::new(room).expect("a name");
        Notification::Left { id: ConnectionId::random(), room, departed: None }
    }

    #[test]
    fn the_oldest_are_dropped() {
        let mut notifications = Notifications::default();
        notifications.add(vec![left("a"), left("b")]);
        notifications.add(vec![left("c")]);
        assert_eq!((notifications.truncate(3), notifications.truncate(2)), (0, 1));
        assert!(matches!(notifications.next(), Some(Notification::Left { room, .. }) if room.as_str() == "b"));
        assert_eq!(notifications.truncate(0), 1);
        assert!(notifications.next().is_none());
    }
}
