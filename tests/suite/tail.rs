//! `roomcast tail` and `roomcast publish`, against a real server.

use std::process::Stdio;

use roomcast_tests::{Server, binary, plugin, within_deadline, without_settings};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

fn roomcast(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    without_settings(command.as_std_mut());
    command.args(args).current_dir(std::env::temp_dir()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// What it prints, line by line, once it reads.
async fn tail(server: &Server, args: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let url = format!("http://{}/sse", server.listen);
    let all = [&["tail", &url], args].concat();
    let mut child = roomcast(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut notes = BufReader::new(child.stderr.take().expect("piped")).lines();
    let first = within_deadline("a note", notes.next_line()).await.expect("a line").expect("not the end");
    assert!(first.contains("reading http://"), "{first}");
    // What it says later must have somewhere to go.
    tokio::spawn(async move { while let Ok(Some(_)) = notes.next_line().await {} });
    let out = BufReader::new(child.stdout.take().expect("piped")).lines();
    (child, out)
}

async fn line(out: &mut Lines<BufReader<ChildStdout>>) -> String {
    within_deadline("a line", out.next_line()).await.expect("a line").expect("not the end")
}

#[tokio::test]
async fn events_are_printed_as_they_arrive() {
    let server = Server::with(plugin("lobby")).start().await;
    let (mut child, mut out) = tail(&server, &["-n", "3"]).await;
    assert!(line(&mut out).await.starts_with("welcome {"));
    let event = serde_json::json!({"event": "a", "id": "7", "data": "one\ntwo\u{1b}[2J"});
    server.publish_event("__all", &event).await;
    loop {
        let line = line(&mut out).await;
        if line.starts_with("a #7 one") {
            break;
        }
        assert!(line.starts_with("presence"), "{line}");
    }
    assert_eq!(line(&mut out).await, "     two\\u{1b}[2J", "aligned, and harmless");
    server.publish("__all", "last").await;
    assert!(within_deadline("the end", child.wait()).await.expect("a child").success());
}

#[tokio::test]
async fn piped_output_has_one_event_per_line() {
    let server = Server::without_plugins().start().await;
    let (_child, mut out) = tail(&server, &["--data"]).await;
    server.wait_for_connections(1).await;
    server.publish("__all", "one\ntwo").await;
    assert_eq!(line(&mut out).await, "one\\ntwo");
}

#[tokio::test]
async fn rejection_is_printed_with_its_reason() {
    let server = Server::with(plugin("lobby")).start().await;
    for (args, why) in [
        (vec!["tail".to_owned(), format!("http://{}/sse?name=%20", server.listen)], "400"),
        (vec!["tail".to_owned(), format!("http://{}/nothing", server.listen)], "404"),
        (vec!["tail".to_owned(), "127.0.0.1:1".to_owned()], "no server answers"),
        (vec!["tail".to_owned(), "https://127.0.0.1:1/".to_owned()], "no server answers"),
        (vec!["tail".to_owned(), "ftp://x/".to_owned()], "the scheme is http or https"),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = within_deadline("an end", roomcast(&args).output()).await.expect("output");
        assert!(!output.status.success(), "{args:?}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(why), "{args:?}: {text}");
    }
}

#[tokio::test]
async fn publish_prints_the_number_of_receivers() {
    let server = Server::without_plugins().start().await;
    let mut ada = server.connect(roomcast_tests::Wire::Http11, "/sse").await;
    let api = server.api().to_string();
    let output = within_deadline(
        "an end",
        roomcast(&["publish", "__all", "hello", "--event", "greeting", "--api", &api]).output(),
    );
    let output = output.await.expect("output");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 connection of room __all gets it\n");
    let event = ada.event().await;
    assert_eq!((event.event.as_str(), event.data.as_str()), ("greeting", "hello"));

    let mut child = roomcast(&["publish", "__all", "-", "--api", &api])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    tokio::io::AsyncWriteExt::write_all(&mut input, b"from a pipe\n").await.expect("written");
    drop(input);
    let mut said = String::new();
    let mut out = child.stdout.take().expect("piped");
    within_deadline("what it says", out.read_to_string(&mut said)).await.expect("read");
    assert!(said.contains("1 connection"), "{said}");
    assert_eq!(ada.event().await.data, "from a pipe");

    let output = roomcast(&["publish", "a\nb", "x", "--api", &api]).output().await.expect("output");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("room"), "{output:?}");
}
