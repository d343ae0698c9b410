//! The backtrace of a guest that trapped, in one line: its functions, innermost first, as its author knows them.

use std::borrow::Cow;
use std::iter;

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::text::printable;

/// The most functions that an error names.
const MAX_FRAMES: usize = 8;
/// The longest name of a function, in bytes; what is longer is cut.
const MAX_NAME: usize = 200;
/// How many functions of an interpreter are named in a row.
const MAX_INTERPRETER: usize = 3;
/// The prefix of modules that the toolchain adds to a component.
const TOOLCHAIN_PREFIX: &str = "wit-component:";

/// One frame of the backtrace.
#[derive(Debug, PartialEq, Eq)]
struct Function<'a> {
    owner: FunctionOwner,
    name: Cow<'a, str>,
}

/// Whose code a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FunctionOwner {
    Plugin,
    /// Of the language that the plugin is written in: the same for all its plugins.
    Interpreter,
    /// Of what the toolchain puts between the plugin and the host.
    Adapter,
}

/// The backtrace as the end of a sentence; empty if the component has no names.
pub(super) fn format_backtrace(backtrace: &WasmBacktrace) -> String {
    format_functions(backtrace.frames().iter().filter_map(frame).collect())
}

fn frame(info: &FrameInfo) -> Option<Function<'_>> {
    Some(Function::new(info.module().name().unwrap_or_default(), info.func_name()?))
}

impl<'a> Function<'a> {
    /// A function's name comes from the component, so it is made printable.
    fn new(module: &str, name: &'a str) -> Self {
        let in_module =
            name.strip_prefix(TOOLCHAIN_PREFIX).map(|rest| rest.split_once('!').map_or(rest, |(_, name)| name));
        let owner = if in_module.is_some() || module.starts_with(TOOLCHAIN_PREFIX) {
            FunctionOwner::Adapter
        } else if is_of_python(name) {
            FunctionOwner::Interpreter
        } else {
            FunctionOwner::Plugin
        };
        Self { owner, name: printable(in_module.unwrap_or(name), MAX_NAME) }
    }
}

/// Whether it is one of CPython's own functions: by its naming rules, or one of the exceptions.
fn is_of_python(name: &str) -> bool {
    let public = name.trim_start_matches('_').strip_prefix("Py");
    public.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase() || first == '_'))
        || name.contains("_vectorcall")
        || ["slot_tp_", "slot_mp_", "slot_sq_", "slot_nb_", "type_call", "object_vacall"]
            .iter()
            .any(|start| name.starts_with(start))
}

fn format_functions(mut frames: Vec<Function<'_>>) -> String {
    let all_adapter = frames.iter().all(|frame| frame.owner == FunctionOwner::Adapter);
    // Adapter functions between the plugin's own and the host's say nothing.
    frames.retain(|frame| all_adapter || frame.owner != FunctionOwner::Adapter);
    let runs = frames
        .chunk_by(|one, next| one.owner == FunctionOwner::Interpreter && next.owner == FunctionOwner::Interpreter);
    let names: Vec<_> = runs.flat_map(run).take(MAX_FRAMES).collect();
    match (names.is_empty(), all_adapter) {
        (true, _) => String::new(),
        (false, true) => format!("; in {} of the WASI adapter", names.join(", called by ")),
        (false, false) => format!("; in {}", names.join(", called by ")),
    }
}

/// The names of a run of functions of one owner; a long run of the interpreter's is shortened.
fn run<'a>(frames: &'a [Function<'_>]) -> impl Iterator<Item = Cow<'a, str>> {
    // The name of a single one is as short as "… 1 more".
    let named = if frames.len() > MAX_INTERPRETER + 1 { MAX_INTERPRETER } else { frames.len() };
    let more = (frames.len() > named).then(|| Cow::from(format!("… {} more", frames.len() - named)));
    frames[..named].iter().map(|frame| Cow::from(&*frame.name)).chain(iter::once(more).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(names: &[&str]) -> String {
        let frame = |name: &&'static str| match name.split_once(": ") {
            Some((module, name)) => Function::new(module, name),
            None => Function::new("app", name),
        };
        // Leaked, since names are parts of a component.
        let names: Vec<&'static str> = names.iter().map(|name| &*name.to_string().leak()).collect();
        format_functions(names.iter().map(frame).collect())
    }

    #[test]
    fn functions_are_named_innermost_first_and_not_all() {
        assert_eq!(formatted(&[]), "");
        assert_eq!(formatted(&["inner", "outer"]), "; in inner, called by outer");
        let many = formatted(&["f"; 20]);
        assert_eq!(many.matches('f').count(), MAX_FRAMES, "{many}");
    }

    #[test]
    fn the_adapter_is_left_out_beside_functions_of_the_plugin() {
        let exit = "wit-component:adapter:wasi_snapshot_preview1!proc_exit";
        assert_eq!(formatted(&[exit, "exit", "main"]), "; in exit, called by main");
        let of_module = "wit-component:adapter:wasi_snapshot_preview1: wasi_snapshot_preview1::State::with";
        assert_eq!(formatted(&[of_module, "wit-component:shim: adapt-fd_write", "main"]), "; in main");
        assert_eq!(formatted(&[exit]), "; in proc_exit of the WASI adapter");
    }

    #[test]
    fn runs_of_interpreter_functions_are_shortened() {
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
            formatted(&long),
            "; in PyErr_here, called by _PyEval_EvalFrameDefault, called by PyObject_Vectorcall, called by … 4 more, called by \
             on_message, called by _PyEval_EvalFrameDefault, called by PyObject_Vectorcall, called by main"
        );
        assert_eq!(
            formatted(&python[..4]).matches("called by").count(),
            3,
            "four names are as short as three and a number"
        );
    }

    #[test]
    fn names_that_resemble_cpythons_are_the_plugins() {
        for name in ["Pyramid", "python_like", "_Python", "pyrite"] {
            assert_eq!(Function::new("app", name).owner, FunctionOwner::Plugin, "{name}");
        }
    }
}
