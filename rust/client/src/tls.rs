//! TLS settings, as Godot's `TLSOptions` has them.

use native_tls::{Certificate, Protocol, TlsConnector};

/// How a server proves who it is.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// The certificates to trust.
    pub roots: Roots,
    /// What is checked.
    pub verify: Verify,
    /// The name that the certificate must have, where it is not the URL's host. It is also the name asked for
    /// (SNI), as in Godot. Unused with [`Verify::Unsafe`].
    pub common_name_override: Option<String>,
}

/// The certificates to trust.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// Those of the operating system.
    #[default]
    System,
    /// Only these: one or more certificates as PEM text.
    Only(Vec<u8>),
}

/// What is checked of a server's certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// The chain of trust, the dates and the name.
    #[default]
    Full,
    /// Nothing with [`Roots::System`]. With [`Roots::Only`] everything except the name, as Godot's
    /// `TLSOptions.client_unsafe` does with a chain.
    Unsafe,
}

impl TlsOptions {
    /// The name to ask the server for and to look for in its certificate.
    pub(crate) fn server_name<'a>(&'a self, host: &'a str) -> &'a str {
        match (&self.common_name_override, self.verify) {
            (Some(name), Verify::Full) if !name.is_empty() => name,
            _ => host,
        }
    }

    /// What opens TLS streams with these settings.
    ///
    /// # Errors
    /// With the reason, when the roots are not certificates or the system's TLS cannot be set up.
    pub(crate) fn connector(&self) -> Result<TlsConnector, String> {
        let mut builder = TlsConnector::builder();
        // Some systems would still take the versions before, which RFC 8996 forbids.
        builder.min_protocol_version(Some(Protocol::Tlsv12));
        if let Roots::Only(pem) = &self.roots {
            let certificates = certificates(pem)?;
            if certificates.is_empty() {
                return Err("there is no certificate in it".to_owned());
            }
            builder.disable_built_in_roots(true);
            for certificate in certificates {
                builder.add_root_certificate(certificate);
            }
        }
        if self.verify == Verify::Unsafe {
            builder.danger_accept_invalid_hostnames(true);
            builder.danger_accept_invalid_certs(matches!(self.roots, Roots::System));
        }
        builder.build().map_err(|error| error.to_string())
    }
}

#[cfg(not(all(target_vendor = "apple", not(target_os = "macos"))))]
fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    Certificate::stack_from_pem(pem).map_err(|error| error.to_string())
}

#[cfg(all(target_vendor = "apple", not(target_os = "macos")))]
fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    certificates_by_der(pem)
}

/// The system of iOS reads no PEM, and `stack_from_pem` panics there.
#[cfg(any(test, all(target_vendor = "apple", not(target_os = "macos"))))]
fn certificates_by_der(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    let blocks = pem::parse_many(pem).map_err(|error| error.to_string())?;
    let of_certificates = blocks.iter().filter(|block| block.tag() == "CERTIFICATE");
    of_certificates
        .map(|block| Certificate::from_der(block.contents()).map_err(|error| error.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn pem(name: &str) -> String {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    #[test]
    fn every_way_to_read_certificates_reads_the_same() {
        let text = format!("A comment.\n{}\n{}", pem("a.example.org"), pem("b.example.org"));
        let ders = |certificates: Vec<Certificate>| {
            certificates.iter().map(|certificate| certificate.to_der().unwrap()).collect::<Vec<_>>()
        };
        let read = ders(certificates_by_der(text.as_bytes()).unwrap());
        assert_eq!(read.len(), 2);
        assert_eq!(read, ders(certificates(text.as_bytes()).unwrap()));
    }

    #[test]
    fn what_is_no_certificate_is_an_error() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(certificates_by_der(broken.as_bytes()).is_err());
        assert!(certificates_by_der(b"no certificate").unwrap().is_empty());
    }
}
