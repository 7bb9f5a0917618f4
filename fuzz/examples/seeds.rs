//! Writes the samples of every format as the fuzzers' first inputs:
//! `corpus/TARGET/SAMPLE`.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    for format in assay_artifact::formats() {
        let folder = format!("corpus/{}", format.id.replace('-', "_"));
        fs::create_dir_all(&folder)?;
        for (name, bytes) in assay_artifact::fuzz_seeds(format.id) {
            fs::write(format!("{folder}/{name}"), bytes)?;
        }
    }
    Ok(())
}
