//! The bindings that `wit-bindgen` generates from the contract. Private: the other modules define the public API.
#![allow(missing_docs, unreachable_pub, reason = "generated code")]
#![allow(unsafe_code, reason = "generated code: lifts and lowers values at the component boundary")]

wit_bindgen::generate!({
    path: "wit",
    world: "imports",
    additional_derives: [PartialEq, Eq],
    generate_unused_types: true,
    generate_all,
});

/// Drafts of WASI that the host offers. A component that uses none of it does not import it.
pub mod drafts {
    wit_bindgen::generate!({
        path: "wit",
        world: "roomcast:plugin/drafts",
        generate_unused_types: true,
        generate_all,
    });
}

/// Capabilities that an operator may grant. A component imports only those that it uses.
#[cfg(target_family = "wasm")]
pub mod grantable {
    wit_bindgen::generate!({
        path: "wit",
        world: "roomcast:plugin/capabilities",
        with: { "roomcast:plugin/types@0.1.0": crate::bindings::roomcast::plugin::types },
        generate_all,
    });
}

/// The exports, one module per hook. Only its own `export!` macro links in the component type of a hook, so the component
/// exports only the hooks that are named.
pub mod exports {
    macro_rules! hook {
        ($module:ident: $world:literal) => {
            hook!($module: $world, {});
        };
        ($module:ident: $world:literal, uses types) => {
            hook!($module: $world, { "roomcast:plugin/types@0.1.0": crate::bindings::roomcast::plugin::types });
        };
        ($module:ident: $world:literal, $with:tt) => {
            pub mod $module {
                wit_bindgen::generate!({
                    path: ["wit", "worlds"],
                    world: $world,
                    with: $with,
                    additional_derives: [PartialEq, Eq],
                    generate_unused_types: true,
                    pub_export_macro: true,
                });
                #[cfg_attr(not(target_family = "wasm"), allow(unused_imports, reason = "hooks are exported by components"))]
                pub use exports::roomcast::plugin::$module as interface;
            }
        };
    }

    hook!(lifecycle: "roomcast:sdk/lifecycle");
    hook!(connect: "roomcast:sdk/connect", uses types);
    hook!(disconnect: "roomcast:sdk/disconnect", uses types);
    hook!(room: "roomcast:sdk/room", uses types);
    hook!(publish: "roomcast:sdk/publish", uses types);
    hook!(message: "roomcast:sdk/message", uses types);
    hook!(timer: "roomcast:sdk/timer");
    hook!(fetch_events: "roomcast:sdk/fetch-events", uses types);
    hook!(state: "roomcast:sdk/state");
}
