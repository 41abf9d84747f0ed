//! Godot's version numbers.

use std::fmt;

/// The oldest version that the addon supports.
pub const OLDEST: Version = Version { major: 4, minor: 3, patch: 0 };

/// A version such as 4.6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads what `godot --version` prints, such as `4.3.stable.official.77dcf97d8`. Warnings may stand before it.
    pub fn parse(output: &str) -> Option<Self> {
        output.lines().rev().find_map(|line| Self::parse_line(line.trim()))
    }

    fn parse_line(line: &str) -> Option<Self> {
        let mut parts = line.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        // 4.3 has no patch number, and its third part is the word `stable`.
        let patch = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        Some(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_godot_prints_them() {
        for (output, expected) in [
            ("4.6.3.stable.debian4.6.3+ds-3\n", "4.6.3"),
            ("4.3.stable.official.77dcf97d8\n", "4.3"),
            ("4.5.beta2.official\r\n", "4.5"),
            ("3.5.2.stable.debian\n", "3.5.2"),
            ("WARNING: something is odd\n4.4.1.stable.arch_linux\n\n", "4.4.1"),
        ] {
            assert_eq!(Version::parse(output).unwrap().to_string(), expected, "{output:?}");
        }
    }

    #[test]
    fn anything_else_is_no_version() {
        for output in ["", "\n", "godot", "v4.3", "4", "4.x.stable"] {
            assert_eq!(Version::parse(output), None, "{output:?}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("4.2.2.stable") < OLDEST);
        assert!(version("3.10.stable") < OLDEST);
        assert!(version("4.3.stable") >= OLDEST);
        assert!(version("4.10.stable") > version("4.9.3.stable"));
    }
}
