//! Another time of day for the processes of a sandbox.
//!
//! Programs read the time from a page that the kernel maps into each of them
//! (the vDSO), without a call that anybody is told of. At the first call that
//! a new program makes, its functions there are replaced by the calls they
//! stand for, and those are answered. It works on whatever reads the time by
//! these functions or calls, linked statically or not. The monotonic clock,
//! the processor's counter and the times of files stay as they are.
//!
//! Source: vdso(7), clock_gettime(2), futex(2), seccomp_unotify(2).

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::time::{SystemTime, UNIX_EPOCH};

use object::{Object, ObjectSymbol};

use super::notify::Memory;

/// Calls that are told in order to come before a program reads the time: each
/// starts with one of them.
pub(super) const EARLY: &[libc::c_long] = &[
    libc::SYS_brk,
    libc::SYS_set_tid_address,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
];
/// Calls that are answered.
pub(super) const ANSWERED: &[libc::c_long] = &[
    libc::SYS_gettimeofday,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];
/// Clocks that tell the time of day.
pub(super) const CLOCKS: &[libc::c_int] = &[
    libc::CLOCK_REALTIME,
    libc::CLOCK_REALTIME_COARSE,
    libc::CLOCK_TAI,
];
/// The flag by which the wait for a lock ends at a time of day.
pub(super) const WAITS_BY_TIME_OF_DAY: u32 = 256;

/// The functions of the vDSO, and the calls they stand for.
#[cfg(target_arch = "x86_64")]
const FUNCTIONS: &[(&str, libc::c_long)] = &[
    ("__vdso_clock_gettime", libc::SYS_clock_gettime),
    ("__vdso_gettimeofday", libc::SYS_gettimeofday),
    ("__vdso_time", libc::SYS_time),
];
#[cfg(target_arch = "aarch64")]
const FUNCTIONS: &[(&str, libc::c_long)] = &[
    ("__kernel_clock_gettime", libc::SYS_clock_gettime),
    ("__kernel_gettimeofday", libc::SYS_gettimeofday),
];
/// The most bytes that a vDSO has.
const VDSO: u64 = 64 << 10;

/// Machine code that makes a call with the arguments it was given.
#[cfg(target_arch = "x86_64")]
fn stub(call: libc::c_long) -> Vec<u8> {
    // mov eax, call; syscall; ret
    let mut code = vec![0xb8];
    code.extend(u32::try_from(call).unwrap_or(0).to_le_bytes());
    code.extend([0x0f, 0x05, 0xc3]);
    code
}
#[cfg(target_arch = "aarch64")]
fn stub(call: libc::c_long) -> Vec<u8> {
    // mov x8, #call; svc #0; ret
    let moved = 0xd280_0008_u32 | u32::try_from(call).unwrap_or(0) << 5;
    [moved, 0xd400_0001, 0xd65f_03c0]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect()
}

/// A clock that is set to another time.
pub(super) struct Clock {
    /// How far it is ahead, in seconds.
    ahead: i64,
    /// Processes that are about to be another program, with how many of their
    /// calls are still looked at, and where the vDSO of the old one is.
    fresh: HashMap<u32, (u32, Option<u64>)>,
    /// Where in the vDSO which code goes; it is the same for all processes.
    code: Vec<(u64, Vec<u8>)>,
    /// Whether a process was left as it was, which is told once.
    pub(super) missed: bool,
}

/// How many calls of a process that starts another program are looked at: it
/// may not have come to it.
const LOOKS: u32 = 64;

/// What becomes of a call.
pub(super) enum Call {
    /// It is made.
    Goes,
    /// It has been answered: its result.
    Done(i64),
}

impl Clock {
    /// A clock that now is at a time, in seconds since 1970.
    pub(super) fn new(begins: i64) -> Self {
        Self {
            ahead: begins.saturating_sub(now().0),
            fresh: HashMap::new(),
            code: code().unwrap_or_default(),
            missed: false,
        }
    }

    /// Looks at a call before it is made.
    pub(super) fn told(&mut self, told: &libc::seccomp_notif) -> Call {
        let memory = Memory(told.pid);
        let call = libc::c_long::from(told.data.nr);
        let [a, b, _, d, _, _] = told.data.args;
        self.freshen(told.pid);
        match call {
            libc::SYS_execve | libc::SYS_execveat => {
                // Whichever thread makes it, the process goes on as the first.
                let first = first_thread(told.pid);
                let old = vdso(first);
                self.fresh
                    .extend([(told.pid, (LOOKS, old)), (first, (LOOKS, old))]);
                Call::Goes
            }
            libc::SYS_clock_gettime => self.answer(&memory, b, 1),
            libc::SYS_gettimeofday => self.answer(&memory, a, 1000),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_time => {
                let (seconds, _) = self.now();
                if a != 0 && !memory.write(a, &seconds.to_ne_bytes()) {
                    return Call::Goes;
                }
                Call::Done(seconds)
            }
            libc::SYS_futex => {
                self.real_end(&memory, d);
                Call::Goes
            }
            _ => Call::Goes,
        }
    }

