//! Archives that are broken, that lie, or that are made to do harm.

use std::path::Path;

use assay_it::{Bench, Tar, Zip, ZipEntry, deflate, deflate_zeros, gzip};
use serde_json::Value;

use crate::support::{
    assert_gap, assert_inert, bench, covered, gaps, list, names_host, run, text, vet,
};

fn code(name: &str) -> String {
    format!("fetch('https://{name}.inside-archive.dev/')")
}

fn found(dossier: &Value, name: &str) -> bool {
    names_host(dossier, &format!("{name}.inside-archive.dev"))
}

/// Vets bytes as a file. Nothing may appear outside of the cache.
fn vet_bytes(bench: &Bench, name: &str, bytes: &[u8], more: &[&str]) -> Value {
    bench.file(name, bytes).unwrap();
    let before = bench.everything().unwrap();
    let dossier = vet(bench, name, more);
    assert_eq!(bench.everything().unwrap(), before);
    assert_cache_is_ours(bench);
    dossier
}

/// In the cache, too, no name is the subject's.
fn assert_cache_is_ours(bench: &Bench) {
    let mut folders = vec![bench.path("../home/.cache")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            assert!(
                !name.to_string_lossy().contains("hostile"),
                "{} is in the cache",
                entry.path().display()
            );
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn a_truncated_tgz_is_read_as_far_as_it_goes() {
    let noise: String = (0..40_000u32)
        .map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761)))
        .collect();
    let tar = Tar::new()
        .file("first.js", code("first"))
        .file("noise.txt", noise);
    let whole = gzip(&tar.file("last.js", code("last")).finish()).unwrap();
    let dossier = vet_bytes(&bench(), "cut.tgz", &whole[..whole.len() / 2], &[]);
    assert_gap(&dossier, "cut.tgz", "corrupt", "");
    assert!(found(&dossier, "first"), "{:#?}", gaps(&dossier));
    assert!(!found(&dossier, "last"));
}

#[test]
fn a_tar_cut_inside_a_file_says_so() {
    let tar = Tar::new().file("first.js", code("first"));
    let whole = tar
        .entry(b"second.js", b'0', b"", 100_000, code("second").as_bytes())
        .cut();
    let dossier = vet_bytes(&bench(), "cut.tar", &whole, &[]);
    assert_gap(&dossier, "second.js", "corrupt", "");
    assert!(found(&dossier, "first"));
    assert!(
        found(&dossier, "second"),
        "what there is of it is read: {:#?}",
        gaps(&dossier)
    );
}

#[test]
fn a_wrong_checksum_of_gzip_is_told() {
    let mut bytes = gzip(&Tar::new().file("a.js", code("a")).finish()).unwrap();
    let at = bytes.len() - 6;
    bytes[at] ^= 0x55;
    let dossier = vet_bytes(&bench(), "wrong.tgz", &bytes, &[]);
    assert_gap(&dossier, "wrong.tgz", "corrupt", "");
    assert!(found(&dossier, "a"), "{:#?}", gaps(&dossier));
}

/// What no unpacking shows: a comment in a header, a stream and a text behind
/// the end, the content of a link.
#[test]
fn what_unpacking_passes_over_is_read() {
    let link = Tar::new().entry(b"link", b'2', b"a", 44, code("link").as_bytes());
    let mut header = b"\x1f\x8b\x08\x10\0\0\0\0\0\x03".to_vec();
    header.extend_from_slice(b"https://comment.inside-archive.dev/\0");
    let first = gzip(&link.file("a", "text").finish()).unwrap();
    let second = gzip(code("second").as_bytes()).unwrap();
    let bytes = [
        &header,
        &first[10..],
        &[0; 64],
        &second,
        code("third").as_bytes(),
    ]
    .concat();
    let dossier = vet_bytes(&bench(), "odd.tgz", &bytes, &[]);
    for name in ["comment", "link", "second", "third"] {
        assert!(found(&dossier, name), "{name}: {:#?}", gaps(&dossier));
    }
    assert_gap(&dossier, "odd.tgz", "contradiction", "readers");
}

