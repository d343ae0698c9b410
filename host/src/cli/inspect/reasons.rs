//! What each import is for.

/// What a plugin can do with this interface, and why toolchains import it.
pub(super) fn reason(import: &str) -> &'static str {
    let interface = import.split('@').next().unwrap_or_default();
    match interface {
        "roomcast:plugin/types" => "the contract's types, and reading a client's request",
        "roomcast:plugin/hub" => "connections and rooms",
        "roomcast:plugin/timers" => "calls of `on-timer`",
        "roomcast:plugin/crypto" => "hashes, and checks of tokens and signatures",
        "roomcast:plugin/fetch" => "requests whose answers come piece by piece; asks for `capabilities.http`",
        "wasi:logging/logging" => "records of the server's log",
        "wasi:config/store" => "the plugin's table `[plugins.config]`",
        "wasi:keyvalue/store" | "wasi:keyvalue/atomics" | "wasi:keyvalue/batch" => {
            "a store of its own; asks for `capabilities.keyvalue`"
        }
        "wasi:http/types" | "wasi:http/outgoing-handler" => "outgoing requests; asks for `capabilities.http`",
        "wasi:cli/stdout" | "wasi:cli/stderr" => "printing, and panics: lines of the server's log",
        "wasi:cli/environment" => "variables, of which only `capabilities.env` are there; most standard libraries look",
        "wasi:cli/exit" => "ending like a program, which here is a failure; standard libraries have it for panics",
        "wasi:filesystem/types" | "wasi:filesystem/preopens" => {
            "files, of which only `capabilities.folders` are there; standard libraries have it"
        }
        "wasi:clocks/wall-clock" | "wasi:clocks/monotonic-clock" => "the time",
        "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed" => {
            "random numbers; hash maps of standard libraries need some"
        }
        _ if interface.starts_with("wasi:cli/") => "standard input and terminals: empty, and none",
        _ if interface.starts_with("wasi:io/") => "what other interfaces of WASI are made of",
        _ if interface.starts_with("wasi:sockets/") => "sockets, which are never granted; standard libraries have it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_that_can_be_imported_has_a_reason() {
        for import in [
            "roomcast:plugin/crypto@0.1.0",
            "roomcast:plugin/fetch@0.1.0",
            "roomcast:plugin/hub@0.1.0",
            "wasi:io/poll@0.2.6",
            "wasi:sockets/tcp@0.2.0",
            "wasi:cli/terminal-stdin@0.2.6",
            "wasi:filesystem/types@0.2.6",
            "wasi:random/random@0.2.9",
            "wasi:http/types@0.2.0",
        ] {
            assert!(!reason(import).is_empty(), "{import}");
        }
    }
}
