//! The contract, raw.
#![allow(missing_docs, unreachable_pub, unsafe_code, reason = "generated code")]

use crate::Probe;

wit_bindgen::generate!({ path: "../../../wit", world: "plugin", generate_all });

/// What an operator may grant.
pub mod grantable {
    wit_bindgen::generate!({ path: "../../../wit", world: "capabilities", generate_all });
}

export!(Probe);
