//! One metric of the table: from it come the handles that count and the description for the exporter.

use std::marker::PhantomData;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, SharedString, Unit, with_recorder};

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// A metric whose handles are of the type `T`.
pub(crate) struct Metric<T> {
    name: &'static str,
    handle: PhantomData<T>,
}

/// A handle: a counter, a gauge or a histogram.
pub(crate) trait Instrument {
    fn register(key: &Key) -> Self;
    fn describe(name: &'static str, unit: Option<Unit>, help: &'static str);
}

impl<T: Instrument> Metric<T> {
    /// Only for the table, which describes it, too.
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, handle: PhantomData }
    }

    /// The handle of the metric without labels.
    pub(crate) fn handle(&self) -> T {
        T::register(&Key::from_static_name(self.name))
    }

    /// The handle with these labels.
    pub(crate) fn with<const N: usize>(&self, labels: [(&'static str, SharedString); N]) -> T {
        let labels = labels.map(|(name, value)| Label::new(name, value));
        T::register(&Key::from_parts(self.name, Vec::from(labels)))
    }
}

impl Instrument for Counter {
    fn register(key: &Key) -> Self {
        with_recorder(|recorder| recorder.register_counter(key, &METADATA))
    }

    fn describe(name: &'static str, unit: Option<Unit>, help: &'static str) {
        with_recorder(|recorder| recorder.describe_counter(KeyName::from_const_str(name), unit, help.into()));
    }
}

impl Instrument for Gauge {
    fn register(key: &Key) -> Self {
        with_recorder(|recorder| recorder.register_gauge(key, &METADATA))
    }

    fn describe(name: &'static str, unit: Option<Unit>, help: &'static str) {
        with_recorder(|recorder| recorder.describe_gauge(KeyName::from_const_str(name), unit, help.into()));
    }
}

impl Instrument for Histogram {
    fn register(key: &Key) -> Self {
        with_recorder(|recorder| recorder.register_histogram(key, &METADATA))
    }

    fn describe(name: &'static str, unit: Option<Unit>, help: &'static str) {
        with_recorder(|recorder| recorder.describe_histogram(KeyName::from_const_str(name), unit, help.into()));
    }
}
