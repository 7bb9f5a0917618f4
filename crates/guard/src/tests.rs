use assay_model::Outcome;

use crate::{Ask, ORGANISATION, Organisation, Policies, PolicyError, Principal, STARTERS, Table};

fn organisation() -> Organisation {
    Organisation::read(ORGANISATION).unwrap()
}

fn policies(names: &[&str]) -> Policies {
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            let starter = crate::starter(name).unwrap();
            (format!("{name}.cedar"), starter.text.to_owned())
        })
        .collect();
    Policies::read(&files, &organisation(), &[]).unwrap()
}

fn of(text: &str) -> Result<Policies, PolicyError> {
    let files = [("a.cedar".to_owned(), text.to_owned())];
    Policies::read(&files, &organisation(), &[])
}

fn wrong(text: &str) -> String {
    of(text).unwrap_err().to_string()
}

fn hold(table: &str, policies: &Policies) -> usize {
    let table = Table::read(table).unwrap();
    for case in &table.cases {
        let came = case.run(policies).unwrap();
        assert_eq!(came.wrong, [""; 0], "{}: {:#?}", case.name, came.decision);
    }
    table.cases.len()
}

#[test]
fn starters_decide_their_tables() {
    let mut cases = 0;
    for starter in STARTERS {
        let policies = policies(&[starter.name]);
        assert!(
            policies.warnings("2026-01-01").is_empty(),
            "{}",
            starter.name
        );
        cases += hold(starter.table, &policies);
    }
    let usual: Vec<&str> = STARTERS
        .iter()
        .filter(|starter| starter.usual)
        .map(|starter| starter.name)
        .collect();
    cases += hold(
        include_str!("../../../data/policies/usual.toml"),
        &policies(&usual),
    );
    assert!(cases >= 100, "{cases}");
}

#[test]
fn all_policies_of_the_folder_are_starters() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/policies");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".cedar").map(str::to_owned))
        .collect();
    names.sort();
    let known: Vec<&str> = STARTERS.iter().map(|starter| starter.name).collect();
    assert_eq!(names, known);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let broken = wrong("// first\npermit (principal, action, resource) when { context. };\n");
    assert!(broken.starts_with("a.cedar:2:"), "{broken}");
    let other = wrong(
        "@id(\"x\")\nforbid (principal, action, resource)\nwhen { resource.effect.concealed > 0 };",
    );
    assert!(
        other.contains("a.cedar:1:1") && other.contains("effect"),
        "{other}"
    );
    assert!(
        wrong("@id(\"x\")\n@condition(\"be good\")\npermit (principal, action, resource);")
            .contains("is no condition")
    );
    assert!(
        wrong("@condition(\"gateway\")\nforbid (principal, action, resource);")
            .contains("has no conditions")
    );
    assert!(wrong("@id(\"x\")\npermit (principal, action, resource);\n@id(\"x\")\nforbid (principal, action, resource);").contains("another rule has this name, at a.cedar:1:1"));
    assert!(
        wrong("@until(\"2026\")\npermit (principal, action, resource);")
            .contains("@until is no annotation")
    );
    assert!(
        wrong("@outcome(\"maybe\")\nforbid (principal, action, resource);")
            .contains("is no outcome")
    );
    assert!(wrong("permit (principal == ?principal, action, resource);").contains("template"));
    // One broken file makes all of them unusable: none is left out.
    let files = [
        (
            "a.cedar".to_owned(),
            "permit (principal, action, resource);".to_owned(),
        ),
        ("b.cedar".to_owned(), "forbid (principal,".to_owned()),
    ];
    assert!(Policies::read(&files, &organisation(), &[]).is_err());
}

#[test]
fn what_its_authors_may_not_have_meant_is_told() {
    let policies = of("@id(\"p\")\npermit (principal, action, resource);\n@id(\"f\")\nforbid (principal, action, resource);").unwrap();
    let warnings = policies.warnings("2026-01-01");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].what.contains("forbids all that it permits"));
    let old = of("@id(\"p\")\npermit (principal, action, resource) when { context.now < datetime(\"2026-01-01\") };").unwrap();
    assert!(old.warnings("2025-12-31").is_empty());
    assert!(
        old.warnings("2026-01-01")[0]
            .what
            .contains("2026-01-01 has passed")
    );
}

