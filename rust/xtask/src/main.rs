//! The project's tasks, the same on a developer's machine and in CI: `cargo xtask TASK`.

mod bench;
mod cargo;
mod certificates;
mod checksum;
mod class_docs;
mod csharp;
mod data_fuzz;
mod debian;
mod demo;
mod deny;
mod dependencies;
mod display;
mod download;
mod examples;
mod exits;
mod fuzz;
mod godot;
mod library;
mod log_check;
mod package;
mod platform;
mod portable;
mod process;
mod progress;
mod redis;
mod results;
mod rust_checks;
mod scripts;
mod servers;
mod soak;
mod suites;
mod tally;
mod test;
mod tools;
mod tree;
mod tutorials;
mod workflows;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask build [--release]   build the extension and install it into addons/socketio/bin
    --editor                    only the library for the editor
    --target TRIPLE             for the platform of this target of rustc; Linux's run with an old C library
cargo xtask demo                run the demo: in a window, or headless where there is no display
    --headless                  two scripted players, their transcript, exit code 0 if all went well
    --kill-server               headless, with a server that is killed and started again
    --server URL                use this Socket.IO server instead of the embedded one
    --players N                 open N windows
    --screenshot FILE           save a picture of the window, with guests in the room; without a display in Xvfb
cargo xtask test                run every check and test
    --suite NAME                only this suite (repeatable; also: demo, exits, class_docs, bench, package,
                                tutorials, examples, csharp, soak, data_fuzz)
    --focus TEST                only the tests of this name
cargo xtask bench               measure this addon next to other clients and the engine itself
    --rounds N                  5 by default
    --only ROW                  only this row (repeatable)
    --quick                     show in a minute that everything runs; the figures mean nothing
    --write                     replace the results in tests/bench
cargo xtask package             make the zip for the Asset Library, with libraries for old systems, and its checksum
    --prebuilt                  build none: take the libraries in addons/socketio/bin
cargo xtask soak                floods, faults and scene changes: memory, threads, sockets and objects must not grow
    --minutes N                 10 by default; 0.5 shows that it works
    --seed N                    other faults and floods
cargo xtask fuzz [TARGET...]    run the fuzz targets, all by default; needs nightly Rust and cargo-fuzz
    --minutes N                 for each, 1 by default
    --write                     replace the inputs in tests/fuzz/corpus by the fewest that reach as much
cargo xtask fuzz-data           play a game that does anything to received data, against a server of random trees
    --minutes N                 10 by default
    --seed N                    other trees, and other things done to them
    --exported                  in a game exported with the release template
    --valgrind                  under valgrind
cargo xtask deny                check licences, sources and advisories of the dependencies; needs the network
cargo xtask godot [ARGS]        run the Godot that was found, with these arguments
";

enum Task {
    Help,
    Build(library::Builds, Option<String>),
    Demo(demo::Options),
    Test(test::Selection),
    Bench(bench::Options),
    Package(package::Options),
    Soak(soak::Options),
    Fuzz(fuzz::Options),
    FuzzData(data_fuzz::Options),
    Deny,
    Godot(Vec<OsString>),
}

