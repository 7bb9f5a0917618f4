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

/// Decoders stop at the end of a stream, or take what follows for an error.
#[test]
fn what_follows_a_stream_is_read() {
    let text = b"fetch('https://host.example/v1')\n".repeat(4);
    for format in [&bzip2::FORMAT, &zstd::FORMAT, &xz::FORMAT, &zlib::FORMAT] {
        let (_, one) = (format.samples)().remove(0);
        for (parts, inner) in [(vec![&one[..]], 11), (vec![&one[..], &one], 22)] {
            let several = parts.len() > 1;
            if several && format.id == "zlib" {
                continue;
            }
            let whole = parts.concat();
            let tree = crate::fuzz_open(&whole);
            assert!(tree.gaps.is_empty(), "{}: {:?}", format.id, tree.gaps);
            assert_eq!(tree.nodes[1].record.bytes, inner, "{}", format.id);
            for between in [&b""[..], &[0; 40]] {
                let tree = crate::fuzz_open(&[&whole[..], between, &text].concat());
                assert_eq!(tree.gaps.len(), 1, "{}: {:?}", format.id, tree.gaps);
                let gap = &tree.gaps[0];
                assert_eq!((gap.gap, &*gap.node), (Some(Gap::Contradiction), ""));
                assert_eq!(tree.nodes[1].record.bytes, inner, "{}", format.id);
                let last = tree.nodes.last().unwrap();
                assert_eq!(last.record.path, "(bytes after the end)");
                assert_eq!(tree.store.bytes(last.place), Some(&text[..]));
            }
        }
    }
}

/// A universal executable with the given slices, of so many bytes.
fn universal(slices: &[(usize, usize)], size: usize) -> Vec<u8> {
    let word = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut out = [&[0xca, 0xfe, 0xba, 0xbe][..], &word(slices.len())].concat();
    for (cpu, (start, len)) in slices.iter().enumerate() {
        for n in [cpu, 3, *start, *len, 0] {
            out.extend_from_slice(&word(n));
        }
    }
    out.resize(size, 0);
    out
}

#[test]
fn what_is_said_to_be_all_of_itself_is_not_opened_again() {
    let opened = crate::fuzz_open(&universal(&[(0, 4096); 20], 4096));
    assert_eq!(opened.nodes.len(), 1);
    assert_eq!(opened.gaps.len(), 1);
    let gap = &opened.gaps[0];
    assert_eq!((gap.gap, gap.bytes), (Some(Gap::Contradiction), 0));
    assert!(
        gap.detail.starts_with("20 of its entries"),
        "{}",
        gap.detail
    );
    assert_eq!(opened.nodes[0].own, [(0, 4096)]);
}

/// Twenty slices that are each twenty slices, and so on.
#[test]
fn entries_with_the_same_bytes_are_opened_once() {
    let mut bytes = b"the innermost text, which is read".repeat(20);
    for _ in 0..6 {
        let size = bytes.len();
        bytes = [universal(&[(512, size); 20], 512), bytes].concat();
    }
    let opened = crate::fuzz_open(&bytes);
    assert_eq!(opened.nodes.len(), 6 * 20 + 1);
    let gaps: Vec<_> = opened.gaps.iter().map(|g| g.detail.as_str()).collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].starts_with("95 nodes"), "{gaps:?}");
    let own = |kind: &str| {
        let nodes = opened.nodes.iter().filter(|n| n.record.kind == kind);
        nodes.filter(|n| !n.own.is_empty()).count()
    };
    assert_eq!((own("mach-o-universal"), own("text")), (6, 20));
}

/// Tables can say of anything that it is of any size.
#[test]
fn gaps_are_about_no_more_bytes_than_there_are() {
    let mut executable = b"\x7fELF\x02\x01\x01\0".to_vec();
    executable.resize(200, 0);
    // One segment, whose header stands at 64.
    (executable[32], executable[54], executable[56]) = (64, 56, 1);
    executable[64 + 32..64 + 40].copy_from_slice(&[0xff; 8]);
    let far = universal(&[(u32::MAX as usize, u32::MAX as usize); 20], 4096);
    for (bytes, gaps) in [(executable, 1), (far, 20)] {
        let opened = crate::fuzz_open(&bytes);
        assert_eq!(opened.gaps.len(), gaps, "{:?}", opened.gaps);
        let told: u64 = opened.gaps.iter().map(|g| g.bytes).sum();
        assert!(told <= bytes.len() as u64, "{told}");
    }
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
    let told = |part: &str| opened.gaps.iter().any(|g| g.detail.contains(part));
    assert!(opened.gaps.len() < 200, "{}", opened.gaps.len());
    assert!(told("further entries have something wrong") && told("so it is with 8"));
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
