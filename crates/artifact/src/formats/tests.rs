use super::*;

/// A format file that is not in the list would never be tried.
#[test]
fn every_file_of_the_folder_is_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/formats");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !["mod", "tests"].contains(&name.as_str()))
        .collect();
    files.sort();
    let mut ids: Vec<String> = ALL.iter().map(|f| f.id.replace('-', "_")).collect();
    ids.sort();
    assert_eq!(files, ids);
}

#[test]
fn every_format_has_a_fuzz_target() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");
    let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).unwrap();
    for format in ALL {
        let file = format!("fuzz_targets/{}.rs", format.id.replace('-', "_"));
        let target = std::fs::read_to_string(format!("{folder}/{file}")).unwrap_or_default();
        assert!(
            target.contains(&format!("\"{}\"", format.id)),
            "no fuzz/{file}"
        );
        assert!(manifest.contains(&file), "{file} is not in fuzz/Cargo.toml");
    }
}

/// A gzip whose content is itself again would be opened for ever.
#[test]
fn what_contains_itself_ends_at_the_depth_limit() {
    use std::io::Write;
    let mut bytes = b"the innermost text\n".to_vec();
    for _ in 0..100 {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        out.write_all(&bytes).unwrap();
        bytes = out.finish().unwrap();
    }
    let opened = crate::fuzz_open(&bytes);
    assert!(opened.nodes.len() < 30);
    let last = opened.nodes.last().unwrap();
    assert_eq!(last.unopened.as_ref().unwrap().0, Gap::Limit);
    assert_eq!(last.record.kind, "gzip");
}

/// Many entries with the same bytes cost nothing but their names.
#[test]
fn entries_that_share_bytes_are_dropped_beyond_the_limit() {
    let entries: Vec<String> = (0..3000)
        .map(|n| format!("\"{n}\":{{\"size\":1000000,\"offset\":\"0\"}}"))
        .collect();
    let json = format!("{{\"files\":{{{}}}}}", entries.join(","));
    let n = u32::try_from(json.len()).unwrap();
    let mut bytes = Vec::new();
    for word in [4, n + 8, n + 4, n] {
        bytes.extend_from_slice(&u32::to_le_bytes(word));
    }
    bytes.extend_from_slice(json.as_bytes());
    bytes.resize(bytes.len() + 1_000_000, b'x');
    let opened = crate::fuzz_open(&bytes);
    assert!(opened.nodes.len() < 100, "{}", opened.nodes.len());
    assert!(
        opened
            .gaps
            .iter()
            .any(|g| g.gap == Some(Gap::Contradiction))
    );
}

/// What is wrong with a thousand entries is wrong with the next as well.
#[test]
fn gaps_of_one_node_are_limited() {
    let mut archive = zip::Writer::default();
    for _ in 0..2000 {
        archive = archive.file(b"../x", 0, b"text");
    }
    let opened = crate::fuzz_open(&archive.end());
    assert_eq!(opened.nodes.len(), 2001);
    assert!(opened.gaps.len() <= 1001, "{}", opened.gaps.len());
    let last = opened.gaps.last().unwrap();
    assert!(last.detail.contains("further entries"), "{}", last.detail);
}

#[test]
fn paths_of_folders_in_folders_stay_short() {
    let mut path = String::new();
    for _ in 0..100 {
        path = joined(&path, "/", &"ä".repeat(1000));
    }
    assert!(path.len() < 6000);
    assert_eq!(joined("a/b", "/", "c"), "a/b/c");
}

#[test]
fn every_sample_is_recognised_and_opened_without_a_gap() {
    for format in ALL {
        let samples = (format.samples)();
        assert!(!samples.is_empty(), "{} has no sample", format.id);
        for (name, bytes) in samples {
            assert!((format.detect)(&bytes), "{} sample {name}", format.id);
            let opened = crate::fuzz_open(&bytes);
            assert!(
                opened.gaps.is_empty(),
                "{} sample {name}: {:?}",
                format.id,
                opened.gaps
            );
            assert!(
                opened.nodes.len() > 1,
                "{} sample {name} has no child",
                format.id
            );
        }
    }
}

/// Truncation and single wrong bytes anywhere leave gaps, never a panic.
#[test]
fn damaged_samples_do_not_panic() {
    for format in ALL {
        for (_, bytes) in (format.samples)() {
            let step = (bytes.len() / 200).max(1);
            for at in (0..bytes.len()).step_by(step) {
                let _ = crate::fuzz_open(&bytes[..at]);
                let mut damaged = bytes.clone();
                damaged[at] ^= 0xff;
                let _ = crate::fuzz_open(&damaged);
            }
        }
    }
}
