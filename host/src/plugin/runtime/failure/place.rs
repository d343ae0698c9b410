//! Where a guest was when it trapped: its functions, innermost first, as its author knows them.

use std::borrow::Cow;
use std::iter;

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::text::printable;

/// The most functions that a failure names.
const MAX_FRAMES: usize = 8;
/// How much of a function's name is told, in bytes.
const MAX_NAME: usize = 200;
/// How many functions of an interpreter are named in a row.
const MAX_INTERPRETER: usize = 3;
/// How the toolchain names the modules that it adds to a component.
const ADDED: &str = "wit-component:";

/// One function.
#[derive(Debug, PartialEq, Eq)]
struct Frame<'a> {
    owner: Owner,
    name: Cow<'a, str>,
}

/// Whose function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Plugin,
    /// Of the language that the plugin is written in: the same for all its plugins.
    Interpreter,
    /// Of what the toolchain puts between the plugin and the host.
    Adapter,
}

/// The functions that it was in, as the end of a sentence; nothing if the component has no names.
pub(super) fn place(backtrace: &WasmBacktrace) -> String {
    tell(backtrace.frames().iter().filter_map(frame).collect())
}

fn frame(info: &FrameInfo) -> Option<Frame<'_>> {
    Some(Frame::new(info.module().name().unwrap_or_default(), info.func_name()?))
}

impl<'a> Frame<'a> {
    /// A function as its author wrote it; who may have written anything.
    fn new(module: &str, name: &'a str) -> Self {
        let in_module = name.strip_prefix(ADDED).map(|rest| rest.split_once('!').map_or(rest, |(_, name)| name));
        let owner = if in_module.is_some() || module.starts_with(ADDED) {
            Owner::Adapter
        } else if is_of_python(name) {
            Owner::Interpreter
        } else {
            Owner::Plugin
        };
        Self { owner, name: printable(in_module.unwrap_or(name), MAX_NAME) }
    }
}

/// Whether it is one of CPython's own: by its naming rules, or one of those that stand between them.
fn is_of_python(name: &str) -> bool {
    let public = name.trim_start_matches('_').strip_prefix("Py");
    public.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase() || first == '_'))
        || name.contains("_vectorcall")
        || ["slot_tp_", "slot_mp_", "slot_sq_", "slot_nb_", "type_call", "object_vacall"]
            .iter()
            .any(|start| name.starts_with(start))
}

fn tell(mut frames: Vec<Frame<'_>>) -> String {
    let all_added = frames.iter().all(|frame| frame.owner == Owner::Adapter);
    // Between a plugin's function and the host they tell nothing.
    frames.retain(|frame| all_added || frame.owner != Owner::Adapter);
    let runs = frames.chunk_by(|one, next| one.owner == Owner::Interpreter && next.owner == Owner::Interpreter);
    let names: Vec<_> = runs.flat_map(run).take(MAX_FRAMES).collect();
    match (names.is_empty(), all_added) {
        (true, _) => String::new(),
        (false, true) => format!("; in {} of the WASI adapter", names.join(", called by ")),
        (false, false) => format!("; in {}", names.join(", called by ")),
    }
}

/// The names of some that belong together.
fn run<'a>(frames: &'a [Frame<'_>]) -> impl Iterator<Item = Cow<'a, str>> {
    // For a single one its name is as short as saying that there is one.
    let named = if frames.len() > MAX_INTERPRETER + 1 { MAX_INTERPRETER } else { frames.len() };
    let more = (frames.len() > named).then(|| Cow::from(format!("… {} more", frames.len() - named)));
    frames[..named].iter().map(|frame| Cow::from(&*frame.name)).chain(iter::once(more).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> String {
        let frame = |name: &&'static str| match name.split_once(": ") {
            Some((module, name)) => Frame::new(module, name),
            None => Frame::new("app", name),
        };
        // Leaked, since names are parts of a component.
        let names: Vec<&'static str> = names.iter().map(|name| &*name.to_string().leak()).collect();
        tell(names.iter().map(frame).collect())
    }

    #[test]
    fn functions_are_named_innermost_first_and_not_all() {
        assert_eq!(told(&[]), "");
        assert_eq!(told(&["inner", "outer"]), "; in inner, called by outer");
        let many = told(&["f"; 20]);
        assert_eq!(many.matches('f').count(), MAX_FRAMES, "{many}");
    }

    #[test]
    fn the_adapter_is_left_out_beside_functions_of_the_plugin() {
        let exit = "wit-component:adapter:wasi_snapshot_preview1!proc_exit";
        assert_eq!(told(&[exit, "exit", "main"]), "; in exit, called by main");
        let of_module = "wit-component:adapter:wasi_snapshot_preview1: wasi_snapshot_preview1::State::with";
        assert_eq!(told(&[of_module, "wit-component:shim: adapt-fd_write", "main"]), "; in main");
        assert_eq!(told(&[exit]), "; in proc_exit of the WASI adapter");
    }

    #[test]
    fn runs_of_an_interpreter_are_cut() {
        let python = [
            "_PyEval_EvalFrameDefault",
            "PyObject_Vectorcall",
            "method_vectorcall",
            "_PyObject_Call",
            "slot_tp_call",
            "Py_RunMain",
        ];
        let long = [&["PyErr_here"][..], &python, &["on_message"], &python[..2], &["main"]].concat();
        assert_eq!(
            told(&long),
            "; in PyErr_here, called by _PyEval_EvalFrameDefault, called by PyObject_Vectorcall, called by … 4 more, called by \
             on_message, called by _PyEval_EvalFrameDefault, called by PyObject_Vectorcall, called by main"
        );
        assert_eq!(told(&python[..4]).matches("called by").count(), 3, "four are as short as three and a number");
    }

    #[test]
    fn what_only_begins_alike_is_the_plugins() {
        for name in ["Pyramid", "python_like", "_Python", "pyrite"] {
            assert_eq!(Frame::new("app", name).owner, Owner::Plugin, "{name}");
        }
    }
}
