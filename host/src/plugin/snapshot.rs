//! A component as it is after its `init` has run: an interpreter that has read its program.
//!
//! This happens while a plugin is built, so what the code reads is the same each time: the clocks stand still, and the random
//! numbers are those of one seed. So the same source gives the same bytes. What a plugin draws later comes from the server.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use sha2::{Digest, Sha256};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Instance, Lift, Linker, ResourceTable, ResourceType, WasmList};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

use super::artifact::cache::Hash;
use super::runtime::engine::Engine;

/// How long the code may run.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most memory that it may take, in bytes.
const MEMORY: usize = 256 << 20;
/// How much of what it prints is kept, in bytes.
const MAX_PRINTED: usize = 10_000;
/// Random numbers, which repeat.
const RANDOM: [u8; 16] = *b"roomcast-builds-";

/// Run an interpreter's `init: func(shim, script, path, disable-gc) -> result<_, string>` with a script, and take a snapshot. The
/// interpreter's native code is kept as a plugin's is.
///
/// # Errors
/// What the script has thrown, or why the component cannot be run.
pub fn snapshot(engine: &Engine, interpreter: &[u8], script: &str) -> Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let _busy = engine.busy();
    runtime.block_on(run(engine, interpreter, script))
}

async fn run(engine: &Engine, interpreter: &[u8], script: &str) -> Result<Vec<u8>> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer.instrument_component(interpreter).map_err(failed)?;
    let hash: Hash = Sha256::digest(&instrumented).into();
    let component = engine.component(&instrumented, hash).map_err(|why| anyhow!("{why}"))?;

    let printed = MemoryOutputPipe::new(MAX_PRINTED);
    let mut store = Store::new(engine.wasmtime(), Surroundings::new(&printed));
    store.limiter(|surroundings| &mut surroundings.limits);
    // It yields at each tick, so that its time can run out.
    store.epoch_deadline_async_yield_and_update(1);
    let linker = linker(&component).map_err(failed)?;
    let printed = || String::from_utf8_lossy(&printed.contents()).trim().to_owned();
    let instance = linker.instantiate_async(&mut store, &component).await;
    let instance = instance.map_err(|why| anyhow!("{why:#}\n{}", printed()))?;
    let init = instance
        .get_typed_func::<(&str, &str, Option<&str>, bool), (Result<(), String>,)>(&mut store, "init")
        .map_err(failed)?;
    let initialized = init.call_async(&mut store, (SHIM, script, None, false));
    let outcome = tokio::time::timeout(TIMEOUT, initialized)
        .await
        .map_err(|_| anyhow!("the code outside of hooks has not come to an end within {} s", TIMEOUT.as_secs()))?;
    let (outcome,) = outcome.map_err(|why| anyhow!("{why:#}\n{}", printed()))?;
    if let Err(why) = outcome {
        bail!("{why}\n{}", printed());
    }
    let mut state = State { store: &mut store, instance };
    wizer.snapshot_component(&context, &mut state).await.map_err(failed)
}

/// The parts of WASI that the interpreter has while it runs. All other imports trap.
const WASI: [&str; 6] = ["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/", "wasi:sockets/"];

fn linker(component: &Component) -> wasmtime::Result<Linker<Surroundings>> {
    let engine = component.engine();
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    for (name, import) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        if WASI.iter().any(|package| name.starts_with(package)) {
            continue;
        }
        let mut stubs = linker.instance(name)?;
        for (export, item) in interface.exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    let called = format!("{name} {export}: there is no server while the plugin is built");
                    stubs.func_new(export, move |_, _, _, _| wasmtime::bail!("{called}"))?;
                }
                ComponentItem::Resource(_) => stubs.resource(export, ResourceType::host::<()>(), |_, _| Ok(()))?,
                _ => {}
            }
        }
    }
    Ok(linker)
}

/// What the interpreter's own tool runs before a script whose interfaces have no streams of the component model.
const SHIM: &str = "globalThis.wit = {};";

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` passes")]
fn failed(why: wasmtime::Error) -> anyhow::Error {
    anyhow!("{why:#}")
}

/// What the interpreter sees.
struct Surroundings {
    wasi: WasiCtx,
    table: ResourceTable,
    limits: StoreLimits,
}

impl Surroundings {
    fn new(printed: &MemoryOutputPipe) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(printed.clone()).stderr(printed.clone()).wall_clock(NoTime).monotonic_clock(NoTime);
        wasi.secure_random(Deterministic::new(RANDOM.into())).insecure_random(Deterministic::new(RANDOM.into()));
        wasi.insecure_random_seed(u128::from_le_bytes(RANDOM));
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY).build();
        Self { wasi: wasi.build(), table: ResourceTable::new(), limits }
    }
}

impl WasiView for Surroundings {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A clock that stands still.
struct NoTime;

impl HostWallClock for NoTime {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl HostMonotonicClock for NoTime {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

/// The instance, whose memories and globals the instrumentation has made exports for.
struct State<'a> {
    store: &'a mut Store<Surroundings>,
    instance: Instance,
}

impl State<'_> {
    async fn ask<R: Lift + 'static, T>(
        &mut self,
        instance: &str,
        function: &str,
        take: impl FnOnce(&mut Store<Surroundings>, R) -> T,
    ) -> T {
        let answer = async {
            let missing = || wasmtime::format_err!("no export {instance} {function}");
            let (_, within) = self.instance.get_export(&mut *self.store, None, instance).ok_or_else(missing)?;
            let (_, export) =
                self.instance.get_export(&mut *self.store, Some(&within), function).ok_or_else(missing)?;
            let function = self.instance.get_typed_func::<(), (R,)>(&mut *self.store, export)?;
            function.call_async(&mut *self.store, ()).await
        };
        let (answer,) = answer.await.expect("invariant: the instrumentation has made this function");
        take(self.store, answer)
    }
}

impl ComponentInstanceState for State<'_> {
    async fn call_func_ret_list_u8(&mut self, instance: &str, function: &str, take: impl FnOnce(&[u8]) + Send) {
        self.ask(instance, function, |store, list: WasmList<u8>| take(list.as_le_slice(&*store))).await;
    }

    async fn call_func_ret_s32(&mut self, instance: &str, function: &str) -> i32 {
        self.ask(instance, function, |_, number| number).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, function: &str) -> i64 {
        self.ask(instance, function, |_, number| number).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, function: &str) -> u32 {
        self.ask(instance, function, |_, number: f32| number.to_bits()).await
    }

    async fn call_func_ret_f64(&mut self, instance: &str, function: &str) -> u64 {
        self.ask(instance, function, |_, number: f64| number.to_bits()).await
    }
}
