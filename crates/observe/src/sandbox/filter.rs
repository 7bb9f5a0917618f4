//! The system-call filter: what the recorder is told of, and what is refused.
//!
//! Source: linux/seccomp.h, linux/audit.h, seccomp_unotify(2).

use std::io;
use std::mem::offset_of;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use super::clock;
use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W};
use libc::{seccomp_data, sock_filter, sock_fprog};

/// Calls that the recorder is told of before they are made.
const TOLD: &[libc::c_long] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_connect,
    libc::SYS_sendmmsg,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    libc::SYS_truncate,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
];

/// Calls that do not exist in the sandbox: each passes by the recorder, or
/// reaches what a tool has no business with. 'Not implemented' makes programs
/// fall back to what they do on older systems.
const ABSENT: &[libc::c_long] = &[
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Its flags lie behind a pointer, where no filter sees them.
    libc::SYS_clone3,
    libc::SYS_userfaultfd,
    // Memory that nobody else can read: arguments of told calls in it would
    // be seen by the kernel alone.
    libc::SYS_memfd_secret,
];

/// Calls that are refused.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_fanotify_init,
    libc::SYS_process_madvise,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    // Tells the time of day, and nothing that a tool needs.
    libc::SYS_adjtimex,
    libc::SYS_syslog,
];

