//! The certificates of the TLS suite. They are made for each run, because one that is kept expires, and its key is
//! known.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

use crate::tree;

const HOST: &str = "localhost";
const ADDRESS: &str = "127.0.0.1";

/// Makes all certificates anew. Returns their folder, where each has its `NAME.crt` and a server's also its `NAME.key`.
pub fn make() -> Result<PathBuf> {
    let folder = tree::test_installs().join("certificates");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let authority = Authority::new("Test authority")?;
    let other = Authority::new("Other authority")?;
    let intermediate = authority.intermediate("Test intermediate")?;
    write(&folder, "authority.crt", &authority.pem)?;
    write(&folder, "other_authority.crt", &other.pem)?;

    write_server(&folder, "right", &authority.server(&[HOST, ADDRESS], |_| {})?)?;
    write_server(&folder, "of_the_name", &authority.server(&[HOST], |_| {})?)?;
    write_server(&folder, "of_the_address", &authority.server(&[ADDRESS], |_| {})?)?;
    write_server(&folder, "of_another_name", &authority.server(&["game.example.org"], |_| {})?)?;
    write_server(&folder, "of_another_authority", &other.server(&[HOST, ADDRESS], |_| {})?)?;
    let expired = authority.server(&[HOST, ADDRESS], |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    })?;
    write_server(&folder, "expired", &expired)?;
    let not_yet_valid = authority.server(&[HOST, ADDRESS], |params| {
        params.not_before = date_time_ymd(2999, 1, 1);
        params.not_after = date_time_ymd(3000, 1, 1);
    })?;
    write_server(&folder, "not_yet_valid", &not_yet_valid)?;
    write_server(&folder, "self_signed", &self_signed()?)?;
    let lone = intermediate.server(&[HOST, ADDRESS], |_| {})?;
    let chain =
        Server { certificate: format!("{}{}", lone.certificate, intermediate.pem), key: lone.key.clone() };
    write_server(&folder, "without_its_intermediate", &lone)?;
    write_server(&folder, "with_its_intermediate", &chain)?;
    for length in [100, 1000] {
        write_server(&folder, &format!("at_the_end_of_{length}"), &other.far_server(length)?)?;
    }
    Ok(folder)
}

/// A certificate authority.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What a server has, in PEM.
struct Server {
    certificate: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Result<Self> {
        let (params, key) = authority(name)?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { pem, issuer: Issuer::new(params, key) })
    }

    fn intermediate(&self, name: &str) -> Result<Self> {
        let (params, key) = authority(name)?;
        let pem = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Self { pem, issuer: Issuer::new(params, key) })
    }

    /// A certificate with so many others between it and this authority.
    fn far_server(&self, distance: usize) -> Result<Server> {
        let mut last = self.intermediate("Test intermediate")?;
        let mut chain = vec![last.pem.clone()];
        for _ in 1..distance {
            last = last.intermediate("Test intermediate")?;
            chain.push(last.pem.clone());
        }
        let Server { certificate, key } = last.server(&[HOST, ADDRESS], |_| {})?;
        chain.push(certificate);
        chain.reverse();
        Ok(Server { certificate: chain.concat(), key })
    }

    /// A certificate for these names and addresses.
    fn server(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Result<Server> {
        let (mut params, key) = server(names)?;
        change(&mut params);
        Ok(Server { certificate: params.signed_by(&key, &self.issuer)?.pem(), key: key.serialize_pem() })
    }
}

fn self_signed() -> Result<Server> {
    let (params, key) = server(&[HOST, ADDRESS])?;
    Ok(Server { certificate: params.self_signed(&key)?.pem(), key: key.serialize_pem() })
}

fn authority(name: &str) -> Result<(CertificateParams, KeyPair)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    Ok((params, KeyPair::generate()?))
}

fn server(names: &[&str]) -> Result<(CertificateParams, KeyPair)> {
    let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Test server");
    Ok((params, KeyPair::generate()?))
}

fn write_server(folder: &Path, name: &str, server: &Server) -> Result<()> {
    write(folder, &format!("{name}.crt"), &server.certificate)?;
    write(folder, &format!("{name}.key"), &server.key)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let file = folder.join(name);
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}
