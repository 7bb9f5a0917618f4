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