#[test]
fn an_empty_file_is_no_crash() {
    for name in ["empty.zip", "empty.tgz", "empty.js", "empty"] {
        let dossier = vet_bytes(&bench(), name, b"", &[]);
        assert_eq!(list(&dossier, "/findings").len(), 0);
        assert_eq!(list(&dossier, "/coverage/entries").len(), 1, "{dossier:#}");
        assert_eq!(text(&dossier, "/coverage/entries/0/node"), name);
    }
}

#[test]
fn an_empty_folder_and_an_empty_archive_are_no_crash() {
    let bench = bench();
    std::fs::create_dir(bench.path("nothing")).unwrap();
    assert_eq!(list(&vet(&bench, "nothing", &[]), "/findings").len(), 0);
    vet_bytes(&bench, "nothing.zip", &Zip::new().finish(), &[]);
    vet_bytes(&bench, "nothing.tar", &Tar::new().finish(), &[]);
}

#[test]
fn hostile_names_in_a_zip_are_told_and_lead_nowhere() {
    let names: [(&[u8], &str); 9] = [
        (b"../../hostile-up.js", "up"),
        (b"/hostile-absolute.js", "absolute"),
        (b"a/../../../hostile-middle.js", "middle"),
        (b"..\\..\\hostile-backslash.js", "backslash"),
        (b"C:\\hostile-drive.js", "drive"),
        (b"hostile-nul\0.js", "nul"),
        (b"hostile-\x1b[31mred\x1b]0;title\x07.js", "escape"),
        (b"hostile-\xff\xfe\xc3.js", "utf"),
        ("hostile-\u{202e}sj.exe.js".as_bytes(), "bidi"),
    ];
    let zip = names
        .iter()
        .fold(Zip::new(), |zip, (name, key)| zip.file(name, code(key)));
    let bench = bench();
    let dossier = vet_bytes(&bench, "names.zip", &zip.finish(), &[]);
    for (_, key) in names {
        assert!(found(&dossier, key), "{key}: {:#?}", gaps(&dossier));
    }
    let told: Vec<String> = gaps(&dossier)
        .into_iter()
        .filter(|gap| gap.contains("hostile-name"))
        .collect();
    assert!(told.len() >= names.len() - 1, "{told:#?}");
    for key in [
        "hostile-up",
        "hostile-absolute",
        "hostile-nul",
        "hostile-drive",
    ] {
        assert_gap(&dossier, key, "hostile-name", "");
    }
    assert!(!Path::new("/hostile-absolute.js").exists());
    let source = bench.path("names.zip");
    for form in [&["--verbose"][..], &["--format", "markdown"]] {
        let arguments = ["vet", source.to_str().unwrap(), "--offline"];
        assert_inert(&run(&bench, &[&arguments[..], form].concat()).stdout);
    }
}

#[test]
fn hostile_names_and_links_in_a_tar_are_told_and_lead_nowhere() {
    let bench = bench();
    let secret = bench.file("secret.js", code("secret")).unwrap();
    let tar = Tar::new()
        .file("../../hostile-up.js", code("up"))
        .file("/hostile-absolute.js", code("absolute"))
        .entry(
            b"hostile-\x1b[2J\xff.js",
            b'0',
            b"",
            code("raw").len() as u64,
            code("raw").as_bytes(),
        )
        .link("hostile-link", secret.to_str().unwrap())
        .file("hostile-link/through.js", code("through"))
        .entry(b"hostile-device", b'3', b"", 0, b"")
        .entry(b"hostile-hard", b'1', b"/etc/passwd", 0, b"");
    let dossier = vet_bytes(&bench, "names.tar", &tar.finish(), &[]);
    for key in ["up", "absolute", "raw", "through"] {
        assert!(found(&dossier, key), "{key}: {:#?}", gaps(&dossier));
    }
    assert!(!found(&dossier, "secret"), "a link was followed");
    for key in ["hostile-up", "hostile-absolute"] {
        assert_gap(&dossier, key, "hostile-name", "");
    }
    assert_eq!(std::fs::read_to_string(secret).unwrap(), code("secret"));
}

