use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tracing::subscriber::set_default;

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);

/// What happens to a write.
type Fate = io::Result<usize>;

/// A sink that tells of each write, and waits to be told what becomes of it.
struct Scripted {
    asked: SyncSender<String>,
    fates: Receiver<Fate>,
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> Fate {
        let gone = |_| io::Error::from(ErrorKind::BrokenPipe);
        self.asked.send(String::from_utf8_lossy(bytes).into_owned()).map_err(gone)?;
        self.fates.recv().map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Stage {
    outlet: Outlet,
    asked: Receiver<String>,
    fates: SyncSender<Fate>,
}

impl Stage {
    fn new(bound: usize) -> Self {
        let ((to_test, asked), (fates, of_test)) = (sync_channel(64), sync_channel(64));
        let outlet = Outlet::start(bound, Scripted { asked: to_test, fates: of_test }).expect("a thread");
        Self { outlet, asked, fates }
    }

    /// The next write, which is left waiting.
    fn asked(&self) -> String {
        self.asked.recv_timeout(PATIENCE).expect("a write")
    }

    fn answer(&self, fate: Fate) {
        self.fates.send(fate).expect("the thread waits");
    }

    /// The next write, which succeeds.
    fn writes(&self, wanted: &str) {
        assert_eq!(self.asked(), wanted);
        self.answer(Ok(wanted.len()));
    }
}

#[test]
fn records_come_out_in_their_order_and_flush_waits_for_them() {
    let stage = Stage::new(1 << 10);
    stage.outlet.push(b"a\n");
    assert_eq!(stage.asked(), "a\n");
    stage.outlet.push(b"b\n");
    stage.outlet.push(b"c\n");
    stage.answer(Ok(2));
    stage.writes("b\nc\n");
    stage.outlet.flush(PATIENCE);
    assert_eq!(stage.outlet.lost(), 0);
}

#[test]
fn what_does_not_fit_is_dropped_and_counted_and_nobody_waits() {
    let stage = Stage::new(4);
    stage.outlet.push(b"1\n");
    assert_eq!(stage.asked(), "1\n");
    for record in ["2\n", "3\n", "4\n", "5\n", "long\n"] {
        stage.outlet.push(record.as_bytes());
    }
    assert_eq!(stage.outlet.lost(), 3);
    // It is stuck, and is not waited for.
    stage.outlet.flush(Duration::ZERO);
    stage.answer(Ok(2));
    stage.writes("2\n3\n");
}

#[test]
fn the_log_says_what_is_missing_once_it_goes_on() {
    let stage = Stage::new(4);
    // The thread logs where this test cannot see it, so what it would say is asked for.
    stage.outlet.push(b"1\n");
    assert_eq!(stage.asked(), "1\n");
    stage.outlet.push(b"12345\n");
    stage.outlet.push(b"2\n");
    stage.answer(Err(ErrorKind::StorageFull.into()));
    assert_eq!(stage.asked(), "2\n");
    assert_eq!(stage.outlet.0.unreported(), 2, "one did not fit, and one was not written");
    assert_eq!(stage.outlet.0.unreported(), 0);
    stage.answer(Ok(2));
}

#[test]
fn after_half_a_record_the_next_one_begins_a_line() {
    let stage = Stage::new(1 << 10);
    stage.outlet.push(b"abcdef\n");
    assert_eq!(stage.asked(), "abcdef\n");
    stage.answer(Ok(3));
    assert_eq!(stage.asked(), "def\n");
    stage.outlet.push(b"next\n");
    stage.answer(Err(ErrorKind::StorageFull.into()));
    stage.writes("\n");
    stage.writes("next\n");
    assert_eq!(stage.outlet.lost(), 1);
}

#[test]
fn a_sink_that_would_block_or_is_interrupted_is_tried_again() {
    let stage = Stage::new(1 << 10);
    stage.outlet.push(b"a\n");
    for kind in [ErrorKind::WouldBlock, ErrorKind::Interrupted] {
        assert_eq!(stage.asked(), "a\n");
        stage.answer(Err(kind.into()));
    }
    stage.writes("a\n");
    stage.outlet.flush(PATIENCE);
    assert_eq!(stage.outlet.lost(), 0);
}

#[test]
fn each_record_of_the_subscriber_is_one() {
    let stage = Stage::new(1 << 10);
    let outlet = stage.outlet.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || outlet.clone()).with_ansi(false).without_time();
    let _guard = set_default(subscriber.finish());
    tracing::info!(target: "x", n = 1, "said");
    stage.writes(" INFO x: said n=1\n");
}
