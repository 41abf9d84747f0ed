//! What a library needs of a player's machine, read from its file: on Linux the C library alone, and an old one.

use std::fmt;

use anyhow::{Context, Result, bail};
use goblin::elf::Elf;

use crate::dependencies;

/// The largest library that players download.
pub const LARGEST: usize = 8 * 1024 * 1024;
/// The oldest C library that a package runs with: that of the oldest systems that Rust itself supports.
pub const OLDEST_GLIBC: Glibc = Glibc(2, 17);
const VERSION_PREFIX: &str = "GLIBC_";

/// A version of the GNU C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc(pub u32, pub u32);

impl Glibc {
    /// Reads the name of a version of symbols, such as `GLIBC_2.2.5`.
    fn of_symbols(version: &str) -> Option<Self> {
        let mut numbers = version.strip_prefix(VERSION_PREFIX)?.split('.').map(str::parse);
        Some(Self(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Reads a library for Linux, refuses one that needs more than the C library, and returns the oldest version of that one
/// that has all the symbols.
pub fn glibc(library: &[u8]) -> Result<Glibc> {
    let elf = Elf::parse(library).context("the file is no library for Linux")?;
    if let Some(foreign) = elf.libraries.iter().find(|name| !dependencies::is_c_library(name)) {
        bail!("it needs {foreign}, and a player's machine has the C library only");
    }
    let needs = elf.verneed.context("it needs no version of any library")?;
    let mut newest = None;
    for library in &needs {
        for version in &library {
            let name = elf.dynstrtab.get_at(version.vna_name).context("a version without a name")?;
            newest = newest.max(Glibc::of_symbols(name));
        }
    }
    newest.context("it needs no version of the C library")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |name| Glibc::of_symbols(name).unwrap();
        assert!(version("GLIBC_2.2.5") < version("GLIBC_2.17"));
        assert!(version("GLIBC_2.17") <= OLDEST_GLIBC && version("GLIBC_2.34") > OLDEST_GLIBC);
        assert_eq!(Glibc::of_symbols("GCC_3.0"), None);
        assert_eq!(version("GLIBC_2.35").to_string(), "2.35");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_runs_here_is_read() {
        // This very test: it needs the C library, and libgcc_s for unwinding.
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = glibc(&program).unwrap_err().to_string();
        assert_eq!(error, "it needs libgcc_s.so.1, and a player's machine has the C library only");
        assert!(glibc(b"no library").is_err());
    }
}
