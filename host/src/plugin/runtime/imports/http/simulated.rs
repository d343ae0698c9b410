//! The way to an upstream of a simulation. What a plugin meets on it is what it would meet in a server: the same checks, and
//! the same errors.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hyper::http::request::Parts;
use tokio::time::{Instant, sleep_until};

use super::connect::{self, ByteStream};
use super::error::{HttpError, Phase};
use crate::plugin::config::PrivateAddresses;
use crate::plugin::config::destination::{Host, HttpTarget};
use crate::plugin::runtime::simulation::network::{Network, SimulatedRequest, Unreachable};

/// Check that an address is public, as far as there is one: names are those of public hosts, but for `localhost`.
pub(super) fn check(target: &HttpTarget, private: PrivateAddresses) -> Result<(), HttpError> {
    let address: IpAddr = match &target.host {
        Host::Address(address) => *address,
        Host::Name(name) if name == "localhost" || name.ends_with(".localhost") => Ipv4Addr::LOCALHOST.into(),
        Host::Name(_) => return Ok(()),
    };
    connect::check(target, &[SocketAddr::new(address, target.port)], private)
}

/// Connect for the request with this head.
pub(super) async fn connect(
    network: &dyn Network,
    target: &HttpTarget,
    head: &Parts,
    until: Instant,
) -> Result<Box<dyn ByteStream>, HttpError> {
    let why = match network.connect(&SimulatedRequest::new(&head.method, target, &head.uri)) {
        Ok(stream) => return Ok(Box::new(stream)),
        Err(why) => why,
    };
    let (target, host) = (target.clone(), target.host.clone());
    Err(match why {
        Unreachable::ConnectionRefused => {
            HttpError::Connect { target, cause: io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused") }
        }
        Unreachable::ConnectionTimeout => {
            sleep_until(until).await;
            HttpError::TooLong(Phase::Connect)
        }
        Unreachable::DnsError => HttpError::Lookup { host, cause: io::Error::other("name or service not known") },
        Unreachable::TlsCertificateError => {
            let untrusted = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
            HttpError::Tls { target, cause: io::Error::other(untrusted) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_as_in_a_server() {
        let allowed = |url: &str, private| {
            let target = HttpTarget::of(&url.parse().expect("a URL")).expect("a target");
            check(&target, private).is_ok()
        };
        for (url, public) in
            [("http://127.0.0.1:9000/", false), ("http://localhost/", false), ("https://api.example/", true)]
        {
            assert_eq!(allowed(url, PrivateAddresses::Refuse), public, "{url}");
            assert!(allowed(url, PrivateAddresses::Allow), "{url}");
        }
    }
}
