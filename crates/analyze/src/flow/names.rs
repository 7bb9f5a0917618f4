//! What functions and methods do, as their names say.

use super::{SinkKind, python};

/// Whether a program runs another, which its arguments name.
pub(super) fn runs_another(program: &str) -> bool {
    let file = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = file.split_whitespace().next().unwrap_or_default();
    let name = file.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    LAUNCHERS.contains(&plain)
}

/// Programs whose arguments name a program to run, or are one.
#[rustfmt::skip]
const LAUNCHERS: &[&str] = &[
    // Shells, and interpreters of what they are given.
    "ash", "bash", "bun", "busybox", "cmd", "cscript", "csh", "dash", "deno", "fish", "ksh", "lua",
    "mshta", "node", "nodejs", "nu", "osascript", "perl", "php", "powershell", "pwsh", "py",
    "pypy", "python", "rbash", "ruby", "sh", "tcsh", "toybox", "wscript", "xonsh", "zsh",
    // As somebody else, or somewhere else.
    "at", "bwrap", "chroot", "crontab", "distrobox", "docker", "doas", "firejail",
    "flatpak-spawn", "gsudo", "kubectl", "launchctl", "lxc", "nerdctl", "nsenter", "pkexec",
    "plink", "podman", "psexec", "runas", "runuser", "schtasks", "snap", "ssh", "su", "sudo",
    "systemd-run", "toolbox", "unshare", "wsl",
    // With something changed.
    "catchsegv", "chrt", "conhost", "dbus-run-session", "env", "expect", "faketime", "flock",
    "gdb", "ionice", "ld.so", "lldb", "ltrace", "nice", "nohup", "numactl", "parallel", "prlimit",
    "proot", "rundll", "script", "setarch", "setpriv", "setsid", "stdbuf", "strace", "taskset",
    "time", "timeout", "torsocks", "unbuffer", "watch", "winpty", "wine", "xargs", "xvfb-run",
    // In a window or a session of its own.
    "alacritty", "byobu", "explorer", "foot", "ghostty", "gio", "gnome-terminal", "kgx", "kitty",
    "konsole", "open", "ptyxis", "rxvt", "screen", "start", "tmux", "urxvt", "wezterm", "wt",
    "x-terminal-emulator", "xdg-open", "xfce4-terminal", "xterm", "zellij",
    // From a registry.
    "bunx", "dlx", "npm", "npx", "pipx", "pnpm", "pnpx", "uv", "uvx", "yarn",
];

/// What a callee of the platform does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CalleeKind {
    Sink(SinkKind),
    /// Its result has all parts of what it is given, as one.
    Flattens,
    /// Its result holds what it is given as it was.
    PassesOn,
    /// Its result is a machine.
    Compiles,
    /// It gives nothing back.
    Nothing,
    Other,
}

