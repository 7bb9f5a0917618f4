//! What imported and linked functions show.
//!
//! That a function is imported says that something may call it, not that
//! anything does; a runtime for programs imports everything. So this is
//! weak evidence, and the weaker the more is imported.

use assay_model::{Confidence, Severity};

use super::image::Image;
use crate::patterns::patterns;
use crate::raw::{Notes, Place};

/// From how many different behaviours on an executable looks like a runtime,
/// which imports whatever a program may ask it for.
const RUNTIME: usize = 7;

/// Notes what the imports show.
pub(super) fn imported(image: &Image<'_>, notes: &mut Notes) {
    let mut found = Vec::new();
    for import in &image.imports {
        let known = patterns().call(&format!("system::{}()", import.name));
        found.extend(known.into_iter().map(|behaviour| (import, behaviour)));
    }
    let mut kinds: Vec<&str> = found.iter().map(|(_, behaviour)| behaviour.id).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let runtime = kinds.len() >= RUNTIME;
    for (import, behaviour) in found {
        let severity = if runtime {
            Severity::Info
        } else {
            behaviour.severity.min(Severity::Low)
        };
        let library = if import.library.is_empty() {
            String::new()
        } else {
            format!(" from {}", import.library)
        };
        let weak = if runtime {
            format!(
                "; so do runtimes, and this one imports functions for {} such things",
                kinds.len()
            )
        } else {
            String::new()
        };
        notes.add(
            behaviour.id,
            &import.name,
            &format!("{}: imports {}", behaviour.title, import.name),
            (severity, Confidence::Low),
            || Place {
                start: import.at as u64,
                len: import.name.len() as u64,
                excerpt: import.name.clone(),
                note: format!("imported{library}; whether it is called was not read{weak}"),
                ..Place::default()
            },
        );
    }
}

/// Notes what the functions of a Go executable show. Its linker leaves out
/// what nothing can call.
pub(super) fn linked(image: &Image<'_>, functions: &[(u64, String)], notes: &mut Notes) {
    for (address, name) in functions {
        // Most names are of no package that matters here.
        if !(name.starts_with("os") || name.starts_with("net")) {
            continue;
        }
        for behaviour in patterns().call(&format!("go::{name}()")) {
            notes.add(
                behaviour.id,
                name,
                &format!("{}: holds {name}", behaviour.title),
                (behaviour.severity.min(Severity::Low), Confidence::Low),
                || Place {
                    start: image.place(*address).unwrap_or_default() as u64,
                    len: 1,
                    excerpt: name.clone(),
                    note: "a function that the linker kept, so that something can call it"
                        .to_owned(),
                    ..Place::default()
                },
            );
        }
    }
}

/// Whether libraries are loaded by names that are made at run time.
pub(super) fn loads_libraries(image: &Image<'_>) -> bool {
    image.imports.iter().any(|import| {
        matches!(
            import.name.as_str(),
            "dlopen" | "LoadLibraryA" | "LoadLibraryW" | "LoadLibraryExA" | "LoadLibraryExW"
        )
    })
}
