//! `cargo xtask demo`: from a clean clone to a page in one command.

mod server;

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Command;

use server::{Addresses, Server};

use crate::failure::{Failure, Result};
use crate::report::{self, Status};
use crate::setup::Part;
use crate::workspace::Workspace;
use crate::{guests, process};

/// Build the server and the lobby plugin, and serve the demo page until Ctrl-C
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address of the page and the stream; port 0 takes any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Open the page in the browser as soon as it is served
    #[arg(long)]
    open: bool,
    /// More arguments for `roomcast serve`, after `--`
    #[arg(last = true, value_name = "ARGS")]
    serve: Vec<OsString>,
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let mut serve = Command::new(workspace.server());
    serve.current_dir(&workspace.root).arg("serve");
    Part::Make.ensure(workspace).map_err(|_| Failure::new("the server cannot be built; see above what to do"))?;
    if Part::Wasm.ensure(workspace).is_ok() {
        let plugin = guests::default_plugin(workspace)?;
        guests::build(workspace, std::slice::from_ref(&plugin))?;
        serve.arg(&plugin.component);
    } else {
        // The server carries the same plugin inside, so a machine that cannot compile plugins has a demo as well.
        report::line(Status::Skipped, "building the lobby plugin: the demo runs the one inside the server");
    }
    report::line(Status::Running, "building the server (the first time takes some minutes)");
    process::run(&mut workspace.build_server())?;

    serve.arg("--listen").arg(args.listen.to_string());
    serve.arg("--static").arg(guests::default_page(workspace)).args(&args.serve);
    let mut server = Server::start(serve, &workspace.target.join("demo-ports.json"))?;
    if let Some(addresses) = server.ready()? {
        welcome(&addresses);
        if args.open {
            open(&addresses.page);
        }
    }
    server.wait()
}

fn welcome(addresses: &Addresses) {
    report::text(format_args!("\n  Open {} in two windows: they talk to each other.", addresses.page));
    if let Some(api) = &addresses.api {
        let publish = r#"-H 'content-type: application/json' -d '{"event":"chat","data":"{\"name\":\"curl\",\"text\":\"hello\"}"}'"#;
        report::text(format_args!("  Publish from a shell: curl {api}/v1/rooms/lobby/events {publish}"));
    }
    report::text("  Change plugins/lobby and run `cargo xtask plugins` elsewhere: the open pages get the new logic.");
    report::text("  Ctrl-C ends the server.\n");
}

/// A browser that does not open is no reason to stop: the address stands above.
fn open(page: &str) {
    let program = if env::consts::OS == "macos" { "open" } else { "xdg-open" };
    if Command::new(program).arg(page).spawn().is_err() {
        report::line(Status::Skipped, format_args!("--open: there is no `{program}` on this machine"));
    }
}
