use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "custom.rule",
    title: "matches a rule of the user",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "A YARA rule that the user gave (`--yara`) matches a node. `severity`, `confidence` and `description` of the rule's `meta` become those of the finding.",
    why: "What an organisation looks for beyond the behaviours of Assay, in the form in which such knowledge is handed around.",
    not: "The rule is the user's, and so is its meaning: Assay only says where it matches.",
    example: "rule internal_name : names {\n  meta:\n    description = \"names a host of our own\"\n    severity = \"high\"\n  strings:\n    $host = /[a-z]{2,20}\\.corp\\.example/\n    $list = { 61 6C 70 68 61 00 [1-8] 00 }\n  condition:\n    any of them\n}",
    reference: "https://virustotal.github.io/yara-x/docs/writing_rules/anatomy-of-a-rule/",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Rules,
    positive: &[
        Example::js("fetch('https://mirror.corp.example/v1');"),
        Example::file("notes.txt", "ask at gate.corp.example first\n"),
        Example::file("data.txt", "alpha\0list\0"),
        Example::file("example.py", "HOSTS = ['build.corp.example']\n"),
    ],
    negative: &[
        Example::js("fetch('https://corp.example/v1');"),
        Example::file("notes.txt", "alpha list\n"),
    ],
};
