//! The routes of the API: each path, what can be done there, and what does it. Routing, `Allow`, and who has to know the
//! token follow from this one table.

use std::pin::Pin;

use hyper::Method;

use super::call::ApiCall;
use super::{Api, ApiResult};

/// Everything that the API has.
static ROUTES: &[ApiRoute] = &[
    ApiRoute { path: "/healthz", operations: &[open(Now(Api::health))] },
    ApiRoute { path: "/readyz", operations: &[open(Now(Api::readiness))] },
    ApiRoute { path: "/metrics", operations: &[get(Now(Api::metrics))] },
    ApiRoute { path: "/v1/plugins", operations: &[get(Now(Api::list_plugins))] },
    ApiRoute { path: "/v1/plugins/{plugin}", operations: &[get(Now(Api::show_plugin))] },
    ApiRoute {
        path: "/v1/plugins/{plugin}/reload",
        operations: &[post(Later(|api, call| Box::pin(api.reload(call))))],
    },
    ApiRoute {
        path: "/v1/plugins/{plugin}/promote",
        operations: &[post(Later(|api, call| Box::pin(api.promote(call))))],
    },
    ApiRoute {
        path: "/v1/plugins/{plugin}/abandon",
        operations: &[post(Later(|api, call| Box::pin(api.abandon(call))))],
    },
    ApiRoute {
        path: "/v1/plugins/{plugin}/rollback",
        operations: &[post(Later(|api, call| Box::pin(api.roll_back(call))))],
    },
    ApiRoute { path: "/v1/rooms", operations: &[get(Now(Api::list_rooms))] },
    ApiRoute { path: "/v1/rooms/{room}", operations: &[get(Now(Api::show_room))] },
    ApiRoute { path: "/v1/rooms/{room}/events", operations: &[post(Later(|api, call| Box::pin(api.publish(call))))] },
    ApiRoute {
        path: "/v1/rooms/{room}/history",
        operations: &[get(Now(Api::show_history)), delete(Now(Api::clear_history))],
    },
    ApiRoute { path: "/v1/position", operations: &[get(Now(Api::show_position))] },
    ApiRoute { path: "/v1/connections", operations: &[get(Now(Api::list_connections))] },
    ApiRoute { path: "/v1/connections/{connection}", operations: &[delete(Now(Api::close_connection))] },
    ApiRoute {
        path: "/v1/connections/{connection}/rooms/{room}",
        operations: &[
            put(Later(|api, call| Box::pin(api.join(call)))),
            delete(Later(|api, call| Box::pin(api.leave(call)))),
        ],
    },
];

/// A path, and what can be done there.
pub(super) struct ApiRoute {
    /// With a name in braces where a segment is a parameter.
    path: &'static str,
    operations: &'static [Operation],
}

/// What a method does at a path.
pub(super) struct Operation {
    method: Method,
    pub(super) access: RouteAccess,
    pub(super) run: OperationFn,
}

/// Who may ask for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteAccess {
    /// Everybody: load balancers and orchestrators have no token.
    Anyone,
    /// Those whom the guard lets in.
    Operators,
}

/// The function of an operation.
#[derive(Clone, Copy)]
pub(super) enum OperationFn {
    /// Waits for nothing.
    Now(fn(&Api, &ApiCall) -> ApiResult),
    /// May wait: for the body of the request, or for plugins.
    Later(for<'a> fn(&'a Api, ApiCall) -> LaterResult<'a>),
}

type LaterResult<'a> = Pin<Box<dyn Future<Output = ApiResult> + Send + 'a>>;

use OperationFn::{Later, Now};

const fn open(run: OperationFn) -> Operation {
    Operation { method: Method::GET, access: RouteAccess::Anyone, run }
}

const fn get(run: OperationFn) -> Operation {
    Operation { method: Method::GET, access: RouteAccess::Operators, run }
}

const fn put(run: OperationFn) -> Operation {
    Operation { method: Method::PUT, access: RouteAccess::Operators, run }
}

const fn post(run: OperationFn) -> Operation {
    Operation { method: Method::POST, access: RouteAccess::Operators, run }
}

const fn delete(run: OperationFn) -> Operation {
    Operation { method: Method::DELETE, access: RouteAccess::Operators, run }
}

/// The values of a path's parameters, by their names.
type Parameters = Vec<(&'static str, String)>;

impl ApiRoute {
    /// The route of a path that is split at its slashes and decoded, and the values of its parameters.
    pub(super) fn find(segments: &[&str]) -> Option<(&'static Self, Parameters)> {
        ROUTES.iter().find_map(|route| Some((route, route.parameters(segments)?)))
    }

    /// What a method does here. The answer to HEAD is that to GET, without its body.
    pub(super) fn operation(&self, method: &Method) -> Option<&Operation> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.operations.iter().find(|operation| operation.method == *method)
    }

    /// The methods of this path, as the header `Allow` lists them.
    pub(super) fn allow(&self) -> String {
        let names = self.operations.iter().map(|operation| match operation.method {
            Method::GET => "GET, HEAD",
            ref other => other.as_str(),
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// The values of the parameters in a path; none when it is another route's.
    fn parameters(&self, segments: &[&str]) -> Option<Parameters> {
        let mut own = self.path.split('/').skip(1);
        let mut parameters = Vec::new();
        for segment in segments {
            let own = own.next()?;
            match own.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => parameters.push((name, (*segment).to_owned())),
                None if own == *segment => {}
                None => return None,
            }
        }
        own.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> Option<(&'static str, Parameters)> {
        let segments: Vec<_> = path.split('/').skip(1).collect();
        ApiRoute::find(&segments).map(|(route, parameters)| (route.path, parameters))
    }

    #[test]
    fn a_path_has_one_route() {
        for route in ROUTES {
            let segments: Vec<_> = route.path.split('/').skip(1).collect();
            let matches: Vec<_> = ROUTES.iter().filter(|other| other.parameters(&segments).is_some()).collect();
            assert_eq!(matches.len(), 1, "{}", route.path);
        }
        for other in ["/", "", "/v1", "/v1/", "/v1/rooms/", "/v1/rooms/a/b", "/v1/plugins/a/delete", "/healthz/x"] {
            let found = find(other);
            assert!(found.is_none() || other == "/v1/rooms/", "{other}: {found:?}");
        }
    }

    #[test]
    fn parameters_have_names() {
        let (path, parameters) = find("/v1/connections/x/rooms/y").expect("a route");
        assert_eq!(path, "/v1/connections/{connection}/rooms/{room}");
        assert_eq!(parameters, [("connection", "x".to_owned()), ("room", "y".to_owned())]);
    }

    #[test]
    fn allow_lists_the_methods() {
        for (path, allow) in
            [("/healthz", "GET, HEAD"), ("/v1/rooms/x/events", "POST"), ("/v1/connections/x/rooms/y", "PUT, DELETE")]
        {
            let segments: Vec<_> = path.split('/').skip(1).collect();
            let (route, _) = ApiRoute::find(&segments).expect("a route");
            assert_eq!(route.allow(), allow);
            assert_eq!(route.operation(&Method::HEAD).is_some(), route.operation(&Method::GET).is_some());
        }
    }

    #[test]
    fn only_probes_need_no_token() {
        let open = ROUTES.iter().filter(|route| route.operations.iter().any(|is| is.access == RouteAccess::Anyone));
        assert_eq!(open.map(|route| route.path).collect::<Vec<_>>(), ["/healthz", "/readyz"]);
    }
}
