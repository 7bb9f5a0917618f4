use assay_wire::providers::{Action, Ask, Call, Said, call, something};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the model says, turn after turn.
///
/// ```toml
/// done = "All is as you asked."
///
/// [[turns]]
/// text = "I look at the file first."
/// read = "README.md"
///
/// [[turns]]
/// run = "ls -la"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The turns, in order.
    #[serde(default)]
    pub turns: Vec<Turn>,
    /// What is said after the last, and to whoever offers no tools.
    pub done: String,
    /// What a tool of free form is given in place of a command line: a text
    /// in which `{command}` stands for the command line as a JSON string.
    #[serde(default)]
    pub free: String,
}

/// What the model says once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turn {
    /// What it says.
    pub text: String,
    /// A file that it reads.
    pub read: Option<String>,
    /// A command line that it runs.
    pub run: Option<String>,
    /// A file that it writes.
    pub write: Option<Write>,
}

/// A file that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// Which, from the work folder on.
    pub path: String,
    /// What is to be in it.
    pub content: String,
}

impl Turn {
    fn action(&self) -> Option<Action> {
        if let Some(path) = &self.read {
            return Some(Action::Read { path: path.clone() });
        }
        if let Some(command) = &self.run {
            return Some(Action::Run {
                command: command.clone(),
            });
        }
        let write = self.write.as_ref()?;
        Some(Action::Write {
            path: write.path.clone(),
            content: write.content.clone(),
        })
    }
}

/// The script that is followed where the user names none.
const DEFAULT: &str = include_str!("../../../data/scripts/default.toml");

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The script that is followed where the user names none.
    ///
    /// # Errors
    /// When the file is none, which a test rules out.
    pub fn usual() -> Result<Self, toml::de::Error> {
        Self::read(DEFAULT)
    }

    /// The files that it reads.
    #[must_use]
    pub fn reads(&self) -> Vec<String> {
        self.turns
            .iter()
            .filter_map(|turn| turn.read.clone())
            .collect()
    }

    /// What is said to whom asks this. `work` is the work folder.
    #[must_use]
    pub fn said(&self, ask: &Ask, work: &str) -> Said {
        if let Some(schema) = &ask.schema {
            return Said {
                text: something(Some(schema)).to_string(),
                calls: Vec::new(),
            };
        }
        let turn = self.turns.get(ask.turn).filter(|_| !ask.tools.is_empty());
        let Some(turn) = turn else {
            return Said {
                text: self.done.clone(),
                calls: Vec::new(),
            };
        };
        let calls = turn.action().and_then(|action| {
            call(&ask.tools, &action, work).or_else(|| self.freely(ask, &action))
        });
        Said {
            text: turn.text.clone(),
            calls: calls.into_iter().collect(),
        }
    }

    /// A call of a tool of free form.
    fn freely(&self, ask: &Ask, action: &Action) -> Option<Call> {
        let tool = ask.tools.iter().find(|tool| tool.free)?;
        if self.free.is_empty() {
            return None;
        }
        let command = match action {
            Action::Read { path } => format!("cat '{path}'"),
            Action::Run { command } => command.clone(),
            Action::Write { path, content } => format!("cat > '{path}' <<'END'\n{content}\nEND"),
        };
        Some(Call {
            name: tool.name.clone(),
            input: Value::String(self.free.replace("{command}", &json!(command).to_string())),
        })
    }
}

#[cfg(test)]
mod tests {
    use assay_wire::providers::{Ask, Tool};
    use serde_json::{Value, json};

    use super::Script;

    fn ask(turn: usize, tools: &[(&str, Value)]) -> Ask {
        let tool = |(name, properties): &(&str, Value)| Tool {
            name: (*name).to_owned(),
            schema: json!({ "properties": properties }),
            free: properties.is_null(),
        };
        Ask {
            turn,
            tools: tools.iter().map(tool).collect(),
            ..Ask::default()
        }
    }

    #[test]
    fn the_usual_script_goes_through_the_loop() {
        let script = Script::usual().unwrap();
        let tools = [("run_it", json!({ "cmd": {} }))];
        let calls: Vec<usize> = (0..5)
            .map(|turn| script.said(&ask(turn, &tools), "/work").calls.len())
            .collect();
        assert_eq!(calls, [1, 1, 1, 0, 0]);
        // Whoever offers no tools is no part of the loop.
        assert_eq!(script.said(&ask(0, &[]), "/work").text, script.done);
    }

    #[test]
    fn a_tool_of_free_form_is_given_the_command_as_a_text() {
        let script = Script {
            free: "sh({command})".to_owned(),
            ..Script::read("done = 'x'\n[[turns]]\nrun = 'echo \"a\"'").unwrap()
        };
        let said = script.said(&ask(0, &[("any", Value::Null)]), "/work");
        assert_eq!(said.calls[0].input, json!(r#"sh("echo \"a\"")"#));
    }
}
