use serde_json::{Map, Value, json};

/// A tool that a client offers to the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// The JSON Schema of what it takes.
    pub schema: Value,
    /// Whether it takes a text of any form instead.
    pub free: bool,
}

/// What a script wants done, whatever the client's tool for it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A file is to be read.
    Read {
        /// The file, from the work folder on.
        path: String,
    },
    /// A command line is to be run.
    Run {
        /// The command line.
        command: String,
    },
    /// A file is to be written.
    Write {
        /// The file, from the work folder on.
        path: String,
        /// What is to be in it.
        content: String,
    },
}

/// A tool that is called, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// What it is given: an object, or a text for a tool of free form.
    pub input: Value,
}

/// Words of which one stands in the name of a tool for an action, the surest
/// first, and the properties that take what it is about.
struct Fits {
    names: &'static [&'static str],
    properties: &'static [&'static str],
}

const READS: Fits = Fits {
    names: &["read_file", "readfile", "read", "view", "cat", "open_file"],
    properties: &[
        "file_path",
        "filepath",
        "absolute_path",
        "path",
        "file",
        "target_file",
        "filename",
    ],
};
const RUNS: Fits = Fits {
    names: &["bash", "shell", "exec", "command", "terminal", "run"],
    properties: &["command", "cmd", "commands", "script", "commandline"],
};
const WRITES: Fits = Fits {
    names: &["write_file", "writefile", "write", "create", "save"],
    properties: READS.properties,
};
const CONTENTS: &[&str] = &["content", "contents", "text", "file_text", "data"];

/// The property of a tool that a list of names means, with its schema.
fn property<'t>(tool: &'t Tool, names: &[&str]) -> Option<(&'t str, &'t Value)> {
    let properties = tool.schema.get("properties")?.as_object()?;
    names.iter().find_map(|wanted| {
        properties
            .iter()
            .find(|(name, _)| name.to_ascii_lowercase().replace('-', "_") == **wanted)
            .map(|(name, schema)| (name.as_str(), schema))
    })
}

/// The tool that fits best, with the property that says what it is about.
fn fitting<'t>(tools: &'t [Tool], fits: &Fits) -> Option<(&'t Tool, &'t str, &'t Value)> {
    fits.names.iter().find_map(|word| {
        tools.iter().find_map(|tool| {
            if !tool.name.to_ascii_lowercase().contains(word) {
                return None;
            }
            let (name, schema) = property(tool, fits.properties)?;
            Some((tool, name, schema))
        })
    })
}

/// A call of the client's tool for an action; nothing where it offers none
/// that fits. `root` is the work folder, for tools that want absolute paths.
///
/// A command line is the last resort for reading and writing: every client
/// that runs commands can do both by it.
#[must_use]
pub fn call(tools: &[Tool], action: &Action, root: &str) -> Option<Call> {
    let absolute = |path: &str| {
        if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{root}/{path}")
        }
    };
    let by_command = |command: String| call(tools, &Action::Run { command }, root);
    match action {
        Action::Read { path } => match fitting(tools, &READS) {
            Some((tool, name, _)) => Some(filled(tool, &[(name, json!(absolute(path)))])),
            None => by_command(format!("cat '{path}'")),
        },
        Action::Run { command } => {
            let (tool, name, schema) = fitting(tools, &RUNS)?;
            let is_list = schema.get("type").is_some_and(|kind| kind == "array");
            let value = if is_list {
                json!(["bash", "-c", command])
            } else {
                json!(command)
            };
            Some(filled(tool, &[(name, value)]))
        }
        Action::Write { path, content } => {
            let whole = fitting(tools, &WRITES)
                .and_then(|(tool, name, _)| Some((tool, name, property(tool, CONTENTS)?.0)));
            match whole {
                Some((tool, name, body)) => Some(filled(
                    tool,
                    &[(name, json!(absolute(path))), (body, json!(content))],
                )),
                None => by_command(format!("cat > '{path}' <<'END'\n{content}\nEND")),
            }
        }
    }
}

/// A call with these values, and something for whatever else is required.
fn filled(tool: &Tool, values: &[(&str, Value)]) -> Call {
    let mut input = Map::new();
    for (name, value) in values {
        input.insert((*name).to_owned(), value.clone());
    }
    let required = tool.schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !input.contains_key(name) {
            let schema = tool.schema.get("properties").and_then(|all| all.get(name));
            input.insert(name.to_owned(), something(schema));
        }
    }
    Call {
        name: tool.name.clone(),
        input: Value::Object(input),
    }
}

/// A value that a JSON Schema allows, as far as its types, its first choices
/// and what it requires go.
#[must_use]
pub fn something(schema: Option<&Value>) -> Value {
    let Some(schema) = schema else {
        return json!("none");
    };
    if let Some(first) = schema
        .get("enum")
        .and_then(Value::as_array)
        .and_then(|all| all.first())
    {
        return first.clone();
    }
    // Gemini writes the types in capitals.
    let kind = schema.get("type").and_then(Value::as_str);
    match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        "boolean" => json!(false),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "array" => json!([]),
        "object" => {
            let required = schema.get("required").and_then(Value::as_array);
            let properties = schema.get("properties");
            let all = required.into_iter().flatten().filter_map(Value::as_str);
            let inner = |name: &str| something(properties.and_then(|all| all.get(name)));
            all.map(|name| (name.to_owned(), inner(name))).collect()
        }
        _ => json!("as the task asks"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, Tool, call};

    fn tool(name: &str, schema: serde_json::Value) -> Tool {
        Tool {
            name: name.to_owned(),
            schema,
            free: false,
        }
    }

    #[test]
    fn an_action_finds_the_tool_whatever_it_is_called() {
        let tools = [
            tool(
                "Bash",
                json!({ "properties": { "command": { "type": "string" }, "description": { "type": "string" } }, "required": ["command", "description"] }),
            ),
            tool(
                "ReadNotebook",
                json!({ "properties": { "notebook": { "type": "string" } } }),
            ),
            tool(
                "Read",
                json!({ "properties": { "file_path": { "type": "string" } }, "required": ["file_path"] }),
            ),
        ];
        let read = call(
            &tools,
            &Action::Read {
                path: "a.txt".into(),
            },
            "/work",
        )
        .unwrap();
        assert_eq!(
            (read.name.as_str(), read.input),
            ("Read", json!({ "file_path": "/work/a.txt" }))
        );
        let run = call(
            &tools,
            &Action::Run {
                command: "ls".into(),
            },
            "/work",
        )
        .unwrap();
        assert_eq!(run.name, "Bash");
        assert_eq!(run.input["command"], "ls");
        assert!(run.input["description"].is_string(), "{}", run.input);
    }

    #[test]
    fn a_command_reads_and_writes_where_nothing_else_does() {
        let tools = [tool(
            "shell",
            json!({ "properties": { "command": { "type": "array" } } }),
        )];
        let read = call(
            &tools,
            &Action::Read {
                path: "a.txt".into(),
            },
            "/work",
        )
        .unwrap();
        assert_eq!(
            read.input,
            json!({ "command": ["bash", "-c", "cat 'a.txt'"] })
        );
        assert_eq!(
            call(
                &[],
                &Action::Read {
                    path: "a.txt".into()
                },
                "/work"
            ),
            None
        );
    }
}
