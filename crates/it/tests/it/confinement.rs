//! The confined process of the real program, given jobs by hand.

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use assay_confine::{Launcher, Measure, Pool, PoolError, Store};

use crate::support::bench;

fn pool(bytes: &[u8]) -> Pool {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let store = Arc::new(Store::new(file, 1 << 20).unwrap());
    let launcher = Launcher::Program {
        program: assay_it::program().unwrap().to_owned(),
        arguments: vec!["__worker".to_owned()],
    };
    let measure = Measure {
        memory: 256 << 20,
        shared: 64 << 20,
        cpu_seconds: 60,
    };
    Pool::new(launcher, measure, store, Arc::new(AtomicBool::new(false)))
}

#[test]
fn nothing_of_the_machine_is_within_reach() {
    let pool = pool(b"artifact");
    let mut worker = pool.handle();
    let reply = worker
        .call("probe", &(), Duration::from_secs(30), |_| {})
        .unwrap();
    assert_eq!(reply.read::<Vec<String>>().unwrap(), Vec::<String>::new());
    let held = worker.confinement().unwrap();
    assert!(held.limits, "{held:?}");
    if cfg!(target_os = "linux") {
        assert!(held.system_calls, "{held:?}");
    }
}

#[test]
fn a_job_that_is_not_known_fails_and_the_process_lives_on() {
    let pool = pool(b"");
    let mut worker = pool.handle();
    let answer = worker.call("nonsense", &(), Duration::from_secs(30), |_| {});
    assert!(matches!(answer, Err(PoolError::Failed(_))), "{answer:?}");
    let first = worker.process().unwrap();
    worker
        .call("probe", &(), Duration::from_secs(30), |_| {})
        .unwrap();
    assert_eq!(worker.process(), Some(first));
}

#[test]
fn a_message_that_is_not_of_the_job_is_a_failure() {
    let pool = pool(b"PK");
    let mut worker = pool.handle();
    for job in ["open", "analyze"] {
        let answer = worker.call(job, &"nonsense", Duration::from_secs(30), |_| {});
        assert!(
            matches!(answer, Err(PoolError::Failed(_))),
            "{job}: {answer:?}"
        );
    }
}

#[test]
fn a_process_that_is_let_go_ends() {
    let pool = pool(b"");
    let mut worker = pool.handle();
    worker
        .call("probe", &(), Duration::from_secs(30), |_| {})
        .unwrap();
    let id = worker.process().unwrap();
    drop(worker);
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
}

#[test]
fn a_process_that_ended_between_two_jobs_is_replaced() {
    let pool = pool(b"");
    let mut worker = pool.handle();
    let probe = |worker: &mut assay_confine::Handle<'_>| {
        let reply = worker.call("probe", &(), Duration::from_secs(30), |_| {});
        reply.map(|_| worker.process().unwrap())
    };
    // It ends with the thread that started it.
    let first = std::thread::scope(|scope| scope.spawn(|| probe(&mut worker)).join().unwrap());
    let gone = |id: u32| {
        let state = std::fs::read_to_string(format!("/proc/{id}/stat"));
        state.map_or(true, |state| state.contains(") Z "))
    };
    let first = first.unwrap();
    for _ in 0..500 {
        if gone(first) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_ne!(probe(&mut worker).unwrap(), first);
    // One that was started beforehand lives on.
    let mut other = pool.handle();
    other.prepare(Duration::from_secs(30)).unwrap();
    let started = other.process().unwrap();
    let there = std::thread::scope(|scope| scope.spawn(|| probe(&mut other)).join().unwrap());
    assert_eq!(there.unwrap(), started);
    assert_eq!(probe(&mut other).unwrap(), started);
}

#[test]
fn a_worker_that_a_user_starts_by_hand_ends_without_a_crash() {
    let bench = bench();
    for input in [
        &b""[..],
        b"hello\n",
        &[255; 64],
        &[4, 0, 0, 0, b'n', b'u', b'l', b'l'],
    ] {
        let mut command = bench.command(&["__worker"]).unwrap();
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // It may be gone before it has read all of it.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        assert!(
            matches!(output.status.code(), Some(0 | 2)),
            "{input:?}: {output:?}"
        );
        assert!(
            !String::from_utf8_lossy(&output.stderr).contains("panicked"),
            "{output:?}"
        );
    }
}
