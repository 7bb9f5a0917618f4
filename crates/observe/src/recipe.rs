//! How known tools are started without anybody at the keyboard.
//!
//! One file each under `data/recipes/`. Detection never looks here: a recipe
//! only says how a tool is run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::layout::Laid;

/// The recipes, by name.
const FILES: &[(&str, &str)] = assay_model::shipped!(
    "recipes": "aider", "claude", "cline", "codex", "continue", "copilot", "gemini", "opencode", "qodercli", "qwen"
);

/// How one tool is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// Its name: that of its file.
    #[serde(skip)]
    pub name: String,
    /// What the tool is.
    pub about: String,
    /// Names of packages, with `pypi:` before those of `PyPI`; a star at the end
    /// stands for any rest.
    pub packages: Vec<String>,
    /// The program: the name of one of the package's commands, or a file of
    /// the package where it begins with `./`. The first that is there is taken.
    pub programs: Vec<String>,
    /// Its arguments; `{prompt}` is what it is asked for.
    pub arguments: Vec<String>,
    /// Variables of the environment; `{key}` is a text of letters and digits.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Variables that name another server; `{base}` is its address.
    #[serde(default)]
    pub base_url: BTreeMap<String, String>,
    /// Arguments that do, which come last.
    #[serde(default)]
    pub base_arguments: Vec<String>,
    /// Files of the home folder.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What a tool of free form is given in place of a command line.
    #[serde(default)]
    pub free: String,
    /// Where this is documented.
    pub source: String,
    /// When it was last looked at.
    pub date: String,
}

/// All recipes.
///
/// # Errors
/// When a file is no recipe, which a test rules out.
pub fn recipes() -> Result<Vec<Recipe>, toml::de::Error> {
    FILES
        .iter()
        .map(|(name, text)| {
            let recipe: Recipe = toml::from_str(text)?;
            Ok(Recipe {
                name: (*name).to_owned(),
                ..recipe
            })
        })
        .collect()
}

impl Recipe {
    /// Whether it tells how the tool is given another server.
    #[must_use]
    pub fn sets_base(&self) -> bool {
        !self.base_url.is_empty() || !self.base_arguments.is_empty()
    }

    /// Whether it is for a package.
    #[must_use]
    pub fn is_for(&self, package: &str) -> bool {
        self.packages
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(start) => package.starts_with(start),
                None => known == package,
            })
    }

    /// The program of a package that was laid out, below the folder.
    #[must_use]
    pub fn program(&self, laid: &Laid, exists: impl Fn(&str) -> bool) -> Option<String> {
        self.programs.iter().find_map(|program| {
            let file = match program.strip_prefix("./") {
                Some(file) => file,
                None => laid.bins.get(program)?.trim_start_matches("./"),
            };
            let path = format!("{}/{file}", laid.path);
            let path = path.trim_start_matches('/').to_owned();
            exists(&path).then_some(path)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{FILES, recipes};

    #[test]
    fn every_recipe_is_read_and_none_is_left_out() {
        let recipes = recipes().unwrap();
        assert!(
            recipes
                .iter()
                .all(|recipe| recipe.source.starts_with("https://"))
        );
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/recipes");
        let there: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let known = FILES.iter().map(|(name, _)| format!("{name}.toml"));
        assert_eq!(there, known.collect());
    }

    #[test]
    fn a_star_stands_for_any_rest() {
        let recipes = recipes().unwrap();
        let found = |package: &str| recipes.iter().filter(|r| r.is_for(package)).count();
        assert_eq!(found("no-such-package"), 0);
        let stars = recipes.iter().flat_map(|recipe| &recipe.packages);
        for name in stars.filter_map(|name| name.strip_suffix('*')) {
            assert_eq!(found(&format!("{name}linux-x64")), 1, "{name}");
        }
    }
}
