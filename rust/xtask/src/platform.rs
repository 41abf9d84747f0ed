//! The platforms that the addon has libraries for: what rustc and Godot call them, and how their libraries are named.

use std::env::consts::{ARCH, OS};
use std::fmt;

use anyhow::{Context, Result};

/// A system and a processor that the extension has libraries for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    system: String,
    /// None where one library has the code for all of them.
    processor: Option<String>,
}

/// rustc's name of a target, and the platform that it builds for.
struct Target {
    triple: &'static str,
    system: &'static str,
    processor: Option<&'static str>,
}

/// Of a platform with several targets that are for different processors, its library has the code of all; of others, it
/// is built for either.
const TARGETS: [Target; 9] = [
    Target { triple: "x86_64-unknown-linux-gnu", system: "linux", processor: Some("x86_64") },
    Target { triple: "aarch64-unknown-linux-gnu", system: "linux", processor: Some("arm64") },
    Target { triple: "x86_64-pc-windows-msvc", system: "windows", processor: Some("x86_64") },
    Target { triple: "x86_64-pc-windows-gnu", system: "windows", processor: Some("x86_64") },
    Target { triple: "x86_64-apple-darwin", system: "macos", processor: None },
    Target { triple: "aarch64-apple-darwin", system: "macos", processor: None },
    Target { triple: "aarch64-linux-android", system: "android", processor: Some("arm64") },
    Target { triple: "x86_64-linux-android", system: "android", processor: Some("x86_64") },
    Target { triple: "aarch64-apple-ios", system: "ios", processor: None },
];

impl Platform {
    /// The platform of a key of `socketio.gdextension`, such as `linux.editor.x86_64` or `macos.debug`.
    pub fn of_key(key: &str) -> Result<Self> {
        let mut words = key.split('.');
        let system = words.next().filter(|system| !system.is_empty());
        let system = system.with_context(|| format!("the key `{key}` names no system"))?;
        words.next().with_context(|| format!("the key `{key}` names no kind of build"))?;
        Ok(Self { system: system.to_owned(), processor: words.next().map(str::to_owned) })
    }

    /// The platform that a target of rustc builds for.
    pub fn of_triple(triple: &str) -> Result<Self> {
        let target = TARGETS.iter().find(|target| target.triple == triple).with_context(|| {
            let known: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
            format!("there are no libraries for the target `{triple}`; there are for {}", known.join(", "))
        })?;
        Ok(Self { system: target.system.to_owned(), processor: target.processor.map(str::to_owned) })
    }

    /// The one that this runs on.
    pub fn of_this_machine() -> Self {
        let processor = match (OS, ARCH) {
            ("macos", _) => None,
            (_, "aarch64") => Some("arm64"),
            (_, processor) => Some(processor),
        };
        Self { system: OS.to_owned(), processor: processor.map(str::to_owned) }
    }

    /// All of them.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> =
            TARGETS.iter().filter_map(|target| Self::of_triple(target.triple).ok()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether its library has the code for several processors, each built on its own.
    pub fn is_universal(&self) -> bool {
        self.system == "macos"
    }

    /// Whether an editor runs on it that loads a library of its own.
    pub fn has_editor(&self) -> bool {
        !matches!(self.system.as_str(), "android" | "ios")
    }

    /// The targets that rustc knows it by.
    pub fn triples(&self) -> Result<Vec<&'static str>> {
        let is_own =
            |target: &&Target| target.system == self.system && target.processor == self.processor.as_deref();
        let triples: Vec<_> = TARGETS.iter().filter(is_own).map(|target| target.triple).collect();
        (!triples.is_empty()).then_some(triples).with_context(|| format!("{self} is built for no target"))
    }

    /// The file name of its library for what Godot calls a target, such as `template_debug`. `socketio.gdextension`
    /// knows it by that.
    pub fn library(&self, target: &str) -> String {
        let prefix = if self.system == "windows" { "" } else { "lib" };
        let processor = match (self.system.as_str(), self.processor.as_deref()) {
            (_, Some(processor)) => processor,
            ("ios", None) => "arm64",
            (_, None) => "universal",
        };
        format!("{prefix}socketio_godot.{}.{target}.{processor}.{}", self.system, self.library_extension())
    }

    /// What the file name of a dynamic library ends with there, after the dot.
    pub fn library_extension(&self) -> &'static str {
        match self.system.as_str() {
            "windows" => "dll",
            "macos" | "ios" => "dylib",
            _ => "so",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system.as_str() {
            "linux" => "Linux",
            "windows" => "Windows",
            "macos" => "macOS",
            "android" => "Android",
            "ios" => "iOS",
            other => other,
        };
        match &self.processor {
            Some(processor) => write!(f, "{system} {processor}"),
            None => f.write_str(system),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_key(key: &str) -> Platform {
        Platform::of_key(key).unwrap()
    }

    #[test]
    fn platforms_are_named_for_people() {
        let names = ["linux.debug.arm64", "macos.release", "windows.editor.x86_64"]
            .map(|key| of_key(key).to_string());
        assert_eq!(names, ["Linux arm64", "macOS", "Windows x86_64"]);
        assert!(Platform::of_key("linux").is_err());
    }

    #[test]
    fn a_target_and_a_key_name_the_same_platform() {
        for (triple, key) in [
            ("aarch64-unknown-linux-gnu", "linux.editor.arm64"),
            ("x86_64-pc-windows-gnu", "windows.debug.x86_64"),
            ("x86_64-apple-darwin", "macos.release"),
            ("aarch64-apple-ios", "ios.debug"),
        ] {
            assert_eq!(Platform::of_triple(triple).unwrap(), of_key(key), "{triple}");
            assert!(of_key(key).triples().unwrap().contains(&triple), "{triple}");
        }
        let error = Platform::of_triple("wasm32-unknown-emscripten").unwrap_err().to_string();
        assert!(error.contains("`wasm32-unknown-emscripten`; there are for x86_64-unknown-linux-gnu, "));
    }

    #[test]
    fn libraries_are_named_as_godot_names_its_own() {
        for (key, name) in [
            ("linux.release.arm64", "libsocketio_godot.linux.template_release.arm64.so"),
            ("windows.release.x86_64", "socketio_godot.windows.template_release.x86_64.dll"),
            ("macos.release", "libsocketio_godot.macos.template_release.universal.dylib"),
            ("android.release.arm64", "libsocketio_godot.android.template_release.arm64.so"),
            ("ios.release", "libsocketio_godot.ios.template_release.arm64.dylib"),
        ] {
            assert_eq!(of_key(key).library("template_release"), name);
        }
    }

    #[test]
    fn this_machine_is_one_of_them() {
        assert!(!Platform::of_this_machine().triples().unwrap().is_empty());
    }
}
