//! Hooks: which a component exports, found and checked once when it is loaded; and those of an instance, to be called.

use wasmtime::Store;
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{ComponentNamedList, Instance, InstancePre, Lift, Lower, Resource};

use super::load_error::Problem;
use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::types::{ConnectionId, DisconnectReason, Event, Header, Rejection};
use crate::plugin::contract::bindings::{
    PACKAGE, VERSION, connect, disconnect, fetch_events, lifecycle, message, publish, room, state, timer,
};
use crate::plugin::contract::messages::Request;

/// Declares, for each interface of hooks, what is found of it in a component and what of it an instance has; with the
/// functions that it must have: parameters => results.
macro_rules! interfaces {
    ($($interface:ident { $($function:literal: $parameters:ty => $results:ty;)+ })+) => {
        /// The hooks that a component exports.
        #[derive(Clone)]
        pub(in crate::plugin) struct Hooks {
            $($interface: Option<$interface::GuestIndices>,)+
        }

        /// The hooks of an instance.
        pub(in crate::plugin) struct Guests {
            $(pub(in crate::plugin) $interface: Option<$interface::Guest>,)+
        }

        impl Hooks {
            /// Find the hooks that a component exports, and check their types.
            pub(in crate::plugin) fn find<T: 'static>(pre: &InstancePre<T>) -> Result<Self, Problem> {
                Ok(Self {
                    $($interface: match Interface::find(pre, name_of(stringify!($interface))) {
                        Some(interface) => {
                            $(interface.check::<$parameters, $results>($function)?;)+
                            Some($interface::GuestIndices::new(pre).expect("an interface that was just found"))
                        }
                        None => None,
                    },)+
                })
            }

            /// The names of all interfaces of hooks, in the order of the contract.
            pub(in crate::plugin) fn interfaces() -> Vec<&'static str> {
                vec![$(name_of(stringify!($interface)),)+]
            }

            /// The names of the interfaces that are exported, in the order of the contract.
            pub(in crate::plugin) fn names(&self) -> Vec<&'static str> {
                let all = [$((name_of(stringify!($interface)), self.$interface.is_some()),)+];
                all.into_iter().filter_map(|(name, exported)| exported.then_some(name)).collect()
            }

            /// Get hold of an instance's hooks.
            pub(in crate::plugin) fn of<T: 'static>(&self, store: &mut Store<T>, instance: &Instance) -> wasmtime::Result<Guests> {
                Ok(Guests {
                    $($interface: self.$interface.as_ref().map(|found| found.load(&mut *store, instance)).transpose()?,)+
                })
            }
        }
    };
}

interfaces! {
    lifecycle { "init": () => (Result<(), String>,); }
    connect { "on-connect": (ConnectionId, Resource<Request>) => (Result<(), Rejection>,); }
    disconnect { "on-disconnect": (ConnectionId, DisconnectReason) => (); }
    room {
        "on-join": (ConnectionId, String) => (Result<(), Rejection>,);
        "on-leave": (ConnectionId, String) => ();
    }
    publish { "on-publish": (String, Event, publish::Origin) => (publish::Verdict,); }
    message { "on-message": (Option<ConnectionId>, Resource<Request>, Vec<u8>) => (Result<message::Reply, Rejection>,); }
    timer { "on-timer": (String,) => (); }
    fetch_events {
        "on-response": (String, u16, Vec<Header>) => ();
        "on-chunk": (String, Vec<u8>) => ();
        "on-end": (String, Result<(), fetch_events::Failure>) => ();
    }
    state {
        "save": () => (Result<Vec<u8>, String>,);
        "restore": (Vec<u8>,) => (Result<(), String>,);
    }
}

impl Hooks {
    /// Whether an exported interface, by its full name, is one of them.
    pub(in crate::plugin) fn knows(&self, export: &str) -> bool {
        let name = export.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(export);
        self.names().contains(&name.split('@').next().unwrap_or_default())
    }

    /// Whether a hook is exported; one that is not is never called.
    pub(in crate::plugin) fn has(&self, hook: Hook) -> bool {
        match hook {
            Hook::Init => self.lifecycle.is_some(),
            Hook::OnConnect => self.connect.is_some(),
            Hook::OnDisconnect => self.disconnect.is_some(),
            Hook::OnJoin | Hook::OnLeave => self.room.is_some(),
            Hook::OnPublish => self.publish.is_some(),
            Hook::OnMessage => self.message.is_some(),
            Hook::OnTimer => self.timer.is_some(),
            Hook::OnResponse | Hook::OnChunk | Hook::OnEnd => self.fetch_events.is_some(),
            Hook::Save | Hook::Restore => self.state.is_some(),
        }
    }
}

/// An interface that a component exports.
struct Interface<'a, T: 'static> {
    pre: &'a InstancePre<T>,
    name: &'static str,
    found: ComponentInstance,
}

impl<'a, T> Interface<'a, T> {
    fn find(pre: &'a InstancePre<T>, name: &'static str) -> Option<Self> {
        let full = format!("{PACKAGE}/{name}@{VERSION}");
        match pre.component().get_export(None, full.as_str())? {
            (ComponentItem::ComponentInstance(found), _) => Some(Self { pre, name, found }),
            _ => None,
        }
    }

    /// Check that it has a function with these types.
    fn check<P, R>(&self, function: &'static str) -> Result<(), Problem>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let wrong =
            |why: String| Problem::WrongHook { interface: self.name, function, why, expected: signature(function) };
        match self.found.get_export(self.pre.engine(), function).map(|found| found.ty) {
            Some(ComponentItem::ComponentFunc(found)) => {
                found.typecheck::<P, R>(&self.pre.instance_type()).map_err(|why| wrong(format!("{why:#}")))
            }
            Some(_) => Err(wrong("it is not a function".into())),
            None => Err(wrong("it is missing".into())),
        }
    }
}

/// An interface's name in the contract, which is not always one that Rust allows.
fn name_of(interface: &'static str) -> &'static str {
    if interface == "fetch_events" { "fetch-events" } else { interface }
}

/// A hook's type, as the contract says it.
fn signature(function: &str) -> &'static str {
    let lines = include_str!("../../../wit/hooks.wit").lines();
    let mut types = lines.filter_map(|line| line.trim().strip_prefix(function)?.strip_prefix(": ")?.strip_suffix(';'));
    types.next().expect("every hook has a line in the contract")
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    #[test]
    fn the_contract_says_each_hooks_type() {
        for hook in Hook::VARIANTS {
            assert!(signature(hook.name()).starts_with("func("), "{hook:?}");
        }
        assert_eq!(signature("on-timer"), "func(token: string)");
        assert_eq!(signature("on-chunk"), "func(token: string, chunk: list<u8>)");
        assert_eq!(
            signature("on-connect"),
            "func(connection: connection-id, request: borrow<request>) -> result<_, rejection>"
        );
        assert_eq!(signature("save"), "func() -> result<list<u8>, string>");
    }
}
