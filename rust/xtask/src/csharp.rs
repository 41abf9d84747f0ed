//! The C# wrapper of the addon: it must compile, and so must the examples in its README.
//!
//! GodotSharp itself is in no registry that the tests can count on, so `tests/csharp` has the signatures that the wrapper
//! uses. That the names in it are those of the extension is what the suite `csharp_names` shows.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::debian::{self, Source};
use crate::download::{self, Scratch};
use crate::tally::Tally;
use crate::{progress, tools, tree};

const COMPILER: &str = "mcs";
const PACKAGE: &str = "mono-mcs";
/// For the projects that have nullable references on; C# 8 began with them.
const NULLABLE: &str = "#nullable disable";
/// What an example has that uses the package of that name as well.
const PACKAGE_CLASS: &str = "SocketIOClient.SocketIO;";
/// What begins and ends an example.
const BLOCK: &str = "```csharp\n";
const BLOCK_END: &str = "```\n";

/// Compiles them. Each counts as one test.
pub fn run(tally: &mut Tally) -> Result<()> {
    progress::heading("C#");
    let compiler = match Compiler::find() {
        Ok(compiler) => compiler,
        Err(error) => {
            println!("LEFT OUT C#: there is no compiler for it here ({PACKAGE} of Debian is one): {error:#}");
            return Ok(());
        }
    };
    let folder = tree::test_installs().join("csharp");
    fs::create_dir_all(&folder)?;
    let godot = folder.join("GodotSharp.dll");
    compiler.compile(&[tree::root().join("tests/csharp/GodotSharp.cs")], &[], &godot)?;

    let package = folder.join("SocketIOClient.dll");
    compiler.compile(&[tree::root().join("tests/csharp/SocketIOClient.cs")], &[], &package)?;

    let wrapper = folder.join("SocketIO.dll");
    let sources = wrapper_sources(&folder)?;
    let beside = compiler.compile(&sources, &[&godot, &package], &folder.join("Beside.dll"));
    count("the wrapper compiles beside the package SocketIOClient", beside, tally);
    count("the wrapper compiles", compiler.compile(&sources, &[&godot], &wrapper), tally);
    let readme = fs::read_to_string(tree::addon().join("csharp/README.md"))?;
    for (number, example) in examples_of(&readme)?.iter().enumerate() {
        let source = folder.join(format!("Example{number}.cs"));
        fs::write(&source, example)?;
        let library = source.with_extension("dll");
        let compiled = if example.contains(PACKAGE_CLASS) {
            compiler.compile(&[source], &[&godot, &wrapper, &package], &library)
        } else {
            compiler.compile(&[source], &[&godot, &wrapper], &library)
        };
        count(&format!("example {} of its README compiles", number + 1), compiled, tally);
    }
    Ok(())
}

fn count(what: &str, result: Result<()>, tally: &mut Tally) {
    let problems: Vec<String> = result.err().map(|error| format!("{error:#}")).into_iter().collect();
    println!("{} C#: {what}", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check(&format!("C#: {what}"), &problems);
}

/// Copies of the wrapper's files that a compiler of C# 7 takes.
fn wrapper_sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(tree::addon().join("csharp"))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default();
        if file.extension().is_some_and(|extension| extension == "cs") {
            let copy = folder.join(name);
            fs::write(&copy, fs::read_to_string(&file)?.replace(NULLABLE, ""))?;
            copies.push(copy);
        }
    }
    Ok(copies)
}

/// The code in a README.
fn examples_of(readme: &str) -> Result<Vec<&str>> {
    let blocks: Vec<&str> =
        readme.split(BLOCK).skip(1).filter_map(|rest| Some(rest.split_once(BLOCK_END)?.0)).collect();
    ensure!(!blocks.is_empty(), "the README of the C# wrapper has no example");
    Ok(blocks)
}

/// Mono's compiler: on PATH, or of the distribution's packages, unpacked.
struct Compiler {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Compiler {
    /// Finds it: on PATH; downloaded before; the distribution's package.
    fn find() -> Result<Self> {
        if let Some(program) = tools::on_path(&[COMPILER]) {
            return Ok(Self { program, arguments: Vec::new(), environment: Vec::new() });
        }
        let folder = tree::test_installs().join("mono");
        let _lock = download::lock(&folder, "Mono")?;
        let root = folder.join("packages");
        if let Some(compiler) = Self::in_root(&root) {
            return Ok(compiler);
        }
        ensure!(debian::has_apt(), "`{COMPILER}` is not on PATH, and there is no apt-get");
        progress::say("downloading Mono's C# compiler from the distribution's packages");
        let scratch = Scratch::new(&folder)?;
        let fresh = debian::unpack(&[PACKAGE], &Source::System, scratch.path())?;
        download::replace_folder(&fresh, &root)?;
        Self::in_root(&root).with_context(|| format!("the package {PACKAGE} holds no {COMPILER}"))
    }

    /// The compiler in a root folder of unpacked packages.
    fn in_root(root: &Path) -> Option<Self> {
        let libraries = root.join("usr/lib/mono/4.5");
        let compiler = libraries.join("mcs.exe");
        compiler.is_file().then(|| Self {
            program: root.join("usr/bin/mono-sgen"),
            arguments: vec![compiler.into_os_string()],
            environment: vec![("MONO_PATH", libraries), ("MONO_CFG_DIR", root.join("etc"))],
        })
    }

    /// Compiles a library. Warnings are errors.
    fn compile(&self, sources: &[PathBuf], references: &[&Path], library: &Path) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(&self.arguments).args(["-target:library", "-warn:4", "-warnaserror", "-nologo"]);
        for reference in references {
            command.arg(option("-r:", reference));
        }
        command.arg(option("-out:", library)).args(sources);
        let output =
            command.output().with_context(|| format!("{} cannot be started", self.program.display()))?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_the_code_in_the_blocks() {
        let readme = "# C#\n\n```csharp\nclass A {}\n```\n\ntext\n\n```csharp\nclass B {}\n```\n";
        assert_eq!(examples_of(readme).unwrap(), ["class A {}\n", "class B {}\n"]);
        assert!(examples_of("# C#\n").is_err());
    }
}
