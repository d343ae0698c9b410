//! Which rooms keep history, and how much.

use std::time::Duration;

use super::config::{HistoryConfig, HistoryRules, Rewind, RoomRule, SlowPolicy};
use super::pattern::RoomPattern;
use crate::event::RoomName;

impl HistoryRules {
    pub(in crate::hub) fn rules(&self) -> Rules {
        Rules::new(&self.history, &self.rooms)
    }

    /// What no single key can see.
    ///
    /// # Errors
    /// Which key is wrong, and why.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.rooms.len() > Rules::MAX {
            return Err(format!("`rooms` has {} entries: at most {} are looked at", self.rooms.len(), Rules::MAX));
        }
        let tell = &self.history.tell;
        let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
        if tell.len() > 64 || !tell.chars().all(is_plain) {
            return Err(format!("`history.tell`: \"{tell}\" is not up to 64 letters, digits, - and _"));
        }
        for (place, room) in self.rooms.iter().enumerate() {
            if room.patterns.is_empty() {
                return Err(format!("`rooms[{place}].match` names no room: for example [\"chat:*\"]"));
            }
            if room.rewind != Rewind::None && room.events.unwrap_or(self.history.events) == 0 {
                return Err(format!("`rooms[{place}].rewind` needs `events`: without them nothing is kept"));
            }
        }
        Ok(())
    }

    pub(in crate::hub) fn tell(&self) -> &str {
        &self.history.tell
    }
}

/// A rule that keeps something, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) struct RuleId(u8);

/// What the rooms of a rule keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) struct Rule {
    pub(in crate::hub) events: usize,
    pub(in crate::hub) bytes: usize,
    pub(in crate::hub) age: Duration,
    pub(in crate::hub) rewind: Rewind,
    pub(in crate::hub) slow: SlowPolicy,
}

/// All rules, in order.
#[derive(Debug, Default)]
pub(in crate::hub) struct Rules {
    rules: Vec<(Vec<RoomPattern>, Rule)>,
    /// For all other rooms; none without events.
    base: Option<Rule>,
}

impl Rules {
    /// The most of `[[rooms]]`.
    pub(in crate::hub) const MAX: usize = 64;

    pub(in crate::hub) fn new(base: &HistoryConfig, rooms: &[RoomRule]) -> Self {
        let rule = |room: &RoomRule| Rule {
            events: room.events.unwrap_or(base.events),
            bytes: room.bytes.unwrap_or(base.bytes),
            age: room.age.unwrap_or(base.age),
            rewind: room.rewind,
            slow: room.slow,
        };
        let rules = rooms.iter().take(Self::MAX).map(|room| (room.patterns.clone(), rule(room))).collect();
        let base = Rule {
            events: base.events,
            bytes: base.bytes,
            age: base.age,
            rewind: Rewind::None,
            slow: SlowPolicy::CatchUp,
        };
        Self { rules, base: (base.events > 0).then_some(base) }
    }

    /// Whether any room keeps something.
    pub(in crate::hub) fn keep_something(&self) -> bool {
        self.base.is_some() || self.rules.iter().any(|(_, rule)| rule.events > 0)
    }

    /// The rule of a room; none when it keeps nothing.
    pub(in crate::hub) fn of(&self, room: &RoomName) -> Option<RuleId> {
        let is_of = |(patterns, _): &(Vec<RoomPattern>, Rule)| patterns.iter().any(|one| one.matches(room.as_str()));
        match self.rules.iter().position(is_of) {
            Some(place) => (self.rules[place].1.events > 0).then_some(RuleId(place as u8)),
            None => self.base.map(|_| RuleId(Self::MAX as u8)),
        }
    }

    pub(in crate::hub) fn get(&self, RuleId(place): RuleId) -> &Rule {
        let own = self.rules.get(usize::from(place)).map(|(_, rule)| rule);
        own.or(self.base.as_ref()).expect("invariant: given out by these rules")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(events: usize, rooms: &str) -> Rules {
        #[derive(serde::Deserialize)]
        struct Table {
            #[serde(default)]
            rooms: Vec<RoomRule>,
        }
        let table: Table = toml::from_str(rooms).expect("rules");
        Rules::new(&HistoryConfig { events, ..HistoryConfig::default() }, &table.rooms)
    }

    fn events(rules: &Rules, room: &str) -> Option<usize> {
        rules.of(&RoomName::new(room).expect("a name")).map(|rule| rules.get(rule).events)
    }

    #[test]
    fn the_first_that_matches_counts_and_the_base_is_for_all_others() {
        let rules = rules(
            5,
            "[[rooms]]\nmatch = ['chat:*', 'lobby']\nevents = 10\n[[rooms]]\nmatch = ['chat:quiet']\nevents = 1\n\
             [[rooms]]\nmatch = ['log:*']\nevents = 0\n[[rooms]]\nmatch = ['x']\nage = '1m'",
        );
        for (room, kept) in [
            ("chat:a", Some(10)),
            ("lobby", Some(10)),
            ("chat:quiet", Some(10)),
            ("log:a", None),
            ("x", Some(5)),
            ("y", Some(5)),
        ] {
            assert_eq!(events(&rules, room), kept, "{room}");
        }
        assert!(rules.keep_something());
    }

    #[test]
    fn nothing_is_kept_by_default() {
        let off = rules(0, "");
        assert!(!off.keep_something());
        assert_eq!(events(&off, "a"), None);
        let one = rules(0, "[[rooms]]\nmatch = ['a']\nevents = 2");
        assert_eq!((events(&one, "a"), events(&one, "b")), (Some(2), None));
    }
}
