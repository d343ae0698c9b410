//! The contract, raw.
#![allow(missing_docs, unreachable_pub, unsafe_code, reason = "generated code")]

use crate::Probe;

wit_bindgen::generate!({ path: "../../../wit", world: "plugin", generate_all });

/// What an operator may grant.
pub mod grantable {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "capabilities",
        with: { "roomcast:plugin/types@0.1.0": crate::bindings::roomcast::plugin::types },
        generate_all,
    });
}

/// Drafts of WASI that the host offers.
pub mod drafts {
    wit_bindgen::generate!({ path: "../../../wit", world: "drafts", generate_all });
}

export!(Probe);
