//! Logging through the host: `log::info!("{name} is here")` and the macros of the other levels. The host adds the plugin's
//! name and the connection that the call is about.

use crate::host;

pub use crate::bindings::drafts::wasi::logging::logging::Level;

/// Log one record. `context` is a free-form label that groups records; it may be empty.
pub fn log(level: Level, context: &str, message: &str) {
    host::log(level, context, message);
}

/// Exported macros live at the crate's root, where `warn` would collide with the attribute. So they have another name
/// there and are re-exported here under their proper one.
macro_rules! level_macro {
    ($dollar:tt $root_name:ident as $name:ident, $level:ident, $doc:literal) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $root_name {
                    ($dollar($dollar argument:tt)+) => {
                        $crate::log::log($crate::log::Level::$level, "", &::std::format!($dollar($dollar argument)+))
                    };
                }

        #[doc = concat!("Log ", $doc, ", with the arguments of [`format!`].")]
        #[doc(inline)]
        pub use $root_name as $name;
    };
}

level_macro!($ __trace as trace, Trace, "values and control flow");
level_macro!($ __debug as debug, Debug, "details for debugging");
level_macro!($ __info as info, Info, "what an operator may want to know");
level_macro!($ __warn as warn, Warn, "what may lead to an error");
level_macro!($ __error as error, Error, "what went wrong");
level_macro!($ __critical as critical, Critical, "an error that the plugin cannot recover from");
