//! Every hook call so far.

use std::cell::RefCell;

use serde_json::Value;

thread_local! {
    static CALLS: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn note(call: Value) {
    CALLS.with_borrow_mut(|calls| calls.push(call));
}

pub(crate) fn all() -> Value {
    CALLS.with_borrow(|calls| Value::from(calls.clone()))
}

pub(crate) fn replace(new: Vec<Value>) {
    CALLS.with_borrow_mut(|calls| *calls = new);
}
