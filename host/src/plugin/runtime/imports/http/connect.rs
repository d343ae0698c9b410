//! From a target to a connection: resolve its name, check the addresses, connect, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::address::is_public;
use super::error::{HttpError, Phase};
use crate::plugin::config::PrivateAddresses;
use crate::plugin::config::destination::{Host, HttpScheme, HttpTarget};

/// A TCP or a TLS connection.
pub(in crate::plugin) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// Resolve a target. The permit goes with the look-up, and comes back with the addresses: `getaddrinfo` cannot be cancelled,
/// and while it runs for a request that was given up, the permit stays taken.
pub(super) async fn resolve<P: Send + 'static>(
    target: &HttpTarget,
    permit: P,
    until: Instant,
) -> Result<(Vec<SocketAddr>, P), HttpError> {
    let name = match &target.host {
        Host::Address(address) => return Ok((vec![SocketAddr::new(*address, target.port)], permit)),
        Host::Name(name) => name.clone(),
    };
    let port = target.port;
    let lookup = tokio::task::spawn_blocking(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
        (found, permit)
    });
    let looked = timeout_at(until, lookup).await.map_err(|_| HttpError::TooLong(Phase::Lookup))?;
    let host = || target.host.clone();
    let (found, permit) = looked.map_err(|why| HttpError::Lookup { host: host(), cause: io::Error::other(why) })?;
    Ok((found.map_err(|cause| HttpError::Lookup { host: host(), cause })?, permit))
}

/// Check that every address is public: a name with one that is not cannot be trusted with the others either.
pub(super) fn check(target: &HttpTarget, addresses: &[SocketAddr], private: PrivateAddresses) -> Result<(), HttpError> {
    let public = |address: &IpAddr| private == PrivateAddresses::Allow || is_public(*address);
    match addresses.iter().map(SocketAddr::ip).find(|address| !public(address)) {
        Some(address) => Err(HttpError::Private { host: target.host.clone(), address }),
        None if addresses.is_empty() => Err(HttpError::NoAddress { host: target.host.clone() }),
        None => Ok(()),
    }
}

/// Connect to the first address that accepts. Each gets an equal part of the time that is left.
pub(super) async fn connect(
    target: &HttpTarget,
    addresses: &[SocketAddr],
    until: Instant,
) -> Result<TcpStream, HttpError> {
    let mut error = HttpError::TooLong(Phase::Connect);
    for (index, address) in addresses.iter().enumerate() {
        let (now, waiting) = (Instant::now(), u32::try_from(addresses.len() - index).unwrap_or(u32::MAX));
        let part = now + until.saturating_duration_since(now) / waiting;
        match timeout_at(part, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // An optimisation only.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(cause)) => error = HttpError::Connect { target: target.clone(), cause },
            Err(_) => error = HttpError::TooLong(Phase::Connect),
        }
    }
    Err(error)
}

/// TLS on a connection, if the target's scheme is https.
pub(super) async fn start_tls(
    target: &HttpTarget,
    stream: TcpStream,
    tls: &TlsConnector,
    until: Instant,
) -> Result<Box<dyn ByteStream>, HttpError> {
    if target.scheme == HttpScheme::Http {
        return Ok(Box::new(stream));
    }
    let error = |cause| HttpError::Tls { target: target.clone(), cause };
    let name = match &target.host {
        Host::Address(address) => (*address).into(),
        Host::Name(name) => name.clone().try_into().map_err(|why| error(io::Error::other(why)))?,
    };
    match timeout_at(until, tls.connect(name, stream)).await {
        Ok(stream) => Ok(Box::new(stream.map_err(error)?)),
        Err(_) => Err(HttpError::TooLong(Phase::Connect)),
    }
}

/// A TLS client that trusts the system's certificates, and those in a file.
///
/// # Errors
/// When the file cannot be read, or has no certificate in it.
pub(super) fn tls_connector(ca: Option<&Path>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for why in &native.errors {
        tracing::debug!("system certificate left out: {why}");
    }
    roots.add_parsable_certificates(native.certs);
    if let Some(path) = ca {
        let before = roots.len();
        let unreadable = |why| format!("{} cannot be read: {why}", path.display());
        for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
            let added = roots.add(certificate.map_err(unreadable)?);
            added.map_err(|why| format!("{} has a certificate that cannot be used: {why}", path.display()))?;
        }
        if roots.len() == before {
            return Err(format!("{} has no certificate in it; it should be a PEM file", path.display()));
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the suites of the versions that are built in")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}
