//! Runs the demo server: `demo-server [--port N] [--host ADDRESS] [--scenario]`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use lexopt::{Arg, ValueExt};
use socketio_demo_server::{Contract, serve};
use tokio::net::TcpListener;

const USAGE: &str = "\
Usage: demo-server [--port N] [--host ADDRESS] [--scenario]

  --port N        the port to listen on (3000); 0 takes a free one
  --host ADDRESS  the address to listen on (127.0.0.1: this machine only)
  --scenario      serves the integration tests instead of the demo game

Ends when its standard input closes.";

struct Options {
    address: SocketAddr,
    contract: Contract,
}

fn main() -> ExitCode {
    let options = match parse_options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("demo-server: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo-server: cannot serve on {}: {error}", options.address);
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let listener = TcpListener::bind(options.address).await?;
        println!("listening on http://{}", listener.local_addr()?);
        tokio::select! {
            served = serve(listener, options.contract) => served,
            // Whoever started the server holds the other end, so it cannot outlive its parent.
            closed = stdin_closed() => closed,
        }
    });
    // A blocked read of standard input must not hold up the exit.
    runtime.shutdown_background();
    result
}

async fn stdin_closed() -> io::Result<()> {
    let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
    tokio::io::copy(&mut input, &mut nowhere).await.map(drop)
}

fn parse_options() -> Result<Option<Options>, lexopt::Error> {
    let mut port = 3000;
    let mut host = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut contract = Contract::Demo;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("port") => port = arguments.value()?.parse()?,
            Arg::Long("host") => host = arguments.value()?.parse()?,
            Arg::Long("scenario") => contract = Contract::Scenario,
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Some(Options { address: SocketAddr::new(host, port), contract }))
}
