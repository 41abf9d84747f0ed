//! The blocks of code in a tutorial.

use anyhow::{Result, bail};

const FENCE: &str = "```";
/// The port of a server that the tutorial says nothing else of.
pub const PORT: u16 = 3000;

/// A block that is run.
#[derive(Debug, PartialEq)]
pub enum Block {
    Server(ServerSource),
    Script(Script),
}

/// A server in JavaScript, and the ports of the tutorial that it runs on.
#[derive(Debug, PartialEq)]
pub struct ServerSource {
    pub text: String,
    pub ports: Vec<u16>,
}

/// A script in GDScript, and the lines that it prints, in this order.
#[derive(Debug, PartialEq)]
pub struct Script {
    pub text: String,
    pub prints: Vec<String>,
}

impl Script {
    /// Whether it takes the place of a scene, and so ends by itself.
    pub fn is_main_loop(&self) -> bool {
        self.text.lines().any(|line| line == "extends SceneTree")
    }
}

/// Finds the blocks that are run. A script without what it prints is a mistake, for its test could not fail, and so is a
/// block of a language that nothing runs.
pub fn parse(tutorial: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut script = None;
    let mut ports = vec![PORT];
    let mut lines = tutorial.lines();
    while let Some(line) = lines.next() {
        if let Some(list) = line.strip_prefix("<!-- servers:").and_then(|rest| rest.strip_suffix("-->")) {
            ports = list.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        }
        let Some(language) = line.strip_prefix(FENCE) else { continue };
        let text: String =
            lines.by_ref().take_while(|line| *line != FENCE).map(|line| format!("{line}\n")).collect();
        match (language, script.take()) {
            ("text", Some(script)) => blocks.push(Block::Script(with_prints(script, &text)?)),
            (_, Some(_)) => bail!("a script is not followed by what it prints"),
            ("gdscript", None) => script = Some(text),
            ("js", None) => {
                let ports = std::mem::replace(&mut ports, vec![PORT]);
                blocks.push(Block::Server(ServerSource { text, ports }));
            }
            // What is typed in a shell.
            ("sh", None) => {}
            (language, None) => bail!("a block of `{language}` is not run by anything"),
        }
    }
    if script.is_some() {
        bail!("a script is not followed by what it prints");
    }
    Ok(blocks)
}

/// The first script of a page.
pub fn first_script(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("```gdscript\n")?;
    Some(rest.split_once(FENCE)?.0.to_owned())
}

fn with_prints(text: String, prints: &str) -> Result<Script> {
    let prints: Vec<String> = prints.lines().map(str::to_owned).collect();
    if prints.is_empty() {
        bail!("a script prints nothing");
    }
    Ok(Script { text, prints })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_scripts_are_found_with_what_belongs_to_them() {
        let tutorial = "# A\n\n```js\nlisten(3000);\n```\n\n```gdscript\nextends Node\n\nprint(1)\n```\n\nIt prints:\n\n\
            ```text\n1\n```\n\n```sh\nls\n```\n<!-- servers: 3000 3001 -->\n```js\nb\n```\n";
        let server = |text: &str, ports: &[u16]| {
            Block::Server(ServerSource { text: text.to_owned(), ports: ports.to_vec() })
        };
        let script = Script { text: "extends Node\n\nprint(1)\n".to_owned(), prints: vec!["1".to_owned()] };
        assert_eq!(
            parse(tutorial).unwrap(),
            [server("listen(3000);\n", &[3000]), Block::Script(script), server("b\n", &[3000, 3001])]
        );
    }

    #[test]
    fn a_script_that_could_not_fail_is_refused() {
        for tutorial in [
            "```gdscript\na\n```\n",
            "```gdscript\na\n```\n```js\nb\n```\n",
            "```gdscript\na\n```\n```text\n```\n",
        ] {
            assert!(parse(tutorial).is_err(), "{tutorial}");
        }
        assert!(parse("```python\na\n```\n").unwrap_err().to_string().contains("`python` is not run"));
    }

    #[test]
    fn a_main_loop_is_told_from_a_node() {
        let script = |text: &str| Script { text: text.to_owned(), prints: Vec::new() };
        assert!(script("# A test.\nextends SceneTree\n").is_main_loop());
        assert!(!script("extends Node\n").is_main_loop());
    }
}
