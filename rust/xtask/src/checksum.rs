//! SHA-256 of files and of what an installation was made from.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// The checksum of a file, in lower-case hexadecimal.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hexadecimal(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

/// One checksum for several parts. Their lengths count too, so that no two lists look alike.
pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hexadecimal(&hasher.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_file_has_its_known_checksum() {
        let path = std::env::temp_dir().join(format!("xtask-checksum-{}", std::process::id()));
        std::fs::write(&path, "abc").unwrap();
        let checksum = of_file(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(checksum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn parts_are_kept_apart() {
        let checksum = |parts: [&str; 2]| of_parts(parts.map(str::as_bytes));
        assert_ne!(checksum(["ab", "c"]), checksum(["a", "bc"]));
        assert_eq!(checksum(["ab", "c"]), checksum(["ab", "c"]));
    }
}
