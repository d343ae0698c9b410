//! Adds `wasi:http` to the linker: the library's, with three functions replaced.

use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::WasiView;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, HostOutgoingRequest, IoError, Method};
use wasmtime_wasi_http::p2::types::HostOutgoingRequest as OutgoingRequest;
use wasmtime_wasi_http::{Error, WasiHttpCtx, WasiHttpView};

/// The interface as the library names it.
const TYPES: &str = "wasi:http/types@0.2.12";
/// The longest method, in bytes.
const MAX_METHOD: usize = 64;
/// The longest host with its port, in bytes.
const MAX_AUTHORITY: usize = 512;
/// The headers of one request, in bytes.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// Add `wasi:http`. The library stores methods and hosts of any length before it asks whether the request is granted, and
/// has no error code for a body that failed.
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
            if matches!(&method, Method::Other(name) if name.len() > MAX_METHOD) {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_method(request, method)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store, (request, authority): (Resource<OutgoingRequest>, Option<String>)| {
            if authority.as_ref().is_some_and(|authority| authority.len() > MAX_AUTHORITY) {
                return Ok((Err(()),));
            }
            Ok((store.data_mut().http().set_authority(request, authority)?,))
        },
    )?;
    types.func_wrap("http-error-code", |mut store, (error,): (Resource<IoError>,)| {
        Ok((store.data_mut().ctx().table.get(&error)?.downcast_ref().and_then(body_error_code),))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The error code of a stream's error, if it comes from the body of a response.
fn body_error_code(error: &Error) -> Option<ErrorCode> {
    Some(match error {
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        Error::HttpResponseBodySize(size) => ErrorCode::HttpResponseBodySize(*size),
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        _ => return None,
    })
}

/// The context that an instance starts with.
pub(in crate::plugin) fn context() -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    context.set_field_size_limit(MAX_HEADER_BYTES);
    context
}
