//! A plugin generated from WebAssembly text for one test: a few hundred bytes, compiled at once, with a chosen behaviour
//! in each hook.

/// What a hook does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Returns normally.
    #[default]
    Normal,
    /// Returns an error with the text `not today`.
    Fail,
    /// Traps in `deep_inside`, called by `on_the_way`.
    Trap,
    /// Never returns.
    Loop,
}

/// The plugin. It exports `lifecycle`, `room` and `state`.
#[derive(Debug, Clone, Copy, Default)]
pub struct GeneratedPlugin {
    /// `init`.
    pub init: Behaviour,
    /// `on-join`.
    pub on_join: Behaviour,
    /// `save`, which returns four bytes.
    pub save: Behaviour,
    /// `restore`.
    pub restore: Behaviour,
}

impl GeneratedPlugin {
    /// The component.
    pub fn component(self) -> Vec<u8> {
        self.component_with("deep_inside", "on_the_way")
    }

    /// The same with other names for the functions in which it traps: the inner and the outer one, as a text of WebAssembly
    /// may have them between quotes.
    pub fn component_with(self, inner: &str, outer: &str) -> Vec<u8> {
        let [init, save, restore] =
            [self.init, self.save, self.restore].map(|behaviour| behaviour.text(outer, REFUSED));
        let on_join = self.on_join.text(outer, REJECTED);
        let text = format!(
            r#"(component
                (import "roomcast:plugin/types@0.1.0" (instance $types
                    (type $id' (record (field "high" u64) (field "low" u64)))
                    (export "connection-id" (type $id (eq $id')))
                    (type $header (tuple string string))
                    (type $rejection'
                        (record (field "status" u16) (field "headers" (list $header)) (field "body" string)))
                    (export "rejection" (type $rejection (eq $rejection')))))
                (alias export $types "connection-id" (type $id))
                (alias export $types "rejection" (type $rejection))
                (core module $m
                    (memory (export "memory") 16)
                    (global $free (mut i32) (i32.const {ARGUMENTS}))
                    (data (i32.const {REFUSED}) "\01\00\00\00\00\01\00\00\09\00\00\00")
                    (data (i32.const {REJECTED})
                        "\01\00\00\00\93\01\00\00\00\00\00\00\00\00\00\00\00\01\00\00\09\00\00\00")
                    (data (i32.const {SAVED}) "\00\00\00\00\40\01\00\00\04\00\00\00")
                    (data (i32.const 0x100) "not today")
                    (data (i32.const 0x140) "kept")
                    (func $"{inner}" unreachable)
                    (func $"{outer}" (call $"{inner}"))
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                        (local.set 0 (global.get $free))
                        (global.set $free
                            (i32.and (i32.add (i32.add (local.get 0) (local.get 3)) (i32.const 7)) (i32.const -8)))
                        (local.get 0))
                    (func $init (export "init") (result i32) {init} (i32.const {OK}))
                    (func $on-join (export "on-join") (param i64 i64 i32 i32) (result i32)
                        (global.set $free (i32.const {ARGUMENTS})) {on_join} (i32.const {OK}))
                    (func $on-leave (export "on-leave") (param i64 i64 i32 i32)
                        (global.set $free (i32.const {ARGUMENTS})))
                    (func $save (export "save") (result i32) {save} (i32.const {SAVED}))
                    (func $restore (export "restore") (param i32 i32) (result i32) {restore} (i32.const {OK})))
                (core instance $i (instantiate $m))
                (alias core export $i "memory" (core memory $memory))
                (alias core export $i "realloc" (core func $realloc))
                (func $init (result (result (error string))) (canon lift (core func $i "init") (memory $memory)))
                (func $on-join (param "connection" $id) (param "room" string) (result (result (error $rejection)))
                    (canon lift (core func $i "on-join") (memory $memory) (realloc $realloc)))
                (func $on-leave (param "connection" $id) (param "room" string)
                    (canon lift (core func $i "on-leave") (memory $memory) (realloc $realloc)))
                (func $save (result (result (list u8) (error string)))
                    (canon lift (core func $i "save") (memory $memory)))
                (func $restore (param "state" (list u8)) (result (result (error string)))
                    (canon lift (core func $i "restore") (memory $memory) (realloc $realloc)))
                (instance $lifecycle (export "init" (func $init)))
                (instance $room (export "on-join" (func $on-join)) (export "on-leave" (func $on-leave)))
                (instance $state (export "save" (func $save)) (export "restore" (func $restore)))
                (export "roomcast:plugin/lifecycle@0.1.0" (instance $lifecycle))
                (export "roomcast:plugin/room@0.1.0" (instance $room))
                (export "roomcast:plugin/state@0.1.0" (instance $state)))"#
        );
        wat::parse_str(text).expect("valid text")
    }
}

/// Where the results lie in the memory: `ok`, an error with `not today`, a rejection with the same text and status 403,
/// and the saved bytes; and where arguments begin.
const OK: u32 = 0x40;
const REFUSED: u32 = 0x80;
const REJECTED: u32 = 0xa0;
const SAVED: u32 = 0xc0;
const ARGUMENTS: u32 = 0x1000;

impl Behaviour {
    fn text(self, outer: &str, refused: u32) -> String {
        match self {
            Self::Normal => String::new(),
            Self::Fail => format!("(return (i32.const {refused}))"),
            Self::Trap => format!("(call $\"{outer}\")"),
            Self::Loop => "(loop (br 0))".into(),
        }
    }
}