fn main() -> ExitCode {
    match parse(lexopt::Parser::from_env()).and_then(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Help => print!("{HELP}"),
        Task::Build(builds, target) => {
            match target {
                Some(triple) => portable::build(&triple, builds, &tree::addon())?,
                None => library::build(builds)?,
            }
            godot::project::install_into_all()?;
        }
        Task::Demo(options) => demo::run(&options)?,
        Task::Test(selection) => return test::run(&selection),
        Task::Bench(options) => bench::run(&options)?,
        Task::Package(options) => package::run(&options)?,
        Task::Soak(options) => return soak::run(&options),
        Task::Fuzz(options) => fuzz::run(&options)?,
        Task::FuzzData(options) => return data_fuzz::run(&options),
        Task::Deny => deny::check_all()?,
        Task::Godot(arguments) => {
            let godot = godot::find()?;
            return Ok(process::pass_through(godot.command().args(arguments))?.into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(mut arguments: lexopt::Parser) -> Result<Task> {
    let Some(first) = arguments.next()? else { return Ok(Task::Help) };
    let task = match first {
        Long("help") | Short('h') => return Ok(Task::Help),
        Value(name) => name.string()?,
        other => return Err(other.unexpected().into()),
    };
    match task.as_str() {
        "help" => Ok(Task::Help),
        "build" => parse_build(arguments),
        "demo" => parse_demo(arguments),
        "test" => parse_test(arguments),
        "bench" => parse_bench(arguments),
        "package" => parse_package(arguments),
        "soak" => parse_soak(arguments),
        "fuzz" => parse_fuzz(arguments),
        "fuzz-data" => parse_fuzz_data(arguments),
        "deny" => parse_deny(arguments),
        "godot" => Ok(Task::Godot(arguments.raw_args()?.collect())),
        other => bail!("there is no task `{other}`; the tasks are:\n{HELP}"),
    }
}

fn parse_build(mut arguments: lexopt::Parser) -> Result<Task> {
    let (mut release, mut editor, mut target) = (false, false, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("release") => release = true,
            Long("editor") => editor = true,
            Long("target") => target = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let builds = match (editor, release) {
        (true, true) => bail!("--editor builds the development library: leave --release out"),
        (true, false) => library::Builds::Editor,
        (false, false) => library::Builds::Development,
        (false, true) => library::Builds::Release,
    };
    Ok(Task::Build(builds, target))
}

fn parse_demo(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = demo::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("headless") => options.headless = true,
            Long("kill-server") => options.kill_server = true,
            Long("server") => options.server = Some(arguments.value()?.string()?),
            Long("players") => options.windows = arguments.value()?.parse()?,
            Long("screenshot") => options.screenshot = Some(arguments.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.kill_server && (options.server.is_some() || options.windows > 1) {
        bail!("--kill-server needs a server and players of its own: leave --server and --players out");
    }
    Ok(Task::Demo(options))
}

fn parse_test(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut selection = test::Selection::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("suite") => selection.suites.push(arguments.value()?.string()?),
            Long("focus") => selection.focus = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Test(selection))
}

fn parse_package(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = package::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("prebuilt") => options.prebuilt = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Package(options))
}

fn parse_soak(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = soak::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("minutes") => options.minutes = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Soak(options))
}

fn parse_fuzz(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = fuzz::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(target) => options.targets.push(target.string()?),
            Long("minutes") => options.minutes = arguments.value()?.parse()?,
            Long("write") => options.write = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Fuzz(options))
}

fn parse_fuzz_data(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = data_fuzz::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("minutes") => options.minutes = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            Long("exported") => options.exported = true,
            Long("valgrind") => options.valgrind = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::FuzzData(options))
}

fn parse_deny(mut arguments: lexopt::Parser) -> Result<Task> {
    match arguments.next()? {
        Some(other) => Err(other.unexpected().into()),
        None => Ok(Task::Deny),
    }
}

fn parse_bench(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut options = bench::Options::default();
    let mut rounds = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rounds") => rounds = Some(arguments.value()?.parse()?),
            Long("only") => options.only.push(arguments.value()?.string()?),
            Long("quick") => options.quick = true,
            Long("write") => options.write = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let usual = if options.quick { 1 } else { options.rounds };
    options.rounds = rounds.unwrap_or(usual);
    Ok(Task::Bench(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Task> {
        parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn suites_and_focus_are_collected() {
        let Ok(Task::Test(selection)) = parsed(&["test", "--suite", "acks", "--suite=raw", "--focus", "x"])
        else {
            panic!("not a test task")
        };
        assert_eq!(selection.suites, ["acks", "raw"]);
        assert_eq!(selection.focus.as_deref(), Some("x"));
    }

    #[test]
    fn a_quick_bench_has_one_round_unless_it_is_told_otherwise() {
        for (arguments, rounds) in
            [(&["bench", "--quick"][..], 1), (&["bench", "--quick", "--rounds", "3"], 3), (&["bench"], 5)]
        {
            let Ok(Task::Bench(options)) = parsed(arguments) else { panic!("not a bench task") };
            assert_eq!(options.rounds, rounds, "{arguments:?}");
        }
    }

    #[test]
    fn godot_gets_its_arguments_unchanged() {
        let Ok(Task::Godot(arguments)) = parsed(&["godot", "--headless", "--", "-x", "--suite"]) else {
            panic!("not a godot task")
        };
        assert_eq!(arguments, ["--headless", "--", "-x", "--suite"]);
    }

    #[test]
    fn a_package_is_built_unless_it_is_told_otherwise() {
        for (arguments, expected) in [(&["package"][..], false), (&["package", "--prebuilt"], true)] {
            let Ok(Task::Package(options)) = parsed(arguments) else { panic!("not a package task") };
            assert_eq!(options.prebuilt, expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_build_is_for_this_machine_unless_it_names_a_target() {
        for (arguments, expected) in [
            (&["build", "--release"][..], None),
            (&["build", "--release", "--target", "x86_64-pc-windows-gnu"], Some("x86_64-pc-windows-gnu")),
        ] {
            let Ok(Task::Build(builds, target)) = parsed(arguments) else { panic!("not a build task") };
            assert_eq!((builds, target.as_deref()), (library::Builds::Release, expected), "{arguments:?}");
        }
    }

    #[test]
    fn unknown_tasks_and_options_are_refused() {
        assert!(parsed(&["paint"]).is_err());
        assert!(parsed(&["test", "--fast"]).is_err());
        assert!(parsed(&["build", "--editor", "--release"]).is_err());
        assert!(parsed(&["demo", "--kill-server", "--server", "ws://h"]).is_err());
    }
}
