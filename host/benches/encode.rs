//! What does it cost to encode an event, by its size and by its lines?

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use roomcast::event::{Event, Frame};

/// More than any of the events.
const LIMIT: usize = 1 << 20;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let sizes = [16, 100, 1 << 10, 16 << 10].map(|size| (size, "x".repeat(size)));
    measure(&mut criterion, "encode, one line by its bytes", &sizes);
    let lines = [1, 16, 256].map(|count| (count, vec!["x".repeat((4 << 10) / count); count].join("\n")));
    measure(&mut criterion, "encode, 4 KiB by its lines", &lines);
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, question: &str, texts: &[(usize, String)]) {
    let mut group = criterion.benchmark_group(question);
    for (parameter, text) in texts {
        let event =
            Event { data: text.clone(), id: Some("e.1234567".into()), event: Some("chat".into()), retry_ms: None };
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(parameter), &event, |bencher, event| {
            bencher.iter(|| Frame::event(black_box(event), LIMIT).expect("a valid event"));
        });
    }
    group.finish();
}