    /// Replaces the functions of a process that has become another program.
    /// Its other threads may call until it has: the new one's vDSO is
    /// elsewhere.
    fn freshen(&mut self, process: u32) {
        let Some((looks, old)) = self.fresh.get_mut(&process) else {
            return;
        };
        *looks = looks.saturating_sub(1);
        // While it starts a program it has neither the old one's nor the new.
        let now = vdso(process);
        if *looks > 0 && (now.is_none() || *old == now) {
            return;
        }
        self.fresh.remove(&process);
        if now.and_then(|now| self.replace(process, now)).is_none() {
            self.missed = true;
        }
    }

    fn now(&self) -> (i64, i64) {
        let (seconds, nanoseconds) = now();
        (seconds.saturating_add(self.ahead), nanoseconds)
    }

    /// Writes seconds, and parts of a second of so many nanoseconds.
    fn answer(&self, memory: &Memory, at: u64, unit: i64) -> Call {
        let (seconds, nanoseconds) = self.now();
        let rest = nanoseconds.checked_div(unit).unwrap_or(0);
        let mut bytes = seconds.to_ne_bytes().to_vec();
        bytes.extend(rest.to_ne_bytes());
        match at == 0 || memory.write(at, &bytes) {
            true => Call::Done(0),
            // Of an address that is none the kernel says so itself.
            false => Call::Goes,
        }
    }

    /// Turns the end of a wait, which the process has from this clock, into
    /// one of the kernel's. It may be asked for again after a signal: what is
    /// near the kernel's time already stays.
    fn real_end(&self, memory: &Memory, at: u64) {
        let Some(end) = memory.number(at).map(u64::cast_signed) else {
            return;
        };
        let (real, own) = (now().0, self.now().0);
        if end.abs_diff(own) < end.abs_diff(real) {
            memory.write(at, &end.saturating_sub(self.ahead).to_ne_bytes());
        }
    }

    /// Replaces the functions of a process's vDSO; nothing if it cannot be.
    fn replace(&self, process: u32, from: u64) -> Option<()> {
        if self.code.is_empty() {
            return None;
        }
        // Of a page that may not be written to, this makes a copy.
        let file = File::options()
            .write(true)
            .open(format!("/proc/{process}/mem"))
            .ok()?;
        for (at, code) in &self.code {
            file.write_all_at(code, from.checked_add(*at)?).ok()?;
        }
        Some(())
    }
}

/// Where the vDSO of a process is.
fn vdso(process: u32) -> Option<u64> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let line = maps.lines().find(|line| line.ends_with("[vdso]"))?;
    u64::from_str_radix(line.split_once('-')?.0, 16).ok()
}

/// Where in the vDSO which function of it is replaced by what: as this
/// process has it, so that nothing of a subject is read.
fn code() -> Option<Vec<(u64, Vec<u8>)>> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with("[vdso]"))?;
    let (from, rest) = line.split_once('-')?;
    let (to, _) = rest.split_once(' ')?;
    let from = u64::from_str_radix(from, 16).ok()?;
    let to = u64::from_str_radix(to, 16).ok()?;
    let mut image = vec![0u8; usize::try_from(to.checked_sub(from)?.min(VDSO)).ok()?];
    let file = File::open("/proc/self/mem").ok()?;
    file.read_exact_at(&mut image, from).ok()?;
    let image = object::File::parse(&*image).ok()?;
    let found = image.dynamic_symbols().filter_map(|symbol| {
        let (_, call) = FUNCTIONS
            .iter()
            .find(|(name, _)| symbol.name() == Ok(*name))?;
        Some((symbol.address(), stub(*call)))
    });
    Some(found.collect())
}

/// The kernel's time of day, in seconds and nanoseconds.
fn now() -> (i64, i64) {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    (seconds, i64::from(since.subsec_nanos()))
}

/// The first thread of the process that a thread is of.
fn first_thread(thread: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    line.and_then(|id| id.trim().parse().ok()).unwrap_or(thread)
}