#[test]
fn a_rule_that_cannot_be_decided_never_passes() {
    let table = |rules: &str| {
        let policies = of(rules).unwrap();
        let facts = assay_model::Facts::default();
        let ask = Ask {
            action: "use".to_owned(),
            now: "2026-11-23".to_owned(),
            ..Ask::default()
        };
        policies.prepare(&facts).unwrap().explain(&ask).unwrap()
    };
    let permit = "@id(\"p\")\npermit (principal, action, resource);";
    assert_eq!(table(permit).outcome, Outcome::Allowed);
    let asks =
        "@id(\"f\")\nforbid (principal, action, resource) when { resource.effects.concealed > 0 };";
    let both = table(&format!("{permit}{asks}"));
    assert_eq!(both.outcome, Outcome::NotEnoughEvidence);
    assert_eq!(both.undecided[0].rule, "f");
    assert_eq!(both.undecided[0].wants, ["resource.effects.concealed"]);
    assert!(both.undecided[0].way_out.contains("--experiment"));
    // Behind what is false already nothing is asked for.
    let behind = "@id(\"f\")\nforbid (principal, action, resource) when { principal in Assay::Team::\"early\" && resource.effects.concealed > 0 };";
    assert_eq!(
        table(&format!("{permit}{behind}")).outcome,
        Outcome::Allowed
    );
    // What permits and cannot be decided permits nothing.
    let only = "@id(\"p\")\npermit (principal, action, resource) when { resource.effects.concealed == 0 };";
    assert_eq!(table(only).outcome, Outcome::NotEnoughEvidence);
    // What is forbidden for sure stays so, and the rule that is overruled is
    // told.
    let sure = "@id(\"g\")\nforbid (principal, action, resource);";
    let denied = table(&format!("{permit}{asks}{sure}"));
    assert_eq!(denied.outcome, Outcome::Denied);
    assert_eq!(denied.reasons[0].rule, "g");
    assert_eq!(denied.overruled[0].rule, "p");
    assert_eq!(denied.undecided.len(), 1);
}

#[test]
fn asks_are_what_policy_knows_or_an_error() {
    let policies = policies(&["baseline"]);
    let facts = assay_model::Facts::default();
    let prepared = policies.prepare(&facts).unwrap();
    let ask = |action: &str, now: &str| {
        prepared.decide(&Ask {
            action: action.to_owned(),
            now: now.to_owned(),
            principal: Principal::Device("x\"y\u{202e}".to_owned()),
            ..Ask::default()
        })
    };
    assert!(ask("use", "2026-11-23").is_ok());
    assert!(ask("use", "2026-11-23T10:00:00Z").is_ok());
    assert!(ask("delete", "2026-11-23").is_err());
    assert!(ask("use", "tomorrow").is_err());
    assert!(ask("use", "2026-11-23T99:00:00Z").is_err());
    assert!(ask("use", "2026-02-30").is_err());
}

#[test]
fn organisations_name_what_they_have() {
    assert!(
        Organisation::read("[user.a]\nteams = [\"none\"]\n")
            .unwrap_err()
            .contains("none")
    );
    assert!(Organisation::read("[people.a]\n").is_err());
    // Teams in a circle are no teams.
    let circle = Organisation::read("[team.a]\nin = [\"b\"]\n[team.b]\nin = [\"a\"]\n").unwrap();
    let files = [(
        "a.cedar".to_owned(),
        "permit (principal, action, resource);".to_owned(),
    )];
    assert!(Policies::read(&files, &circle, &[]).is_err());
}

#[test]
fn rules_are_left_out_by_their_scope_and_nothing_else() {
    let rules = "@id(\"all\")\npermit (principal, action, resource);\n\
        @id(\"team\")\nforbid (principal in Assay::Team::\"open-source\", action, resource);\n\
        @id(\"device\")\nforbid (principal is Assay::Device, action == Assay::Action::\"send\", resource);\n\
        @id(\"site\")\nforbid (principal is Assay::Device in Assay::Site::\"main\", action in [Assay::Action::\"install\"], resource);\n\
        @id(\"tool\")\nforbid (principal, action, resource == Assay::Tool::\"npm:other\");\n\
        @id(\"product\")\nforbid (principal, action, resource in Assay::Product::\"Thing\");\n\
        @id(\"vendor\")\nforbid (principal, action, resource is Assay::Tool in Assay::Vendor::\"Maker\");\n";
    let policies = of(rules).unwrap();
    let decide = |principal: Principal, action: &str, package: &str, name: &str, vendor: &str| {
        let facts = assay_model::Facts {
            tool: assay_model::ToolFacts {
                name: name.to_owned(),
                package: package.to_owned(),
                vendor: Some(vendor.to_owned()),
                ..assay_model::ToolFacts::default()
            },
            ..assay_model::Facts::default()
        };
        let prepared = policies.prepare(&facts).unwrap();
        let ask = Ask {
            principal,
            action: action.to_owned(),
            now: "2026-11-23".to_owned(),
            ..Ask::default()
        };
        // The second time the rules are known already.
        let first = prepared.explain(&ask).unwrap();
        assert_eq!(first, prepared.explain(&ask).unwrap());
        let rules = first.reasons.into_iter().map(|reason| reason.rule);
        rules.collect::<Vec<_>>().join(" ")
    };
    let user = |name: &str| Principal::User(name.to_owned());
    let device = |name: &str| Principal::Device(name.to_owned());
    assert_eq!(decide(user("kim"), "use", "npm:a", "A", "B"), "all");
    // Through the teams that a team is in.
    assert_eq!(decide(user("ada"), "use", "npm:a", "A", "B"), "team");
    assert_eq!(decide(device("own-1"), "send", "npm:a", "A", "B"), "device");
    assert_eq!(
        decide(device("laptop-7"), "install", "npm:a", "A", "B"),
        "site"
    );
    assert_eq!(decide(device("laptop-7"), "use", "npm:a", "A", "B"), "all");
    assert_eq!(decide(user("kim"), "use", "npm:other", "A", "B"), "tool");
    assert_eq!(decide(user("kim"), "use", "npm:a", "Thing", "B"), "product");
    assert_eq!(decide(user("kim"), "use", "npm:a", "A", "Maker"), "vendor");
    // Nobody knows who that is, and it is a device all the same.
    assert_eq!(decide(device("who"), "send", "npm:a", "A", "B"), "device");
}

