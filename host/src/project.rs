//! A plugin's project: the folder with its source, from `roomcast new` to a component that runs.
//!
//! The *SDKs* of all languages are in the binary. `create` writes one, with a *template* in the language, into a new
//! folder. `build` has the language's own tools make what they make, a component or a core module, and brings that to a
//! component that was checked and whose native code is in the cache. `dev` does so at every change, beside a server.

mod build;
mod carried;
mod component;
mod create;
mod dev;
mod folder;
mod language;
mod sdk;
mod sdk_source;
mod sources;
mod template;
mod tool;
mod wit;

pub use build::{Built, build};
pub use component::{Encoding, Recipe, componentize};
pub use create::create;
pub use dev::{ChosenBy, HeldPorts, Ports, Running, Served, Session};
pub use folder::Folder;
pub use language::Language;
pub use sdk::refresh as refresh_sdk;
pub use sdk_source::SdkSource;
pub use template::Template;
pub use wit::write as write_wit;
