//! System calls told by ptrace, where the kernel does not notify: it has one
//! listener for a process only, and whoever started Assay may be that, as
//! what runs containers is.
//!
//! The filter is the same, and stops a process where it would notify. What is
//! looked at and answered is the same too. Processes see who traces them.
//!
//! Source: ptrace(2), seccomp(2).

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;
use std::sync::Arc;

use super::clock::{Call, Clock};
use super::notify::{Connecting, handle};
use crate::recording::Recorder;

/// Traces a process, which waits for it, and from then on all that it starts.
/// For the thread that then calls [`run`].
pub(super) fn attach(process: &OwnedFd) -> io::Result<()> {
    let options = libc::PTRACE_O_TRACESECCOMP
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_EXITKILL;
    ask(
        libc::PTRACE_SEIZE,
        number(process)?,
        options.unsigned_abs().into(),
    )
    .map(drop)
}

/// The number of a process in the namespace of this one.
fn number(process: &OwnedFd) -> io::Result<libc::pid_t> {
    let told = fs::read_to_string(format!("/proc/self/fdinfo/{}", process.as_raw_fd()))?;
    let line = told.lines().find_map(|line| line.strip_prefix("Pid:"));
    let number = line.and_then(|number| number.trim().parse().ok());
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| io::Error::other("the process is of no number here"))
}

/// Answers all stops until there is nobody left to make any.
pub(super) fn run(
    recorder: &Arc<Recorder>,
    connecting: &mut dyn Connecting,
    mut clock: Option<Clock>,
) -> io::Result<()> {
    // All that have stopped are heard before any goes on: one that calls
    // without end would else be heard for ever, and no other.
    let mut stopped: VecDeque<(libc::pid_t, libc::c_int)> = VecDeque::new();
    loop {
        let wait = match stopped.is_empty() {
            true => 0,
            false => libc::WNOHANG,
        };
        if let Some(stop) = next(wait)? {
            if libc::WIFSTOPPED(stop.1) {
                stopped.push_back(stop);
            }
            continue;
        }
        if stopped.is_empty() {
            return Ok(());
        }
        for (process, how) in stopped.drain(..) {
            let signal = libc::WSTOPSIG(how);
            let (request, data) = match how >> 16 {
                libc::PTRACE_EVENT_SECCOMP => {
                    if let Some(told) = told(process)
                        && let Call::Done(result) = handle(&told, recorder, connecting, &mut clock)
                    {
                        gone_or(skip(process, result))?;
                    }
                    (libc::PTRACE_CONT, 0)
                }
                // It was stopped by a signal, as a shell stops a job.
                libc::PTRACE_EVENT_STOP if is_stop(signal) => (libc::PTRACE_LISTEN, 0),
                0 => (libc::PTRACE_CONT, signal),
                _ => (libc::PTRACE_CONT, 0),
            };
            // That it is gone meanwhile is no matter.
            let _ = ask(request, process, u64::from(data.unsigned_abs()));
        }
    }
}

/// What happened to one of those that are traced; nothing where nothing has,
/// or there are none left.
fn next(wait: libc::c_int) -> io::Result<Option<(libc::pid_t, libc::c_int)>> {
    loop {
        let mut how = 0;
        // Other children are those of other threads.
        let whose = libc::__WALL | libc::__WNOTHREAD | wait;
        // SAFETY: the status outlives the call.
        let process = unsafe { libc::waitpid(-1, &raw mut how, whose) };
        if process > 0 {
            return Ok(Some((process, how)));
        }
        if process == 0 {
            return Ok(None);
        }
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::ECHILD) => return Ok(None),
            Some(libc::EINTR) => {}
            _ => return Err(io::Error::last_os_error()),
        }
    }
}

/// That a process is gone meanwhile is no error.
fn gone_or(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        result => result,
    }
}

fn is_stop(signal: libc::c_int) -> bool {
    [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal)
}

fn ask(request: libc::c_uint, process: libc::pid_t, data: u64) -> io::Result<()> {
    let data = usize::try_from(data).map_err(io::Error::other)?;
    // SAFETY: the requests that are made here take a number as their data.
    let done = unsafe {
        libc::ptrace(
            request,
            process,
            ptr::null_mut::<libc::c_void>(),
            ptr::without_provenance_mut::<libc::c_void>(data),
        )
    };
    held(done)
}

/// The error of a request that was refused.
fn held(done: libc::c_long) -> io::Result<()> {
    match done {
        0.. => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The call that a process stopped at, as the kernel notifies of it.
fn told(process: libc::pid_t) -> Option<libc::seccomp_notif> {
    // SAFETY: all of it may be zero.
    let mut info: libc::ptrace_syscall_info = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills what is given, as long as is said.
    let len = unsafe {
        libc::ptrace(
            libc::PTRACE_GET_SYSCALL_INFO,
            process,
            size_of::<libc::ptrace_syscall_info>(),
            &raw mut info,
        )
    };
    if len <= 0 || info.op != libc::PTRACE_SYSCALL_INFO_SECCOMP {
        return None;
    }
    // SAFETY: which of them it is has just been looked at.
    let call = unsafe { info.u.seccomp };
    // SAFETY: all of it may be zero.
    let mut told: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    told.pid = u32::try_from(process).ok()?;
    told.data.nr = libc::c_int::try_from(call.nr).ok()?;
    told.data.args = call.args;
    Some(told)
}

/// Has a call not be made, and gives its result.
#[cfg(target_arch = "x86_64")]
fn skip(process: libc::pid_t, result: i64) -> io::Result<()> {
    use std::mem::offset_of;
    for (register, value) in [
        // There is no such call.
        (offset_of!(libc::user_regs_struct, orig_rax), -1),
        (offset_of!(libc::user_regs_struct, rax), result),
    ] {
        // SAFETY: the registers are the first of what is there to be set; of
        // a register that is none the kernel says so.
        let done = unsafe {
            libc::ptrace(
                libc::PTRACE_POKEUSER,
                process,
                ptr::without_provenance_mut::<libc::c_void>(register),
                value,
            )
        };
        held(done)?;
    }
    Ok(())
}

/// Has a call not be made, and gives its result.
#[cfg(target_arch = "aarch64")]
fn skip(process: libc::pid_t, result: i64) -> io::Result<()> {
    // linux/elf.h
    const SYSTEM_CALL: libc::c_int = 0x404;
    let call: libc::c_int = -1;
    // SAFETY: all of it may be zero.
    let mut registers: libc::user_regs_struct = unsafe { std::mem::zeroed() };
    let mut part = libc::iovec {
        iov_base: (&raw mut registers).cast(),
        iov_len: size_of::<libc::user_regs_struct>(),
    };
    let mut none = libc::iovec {
        iov_base: (&raw const call).cast_mut().cast(),
        iov_len: size_of::<libc::c_int>(),
    };
    let set = |request, of: libc::c_int, part: &mut libc::iovec| {
        // SAFETY: the kernel reads and fills what is given, as long as is said.
        held(unsafe { libc::ptrace(request, process, of, ptr::from_mut(part)) })
    };
    set(libc::PTRACE_GETREGSET, libc::NT_PRSTATUS, &mut part)?;
    registers.regs[0] = result.cast_unsigned();
    set(libc::PTRACE_SETREGSET, libc::NT_PRSTATUS, &mut part)?;
    set(libc::PTRACE_SETREGSET, SYSTEM_CALL, &mut none)
}
