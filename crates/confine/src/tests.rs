use super::*;
use crate::protocol::{read_frame, write_frame};
use std::io::{Seek, Write};

fn store_of(bytes: &[u8], capacity: u64) -> Store {
    let path =
        std::env::temp_dir().join(format!("assay-confine-{}-{capacity}", std::process::id()));
    let mut file = std::fs::File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    Store::new(file, capacity).unwrap()
}

#[test]
fn a_spool_keeps_what_was_written_and_its_limit() {
    let store = store_of(b"artifact", 10);
    let spool = store.spool();
    spool.append(b"hello").unwrap();
    let first = spool.bytes(0, 5).unwrap();
    spool.append(b"world").unwrap();
    assert_eq!(first, b"hello");
    assert_eq!(spool.append(b"!"), Err(SpoolFull));
    assert_eq!(spool.bytes(5, 5).unwrap(), b"world");
    assert_eq!(spool.bytes(5, 6), None);
    assert_eq!(spool.bytes(u64::MAX, 2), None);
    assert_eq!(store.bytes(store.root()).unwrap(), b"artifact");
    assert_eq!(store.root().part(4, 5), None);
    assert_eq!(
        store.bytes(store.root().part(4, 4).unwrap()).unwrap(),
        b"fact"
    );
}

#[test]
fn an_empty_artifact_is_no_error() {
    let store = store_of(b"", 1);
    assert_eq!(store.bytes(store.root()).unwrap(), b"");
}

#[test]
fn frames_round_trip_and_refuse_lies() {
    let mut buffer = Vec::new();
    write_frame(&mut buffer, &"text").unwrap();
    assert_eq!(
        read_frame(&mut buffer.as_slice()).unwrap().unwrap(),
        b"\"text\""
    );
    assert_eq!(read_frame(&mut [].as_slice()).unwrap(), None);
    assert!(read_frame(&mut [1, 0].as_slice()).is_err());
    assert!(read_frame(&mut [255, 255, 255, 255, 1].as_slice()).is_err());
    assert!(read_frame(&mut [9, 0, 0, 0, 1].as_slice()).is_err());
}

#[test]
fn a_job_asks_and_gets_an_answer() {
    use crate::{Emit, JobError, Launcher, Measure, Pool};
    use serde_json::value::{RawValue, to_raw_value};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    fn doubled(
        _: &str,
        input: &str,
        _: &Store,
        emit: &mut Emit<'_>,
    ) -> Result<Box<RawValue>, JobError> {
        let number: u32 = serde_json::from_str(input)?;
        emit.send(&"asking")?;
        let answer: Option<u32> = emit.ask(&number)?;
        Ok(to_raw_value(&answer)?)
    }
    let pool = Pool::new(
        Launcher::InProcess(doubled),
        Measure {
            memory: 1,
            shared: 1,
            cpu_seconds: 1,
        },
        Arc::new(Store::empty().unwrap()),
        Arc::new(AtomicBool::new(false)),
    );
    let mut handle = pool.handle();
    let mut heard = Vec::new();
    let reply = handle
        .call_answering(
            "double",
            &21,
            Duration::from_secs(1),
            |event| heard.push(event.to_owned()),
            |question| to_raw_value(&(question.parse::<u32>().unwrap() * 2)).unwrap(),
        )
        .unwrap();
    assert_eq!(reply.read::<Option<u32>>().unwrap(), Some(42));
    assert_eq!(heard, ["\"asking\""]);
    // Where nobody answers, a job learns that.
    let reply = handle
        .call("double", &21, Duration::from_secs(1), |_| {})
        .unwrap();
    assert_eq!(reply.read::<Option<u32>>().unwrap(), None);
}
