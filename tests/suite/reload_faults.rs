//! What can go wrong with a reload, at each of its steps and around it: nothing that was open is lost, what served goes on
//! serving, and once the fault is mended the next reload works.

mod between;
mod cache;
mod comeback;
mod ending;
mod promotion;
mod queue;
mod shortage;
mod steps;

use roomcast_tests::{Behaviour, GeneratedPlugin};

/// Nothing is reloaded unless a test asks for it.
const NOT_WATCHED: &str = "[reload]\nwatch = false";

/// A good plugin, and another one that does the same.
const GOOD: GeneratedPlugin = GeneratedPlugin {
    init: Behaviour::Normal,
    on_join: Behaviour::Normal,
    save: Behaviour::Normal,
    restore: Behaviour::Normal,
};

fn another_good_one() -> Vec<u8> {
    GOOD.component_with("better", "names")
}

/// A version of the probe that is not in the cache, so that compiling it takes a while.
fn never_compiled() -> Vec<u8> {
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    let stamp = format!("{}-{:?}", now.expect("after 1970").as_nanos(), std::thread::current().id());
    roomcast_tests::stamped(roomcast_tests::test_guest("probe"), &stamp)
}
