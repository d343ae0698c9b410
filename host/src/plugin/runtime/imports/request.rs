//! `types.request`: the head of the request that a hook is called about.

use wasmtime::component::{HasData, Resource};

use crate::plugin::contract::bindings::types::{Header, Host, HostRequest};
use crate::plugin::contract::messages::Request;

/// What a call works on.
pub(in crate::plugin) struct RequestHost<'a> {
    /// The request that the running call of a hook is about.
    pub(in crate::plugin) request: Option<&'a Request>,
}

impl HasData for RequestHost<'static> {
    type Data<'a> = RequestHost<'a>;
}

/// The request of the running call, as it is lent to the guest. A call is about one request at most, so the number says
/// nothing, and the guest has to give the handle back before its call returns: so it can be used in this call only.
pub(in crate::plugin) fn lent() -> Resource<Request> {
    Resource::new_borrow(0)
}

impl RequestHost<'_> {
    fn request(&self) -> wasmtime::Result<&Request> {
        self.request.ok_or_else(|| wasmtime::Error::msg("a request is lent for the time of one call"))
    }
}

impl Host for RequestHost<'_> {}

impl HostRequest for RequestHost<'_> {
    fn method(&mut self, _: Resource<Request>) -> wasmtime::Result<String> {
        Ok(self.request()?.method.clone())
    }

    fn path(&mut self, _: Resource<Request>) -> wasmtime::Result<String> {
        Ok(self.request()?.path.clone())
    }

    fn query(&mut self, _: Resource<Request>) -> wasmtime::Result<Option<String>> {
        Ok(self.request()?.query.clone())
    }

    fn header(&mut self, _: Resource<Request>, name: String) -> wasmtime::Result<Option<String>> {
        let mut headers = self.request()?.headers.iter();
        Ok(headers.find(|(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, value)| value.clone()))
    }

    fn headers(&mut self, _: Resource<Request>) -> wasmtime::Result<Vec<Header>> {
        Ok(self.request()?.headers.clone())
    }

    fn peer(&mut self, _: Resource<Request>) -> wasmtime::Result<String> {
        Ok(self.request()?.peer.to_string())
    }

    fn last_event_id(&mut self, _: Resource<Request>) -> wasmtime::Result<Option<String>> {
        Ok(self.request()?.last_event_id.clone())
    }

    fn drop(&mut self, _: Resource<Request>) -> wasmtime::Result<()> {
        Ok(())
    }
}