/// Whether a text is a hash: hexadecimal digits of a usual length.
pub(super) fn is_hash(text: &str) -> bool {
    matches!(text.len(), 16 | 32 | 40 | 56 | 64 | 96 | 128)
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Functions of the platform that give their argument in another form.
pub(super) fn is_plain(canon: &str) -> bool {
    let name = canon.trim_end_matches("()");
    // What these hold is what they are made of, whatever is called on them.
    if name.strip_prefix("new ").is_some_and(|class| {
        let class = class.split(['(', '.']).next().unwrap_or_default();
        matches!(
            class,
            "Set"
                | "Map"
                | "RegExp"
                | "URLSearchParams"
                | "Headers"
                | "FormData"
                | "URL"
                | "WeakSet"
                | "WeakMap"
                | "Array"
                | "String"
                | "TextEncoder"
                | "TextDecoder"
                | "Request"
                | "Blob"
                | "Uint8Array"
                | "Date"
        )
    }) {
        return true;
    }
    matches!(
        name,
        "URL"
            | "String"
            | "Number"
            | "Boolean"
            | "parseInt"
            | "parseFloat"
            | "Buffer.from"
            | "Array.from"
            | "JSON.stringify"
            | "JSON.parse"
            | "encodeURIComponent"
            | "decodeURIComponent"
            | "btoa"
            | "atob"
            | "Set"
            | "Map"
            | "Date"
            | "RegExp"
            | "URLSearchParams"
            | "Headers"
            | "FormData"
            | "Request"
            | "Blob"
            | "url.parse"
            | "util.format"
            | "URL.parse"
            | "Promise"
    ) || [
        "Object.",
        "String.",
        "Math.",
        "Promise.",
        "path.",
        "fs.",
        "child_process.",
        "Intl.",
        "Reflect.",
        "crypto.",
    ]
    .iter()
    .any(|front| name.starts_with(front))
        || python::is_plain(name)
}

/// Methods that give a listener for a named event.
pub(super) fn listens(method: &str) -> bool {
    matches!(
        method,
        "on" | "once"
            | "addListener"
            | "addEventListener"
            | "prependListener"
            | "subscribe"
            | "hook"
            | "tap"
    )
}

/// Methods that tell the listeners of a named event.
pub(super) fn tells(method: &str) -> bool {
    matches!(
        method,
        "emit" | "dispatch" | "publish" | "trigger" | "fire" | "send" | "call"
    )
}

/// Methods that add to what they are called on.
pub(super) fn changes(method: &str) -> bool {
    matches!(
        method,
        "push" | "unshift" | "append" | "add" | "set" | "splice" | "insert" | "extend"
    )
}

/// Methods that change the order of what they are called on.
pub(super) fn turns(method: &str) -> bool {
    matches!(method, "reverse" | "sort" | "toSorted" | "toReversed")
}

/// Methods that put a text into another form.
pub(super) fn rewrites(method: &str) -> bool {
    matches!(
        method,
        "replace"
            | "replaceAll"
            | "toUpperCase"
            | "toLowerCase"
            | "trim"
            | "trimEnd"
            | "trimStart"
            | "padEnd"
            | "padStart"
            | "map"
            | "join"
    )
}

/// Methods that make a text of numbers.
pub(super) fn computes(method: &str) -> bool {
    matches!(
        method,
        "fromCharCode"
            | "fromCodePoint"
            | "repeat"
            | "slice"
            | "substring"
            | "substr"
            | "padEnd"
            | "padStart"
            | "charAt"
            | "at"
            | "toFixed"
            | "ljust"
            | "rjust"
            | "center"
            | "zfill"
            | "translate"
    )
}

/// Whether the argument of a method is what is sent: the value, or all there
/// is; a name that was chosen tells as well.
pub(super) fn sends(method: &str, index: usize) -> bool {
    match method {
        "setHeader" | "setRequestHeader" | "appendHeader" | "set" | "append" => index <= 1,
        "send" | "write" | "end" | "ping" => index == 0,
        _ => false,
    }
}

/// Methods whose result is an outcome and not the data.
pub(super) fn decides(method: &str) -> bool {
    if python::decides(method) {
        return true;
    }
    matches!(
        method,
        "some"
            | "every"
            | "includes"
            | "has"
            | "indexOf"
            | "endsWith"
            | "startsWith"
            | "test"
            | "lastIndexOf"
            | "localeCompare"
            | "equals"
            | "forEach"
            | "search"
    )
}

pub(super) fn is_collection(method: &str) -> bool {
    if python::is_collection(method) {
        return true;
    }
    matches!(
        method,
        "join"
            | "map"
            | "some"
            | "filter"
            | "concat"
            | "slice"
            | "includes"
            | "find"
            | "flat"
            | "values"
            | "keys"
            | "entries"
            | "forEach"
            | "every"
            | "reduce"
            | "at"
            | "pop"
            | "shift"
            | "has"
            | "get"
            | "indexOf"
            | "findIndex"
            | "flatMap"
            | "sort"
            | "reverse"
            | "toString"
    )
}

/// Methods that compare or look up: the receiver with the argument, or the
/// argument in the receiver.
pub(super) fn is_comparison(method: &str) -> bool {
    if python::is_comparison(method) {
        return true;
    }
    matches!(
        method,
        "includes"
            | "has"
            | "indexOf"
            | "endsWith"
            | "startsWith"
            | "test"
            | "match"
            | "some"
            | "get"
            | "equals"
            | "localeCompare"
            | "exec"
            | "find"
            | "every"
            | "findIndex"
            | "charAt"
            | "at"
            | "search"
            | "lastIndexOf"
    )
}

pub(super) fn network_or_execution(canon: &str) -> Option<SinkKind> {
    Some(match canon {
        "fetch"
        | "http.request"
        | "https.request"
        | "http.get"
        | "https.get"
        | "navigator.sendBeacon"
        | "EventSource"
        | "WebSocket"
        | "ws"
        | "dns.lookup"
        | "dns.resolve"
        | "undici.request"
        | "undici.fetch" => SinkKind::Request,
        "eval"
        | "Function"
        | "vm.runInThisContext"
        | "vm.runInNewContext"
        | "vm.runInContext"
        | "child_process.exec"
        | "child_process.execSync"
        | "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "import" => SinkKind::Execution,
        "fs.writeFile" | "fs.writeFileSync" | "Bun.write" => SinkKind::File,
        _ => return None,
    })
}
