//! The backtrace of a guest that trapped, in one line: its functions, innermost first, as its author knows them.

use std::borrow::Cow;
use std::iter;

use rustc_demangle::demangle;
use wasmtime::{FrameInfo, WasmBacktrace};

use crate::text::printable;

/// The most functions that an error names.
const MAX_FRAMES: usize = 8;
/// The longest name of a function, in bytes; what is longer is cut.
const MAX_NAME: usize = 200;
/// How many functions of an interpreter are named in a row.
const MAX_INTERPRETER: usize = 3;
/// How the names begin of what Rust does between a panic and its trap, without `_`, `<` and the like in front. Allocation
/// failures and failed checks of the language end there, too.
const RUST_MACHINERY: [&str; 12] = [
    "std::panicking::",
    "std::process::abort",
    "std::sys::",
    "std::rt::",
    "std::alloc::",
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "alloc::raw_vec::handle_error",
    "alloc::alloc::handle_alloc_error",
];
/// What has no path: libc's `abort`, and the entries to the machinery that keep their symbols.
const RUST_SYMBOLS: [&str; 11] = [
    "abort",
    "__rust_abort",
    "__rust_start_panic",
    "__rustc::__rust_abort",
    "__rustc::__rust_start_panic",
    "__rustc::rust_panic",
    "__rustc::rust_begin_unwind",
    "rust_panic",
    "rust_begin_unwind",
    "rust_oom",
    "__rustc::__rust_alloc_error_handler",
];
/// The prefix of modules that the toolchain adds to a component.
const TOOLCHAIN_PREFIX: &str = "wit-component:";

/// One frame of the backtrace.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    owner: FunctionOwner,
    name: String,
}

/// Whose code a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FunctionOwner {
    Plugin,
    /// Of the language that the plugin is written in: the same for all its plugins.
    Interpreter,
    /// Of what the toolchain puts between the plugin and the host.
    Adapter,
    /// Of Rust's standard library, between a panic and its trap.
    Panic,
}

/// The backtrace as the end of a sentence; empty if the component has no names.
pub(super) fn format_backtrace(backtrace: &WasmBacktrace) -> String {
    format_functions(backtrace.frames().iter().filter_map(frame).collect())
}

fn frame(info: &FrameInfo) -> Option<Function> {
    Some(Function::new(info.module().name().unwrap_or_default(), info.func_name()?))
}

impl Function {
    /// A function's name comes from the component, so it is made printable.
    fn new(module: &str, name: &str) -> Self {
        let in_module =
            name.strip_prefix(TOOLCHAIN_PREFIX).map(|rest| rest.split_once('!').map_or(rest, |(_, name)| name));
        // Without the hash of the crate, which says nothing to people.
        let name = format!("{:#}", demangle(in_module.unwrap_or(name)));
        let owner = if in_module.is_some() || module.starts_with(TOOLCHAIN_PREFIX) {
            FunctionOwner::Adapter
        } else if is_of_python(&name) {
            FunctionOwner::Interpreter
        } else if is_of_a_panic(&name) {
            FunctionOwner::Panic
        } else {
            FunctionOwner::Plugin
        };
        Self { owner, name: printable(&name, MAX_NAME).into_owned() }
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

/// Whether it belongs to what Rust does between a panic and its trap.
fn is_of_a_panic(name: &str) -> bool {
    let path = name.trim_start_matches(['<', '&', '_']);
    RUST_SYMBOLS.contains(&name) || RUST_MACHINERY.iter().any(|start| path.starts_with(start))
}

fn format_functions(mut frames: Vec<Function>) -> String {
    let all_adapter = frames.iter().all(|frame| frame.owner == FunctionOwner::Adapter);
    // Adapter functions between the plugin's own and the host's say nothing.
    frames.retain(|frame| all_adapter || frame.owner != FunctionOwner::Adapter);
    // So that the author's function, in which the panic is, comes first; the panic's text is in the last output.
    let of_panic = frames.iter().take_while(|frame| frame.owner == FunctionOwner::Panic).count();
    // The author's own call of libc's `abort` is no panic.
    let is_own_abort = of_panic == 1 && frames[0].name == "abort";
    if of_panic < frames.len() && !is_own_abort {
        frames.drain(..of_panic);
    }
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
fn run(frames: &[Function]) -> impl Iterator<Item = Cow<'_, str>> {
    // The name of a single one is as short as "… 1 more".
    let named = if frames.len() > MAX_INTERPRETER + 1 { MAX_INTERPRETER } else { frames.len() };
    let more = (frames.len() > named).then(|| Cow::from(format!("… {} more", frames.len() - named)));
    frames[..named].iter().map(|frame| Cow::from(&*frame.name)).chain(iter::once(more).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(names: &[&str]) -> String {
        let frame = |name: &&str| match name.split_once(": ") {
            Some((module, name)) => Function::new(module, name),
            None => Function::new("app", name),
        };
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
    fn rust_names_are_demangled_and_the_function_that_panics_comes_first() {
        let panic = [
            "abort",
            "_RNvNtNtNtNtCshXfaRvt2tfW_3std3sys3pal4wasi7helpers14abort_internal",
            "_RNvNtCshXfaRvt2tfW_3std7process5abort",
            "_RNvNtCshXfaRvt2tfW_3std9panicking13panic_handler",
            "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
        ];
        let own = ["_ZN5board5Board4move17h0123456789abcdefE", "on_message"];
        assert_eq!(formatted(&[&panic[..], &own].concat()), "; in board::Board::move, called by on_message");
        assert!(formatted(&panic).starts_with("; in abort, called by std::sys::"), "there is nothing else");
        assert_eq!(formatted(&["mine", "abort"]), "; in mine, called by abort");
        assert_eq!(formatted(&["abort", "mine"]), "; in abort, called by mine", "that is an author's call");
    }

    #[test]
    fn names_that_resemble_cpythons_are_the_plugins() {
        for name in ["Pyramid", "python_like", "_Python", "pyrite"] {
            assert_eq!(Function::new("app", name).owner, FunctionOwner::Plugin, "{name}");
        }
    }
}
