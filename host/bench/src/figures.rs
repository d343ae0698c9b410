//! What a plugin costs, language by language, measured on the lobby in each.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow, ensure};
use fs_err as fs;

use crate::probe::counters::Counters;
use crate::report::markdown;
use crate::servers::child::{self, Child, Ports};
use crate::servers::places::{Places, repository};
use crate::terminal;

/// Measure what a plugin costs in each language, and print it as the table of docs/plugins/README.md
///
/// Loads each lobby from nothing and from the cache, and connects clients. Times are those of this machine: compare the rows, not the numbers with those of another run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many clients connect to each
    #[arg(long, default_value_t = 500)]
    clients: usize,
    /// Put the table into docs/plugins/README.md
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    places: Places,
}

/// The lines between which the table stands.
const MARKS: (&str, &str) = ("<!-- figures -->\n", "<!-- end of figures -->");
const PAGE: &str = "docs/plugins/README.md";

/// Measures each language in turn, and prints a table.
///
/// # Errors
/// When a plugin is not built, or a server fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let folder = args.places.folder.join("figures");
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut rows = Vec::new();
    for (language, component) in lobbies(args.places.plugins()?) {
        eprintln!("measuring {language}");
        let measurement =
            Measurement { server: args.places.server()?.to_owned(), folder: folder.join(language), component };
        rows.push(measurement.measure(language, args.clients)?);
    }
    let table = table(&rows);
    terminal::text(&table);
    if args.write { insert(&repository().join(PAGE), &table) } else { Ok(()) }
}

/// The same plugin in each language.
fn lobbies(components: &Path) -> Vec<(&'static str, PathBuf)> {
    let built = |folder: &str, name: &str| repository().join("plugins").join(folder).join("build").join(name);
    vec![
        ("Rust", components.join("lobby.wasm")),
        ("C", built("lobby-c", "lobby.wasm")),
        ("C++", built("lobby-cpp", "lobby.wasm")),
        ("Go", built("lobby-go", "lobby-go.wasm")),
        ("JavaScript", built("lobby-javascript", "lobby-javascript.wasm")),
        ("TypeScript", built("lobby-typescript", "lobby-typescript.wasm")),
        ("Python", built("lobby-python", "lobby-python.wasm")),
    ]
}

/// What one language costs.
struct Row {
    language: &'static str,
    bytes: u64,
    compile: f64,
    load: f64,
    start: f64,
    connect: f64,
    memory: f64,
}

/// The measurement of one component, in a folder of its own.
struct Measurement {
    server: PathBuf,
    folder: PathBuf,
    component: PathBuf,
}

impl Measurement {
    fn measure(&self, language: &'static str, clients: usize) -> Result<Row> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        let config = format!(
            "[limits]\nconnections_per_address = {}\n[cache]\ndir = \"cache\"\n[[plugins]]\nname = \"lobby\"\npath = \"{}\"\n\
             [plugins.limits]\nmemory = \"128MiB\"\nstart_deadline = \"60s\"\n",
            clients + 10,
            self.component.display()
        );
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("roomcast.toml"), config.as_bytes())?;
        let bytes = fs::metadata(&self.component)
            .with_context(|| format!("the lobby in {language} is not built: `cargo xtask figures` builds it"))?
            .len();
        let compile = {
            let (_child, ports) = self.start()?;
            metric(&ports, "roomcast_plugin_load_seconds", "")?
        };
        let (_child, ports) = self.start()?;
        let load = metric(&ports, "roomcast_plugin_load_seconds", "")?;
        let start = metric(&ports, "roomcast_plugin_start_seconds", "")?;
        let streams: Vec<TcpStream> = (0..clients).map(|_| connect(ports.listen)).collect::<Result<_>>()?;
        let hook = "hook=\"on-connect\"";
        let seconds = metric(&ports, "roomcast_plugin_call_seconds_sum", hook)?;
        let connect = seconds / metric(&ports, "roomcast_plugin_call_seconds_count", hook)?;
        let memory = metric(&ports, "roomcast_plugin_memory_bytes", "")?;
        drop(streams);
        Ok(Row { language, bytes, compile, load, start, connect, memory })
    }

    fn start(&self) -> Result<(Child, Ports)> {
        let ports = self.folder.join("ports.json");
        let mut command = Command::new(&self.server);
        command.current_dir(&self.folder).args(["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0"]);
        command.arg("--ports-file").arg(&ports);
        child::forget_settings(&mut command);
        Child::start(command, &ports, self.folder.join("log"))
    }
}

/// A client, once it has its first bytes.
fn connect(address: SocketAddr) -> Result<TcpStream> {
    let open = || -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(b"GET /sse HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        stream.read_exact(&mut [0; 16])?;
        Ok(stream)
    };
    open().with_context(|| format!("a client of {address}"))
}

/// What the server has measured: the sum of the metrics with this name and label, none of which can be zero.
fn metric(ports: &Ports, name: &str, label: &str) -> Result<f64> {
    let value = Counters::of(ports.api)?.sum(name, label);
    ensure!(value > 0.0, "the server does not tell {name}");
    Ok(value)
}

fn table(rows: &[Row]) -> String {
    let head = [
        "",
        "component",
        "compile, once",
        "load from the cache",
        "start an instance",
        "`on-connect`",
        "memory of an instance",
    ];
    markdown::table(head.map(str::to_owned), rows.iter().map(Row::cells))
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let [size, memory] = [self.bytes as f64, self.memory].map(|bytes| Size(bytes).to_string());
        let times = [self.compile, self.load, self.start, self.connect];
        let [compile, load, start, connect] = times.map(|seconds| Time(seconds).to_string());
        [self.language.to_owned(), size, compile, load, start, connect, memory]
    }
}

/// Bytes, with two digits.
struct Size(f64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = if self.0 < 1e6 { (self.0 / 1024.0, "KiB") } else { (self.0 / 1_048_576.0, "MiB") };
        if value < 10.0 { write!(f, "{value:.1} {unit}") } else { write!(f, "{value:.0} {unit}") }
    }
}

/// Seconds, with two digits.
struct Time(f64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            seconds if seconds >= 1.0 => (seconds, "s"),
            seconds if seconds >= 1e-3 => (seconds * 1e3, "ms"),
            seconds => (seconds * 1e6, "µs"),
        };
        if value < 10.0 { write!(f, "{value:.1} {unit}") } else { write!(f, "{value:.0} {unit}") }
    }
}

/// Put the table between its marks.
fn insert(page: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let (before, rest) = text.split_once(MARKS.0).ok_or_else(|| no_marks(page))?;
    let (_, after) = rest.split_once(MARKS.1).ok_or_else(|| no_marks(page))?;
    Ok(fs::write(page, format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1))?)
}

fn no_marks(page: &Path) -> Error {
    anyhow!("{} has no place for the table: {}{}", page.display(), MARKS.0, MARKS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_two_digits() {
        assert_eq!(Size(39_500.0).to_string(), "39 KiB");
        assert_eq!(Size(1_500_000.0).to_string(), "1.4 MiB");
        assert_eq!(Time(0.000_004_23).to_string(), "4.2 µs");
        assert_eq!(Time(12.3).to_string(), "12 s");
    }
}
