use std::io;

use serde::{Deserialize, Serialize};

/// How much a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Private memory in bytes, stacks included.
    pub memory: u64,
    /// Address space beyond that for what is shared with the parent.
    pub shared: u64,
    /// Processor time in seconds.
    pub cpu_seconds: u64,
}

/// What holds a child, as far as this system can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confinement {
    /// A system-call filter that lets through memory, clocks, threads and the
    /// pipes to the parent, and refuses the rest.
    pub system_calls: bool,
    /// Namespaces of its own for users, network, mounts, IPC and names.
    pub namespaces: bool,
    /// A Landlock domain without any right to files.
    pub files: bool,
    /// Resource limits.
    pub limits: bool,
}

/// Tries what a confined process must not be able to do, and names what
/// nevertheless succeeded. For tests and self-tests; call it in a child.
#[must_use]
pub fn probe() -> Vec<String> {
    let mut open = Vec::new();
    let mut attempt = |name: &str, succeeded: bool| {
        if succeeded {
            open.push(name.to_owned());
        }
    };
    attempt("read a file", std::fs::read("/etc/hosts").is_ok());
    attempt("list a folder", std::fs::read_dir("/").is_ok());
    attempt(
        "make a file",
        std::fs::File::create(std::env::temp_dir().join("assay-probe")).is_ok(),
    );
    attempt(
        "listen on a port",
        std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
    );
    attempt("make a socket", std::net::UdpSocket::bind("[::]:0").is_ok());
    attempt(
        "make a Unix socket pair",
        std::os::unix::net::UnixDatagram::pair().is_ok(),
    );
    attempt(
        "start a process",
        std::process::Command::new("/bin/true").spawn().is_ok(),
    );
    open
}

#[cfg(target_os = "linux")]
pub(crate) fn enter(measure: &Measure) -> io::Result<Confinement> {
    let limits = linux::limit(measure).is_ok();
    let namespaces = linux::unshare();
    let files = linux::landlock();
    linux::filter_system_calls()?;
    Ok(Confinement {
        system_calls: true,
        namespaces,
        files,
        limits,
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn enter(measure: &Measure) -> io::Result<Confinement> {
    // There is no unprivileged filter here that a process can put on itself
    // and that is documented as stable; the caller reports that only limits
    // hold.
    let _ = measure;
    Ok(Confinement::default())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::io;

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    use super::Measure;

    pub(super) fn limit(measure: &Measure) -> io::Result<()> {
        let set = |resource, value: u64| -> io::Result<()> {
            let limit = libc::rlimit {
                rlim_cur: value,
                rlim_max: value,
            };
            // SAFETY: `limit` is a valid struct that outlives the call.
            if unsafe { libc::setrlimit(resource, &raw const limit) } != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        };
        set(libc::RLIMIT_CORE, 0)?;
        set(libc::RLIMIT_CPU, measure.cpu_seconds)?;
        // Room for the binary itself and its libraries.
        let slack = 256u64 << 20;
        set(
            libc::RLIMIT_AS,
            measure
                .memory
                .saturating_add(measure.shared)
                .saturating_add(slack),
        )
    }

    pub(super) fn unshare() -> bool {
        // SAFETY: these calls take plain integers. The process is still
        // single-threaded, as CLONE_NEWUSER demands; the kernel checks that.
        unsafe {
            // A child must not outlive its parent, nor be attached to.
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
            libc::unshare(
                libc::CLONE_NEWUSER
                    | libc::CLONE_NEWNET
                    | libc::CLONE_NEWNS
                    | libc::CLONE_NEWIPC
                    | libc::CLONE_NEWUTS,
            ) == 0
        }
    }

    /// A Landlock domain that handles all rights of its first ABI and grants
    /// none. Source: linux/landlock.h.
    pub(super) fn landlock() -> bool {
        #[repr(C)]
        struct RulesetAttr {
            handled_access_fs: u64,
        }
        const ALL_OF_ABI_1: u64 = (1 << 13) - 1;
        let attr = RulesetAttr {
            handled_access_fs: ALL_OF_ABI_1,
        };
        // SAFETY: the attribute struct outlives the call and its size is
        // passed along; the other calls take integers. The descriptor is made
        // here and closed here.
        unsafe {
            if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 {
                return false;
            }
            let fd = libc::syscall(
                libc::SYS_landlock_create_ruleset,
                &raw const attr,
                size_of::<RulesetAttr>(),
                0,
            );
            let Ok(fd) = i32::try_from(fd) else {
                return false;
            };
            if fd < 0 {
                return false;
            }
            let done = libc::syscall(libc::SYS_landlock_restrict_self, fd, 0) == 0;
            libc::close(fd);
            done
        }
    }

    pub(super) fn filter_system_calls() -> io::Result<()> {
        let arch: TargetArch = std::env::consts::ARCH
            .try_into()
            .map_err(|_| io::Error::other("no system-call filter for this processor"))?;
        let condition = |arg, op, value| {
            SeccompCondition::new(arg, SeccompCmpArgLen::Dword, op, value).map_err(refused)
        };
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALLOWED.iter().map(|number| (*number, Vec::new())).collect();
        // Threads of this process, but no new process.
        let thread = u64::from((libc::CLONE_THREAD | libc::CLONE_VM).unsigned_abs());
        rules.insert(
            libc::SYS_clone,
            vec![
                SeccompRule::new(vec![condition(0, SeccompCmpOp::MaskedEq(thread), thread)?])
                    .map_err(refused)?,
            ],
        );
        rules.insert(
            libc::SYS_prctl,
            vec![
                SeccompRule::new(vec![condition(
                    0,
                    SeccompCmpOp::Eq,
                    u64::from(libc::PR_SET_NAME.unsigned_abs()),
                )?])
                .map_err(refused)?,
            ],
        );
        // Memory that is written is never executed.
        let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
        for number in [libc::SYS_mmap, libc::SYS_mprotect] {
            rules.insert(
                number,
                vec![
                    SeccompRule::new(vec![condition(2, SeccompCmpOp::MaskedEq(executable), 0)?])
                        .map_err(refused)?,
                ],
            );
        }
        let errno = |number: i32| SeccompAction::Errno(number.unsigned_abs());
        let allow = SeccompFilter::new(rules, errno(libc::EPERM), SeccompAction::Allow, arch)
            .map_err(refused)?;
        // clone3 passes its flags by pointer, where a filter cannot see them.
        // 'Not implemented' makes libc fall back to clone.
        let fall_back = SeccompFilter::new(
            BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
            SeccompAction::Allow,
            errno(libc::ENOSYS),
            arch,
        )
        .map_err(refused)?;
        for filter in [fall_back, allow] {
            let program: BpfProgram = filter.try_into().map_err(refused)?;
            seccompiler::apply_filter(&program).map_err(refused)?;
        }
        Ok(())
    }

    fn refused(error: impl std::fmt::Display) -> io::Error {
        io::Error::other(format!("the system-call filter: {error}"))
    }

    const ALLOWED: &[i64] = &[
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_tgkill,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_clone3,
        libc::SYS_restart_syscall,
    ];
}
