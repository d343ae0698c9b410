//! Where a development server listens: where the configuration says, or on the next ports that are free.
//!
//! They are looked for before the first build, which may take minutes, and held until the server takes them.

use std::io;
use std::net::TcpListener;

use anyhow::{Result, bail};

use crate::config::Config;
use crate::http::api::Listen;
use crate::listen::Address;
use crate::project::build::note;

/// How many ports are tried.
const MOST: u16 = 100;

/// Who has chosen an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// Who has started this: it is that one, or none.
    CommandLine,
    /// The configuration, which may be that of several projects.
    Configuration,
}

/// The addresses of a development server.
#[derive(Debug, Clone)]
pub struct Ports(Vec<Place>);

/// The sockets that hold the ports until this is dropped.
#[derive(Debug)]
pub struct HeldPorts(#[expect(dead_code, reason = "they are held, and nothing else")] Vec<TcpListener>);

#[derive(Debug, Clone, Copy)]
struct Place {
    key: &'static str,
    configured: Address,
    used: Address,
}

impl Ports {
    /// Find them. `chosen_by` says who has chosen the address of a key.
    ///
    /// # Errors
    /// Which address cannot be listened on, and why.
    pub fn hold(config: &Config, chosen_by: impl Fn(&str) -> ChosenBy) -> Result<(Self, HeldPorts)> {
        let operators = match config.api.listen {
            Listen::At(address) => Some(("api.listen", address)),
            Listen::Off => None,
        };
        let (mut places, mut held) = (Vec::new(), Vec::new());
        for (key, configured) in std::iter::once(("server.listen", config.server.listen)).chain(operators) {
            let (used, socket) = find(key, configured, chosen_by(key))?;
            places.push(Place { key, configured, used });
            held.extend(socket);
        }
        Ok((Self(places), HeldPorts(held)))
    }

    /// Have the configuration name the addresses that are used.
    pub fn set(&self, config: &mut Config) {
        for place in &self.0 {
            let address = match (place.key, &mut config.api.listen) {
                ("server.listen", _) => &mut config.server.listen,
                (_, Listen::At(address)) => address,
                (_, Listen::Off) => continue,
            };
            if *address == place.configured {
                *address = place.used;
            }
        }
    }

    /// Say which addresses are others than was configured.
    pub fn say_moved(&self) {
        self.moved().for_each(note);
    }

    /// A sentence for each address that is another one than was configured.
    fn moved(&self) -> impl Iterator<Item = String> {
        let moved = self.0.iter().filter(|place| place.configured != place.used);
        moved.map(|Place { key, configured, used }| format!("`{key}`: {configured} is taken, so it is {used}"))
    }
}

/// An address with a free port, and the socket that holds it; port 0 needs none.
fn find(key: &str, configured: Address, chosen_by: ChosenBy) -> Result<(Address, Option<TcpListener>)> {
    let first = configured.port();
    if first == 0 {
        return Ok((configured, None));
    }
    let last = match chosen_by {
        ChosenBy::CommandLine => first,
        ChosenBy::Configuration => first.saturating_add(MOST - 1),
    };
    for port in first..=last {
        let address = configured.with_port(port);
        match bind(address) {
            Ok(socket) => return Ok((address, Some(socket))),
            Err(why) if why.kind() == io::ErrorKind::AddrInUse && port < last => {}
            Err(why) => bail!(address.refused(key, &why)),
        }
    }
    bail!("`{key}`: no port is free from {first} to {last}")
}

fn bind(address: Address) -> io::Result<TcpListener> {
    // The second candidate is for machines without IPv6; a port that is taken is taken for both.
    let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
    for candidate in address.candidates() {
        outcome = TcpListener::bind(candidate);
        if !outcome.as_ref().is_err_and(|why| why.kind() != io::ErrorKind::AddrInUse) {
            break;
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration with the API at a port that is taken, and the socket that has taken it.
    fn taken() -> (Config, TcpListener) {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut config = Config::default();
        config.server.listen = "127.0.0.1:0".parse().expect("an address");
        config.api.listen = Listen::At(socket.local_addr().expect("an address").into());
        (config, socket)
    }

    #[test]
    fn taken_port_of_the_configuration_moves_to_a_free_one() {
        let (config, socket) = taken();
        let (ports, held) = Ports::hold(&config, |_| ChosenBy::Configuration).expect("there are free ports");
        let mut moved = config.clone();
        ports.set(&mut moved);
        assert_eq!(moved.server.listen, config.server.listen, "port 0 takes a free one by itself");
        let Listen::At(address) = moved.api.listen else { panic!("it is on") };
        assert!(address.port() > socket.local_addr().expect("an address").port());
        let said: Vec<_> = ports.moved().collect();
        assert!(
            said.len() == 1 && said[0].contains("api.listen") && said[0].contains(&address.to_string()),
            "{said:?}"
        );
        assert!(bind(address).is_err(), "it is held");
        drop(held);
        assert!(bind(address).is_ok(), "the server can have it");
        let mut again = moved.clone();
        ports.set(&mut again);
        assert_eq!(again.api.listen, moved.api.listen, "another address is left alone");
    }

    #[test]
    fn taken_port_of_the_command_line_is_an_error() {
        let (config, _socket) = taken();
        let why = Ports::hold(&config, |_| ChosenBy::CommandLine).expect_err("it is taken").to_string();
        assert!(why.contains("api.listen") && why.contains("cannot be listened on"), "{why}");
    }
}
