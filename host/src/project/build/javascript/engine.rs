//! The JavaScript engine as a component: QuickJS, together with the glue for exactly one plugin's hooks and imports.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
use wasmparser::{Parser, Payload};
use wit_component::{Linker, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WORLD: &str = "component";
/// Namespaces of imports: as they are while the component is made, and as they are afterwards. See worlds/wasi-http/http.wit.
const NAMESPACES: (&[u8], &[u8]) = (b"wasx:", b"wasi:");

/// The component of an engine's module, against the world in a folder.
pub(super) fn component(engine: &[u8], wit: &Path) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit).with_context(|| wit.display().to_string())?;
    let world = resolve.select_world(&[package], Some(WORLD))?;
    let mut glue = wit_dylib::create(&resolve, world, None);
    embed_component_metadata(&mut glue, &resolve, world, StringEncoding::UTF8)?;
    // What the builder has cut off from the engine's imports is missing, and traps.
    let mut linker = Linker::default();
    linker.stub_missing_functions(true).library("engine.wasm", engine, false)?.library("glue.wasm", &glue, false)?;
    linker.encoder().validate(true).adapter("wasi_snapshot_preview1", WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?;
    linker.encode()
}

/// The component with the right names of its imports. Old and new ones have the same length, so all else stays where it is.
pub(super) fn rename_imports(mut component: Vec<u8>) -> Result<Vec<u8>> {
    let mut sections = Vec::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(&component) {
        match payload.map_err(|why| anyhow!("the component that was made is none: {why}"))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(imports) if depth == 0 => sections.push(imports.range()),
            _ => {}
        }
    }
    let (from, to) = NAMESPACES;
    for section in sections {
        let bytes = &mut component[section];
        for at in 0..bytes.len().saturating_sub(from.len()) {
            if bytes[at..].starts_with(from) {
                bytes[at..at + to.len()].copy_from_slice(to);
            }
        }
    }
    Ok(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_imports_change() {
        let text = |namespace: &str| {
            format!(
                "(component (import \"{namespace}:http/types@0.2.0\" (instance))
                   (core module (import \"wasx:x\" \"f\" (func)))
                   (component (import \"wasx:y/z\" (instance)))
                   (import \"{namespace}:a/b\" (instance)))"
            )
        };
        let component = |namespace| wat::parse_str(text(namespace)).expect("a valid component");
        assert_eq!(rename_imports(component("wasx")).expect("renamed"), component("wasi"));
        assert!(rename_imports(b"nonsense".to_vec()).is_err());
    }
}
