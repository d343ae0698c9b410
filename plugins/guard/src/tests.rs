//! The guard on a fake hub.

use roomcast_sdk::testing::FakeHub;
use roomcast_sdk::{Rejection, Reply, Request};

use crate::Guard;

fn start() -> FakeHub<Guard> {
    FakeHub::configured([("token", "s3cret&"), ("deny_header", "X-Plan: free")]).expect("starts")
}

fn challenge(rejection: &Rejection) -> &str {
    let (name, value) = &rejection.headers[0];
    assert_eq!((rejection.status, name.as_str()), (401, "www-authenticate"));
    value
}

#[test]
fn the_token_lets_in() {
    let mut hub = start();
    hub.connect("/sse?token=s3cret%26").expect("accepted");
    hub.connect(Request::get("/sse").with_header("Authorization", "bearer s3cret&")).expect("accepted");
}

#[test]
fn anything_else_does_not() {
    let mut hub = start();
    let rejection = hub.connect("/sse").expect_err("no token");
    assert_eq!(challenge(&rejection), r#"Bearer realm="roomcast""#);
    let basic = Request::get("/sse?token=s3cret%26").with_header("authorization", "Basic s3cret&");
    assert_eq!(challenge(&hub.connect(basic).expect_err("another scheme")), r#"Bearer realm="roomcast""#);
    for wrong in ["", "s3cret", "s3cret%26x", "S3CRET%26"] {
        let rejection = hub.connect(format!("/sse?token={wrong}").as_str()).expect_err(wrong);
        assert!(challenge(&rejection).contains("invalid_token"), "{wrong}");
    }
    assert!(hub.rooms().is_empty());
    assert!(hub.logs().iter().all(|record| !record.message.contains("s3cret")));
}

#[test]
fn a_denied_header_outweighs_the_token() {
    let mut hub = start();
    let request = |plan| Request::get("/sse?token=s3cret%26").with_header("x-plan", plan);
    assert_eq!(hub.connect(request("free")).expect_err("denied").status, 403);
    assert_eq!(hub.connect(request("paid").with_header("x-plan", "free")).expect_err("denied").status, 403);
    hub.connect(request("paid")).expect("accepted");
}

#[test]
fn a_header_can_be_denied_whatever_its_value() {
    let mut hub = FakeHub::<Guard>::configured([("token", "a"), ("deny_header", "x-blocked")]).expect("starts");
    let blocked = Request::get("/sse?token=a").with_header("X-Blocked", "");
    assert_eq!(hub.connect(blocked).expect_err("denied").status, 403);
}

#[test]
fn messages_pass_with_a_stream_or_a_token() {
    let mut hub = start();
    let ada = hub.connect("/sse?token=s3cret%26").expect("accepted");
    assert_eq!(hub.message(ada, "hi"), Ok(Reply::Pass));
    let with_token = Request::post("/send?token=s3cret%26");
    assert_eq!(hub.message_with(None, with_token, "hi"), Ok(Reply::Pass));
    assert_eq!(hub.message(None, "hi").expect_err("rejected").status, 401);
}

#[test]
fn a_guard_without_a_token_does_not_start() {
    let why = FakeHub::<Guard>::start().expect_err("does not start");
    assert!(why.contains("config `token` is not set"), "{why}");
    for bad in ["", ": free", "x y"] {
        let why = FakeHub::<Guard>::configured([("token", "a"), ("deny_header", bad)]).expect_err("does not start");
        assert!(why.contains("deny_header"), "{why}");
    }
}
