#![allow(clippy::all, clippy::unwrap_used)]
fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some(a @ (assay_observe::RECORDER | assay_observe::INIT | assay_observe::LAY_OUT)) => {
            std::process::exit(assay_observe::serve(a))
        }
        _ => {}
    }
    let out = std::path::PathBuf::from(&args[1]);
    let mut env: std::collections::BTreeMap<String, String> = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", "/home/dev"),
        ("USER", "dev"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("NODE_EXTRA_CA_CERTS", "/etc/ssl/certs/ca-certificates.crt"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
    ]
    .map(|(a, b)| (a.to_owned(), b.to_owned()))
    .into();
    let mut mounts = vec![];
    let mut rest = &args[2..];
    while let Some(first) = rest.first() {
        if let Some(e) = first.strip_prefix("-e") {
            let (k, v) = e.split_once('=').unwrap();
            env.insert(k.into(), v.into());
        } else if let Some(m) = first.strip_prefix("-m") {
            let (k, v) = m.split_once(':').unwrap();
            mounts.push(assay_observe::Mount {
                from: k.into(),
                to: v.into(),
                writable: false,
            });
        } else {
            break;
        }
        rest = &rest[1..];
    }
    let plan = assay_observe::Plan {
        command: rest.to_vec(),
        environment: env,
        host: Default::default(),
        mounts,
        home: None,
        folder: None,
        script: assay_observe::Script {
            turns: vec![],
            done: "All done.".into(),
            free: String::new(),
        },
        limits: Default::default(),
        out,
    };
    match assay_observe::run(
        &plan,
        &assay_observe::Launcher {
            program: std::env::current_exe().unwrap(),
        },
    ) {
        Ok(r) => {
            for e in &r.events {
                println!("{}", serde_json::to_string(e).unwrap());
            }
        }
        Err(e) => println!("ERR {e:?} {e}"),
    }
}