#[test]
fn links_of_a_folder_are_not_followed() {
    let bench = bench();
    let secret = bench.file("secret.js", code("secret")).unwrap();
    bench.file("outside/deep.js", code("outside")).unwrap();
    bench.file("tool/a.js", code("a")).unwrap();
    let link =
        |target: &Path, name: &str| std::os::unix::fs::symlink(target, bench.path(name)).unwrap();
    link(&secret, "tool/file.js");
    link(&bench.path("outside"), "tool/folder");
    link(Path::new("."), "tool/self");
    link(Path::new("/dev/zero"), "tool/zero");
    let dossier = vet(&bench, "tool", &[]);
    assert!(found(&dossier, "a"));
    assert!(
        !found(&dossier, "secret") && !found(&dossier, "outside"),
        "a link was followed"
    );
}

#[test]
fn a_pipe_and_a_socket_in_a_folder_do_not_stop_the_reading() {
    let bench = bench();
    bench.file("tool/a.js", code("a")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(bench.path("tool/pipe"))
        .status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(bench.path("tool/socket")).unwrap();
    let dossier = vet(&bench, "tool", &[]);
    assert!(found(&dossier, "a"));
    for name in ["pipe", "socket"] {
        assert_eq!(covered(&dossier, name).len(), 1, "{:#?}", gaps(&dossier));
    }
}

/// Ten gigabytes of zeros in a zip in a zip.
fn bomb() -> Vec<u8> {
    let zeros = deflate_zeros(10 << 10).unwrap();
    let inner = Zip::new()
        .entry(ZipEntry::deflated("zeros.bin", zeros, 10 << 30))
        .file("beside.js", code("beside"))
        .finish();
    let packed = deflate(&inner).unwrap();
    let size = inner.len() as u64;
    let entry = ZipEntry::deflated("inner.zip", packed, size);
    let mut crc = flate2::Crc::new();
    crc.update(&inner);
    Zip::new()
        .entry(ZipEntry {
            crc: crc.sum(),
            ..entry
        })
        .file("outer.js", code("outer"))
        .finish()
}

#[test]
fn a_bomb_stops_at_the_limits_and_the_rest_is_read() {
    let bomb = bomb();
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    let bench = bench();
    for (limits, says) in [
        (
            &["--max-node-bytes", "32", "--max-ratio", "100000"][..],
            "--max-node-bytes",
        ),
        (
            &["--max-total-bytes", "64", "--max-ratio", "100000"],
            "--max-total-bytes",
        ),
        (&["--max-ratio", "4"], "--max-ratio"),
    ] {
        let dossier = vet_bytes(&bench, "bomb.zip", &bomb, limits);
        assert_gap(&dossier, "", "limit", says);
        assert!(found(&dossier, "outer"), "{:#?}", gaps(&dossier));
    }
    if std::env::var_os("ASSAY_HEAVY").is_some() {
        // Two gigabytes by default, which a dev build reads slowly.
        let dossier = vet_bytes(&bench, "bomb.zip", &bomb, &[]);
        assert_gap(&dossier, "", "limit", "");
    }
    let dossier = vet_bytes(&bench, "bomb.zip", &bomb, &["--max-node-bytes", "32"]);
    assert!(found(&dossier, "beside"), "{:#?}", gaps(&dossier));
}

#[test]
fn a_bomb_of_entries_that_share_their_bytes_stops_at_the_limits() {
    // Each entry is one and the same two megabytes (a 'better zip bomb').
    let shared = ZipEntry::stored("0.txt", vec![b'a'; 2 << 20]);
    let mut zip = Zip::new().entry(shared.clone());
    for n in 1..2000 {
        let name = format!("{n}.txt").into_bytes();
        let entry = ZipEntry {
            name: name.clone(),
            central_name: name,
            offset: Some(0),
            ..shared.clone()
        };
        zip = zip.entry(entry);
    }
    let limits = ["--max-total-bytes", "64"];
    let dossier = vet_bytes(&bench(), "shared.zip", &zip.finish(), &limits);
    let told = gaps(&dossier);
    assert!(
        told.iter()
            .any(|gap| gap.contains("contradiction") || gap.contains("limit")),
        "{told:#?}"
    );
}

#[test]
fn too_many_entries_stop_at_the_limit() {
    let zip = (0..500).fold(Zip::new(), |zip, n| zip.file(format!("{n}.txt"), "x"));
    let dossier = vet_bytes(&bench(), "many.zip", &zip.finish(), &["--max-nodes", "100"]);
    assert_gap(&dossier, "many.zip", "limit", "--max-nodes");
    assert!(list(&dossier, "/coverage/entries").len() <= 110);
}

#[test]
fn sizes_that_lie_in_a_tar_are_told() {
    for (name, size) in [("more", 1u64 << 30), ("most", 0o7_7777_7777)] {
        let lie = Tar::new()
            .file("first.js", code("first"))
            .entry(b"lie.js", b'0', b"", size, code("lie").as_bytes())
            .file("after.js", code("after"));
        let dossier = vet_bytes(&bench(), &format!("{name}.tar"), &lie.finish(), &[]);
        assert_gap(&dossier, "lie.js", "corrupt", "");
        for key in ["first", "lie", "after"] {
            assert!(found(&dossier, key), "{key}: {:#?}", gaps(&dossier));
        }
    }
    // Said to be smaller than it is: the rest is no header.
    let lie = Tar::new().entry(b"lie.js", b'0', b"", 4, code("lie").as_bytes());
    let lie = lie.file("after.js", code("after"));
    let dossier = vet_bytes(&bench(), "less.tar", &lie.finish(), &[]);
    assert!(found(&dossier, "after"), "{:#?}", gaps(&dossier));
}

fn matryoshka(depth: usize) -> Vec<u8> {
    let innermost = Tar::new().file("core.js", code("core")).finish();
    (1..depth).fold(innermost, |inside, level| {
        Tar::new().file(&format!("{level}.tar"), inside).finish()
    })
}

#[test]
fn forty_archives_in_one_another_stop_at_the_limit_on_depth() {
    let bench = bench();
    let dossier = vet_bytes(&bench, "deep.tar", &matryoshka(40), &[]);
    assert_gap(&dossier, "", "limit", "--max-depth");
    let dossier = vet_bytes(&bench, "deep.tar", &matryoshka(40), &["--max-depth", "50"]);
    assert!(found(&dossier, "core"), "{:#?}", gaps(&dossier));
    assert!(!gaps(&dossier).iter().any(|gap| gap.contains("--max-depth")));
    // Absurdly deep is no more than deep.
    let dossier = vet_bytes(
        &bench,
        "deeper.tar",
        &matryoshka(600),
        &["--max-depth", "2000"],
    );
    assert!(found(&dossier, "core") || !gaps(&dossier).is_empty());
}

#[test]
fn a_directory_that_disagrees_with_its_files_is_told() {
    let entry = ZipEntry::stored("harmless.txt", code("both"));
    let renamed = ZipEntry {
        name: b"hidden.js".to_vec(),
        ..entry.clone()
    };
    let dossier = vet_bytes(
        &bench(),
        "names.zip",
        &Zip::new().entry(renamed).finish(),
        &[],
    );
    let told = gaps(&dossier);
    assert!(
        told.iter().any(|gap| gap.contains("contradiction")),
        "{told:#?}"
    );
    assert!(found(&dossier, "both"), "{told:#?}");

    // A file that the directory does not list is read all the same.
    let hidden = Zip::new().file("hidden.js", code("hidden")).finish();
    let listed = Zip::new().file("listed.js", code("listed")).finish();
    let end = hidden.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let bytes = [&hidden[..end], &listed].concat();
    let dossier = vet_bytes(&bench(), "unlisted.zip", &bytes, &[]);
    assert!(
        found(&dossier, "listed") && found(&dossier, "hidden"),
        "{:#?}",
        gaps(&dossier)
    );
}

#[test]
fn entries_of_one_name_are_both_read() {
    let zip = Zip::new()
        .file("a.js", code("first"))
        .file("a.js", code("second"));
    let dossier = vet_bytes(&bench(), "twins.zip", &zip.finish(), &[]);
    assert!(
        found(&dossier, "first") && found(&dossier, "second"),
        "{:#?}",
        gaps(&dossier)
    );
}

#[test]
fn an_encrypted_entry_is_told() {
    let locked = ZipEntry {
        flags: 1,
        ..ZipEntry::stored("locked.js", [0x5a; 64])
    };
    let zip = Zip::new().entry(locked).file("open.js", code("open"));
    let dossier = vet_bytes(&bench(), "locked.zip", &zip.finish(), &[]);
    assert_gap(&dossier, "locked.js", "encrypted", "");
    assert!(found(&dossier, "open"));
}

#[test]
fn a_zip_with_a_wrong_checksum_or_offset_is_told() {
    let wrong = ZipEntry {
        crc: 1,
        ..ZipEntry::stored("wrong.js", code("wrong"))
    };
    let dossier = vet_bytes(&bench(), "crc.zip", &Zip::new().entry(wrong).finish(), &[]);
    assert_gap(&dossier, "wrong.js", "contradiction", "checksum");
    assert!(found(&dossier, "wrong"));
    let outside = ZipEntry {
        offset: Some(u32::MAX - 1),
        ..ZipEntry::stored("outside.js", code("outside"))
    };
    let zip = Zip::new().file("inside.js", code("inside")).entry(outside);
    let dossier = vet_bytes(&bench(), "offset.zip", &zip.finish(), &[]);
    assert!(!gaps(&dossier).is_empty());
    assert!(found(&dossier, "inside"), "{:#?}", gaps(&dossier));
}

/// Every prefix and many one-byte changes of small archives: no crash.
#[test]
fn damage_anywhere_is_no_crash() {
    let bench = bench();
    let zip = Zip::new()
        .file("a.js", code("a"))
        .file("b.js", code("b"))
        .finish();
    let tgz = gzip(&Tar::new().file("a.js", code("a")).finish()).unwrap();
    let mut files = 0;
    for (name, bytes) in [("zip", &zip), ("tgz", &tgz)] {
        for at in (0..bytes.len()).step_by(7) {
            bench
                .file(&format!("subject/{name}-cut-{at}"), &bytes[..at])
                .unwrap();
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            bench
                .file(&format!("subject/{name}-changed-{at}"), changed)
                .unwrap();
            files += 2;
        }
    }
    let dossier = vet(&bench, "subject", &[]);
    assert!(list(&dossier, "/coverage/entries").len() >= files);
    let died: Vec<String> = gaps(&dossier)
        .into_iter()
        .filter(|gap| gap.contains("worker-died"))
        .collect();
    assert_eq!(died, Vec::<String>::new());
}

#[test]
fn magic_numbers_with_nothing_behind_them_are_no_crash() {
    let bench = bench();
    let magics: [(&str, &[u8]); 14] = [
        ("elf", b"\x7fELF\x02\x01\x01"),
        ("pe", b"MZ\x90\0"),
        ("mach", b"\xcf\xfa\xed\xfe"),
        ("fat", b"\xca\xfe\xba\xbe\0\0\0\xff"),
        ("zip", b"PK\x03\x04"),
        ("zip-end", b"PK\x05\x06"),
        ("gzip", b"\x1f\x8b\x08"),
        ("xz", b"\xfd7zXZ\0"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("bzip2", b"BZh9"),
        ("ar", b"!<arch>\n"),
        ("wasm", b"\0asm\x01\0\0\0"),
        (
            "asar",
            b"\x04\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\xff\xff\xff\x7f",
        ),
        ("zlib", b"\x78\x9c"),
    ];
    for (name, magic) in magics {
        for (kind, tail) in [("bare", 0u8), ("zeros", 0), ("ones", 0xff)] {
            let len = if kind == "bare" { 0 } else { 4096 };
            let bytes = [magic, &vec![tail; len]].concat();
            bench
                .file(&format!("subject/{name}-{kind}"), bytes)
                .unwrap();
        }
    }
    let dossier = vet(&bench, "subject", &[]);
    for (name, _) in magics {
        assert!(
            !covered(&dossier, &format!("{name}-bare")).is_empty(),
            "{name}"
        );
    }
    let died: Vec<String> = gaps(&dossier)
        .into_iter()
        .filter(|gap| gap.contains("worker-died"))
        .collect();
    assert_eq!(died, Vec::<String>::new());
}

#[test]
fn bytes_are_counted_once_whatever_is_wrong() {
    let bench = bench();
    let inner = Zip::new().file("deep.js", "run()").finish();
    let whole = Zip::new()
        .file("extension/a.js", "var a = 1;\n".repeat(100))
        .file("inner.zip", &inner)
        .finish();
    let encrypted = ZipEntry {
        flags: 1,
        ..ZipEntry::stored("secret.js", "x".repeat(400))
    };
    let encrypted = Zip::new().entry(encrypted).file("b.js", "run()").finish();
    let broken = [&gzip(b"").unwrap()[..10], &[0xff; 600]].concat();
    let counted = |name: &str, bytes: &[u8], more: &[&str], node: &str, gap: &str| {
        bench.file(name, bytes).unwrap();
        let dossier = vet(&bench, name, more);
        let totals = dossier["coverage"].as_object().unwrap().values();
        let counted: u64 = totals.filter_map(|total| total["bytes"].as_u64()).sum();
        assert_eq!(counted, bytes.len() as u64, "{name} {more:?}: {dossier:#}");
        let entries = covered(&dossier, node);
        let with_bytes = entries.iter().filter(|entry| entry["bytes"] != 0);
        assert_eq!(with_bytes.count(), 1, "{name} {more:?}: {entries:#?}");
        assert_gap(&dossier, node, gap, "");
        dossier
    };
    for more in [["--max-depth", "0"], ["--max-open-time", "0"]] {
        let dossier = counted("t.vsix", &whole, &more, "t.vsix", "limit");
        assert_gap(&dossier, "t.vsix", "limit", more[0]);
        assert_eq!(gaps(&dossier).len(), 1, "{dossier:#}");
    }
    let more = ["--max-depth", "1"];
    counted("t.vsix", &whole, &more, "inner.zip", "limit");
    let dossier = counted("locked.zip", &encrypted, &[], "secret.js", "encrypted");
    assert_eq!(gaps(&dossier).len(), 1, "{dossier:#}");
    counted("broken.gz", &broken, &[], "broken.gz", "corrupt");
}

#[test]
fn what_a_later_layer_deletes_is_read_and_told() {
    let layers = [
        Tar::new()
            .file("app/cli.js", code("first"))
            .file("app/old/gone.js", code("gone"))
            .file("app/dir/inner.js", code("inner"))
            .file("tmp/kept.js", code("kept"))
            .finish(),
        Tar::new()
            .file("app/.wh.old", "")
            .file("app/dir/.wh..wh..opq", "")
            .file("app/dir/new.js", code("new"))
            .finish(),
        Tar::new().file("app/cli.js", code("last")).finish(),
    ];
    let names: Vec<String> = (0..3).map(|n| format!("blobs/sha256/{n}{n}")).collect();
    let digests = |names: &[String]| -> Vec<Value> {
        let digest = |name: &String| name.replacen("blobs/sha256/", "sha256:", 1);
        let digests = names.iter().map(digest);
        digests
            .map(|digest| serde_json::json!({ "digest": digest }))
            .collect()
    };
    let manifest = serde_json::json!({ "layers": digests(&names) });
    let index = serde_json::json!({ "manifests": digests(&["blobs/sha256/ff".to_owned()]) });
    let docker = serde_json::json!([{ "Layers": &names }]);
    let with_layers = |tar: Tar| {
        let all = names.iter().zip(&layers);
        all.fold(tar, |tar, (name, layer)| tar.file(name, layer))
            .finish()
    };
    let bench = bench();
    let oci = Tar::new()
        .file("index.json", index.to_string())
        .file("blobs/sha256/ff", manifest.to_string());
    bench.file("oci.tar", with_layers(oci)).unwrap();
    let saved = Tar::new().file("manifest.json", docker.to_string());
    bench.file("saved.tar", with_layers(saved)).unwrap();
    for source in ["oci.tar", "saved.tar"] {
        let dossier = vet(&bench, source, &[]);
        for (name, deleted) in [
            ("app/old/gone.js", true),
            ("app/dir/inner.js", true),
            ("app/cli.js", false),
            ("tmp/kept.js", false),
        ] {
            let node = format!("{}!{name}", names[0]);
            let detail = text(covered(&dossier, &node)[0], "/detail").to_owned();
            let says = "layer 2 of the image, of 3, deletes it from layer 1";
            assert_eq!(detail, if deleted { says } else { "" }, "{source} {node}");
        }
        let new = format!("{}!app/dir/new.js", names[1]);
        assert_eq!(text(covered(&dossier, &new)[0], "/detail"), "");
        assert!(found(&dossier, "gone") && found(&dossier, "last"));
    }
}