#[test]
fn what_would_pass_in_silence_is_refused() {
    for rule in [
        "forbid (principal, action, resource) when { resource has effects && resource.effects.concealed > 0 };",
        "forbid (principal, action, resource) when { resource.effects has concealed };",
        "forbid (principal, action, resource) when { context has site };",
        "permit (principal, action, resource) unless { {\"r\": resource}.r has vulnerabilities && resource.vulnerabilities.high > 0 };",
        "permit (principal, action, resource) unless { (if context.now > datetime(\"2000-01-01\") then resource else resource) has vulnerabilities };",
    ] {
        assert!(wrong(rule).contains("pass in silence"), "{rule}");
    }
    for text in [
        format!(
            "permit (principal, action, resource) when {{ {}true{} }};",
            "(".repeat(1000),
            ")".repeat(1000)
        ),
        format!(
            "permit (principal, action, resource) when {{ true{} }};",
            " && true".repeat(20_000)
        ),
        format!(
            "permit (principal, action, resource) when {{ {}true{} }};",
            "if true then ".repeat(800),
            " else false".repeat(800)
        ),
        format!(
            "permit (principal, action, resource) when {{ {}true }};",
            "!".repeat(5000)
        ),
    ] {
        assert!(
            wrong(&text).contains("nested too deep"),
            "{}",
            text.get(..80).unwrap()
        );
    }
    // In texts and comments brackets are none.
    let deep = "(".repeat(500);
    assert!(of(&format!("// {deep}\npermit (principal, action, resource) when {{ resource.name == \"{deep}\" }};")).is_ok());
}

#[test]
fn a_rule_whose_last_day_is_over_permits_nothing() {
    let policies =
        of("@id(\"p\")\n@condition(\"until 2026-06-30\")\npermit (principal, action, resource);")
            .unwrap();
    let facts = assay_model::Facts::default();
    let prepared = policies.prepare(&facts).unwrap();
    let outcome = |now: &str| {
        let ask = Ask {
            action: "use".to_owned(),
            now: now.to_owned(),
            ..Ask::default()
        };
        prepared.decide(&ask).unwrap().outcome
    };
    assert_eq!(
        outcome("2026-06-30T23:00:00Z"),
        Outcome::AllowedWithConditions
    );
    assert_eq!(outcome("2026-07-01"), Outcome::Denied);
}

#[test]
fn a_name_that_a_package_gives_itself_makes_it_no_product() {
    let policies =
        of("@id(\"p\")\npermit (principal, action, resource in Assay::Product::\"Thing\");")
            .unwrap();
    let outcome = |vendor: Option<&str>| {
        let facts = assay_model::Facts {
            tool: assay_model::ToolFacts {
                name: "Thing".to_owned(),
                package: "npm:Thing".to_owned(),
                vendor: vendor.map(str::to_owned),
                ..assay_model::ToolFacts::default()
            },
            ..assay_model::Facts::default()
        };
        let ask = Ask {
            action: "use".to_owned(),
            now: "2026-11-23".to_owned(),
            ..Ask::default()
        };
        policies
            .prepare(&facts)
            .unwrap()
            .decide(&ask)
            .unwrap()
            .outcome
    };
    assert_eq!(outcome(Some("Maker")), Outcome::Allowed);
    assert_eq!(outcome(None), Outcome::Denied);
}

#[test]
fn names_that_are_nowhere_declared_are_told() {
    let policies = of("@id(\"a\")\nforbid (principal in Assay::Team::\"erly\", action, resource == Assay::Tool::\"other\");\n@id(\"b\")\nforbid (principal in Assay::Team::\"early\", action, resource == Assay::Tool::\"npm:other\");").unwrap();
    let told: Vec<String> = policies
        .unknown_names()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|told| told.contains(" a: there is no")),
        "{told:?}"
    );
    let ask = |site: &str, who: &str| Ask {
        site: Some(site.to_owned()),
        principal: Principal::User(who.to_owned()),
        ..Ask::default()
    };
    assert_eq!(policies.undeclared(&ask("main", "kim")), []);
    assert_eq!(policies.undeclared(&ask("main", "anyone")), []);
    assert_eq!(
        policies.undeclared(&ask("Main", "kim")),
        [("Site", "Main".to_owned())]
    );
    assert_eq!(
        policies.undeclared(&ask("main", "Kim")),
        [("User", "Kim".to_owned())]
    );
}
