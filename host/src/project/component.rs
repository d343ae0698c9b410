//! From a core module to a component, for languages whose tools stop at the first.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The module that WASI preview 1 is imported from.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// How texts lie in the module's memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    /// UTF-8, as most languages have it.
    #[default]
    Utf8,
    /// UTF-16, as AssemblyScript, for example, has it.
    Utf16,
}

/// What is known of a core module beside itself.
#[derive(Debug, Clone, Default)]
pub struct Recipe {
    /// The folder with the WIT, and the world in it, unless the module describes its type itself, as what wit-bindgen
    /// generates for C and Rust does.
    pub world: Option<(PathBuf, String)>,
    /// How texts lie in its memory.
    pub encoding: Encoding,
}

/// Make a component of a core module, which may be written as text. Imports of WASI preview 1 are given to it by an adapter; sections for debuggers are
/// left out, names of functions stay.
///
/// # Errors
/// What is wrong with the module or with the world.
pub fn componentize(module: &[u8], recipe: &Recipe) -> Result<Vec<u8>> {
    if Parser::is_component(module) {
        bail!("this is a component already; `roomcast check` says whether it is a plugin");
    }
    let module = if is_text(module) { wat::parse_bytes(module)? } else { module.into() };
    if Parser::is_component(&module) {
        bail!("this text is of a component, not of a core module");
    }
    let mut module = without_debugging(&module).context("not a WebAssembly module")?;
    if let Some((folder, world)) = &recipe.world {
        let embedded = embed(&mut module, folder, world, recipe.encoding);
        embedded.with_context(|| folder.display().to_string())?;
    }
    encode(&module).context("no component can be made of the module")
}

/// Whether it is WebAssembly's text form, which begins with a parenthesis or a comment.
fn is_text(module: &[u8]) -> bool {
    module.trim_ascii_start().starts_with(b"(") || module.starts_with(b";;")
}

fn encode(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module)?;
    if imports_preview1(module)? {
        encoder.adapter(PREVIEW1, ADAPTER)?;
    }
    encoder.encode()
}

fn embed(module: &mut Vec<u8>, folder: &Path, world: &str, encoding: Encoding) -> Result<()> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(folder)?;
    let world = resolve.select_world(&[package], Some(world))?;
    let encoding = match encoding {
        Encoding::Utf8 => StringEncoding::UTF8,
        Encoding::Utf16 => StringEncoding::UTF16,
    };
    embed_component_metadata(module, &resolve, world, encoding)
}

fn imports_preview1(module: &[u8]) -> wasmparser::Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                if import?.module == PREVIEW1 {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// The module without its sections `.debug_*`, which are larger than all the rest.
fn without_debugging(module: &[u8]) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity(module.len());
    let mut done = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some(Range { end, .. }) = end_of(&payload) else { continue };
        let debugging = matches!(&payload, Payload::CustomSection(section) if section.name().starts_with(".debug_"));
        if !debugging {
            kept.extend_from_slice(module.get(done..end).context("it is cut off")?);
        }
        done = end;
    }
    Ok(kept)
}

/// Where a part of a module lies that has bytes of its own.
fn end_of(payload: &Payload<'_>) -> Option<Range<usize>> {
    match payload {
        Payload::Version { range, .. } => Some(range.clone()),
        section => section.as_section().map(|(_, range)| range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why no component is made of it.
    fn refusal(module: &[u8]) -> String {
        format!("{:#}", componentize(module, &Recipe::default()).expect_err("no component"))
    }

    #[test]
    fn component_is_told_from_a_module() {
        let component = wat::parse_str("(component (core module (func)))").expect("a component");
        assert!(refusal(&component).contains("this is a component already"));
        assert!(refusal(&component[..component.len() - 1]).contains("this is a component already"));
    }

    #[test]
    fn module_may_be_text() {
        let (text, options) = ("(module (func (export \"f\")))", Recipe::default());
        let binary = componentize(&wat::parse_str(text).expect("a module"), &options).expect("a component");
        for text in [text.to_owned(), format!(";; A comment.\n{text}"), format!("\n  {text}")] {
            assert_eq!(componentize(text.as_bytes(), &options).expect("a component"), binary, "{text}");
        }
        let why = refusal(b"(module\n  (fun))");
        assert!(why.contains("2:4"), "the line and the column: {why}");
        assert!(refusal(b"(component)").contains("of a component"));
    }

    #[test]
    fn odd_files_do_not_panic() {
        let module = wat::parse_str("(module (memory 1) (func (export \"f\")))").expect("a module");
        for end in 0..module.len() {
            // Some are modules, too.
            let _ = componentize(&module[..end], &Recipe::default());
        }
        assert!(refusal(b"").contains("not a WebAssembly module"));
        assert!(refusal(b"text").contains("not a WebAssembly module"));
    }
}
