//! `wasi:http` for the linker: the library's, but for three functions that lack something.

use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::WasiView;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, HostOutgoingRequest, IoError, Method};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest as OutgoingRequest;
use wasmtime_wasi_http::{Error, WasiHttpCtx, WasiHttpView};

/// The interface as the library names it.
const TYPES: &str = "wasi:http/types@0.2.12";
/// The longest method, in bytes.
const METHOD: usize = 64;
/// The longest host with its port, in bytes.
const AUTHORITY: usize = 512;
/// The headers of one request, as they lie in memory.
const HEADERS: usize = 32 << 10;

/// Add what plugins may import. The library keeps methods and hosts of any length, before anybody has asked whether the
/// request is granted; and does not say what was wrong with a body.
pub(in crate::plugin) fn add_to_linker<T>(linker: &mut Linker<T>) -> wasmtime::Result<()>
where
    T: WasiView + WasiHttpView + 'static,
{
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store, (request, method): (Resource<OutgoingRequest>, Method)| {
            if matches!(&method, Method::Other(name) if name.len() > METHOD) {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_method(request, method)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store, (request, authority): (Resource<OutgoingRequest>, Option<String>)| {
            if authority.as_ref().is_some_and(|authority| authority.len() > AUTHORITY) {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_authority(request, authority)?,))
        },
    )?;
    types.func_wrap("http-error-code", |mut store, (error,): (Resource<IoError>,)| {
        Ok((store.data_mut().ctx().table.get(&error)?.downcast_ref().and_then(of_body),))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What a stream's error is in the words of HTTP, if it comes from the body of an answer.
fn of_body(error: &Error) -> Option<ErrorCode> {
    Some(match error {
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        Error::HttpResponseBodySize(size) => ErrorCode::HttpResponseBodySize(*size),
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        _ => return None,
    })
}

/// What an instance begins with.
pub(in crate::plugin) fn context() -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    context.set_field_size_limit(HEADERS);
    context
}