/// Families of sockets that a tool may have: what lies beyond them is not
/// held by a network namespace, as the sockets of virtual machines are not.
const FAMILIES: &[libc::c_int] = &[
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// Namespaces that a process may not make.
const NAMESPACES: libc::c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP
    // A process that nobody traces.
    | libc::CLONE_UNTRACED;

#[cfg(target_arch = "x86_64")]
const ARCH: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCH: u32 = 0xc000_00b7;

/// The recorder is notified of a call.
pub(super) const NOTIFY: u32 = libc::SECCOMP_RET_USER_NOTIF;
/// The recorder traces who makes it.
pub(super) const TRACE: u32 = libc::SECCOMP_RET_TRACE;

const fn errno(number: libc::c_int) -> u32 {
    libc::SECCOMP_RET_ERRNO | number.unsigned_abs()
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

fn code(parts: &[u32]) -> u16 {
    let all = parts.iter().fold(0, |all, part| all | part);
    u16::try_from(all).unwrap_or(0)
}

fn load(offset: usize) -> sock_filter {
    sock_filter {
        code: code(&[BPF_LD, BPF_W, BPF_ABS]),
        jt: 0,
        jf: 0,
        k: u32::try_from(offset).unwrap_or(0),
    }
}

/// The low half of an argument; both processors store it first.
fn argument(index: usize) -> sock_filter {
    load(offset_of!(seccomp_data, args).saturating_add(index.saturating_mul(8)))
}

fn when(how: u32, value: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter {
        code: code(&[BPF_JMP, how, BPF_K]),
        jt,
        jf,
        k: value,
    }
}

fn give(what: u32) -> sock_filter {
    sock_filter {
        code: code(&[BPF_RET, BPF_K]),
        jt: 0,
        jf: 0,
        k: what,
    }
}

/// The filter, as the kernel takes it. By the descriptor `control`, if there
/// is one, the recorder is sent what it is told by, before it can be told of
/// that; [`shut`] then ends this.
///
/// Where the clock is set to another time, the recorder is told of what reads
/// it too. `tell` is how: [`NOTIFY`] or [`TRACE`].
pub(super) fn program(control: Option<RawFd>, clock: bool, tell: u32) -> Vec<sock_filter> {
    let mut out = vec![
        load(offset_of!(seccomp_data, arch)),
        when(BPF_JEQ, ARCH, 1, 0),
        // Another processor's calls have other numbers.
        give(libc::SECCOMP_RET_KILL_PROCESS),
        load(offset_of!(seccomp_data, nr)),
        // So have those of the x32 way of calling.
        when(BPF_JSET, 0x4000_0000, 0, 1),
        give(errno(libc::ENOSYS)),
    ];
    let mut rule = |calls: &[libc::c_long], what: u32| {
        for call in calls {
            out.extend([when(BPF_JEQ, number(*call), 0, 1), give(what)]);
        }
    };
    rule(TOLD, tell);
    if clock {
        rule(clock::EARLY, tell);
        rule(clock::ANSWERED, tell);
    }
    rule(ABSENT, errno(libc::ENOSYS));
    rule(REFUSED, errno(libc::EPERM));
    if clock {
        let count = u8::try_from(clock::CLOCKS.len()).unwrap_or(0);
        out.extend([
            when(
                BPF_JEQ,
                number(libc::SYS_clock_gettime),
                0,
                count.saturating_add(3),
            ),
            argument(0),
        ]);
        for (index, clock) in clock::CLOCKS.iter().enumerate() {
            let left = count.saturating_sub(u8::try_from(index).unwrap_or(0));
            out.push(when(BPF_JEQ, clock.unsigned_abs(), left, 0));
        }
        out.extend([give(libc::SECCOMP_RET_ALLOW), give(tell)]);
        out.extend([
            when(BPF_JEQ, number(libc::SYS_futex), 0, 4),
            argument(1),
            when(BPF_JSET, clock::WAITS_BY_TIME_OF_DAY, 0, 1),
            give(tell),
            give(libc::SECCOMP_RET_ALLOW),
        ]);
    }
    // A datagram that names where it goes.
    out.extend([
        when(BPF_JEQ, number(libc::SYS_sendto), 0, 4),
        argument(4),
        when(BPF_JEQ, 0, 0, 1),
        give(libc::SECCOMP_RET_ALLOW),
        give(tell),
    ]);
    if let Some(control) = control {
        out.extend([
            when(BPF_JEQ, number(libc::SYS_sendmsg), 0, 4),
            argument(0),
            when(BPF_JEQ, control.unsigned_abs(), 0, 1),
            give(libc::SECCOMP_RET_ALLOW),
            give(tell),
        ]);
    } else {
        out.extend([when(BPF_JEQ, number(libc::SYS_sendmsg), 0, 1), give(tell)]);
    }
    // Limits of others: the first process has some that it needs.
    out.extend([
        when(BPF_JEQ, number(libc::SYS_prlimit64), 0, 4),
        argument(0),
        when(BPF_JEQ, 0, 0, 1),
        give(libc::SECCOMP_RET_ALLOW),
        give(errno(libc::EPERM)),
    ]);
    let families = FAMILIES.iter().map(|family| family.unsigned_abs());
    let count = u8::try_from(FAMILIES.len()).unwrap_or(0);
    out.extend([
        when(
            BPF_JEQ,
            number(libc::SYS_socket),
            0,
            count.saturating_add(3),
        ),
        argument(0),
    ]);
    for (index, family) in families.enumerate() {
        let left = count.saturating_sub(u8::try_from(index).unwrap_or(0));
        out.push(when(BPF_JEQ, family, left, 0));
    }
    out.extend([
        give(errno(libc::EAFNOSUPPORT)),
        give(libc::SECCOMP_RET_ALLOW),
    ]);
    out.extend([
        when(BPF_JEQ, number(libc::SYS_clone), 0, 4),
        argument(0),
        when(BPF_JSET, NAMESPACES.unsigned_abs(), 0, 1),
        give(errno(libc::EPERM)),
        give(libc::SECCOMP_RET_ALLOW),
    ]);
    out.push(give(libc::SECCOMP_RET_ALLOW));
    out
}

/// A second filter, for when the recorder has what it is told by: nobody sends
/// by a descriptor of this number any more, whatever it then is.
pub(super) fn shut(control: RawFd) -> Vec<sock_filter> {
    vec![
        load(offset_of!(seccomp_data, nr)),
        when(BPF_JEQ, number(libc::SYS_sendmsg), 0, 3),
        argument(0),
        when(BPF_JEQ, control.unsigned_abs(), 0, 1),
        give(errno(libc::EBADF)),
        give(libc::SECCOMP_RET_ALLOW),
    ]
}

/// Puts the filter that notifies on the calling thread and what it starts.
/// Gives where the recorder is told of calls; nothing where somebody else is
/// told of calls already, or the kernel tells nobody. Allocates nothing: it
/// runs between fork and exec.
pub(super) fn install_notifying(program: &[sock_filter]) -> Option<OwnedFd> {
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // Where the kernel has it, a signal does not break off a call that the
    // recorder has been told of (Linux 5.19).
    let fd = set(
        program,
        listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
    )
    .or_else(|_| set(program, listener));
    // SAFETY: the kernel has just made this descriptor for us.
    fd.ok().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Puts a filter that notifies nobody on the calling thread and what it
/// starts. Allocates nothing: it runs between fork and exec.
pub(super) fn install(program: &[sock_filter]) -> io::Result<()> {
    set(program, 0).map(drop)
}

fn set(program: &[sock_filter], flags: libc::c_ulong) -> io::Result<RawFd> {
    let filter = sock_fprog {
        len: u16::try_from(program.len()).unwrap_or(0),
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the program outlives the call, which only reads it; the other
    // arguments are integers.
    let set = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const filter,
        )
    };
    match RawFd::try_from(set) {
        Ok(fd) if fd >= 0 => Ok(fd),
        _ => Err(io::Error::last_os_error()),
    }
}
