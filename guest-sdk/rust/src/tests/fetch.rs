//! Fetches on the fake hub.

use crate::fetch::Failure;
use crate::prelude::*;
use crate::testing::FakeHub;

/// Writes down what comes.
#[derive(Default)]
struct Reader {
    calls: Vec<String>,
}

impl OnFetch for Reader {
    fn on_response(&mut self, token: &str, status: u16, headers: &[(String, String)]) {
        self.calls.push(format!("{token} {status} {headers:?}"));
    }

    fn on_chunk(&mut self, token: &str, chunk: Body) {
        self.calls.push(format!("{token} {chunk:?}"));
    }

    fn on_end(&mut self, token: &str, outcome: Result<(), Failure>) {
        self.calls.push(format!("{token} {outcome:?}"));
    }
}

impl State for Reader {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        Ok(self.calls.join("\n").into())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        let text = String::from_utf8(state).map_err(|why| why.to_string())?;
        self.calls = text.lines().map(Into::into).collect();
        Ok(())
    }
}

crate::export!(Reader: OnFetch, State);

#[derive(Default)]
struct Deaf;

impl Rooms for Deaf {}

crate::export!(Deaf: Rooms);

fn get() -> fetch::Request {
    fetch::Request::get("http://example.org/")
}

#[test]
fn an_answer_comes_as_the_test_says() {
    let mut hub = FakeHub::<Reader>::start().expect("starts");
    let id = get().header("Accept", "text/plain").start("a").expect("started");
    let asked = hub.fetches().remove(0);
    assert_eq!((asked.id, &*asked.token, &*asked.request.headers[0].0), (id, "a", "accept"));
    hub.respond_with(id, 200, &[("X", "y")]);
    hub.chunk(id, "one");
    hub.chunk(id, vec![0xff]);
    hub.end(id, Ok(()));
    let calls = ["a 200 [(\"x\", \"y\")]", "a \"one\"", "a [255]", "a Ok(())"];
    assert_eq!(hub.plugin().calls, calls);
    assert!(hub.fetches().is_empty() && !id.cancel());
}

#[test]
fn it_can_be_cancelled_and_ends_with_its_connection() {
    let mut hub = FakeHub::<Reader>::start().expect("starts");
    let ada = hub.connect("/sse").expect("accepted");
    let cancelled = get().start("a").expect("started");
    assert!(cancelled.cancel() && !cancelled.cancel());
    get().for_connection(ada).start("b").expect("started");
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    assert_eq!(hub.plugin().calls, ["b Err(Failure::ConnectionClosed)"]);
    assert_eq!(get().for_connection(ada).start("c"), Err(Error::NoSuchConnection));
}

#[test]
fn it_goes_where_the_state_goes() {
    let mut hub = FakeHub::<Reader>::start().expect("starts");
    let id = get().start("a").expect("started");
    hub.respond(id, 200);
    hub.reload().expect("reloads");
    hub.chunk(id, "more");
    assert_eq!(hub.plugin().calls, ["a 200 []", "a \"more\""]);
    hub.crash().expect("starts");
    assert_eq!(hub.plugin().calls, ["a Err(Failure::Interrupted)"]);
    assert!(hub.fetches().is_empty());
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let hub = FakeHub::<Reader>::start().expect("starts");
    let argument = |request: fetch::Request| match request.start("a") {
        Err(Error::InvalidArgument { argument, .. }) => argument,
        other => format!("{other:?}"),
    };
    for url in ["", "example.org", "ftp://example.org", "http://a:b@example.org/", "http:///", "http://a/ b"] {
        assert_eq!(argument(fetch::Request::get(url)), "request.url", "{url}");
    }
    assert_eq!(argument(fetch::Request::new("CONNECT", "http://a/")), "request.method");
    assert_eq!(argument(get().header("Host", "b")), "request.headers");
    assert_eq!(argument(get().header("x", "a\nb")), "request.headers");
    assert_eq!(argument(get().timeout(std::time::Duration::ZERO)), "request.timeout-ms");
    assert!(matches!(get().start(&"x".repeat(1025)), Err(Error::InvalidArgument { .. })));
    let large = get().body("x".repeat((1 << 20) + 1)).start("a");
    assert!(matches!(large, Err(Error::LimitExceeded { .. })));
    for _ in 0..1000 {
        get().start("a").expect("started");
    }
    assert!(matches!(get().start("a"), Err(Error::LimitExceeded { .. })));
    drop(hub);
    let _hub = FakeHub::<Deaf>::start().expect("starts");
    assert!(matches!(get().start("a"), Err(Error::InvalidArgument { .. })));
}
