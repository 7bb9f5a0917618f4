// What a Python program asks its host for, and how it is run: the modules that
// tell of the host, that keep files, start processes and reach the network.
(function (py, kit) {
  "use strict";
  const { tuple, Bytes, Dict, Mod, Cls, Inst, Wrapped, Coroutine, classes, native, find, isA, raised, fail, typeOf, truth, length, set, call, invoke, library, awaited, item, iterate, text, builtins, modules, bytesOf, decode, list, word, Zone, Moment, moment, fields, strftime, nothing } = py;
  const { fact, facts, send, dummies, dummy, note } = kit;

  // ---- time and place ----

  const seconds = () => -kit.offset() * 60;
  const zoneName = () => kit.tell(kit.zoneNames()[0]);
  const localZone = () => new Zone(seconds, () => kit.zoneNames()[0], undefined);
  const OFFSETS = kit.OFFSETS;
  kit.localZone = localZone;
  // What is only put into the form of the place is told apart.
  kit.localSeconds = (clock) => {
    if (clock) kit.clocked();
    return seconds();
  };
  kit.localized = (at, what) => {
    const [y, m, d] = [at.year, at.month, at.day];
    const two = (value) => String(value).padStart(2, "0");
    if (what === "time") return `${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
    return `${two(m)}/${two(d)}/${two(y % 100)}`;
  };
  const zoneOf = (name) => {
    if (typeof name !== "string") return localZone();
    if (name === "localtime") return new Zone(seconds, () => kit.zoneNames()[0], kit.zone());
    const known = OFFSETS[name];
    if (known === undefined) throw raised(classes.ZoneInfoNotFoundError, [name]);
    return new Zone(-known * 60, kit.NAMES[known]?.[0] ?? name, name);
  };
  classes.ZoneInfoNotFoundError = new Cls("ZoneInfoNotFoundError", [classes.KeyError]);
  const ZoneInfo = native("ZoneInfo", undefined, ([name]) => zoneOf(name));
  ZoneInfo.any = (value) => value instanceof Zone;
  ZoneInfo.native.statics = { available: nothing };
  const own = () => new Zone(seconds, () => kit.zoneNames()[0], kit.zone());
  // Who only waits is stopped after a while.
  let rests = 0;
  const rested = () => {
    if (++rests > 40) throw raised(classes.KeyboardInterrupt, []);
    return null;
  };
  const clock = (args) => (args[0] === undefined || args[0] === null ? kit.now() : Number(args[0]) * 1000);
  const localtime = (args) => {
    kit.clocked();
    return moment({ ...fields(clock(args), [seconds(), kit.zoneNames()[0]]) });
  };
  const formatdate = ([at, local], kw) => {
    const zoned = truth(word(kw, "localtime", local) ?? null);
    const shown = zoned ? localtime([at]).at : fields(clock([at]), [0, "UTC"]);
    const mark = truth(word(kw, "usegmt", null)) ? "GMT" : "-0000";
    return `${strftime("%a, %d %b %Y %H:%M:%S", shown)} ${zoned ? strftime("%z", shown) : mark}`;
  };
  const time = {
    time: () => kit.now() / 1000, time_ns: () => kit.now() * 1e6, monotonic: () => kit.now() / 1000, perf_counter: () => kit.now() / 1000, perf_counter_ns: () => kit.now() * 1e6, monotonic_ns: () => kit.now() * 1e6, process_time: () => 1, sleep: rested, localtime, gmtime: (args) => moment(fields(clock(args), [0, "UTC"])), mktime: ([at]) => (kit.Native.UTC(at[0], at[1] - 1, at[2], at[3], at[4], at[5]) - seconds() * 1000) / 1000, ctime: () => strftime("%a %b %e %H:%M:%S %Y", localtime([]).at), asctime: ([at]) => strftime("%a %b %e %H:%M:%S %Y", at?.at ?? localtime([]).at), tzset: nothing,
    strftime: ([form, at]) => strftime(form, at?.at ? at.at : at ? fields(kit.Native.UTC(at[0], at[1] - 1, at[2], at[3], at[4], at[5])) : localtime([]).at), strptime: ([value, form]) => moment(classes.datetime.native.statics.strptime([value, form]).at), struct_time: classes.tuple,
    get timezone() {
      return -seconds();
    },
    get altzone() {
      return -seconds();
    },
    get tzname() {
      return tuple([zoneName(), zoneName()]);
    },
    daylight: 0,
  };
  const language = () => kit.variable("LANG") ?? "";
  const code = () => String(language()).split(".")[0] || null;
  const locale = { getlocale: () => tuple([code(), "UTF-8"]), getdefaultlocale: () => tuple([code(), "UTF-8"]), getpreferredencoding: () => "UTF-8", getencoding: () => "UTF-8", setlocale: ([, name]) => (name === undefined || name === "" ? language() : name ?? language()), normalize: ([name]) => name, localeconv: () => new Dict([["decimal_point", /^(de|fr|es|it|ru)/.test(language()) ? "," : "."], ["thousands_sep", ","], ["currency_symbol", ""]]), nl_langinfo: () => "UTF-8", format_string: ([form, value]) => py.binary("%", form, value), currency: ([value]) => text(value), LC_ALL: 6, LC_CTYPE: 0, LC_TIME: 2, LC_MESSAGES: 5, LC_NUMERIC: 4, LC_COLLATE: 3, CODESET: 14, D_FMT: 1, Error: classes.ValueError, strcoll: ([a, b]) => (a < b ? -1 : a > b ? 1 : 0), strxfrm: ([value]) => value };

  // ---- the environment ----

  class Environment extends Dict {
    constructor() {
      super();
      this.settled = new Map();
      // To look at it is to ask for all of it.
      this.unwatched = true;
    }
    get(key) {
      const value = this.settled.has(key) ? this.settled.get(key) : kit.variable(String(key));
      return value === null ? undefined : value;
    }
    has(key) {
      return this.get(key) !== undefined;
    }
    set(key, value) {
      this.settled?.set(key, value);
    }
    delete(key) {
      const there = this.has(key);
      this.settled.set(key, null);
      return there;
    }
    pairs() {
      return [...new Set([...Object.keys(kit.env), ...this.settled.keys()])].map((name) => [name, this.get(name)]).filter(([, value]) => value !== undefined);
    }
    *[Symbol.iterator]() {
      for (const [name] of this.pairs()) yield name;
    }
    toJSON() {
      return Object.fromEntries(this.pairs());
    }
  }
  const environ = new Environment();

  // Settings by section, as in `.ini` files.
  const configuration = native("ConfigParser", undefined, () => {
    const all = new py.Settings([], undefined, "#");
    // In a file that is made up every section that is asked for is there.
    const section_ = all.get.bind(all);
    all.get = (name) => section_(name) ?? (all.key === undefined ? undefined : new py.Settings([], all.key, `#${name}.`));
    const take = (whole) => {
      all.key ??= kit.fileOf(String(whole));
      let section;
      for (const line of String(whole).split("\n")) {
        const head = /^\s*\[([^\]]+)\]/.exec(line);
        const pair = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
        if (head) {
          if (!all.has(head[1])) all.set(head[1], new Dict());
          section = all.get(head[1]);
        } else if (pair && section) section.set(pair[1].toLowerCase(), pair[2]);
      }
    };
    const files = (given) => {
      const paths = (Array.isArray(given) ? [...given] : [given]).map(pathOf).filter((path) => kit.there(path));
      for (const path of paths) take(read(path));
      return paths;
    };
    const get = (args, kw) => {
      const found = all.get(args[0])?.get(String(args[1]).toLowerCase());
      if (found !== undefined) return found;
      const other = word(kw, "fallback", undefined);
      if (other !== undefined) return other;
      throw raised(classes.KeyError, [args[1]]);
    };
    const as = (change) => (args, kw) => {
      const found = get(args, kw);
      return typeof found === "string" ? change(found) : found;
    };
    return Object.assign(all, {
      held: {
        read: ([given]) => files(given), read_string: ([whole]) => (take(whole), null), read_file: ([file]) => (take(invoke(file, "read", [])), null), read_dict: nothing, get, getint: as(Number), getfloat: as(Number),
        getboolean: as((found) => /^(1|yes|true|on)$/i.test(found)), sections: () => [...all], has_section: ([name]) => all.has(name), has_option: ([name, key]) => all.get(name)?.has(String(key).toLowerCase()) ?? false,
        options: ([name]) => [...(all.get(name) ?? [])], items: ([name]) => (name === undefined ? all.pairs().map(tuple) : (all.get(name)?.pairs() ?? []).map(tuple)), add_section: ([name]) => (all.set(name, new Dict()), null), set: ([name, key, value]) => (all.get(name)?.set(key, value), null), write: nothing,
      },
    });
  });

  // ---- files ----

  const pathOf = (value) => (typeof value === "string" ? value : value?.path !== undefined ? value.path : value instanceof Bytes ? kit.textOf(value.bytes) : value instanceof Inst && find(value.cls, "__fspath__") ? invoke(value, "__fspath__", []) : text(value));
  const missing = (path) => raised(classes.FileNotFoundError, [2, "No such file or directory", path]);
  const read = (path) => {
    const held = kit.content(path);
    if (held === undefined) throw missing(path);
    return String(held);
  };
  const opened = (args, kw) => {
    const path = pathOf(args[0]);
    const mode = word(kw, "mode", args[1]) ?? "r";
    const binary = mode.includes("b");
    if (/[wax+]/.test(mode) && !/^r/.test(mode)) {
      const parts = mode.includes("a") && kit.there(path) ? [binary ? new Bytes(Uint8Array.from(kit.bytes(read(path)))) : read(path)] : [];
      const file = py.stringIO(parts, binary);
      const store = () => kit.writeFile(path, binary ? kit.textOf(py.joined(parts.map(bytesOf))) : parts.join(""));
      const write = file.held.write;
      file.held.write = (more) => {
        const size = write(more);
        store();
        return size;
      };
      file.held.name = path;
      store();
      return file;
    }
    const held = read(path);
    const file = py.stringIO([binary ? new Bytes(Uint8Array.from(kit.bytes(held))) : held], binary);
    file.held.name = path;
    file.held.fileno = () => 3;
    return file;
  };
  kit.open = opened;
  const { path: paths } = kit;
  const expand = (value) => pathOf(value).replace(/^~(?=\/|$)/, () => kit.home());
  const ospath = {
    join: (parts) => {
      let out = "";
      for (const part of parts.map(pathOf)) out = part.startsWith("/") ? part : out && !out.endsWith("/") ? `${out}/${part}` : out + part;
      return out;
    },
    exists: ([value]) => kit.there(pathOf(value)), isfile: ([value]) => kit.there(pathOf(value)), isdir: ([value]) => kit.there(pathOf(value)) && !/\.\w+$/.test(pathOf(value)), islink: ([value]) => /localtime$/.test(pathOf(value)), lexists: ([value]) => kit.there(pathOf(value)),
    basename: ([value]) => pathOf(value).split("/").pop(), dirname: ([value]) => pathOf(value).replace(/\/?[^/]*$/, "") || (pathOf(value).startsWith("/") ? "/" : ""), abspath: ([value]) => paths.resolve(pathOf(value)), realpath: ([value]) => (/localtime$/.test(pathOf(value)) ? kit.link(pathOf(value)) : paths.resolve(pathOf(value))), normpath: ([value]) => paths.normalize(pathOf(value)), normcase: ([value]) => pathOf(value), expanduser: ([value]) => expand(value), expandvars: ([value]) => pathOf(value).replace(/\$\{?(\w+)\}?/g, (whole, name) => kit.variable(name) ?? whole),
    split: ([value]) => tuple([ospath.dirname([value]), ospath.basename([value])]), splitext: ([value]) => { const at = /(\.[^./]*)$/.exec(pathOf(value)); return tuple(at && at.index > 0 ? [pathOf(value).slice(0, at.index), at[1]] : [pathOf(value), ""]); }, splitdrive: ([value]) => tuple(["", value]), isabs: ([value]) => pathOf(value).startsWith("/"), relpath: ([value, from]) => paths.relative(from ?? kit.cwd(), paths.resolve(pathOf(value))), commonprefix: ([values]) => list(values)[0] ?? "", commonpath: ([values]) => list(values)[0] ?? "", getsize: ([value]) => read(pathOf(value)).length, getmtime: () => 1767323045, samefile: ([a, b]) => pathOf(a) === pathOf(b), ismount: () => false, sep: "/", pathsep: ":", extsep: ".", altsep: null, curdir: ".", devnull: "/dev/null",
  };
  const stat = (path) => {
    if (!kit.there(path)) throw missing(path);
    return new Mod("stat", { st_size: 10, st_mtime: 1767323045, st_ctime: 1767323045, st_atime: 1767323045, st_mode: 33188, st_uid: 1000, st_gid: 1000, st_ino: 1, st_dev: 1, st_nlink: 1 });
  };
  const entries = (path) => kit.entries(path);
  class Path {
    constructor(path) {
      this.path = path === "" ? "." : path.replace(/(.)\/+$/, "$1");
    }
    get parts() {
      const { path } = this;
      const of = (one) => new Path(one);
      const name = path.split("/").pop();
      const [stem, suffix] = ospath.splitext([name]);
      return {
        name, stem, suffix, suffixes: name.match(/\.[^.]+/g) ?? [], parent: of(ospath.dirname([path]) || "."), parents: [of(ospath.dirname([path]) || ".")], parts: tuple(path.split("/").map((one, at) => (at === 0 && one === "" ? "/" : one)).filter(Boolean)), anchor: path.startsWith("/") ? "/" : "", root: path.startsWith("/") ? "/" : "", drive: "",
        exists: () => kit.there(path), is_file: () => kit.there(path), is_dir: () => ospath.isdir([path]), is_symlink: () => ospath.islink([path]), read_text: () => read(path), read_bytes: () => new Bytes(Uint8Array.from(kit.bytes(read(path)))), write_text: ([value]) => (kit.writeFile(path, value), length(value)), write_bytes: ([value]) => (kit.writeFile(path, kit.textOf(value.bytes)), length(value)),
        open: (args, kw) => opened([path, ...args], kw), joinpath: (more) => of(ospath.join([path, ...more])), resolve: () => of(ospath.realpath([path])), absolute: () => of(paths.resolve(path)), expanduser: () => of(expand(path)), as_posix: () => path, as_uri: () => `file://${path}`, is_absolute: () => path.startsWith("/"), iterdir: () => entries(path).map((one) => of(`${path}/${one}`))[Symbol.iterator](), glob: () => entries(path).map((one) => of(`${path}/${one}`)), rglob: () => entries(path).map((one) => of(`${path}/${one}`)), mkdir: nothing, unlink: nothing, touch: () => (kit.writeFile(path, ""), null), rename: nothing, stat: () => stat(path), lstat: () => stat(path), chmod: nothing, samefile: () => false, relative_to: ([base]) => { if (!path.startsWith(pathOf(base))) throw fail("ValueError", "not in the subpath"); return of(path.slice(pathOf(base).length).replace(/^\//, "")); }, is_relative_to: ([base]) => path.startsWith(pathOf(base)), with_suffix: ([end]) => of(path.replace(/(\.[^./]*)?$/, end)), with_name: ([one]) => of(ospath.join([ospath.dirname([path]), one])), with_stem: ([one]) => of(ospath.join([ospath.dirname([path]), one + suffix])), readlink: () => of(kit.link(path)), owner: () => kit.user(), group: () => "users", match: () => false, exists_ok: true, __fspath__: () => path,
      };
    }
    operate(op, other, left) {
      return op === "/" ? new Path(left ? ospath.join([this.path, pathOf(other)]) : ospath.join([pathOf(other), this.path])) : undefined;
    }
    equals(other) {
      return other instanceof Path && other.path === this.path;
    }
    order(other) {
      return this.path < other.path ? -1 : this.path > other.path ? 1 : 0;
    }
    shown(asked) {
      return asked ? `PosixPath('${this.path}')` : this.path;
    }
    toJSON() {
      return this.path;
    }
  }
  const PathClass = native("Path", undefined, (parts) => new Path(ospath.join(parts.length ? parts : ["."])));
  PathClass.any = (value) => value instanceof Path;
  PathClass.native.statics = { home: () => new Path(kit.home()), cwd: () => new Path(kit.cwd()) };

  // ---- processes ----

  const lineOf = (command) => (typeof command === "string" ? [command, []] : Array.isArray(command) ? [text(command[0]), command.slice(1).map((one) => text(one))] : [text(command), []]);
  classes.SubprocessError = new Cls("SubprocessError", [classes.Exception]);
  classes.CalledProcessError = new Cls("CalledProcessError", [classes.SubprocessError]);
  classes.TimeoutExpired = new Cls("TimeoutExpired", [classes.SubprocessError]);
  const started = (command, kw) => {
    const [name, args] = lineOf(command);
    const given = word(kw, "input", undefined);
    if (given !== undefined && given !== null) send("process", [name, args, given]);
    const env = word(kw, "env", undefined);
    if (env instanceof Dict) send("process", [name, args, kit.spread(Object.fromEntries(env.pairs()))]);
    return kit.output(name, args);
  };
  const asText = (kw) => ["text", "universal_newlines", "encoding", "errors"].some((name) => truth(word(kw, name, false)));
  const outcome = (value, kw) => (asText(kw) ? value : new Bytes(Uint8Array.from(kit.bytes(value))));
  const completed = (command, kw) => {
    const out = started(command, kw);
    const kept = truth(word(kw, "capture_output", false)) || kw?.has("stdout");
    return new Mod("CompletedProcess", { args: command, returncode: 0, stdout: kept ? outcome(out, kw) : null, stderr: kept ? outcome("", kw) : null, check_returncode: nothing });
  };
  const popen = (command, kw) => {
    const [name, args] = lineOf(command);
    const out = started(command, kw);
    const file = py.stringIO([outcome(out, kw)], !asText(kw));
    const made = new Mod("Popen", {
      pid: 4242, returncode: 0, args: command, stdout: file, stderr: py.stringIO([], !asText(kw)), stdin: new Mod("stdin", { write: ([value]) => (send("process", [name, args, value]), length(value)), flush: nothing, close: nothing, drain: nothing, writelines: ([lines]) => (send("process", [name, args, list(lines)]), null) }),
      communicate: (more, words) => {
        const given = word(words, "input", more[0]);
        if (given !== undefined && given !== null) send("process", [name, args, given]);
        return tuple([outcome(out, kw), outcome("", kw)]);
      },
      wait: () => 0, poll: () => 0, kill: nothing, terminate: nothing, send_signal: nothing, __enter__: () => made, __exit__: () => false,
    });
    return made;
  };
  const registry = new Mod("key", { Close: nothing, __enter__: () => registry, __exit__: () => false });
  const winreg = {
    HKEY_CURRENT_USER: 1, HKEY_LOCAL_MACHINE: 2, HKEY_USERS: 3, HKEY_CLASSES_ROOT: 4, KEY_READ: 0x20019, KEY_WOW64_64KEY: 0x100, REG_SZ: 1, ConnectRegistry: () => registry, CloseKey: nothing,
    OpenKey: () => registry, OpenKeyEx: () => registry, EnumKey: () => { throw raised(classes.OSError, [22, "no more data"]); }, EnumValue: () => { throw raised(classes.OSError, [22, "no more data"]); },
    QueryValueEx: ([, name]) => {
      const value = fact(`command:reg query ${name}`, "");
      if (value === "") throw raised(classes.FileNotFoundError, [2, "The system cannot find the file specified"]);
      return tuple([String(value), 1]);
    },
  };
  // A server that keeps what is put into it.
  const keeper = () => {
    const made = new Mod("client", {});
    made.get = (name) => (args, kw) => (send("connection", [String(name), ...args, plainly(kw)]), null);
    return made;
  };
  const redis = { Redis: Object.assign(native("Redis", undefined, keeper), { held: { from_url: keeper } }), StrictRedis: native("StrictRedis", undefined, keeper), from_url: keeper };
  const subprocess = {
    run: (args, kw) => completed(args[0] ?? kw.get("args"), kw), check_output: (args, kw) => outcome(started(args[0] ?? kw.get("args"), kw), kw), check_call: (args, kw) => (started(args[0], kw), 0), call: (args, kw) => (started(args[0], kw), 0), getoutput: ([line]) => kit.output(line, []).replace(/\n$/, ""), getstatusoutput: ([line]) => tuple([0, kit.output(line, []).replace(/\n$/, "")]),
    Popen: native("Popen", undefined, (args, kw) => popen(args[0] ?? kw.get("args"), kw)), PIPE: -1, STDOUT: -2, DEVNULL: -3, CalledProcessError: classes.CalledProcessError, SubprocessError: classes.SubprocessError, TimeoutExpired: classes.TimeoutExpired, CompletedProcess: classes.object, list2cmdline: ([values]) => list(values).join(" "),
  };

  // ---- the system ----

  const uname = () => {
    const parts = { sysname: "Linux", system: "Linux", get nodename() { return kit.hostname(); }, get node() { return kit.hostname(); }, get release() { return kit.os.release(); }, get version() { return kit.os.version(); }, machine: "x86_64", processor: "" };
    return { parts, item: (at) => [parts.sysname, parts.nodename, parts.release, parts.version, parts.machine][at], *[Symbol.iterator]() { yield* [parts.sysname, parts.nodename, parts.release, parts.version, parts.machine]; }, toJSON: () => parts.nodename };
  };
  const os = {
    environ, environb: environ, getenv: (args, kw) => environ.get(args[0]) ?? word(kw, "default", args[1]) ?? null, putenv: ([name, value]) => (environ.set(name, value), null), unsetenv: nothing, path: new Mod("os.path", ospath), name: "posix", sep: "/", linesep: "\n", pathsep: ":", curdir: ".", devnull: "/dev/null", getcwd: () => kit.cwd(), chdir: nothing, getpid: () => 4242, getppid: () => 4241, getlogin: () => kit.user(), getuid: () => Number(fact("uid", 1000)), geteuid: () => Number(fact("uid", 1000)), getgid: () => Number(fact("uid", 1000)), cpu_count: () => Number(fact("cores", 8)), uname, listdir: ([path = "."]) => entries(pathOf(path)),
    scandir: ([path = "."]) => entries(pathOf(path)).map((name) => new Mod("entry", { name, path: `${pathOf(path)}/${name}`, is_file: () => true, is_dir: () => false })), walk: ([path]) => [tuple([pathOf(path), [], entries(pathOf(path))])], makedirs: nothing, mkdir: nothing, remove: nothing, unlink: nothing, rename: nothing, replace: nothing, rmdir: nothing, stat: ([path]) => stat(pathOf(path)), lstat: ([path]) => stat(pathOf(path)), access: ([path]) => kit.there(pathOf(path)), chmod: nothing, readlink: ([path]) => kit.link(pathOf(path)), urandom: ([size]) => new Bytes(new Uint8Array(Number(size)).fill(7)), fspath: ([value]) => pathOf(value), system: ([line]) => (kit.output(line, []), 0), popen: ([line]) => py.stringIO([kit.output(line, [])], false), execvp: nothing, kill: nothing, isatty: () => fact("tty", true), getloadavg: () => tuple([Number(fact("load", 0.1)), 0.1, 0.1]), get_terminal_size: () => tuple([80, 24]), umask: () => 18, _exit: builtins.exit, fdopen: () => py.stringIO([], true), open: () => 3, close: nothing, read: () => new Bytes(new Uint8Array(0)), write: nothing, pipe: () => tuple([3, 4]), getpgid: () => 1, sched_getaffinity: () => new py.PySet(Array.from({ length: Number(fact("cores", 8)) }, (_, at) => at)), sysconf: () => 4096, statvfs: () => new Mod("statvfs", { f_bsize: 4096, f_blocks: Number(fact("disk", 60000000)), f_bavail: 10000000, f_frsize: 4096 }), PathLike: classes.object, R_OK: 4, W_OK: 2, X_OK: 1, F_OK: 0, O_RDONLY: 0, error: classes.OSError, times: () => tuple([1, 1, 1, 1, 1]), uptime: () => Number(fact("uptime", 5000)),
  };
  const platform = { system: () => text(fact("platform", "linux")).replace(/^l/, "L").replace("darwin", "Darwin").replace("win32", "Windows"), node: () => kit.hostname(), release: () => kit.os.release(), version: () => kit.os.version(), machine: () => text(fact("arch", "x86_64")), processor: () => text(fact("cpu", "")), platform: () => `Linux-${kit.os.release()}-x86_64`, architecture: () => tuple(["64bit", "ELF"]), python_version: () => "3.12.4", python_version_tuple: () => tuple(["3", "12", "4"]), python_implementation: () => "CPython", uname, libc_ver: () => tuple(["glibc", text(fact("libc", "2.36"))]), mac_ver: () => tuple(["", tuple(["", "", ""]), ""]), win32_ver: () => tuple(["", "", "", ""]), freedesktop_os_release: () => new Dict(String(kit.content("/etc/os-release") ?? "").split("\n").filter(Boolean).map((line) => line.replace(/"/g, "").split("="))), python_compiler: () => "GCC", python_build: () => tuple(["main", ""]) };
  const written = (value) => {
    if (/"jsonrpc"|^content-length/i.test(String(value))) send("stdout", [value]);
    return null;
  };
  const out = (name) => new Mod(name, { write: ([value]) => (name === "stdout" ? written(text(value)) : null, length(text(value))), flush: nothing, isatty: () => fact("tty", true), fileno: () => 1, encoding: "utf-8", reconfigure: nothing, buffer: new Mod("buffer", { write: ([value]) => (written(kit.textOf(bytesOf(value))), length(value)), flush: nothing }), close: nothing, closed: false, name: `<${name}>` });
  const sys = { argv: ["/home/someone/work/main.py", "some", "input"], platform: "linux", version: "3.12.4 (main)", path: ["/home/someone/work"], modules: new Dict(), exit: builtins.exit, stdout: out("stdout"), stderr: out("stderr"), stdin: Object.assign(py.stringIO(["some input\n"], false), {}), maxsize: 9007199254740991, byteorder: "little", prefix: "/usr", base_prefix: "/usr", exec_prefix: "/usr", getdefaultencoding: () => "utf-8", getfilesystemencoding: () => "utf-8", getrecursionlimit: () => 1000, setrecursionlimit: nothing, exc_info: () => tuple([null, null, null]), hexversion: 51119344, implementation: new Mod("implementation", { name: "cpython" }), flags: new Mod("flags", { utf8_mode: 0 }), api_version: 1013, builtin_module_names: tuple([]), intern: ([value]) => value, getsizeof: () => 64, gettrace: nothing, settrace: nothing, meta_path: [], path_hooks: [], orig_argv: ["python3", "main.py"], warnoptions: [], ps1: undefined, stdlib_module_names: new py.PySet(["os", "sys"]), version_info: Object.assign(tuple([3, 12, 4, "final", 0]), { parts: { major: 3, minor: 12, micro: 4, releaselevel: "final", serial: 0 } }), get executable() { return `${fact("execpath", "/usr/bin")}/python3`; } };
  sys.__stdout__ = sys.stdout;
  sys.__stderr__ = sys.stderr;
  delete sys.ps1;
  const address = (name) => {
    send("dns", [name]);
    return String(fact("dns:lookup", "192.0.2.7"));
  };
  const socketOf = () => {
    const sends = ([value, ...rest]) => (send("connection", [value, ...rest]), length(value));
    const made = new Mod("socket", { connect: ([to]) => (send("connection", [to]), null), connect_ex: () => 0, send: sends, sendall: (args) => (sends(args), null), sendto: sends, recv: () => new Bytes(new Uint8Array(0)), recvfrom: () => tuple([new Bytes(new Uint8Array(0)), tuple(["192.0.2.7", 53])]), makefile: () => py.stringIO([], true), close: nothing, shutdown: nothing, settimeout: nothing, setsockopt: nothing, bind: nothing, listen: nothing, getsockname: () => tuple([kit.address(), 5000]), getpeername: () => tuple(["192.0.2.7", 443]), setblocking: nothing, fileno: () => 3, __enter__: () => made, __exit__: () => false });
    return made;
  };
  const socket = { gethostname: () => kit.hostname(), getfqdn: () => kit.hostname(), gethostbyname: ([name]) => (name === kit.hostname() ? kit.address() : address(name)), gethostbyname_ex: ([name]) => tuple([name, [], [kit.address()]]), gethostbyaddr: () => tuple([String(fact("dns:reverse", "some.example.net")), [], []]), getaddrinfo: ([name, port]) => [tuple([2, 1, 6, "", tuple([name === kit.hostname() ? kit.address() : address(name), port ?? 0])])], getnameinfo: () => tuple([String(fact("dns:reverse", "some.example.net")), "443"]), socket: native("socket", undefined, socketOf), create_connection: ([to]) => (send("connection", [to]), socketOf()), socketpair: () => tuple([socketOf(), socketOf()]), if_nameindex: () => Object.keys(kit.interfaces()).map((name, at) => tuple([at + 1, name])), inet_aton: () => new Bytes(new Uint8Array(4)), inet_ntoa: () => kit.address(), setdefaulttimeout: nothing, AF_INET: 2, AF_INET6: 10, AF_UNIX: 1, AF_PACKET: 17, SOCK_STREAM: 1, SOCK_DGRAM: 2, SOL_SOCKET: 1, SO_REUSEADDR: 2, SO_KEEPALIVE: 9, IPPROTO_TCP: 6, TCP_NODELAY: 1, SHUT_WR: 1, SHUT_RDWR: 2, error: classes.OSError, timeout: classes.TimeoutError, gaierror: new Cls("gaierror", [classes.OSError]), herror: classes.OSError, has_ipv6: true };
  const hardware = () => Object.values(kit.interfaces()).flat().find((one) => !one.internal) ?? { mac: "52:54:00:12:34:56", address: "192.168.7.20" };
  kit.address = () => hardware().address;
  const mac = () => Number.parseInt(hardware().mac.replace(/:/g, ""), 16);
  const uuidOf = (value) => ({ shown: () => value, parts: { hex: value.replace(/-/g, ""), int: 7, bytes: new Bytes(Uint8Array.from(value.replace(/-/g, "").match(/../g), (pair) => parseInt(pair, 16))), version: 4, node: 7, fields: tuple([1, 2, 3]), urn: `urn:uuid:${value}` }, toJSON: () => value, equals: (other) => other?.shown?.() === value });
  const hashed = (name, value) => kit.crypto.createHash("sha1").update(`${name}${value}`).digest("hex").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
  const uuid = { uuid4: () => uuidOf("3b241101-e2bb-4255-8caf-4136c566a962"), uuid1: () => uuidOf(`3b241101-e2bb-1255-8caf-${hardware().mac.replace(/:/g, "")}`), uuid5: ([space, name]) => uuidOf(hashed(text(space), text(name))), uuid3: ([space, name]) => uuidOf(hashed(text(space), text(name))), UUID: native("UUID", undefined, ([value = "3b241101-e2bb-4255-8caf-4136c566a962"], kw) => uuidOf(text(kw?.get("hex") ?? (kw?.has("int") || kw?.has("bytes") ? "3b241101-e2bb-4255-8caf-4136c566a962" : value)))), getnode: mac, NAMESPACE_DNS: uuidOf("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), NAMESPACE_URL: uuidOf("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), NAMESPACE_OID: uuidOf("6ba7b812-9dad-11d1-80b4-00c04fd430c8") };
  const which = ([name]) => (fact(`command:which ${name}`, "") ? `/usr/bin/${name}` : null);
  const shutil = { which, copy: nothing, copyfile: nothing, copy2: nothing, copytree: nothing, move: nothing, rmtree: nothing, get_terminal_size: () => Object.assign(tuple([80, 24]), { parts: { columns: 80, lines: 24 } }), disk_usage: () => Object.assign(tuple([1, 1, 1]), { parts: { total: Number(fact("disk", 60000000)) * 4096, used: 1, free: 1 } }), copyfileobj: nothing, make_archive: ([name]) => name };
  const temporary = () => {
    const file = opened(["/tmp/some", "w"]);
    file.held.__enter__ = () => file;
    return file;
  };
  const tempfile = { gettempdir: () => "/tmp", mkdtemp: () => "/tmp/some", mkstemp: () => tuple([3, "/tmp/some"]), NamedTemporaryFile: temporary, TemporaryFile: temporary, TemporaryDirectory: () => new Mod("folder", { name: "/tmp/some", __enter__: () => "/tmp/some", __exit__: () => false, cleanup: nothing }), SpooledTemporaryFile: temporary };
  const proxies = () => new Dict(["http", "https", "all", "no", "ftp"].map((name) => [name, kit.variable(`${name}_proxy`) ?? kit.variable(`${name.toUpperCase()}_PROXY`)]).filter(([, value]) => value !== undefined && value !== null));
  const psutil = { process_iter: () => String(fact("command:ps", "")).split("\n").filter(Boolean).map((name) => new Mod("Process", { info: new Dict([["name", name], ["pid", 7], ["cmdline", [name]]]), name: () => name, pid: 7, cmdline: () => [name], exe: () => name, username: () => kit.user() })), Process: () => new Mod("Process", { name: () => "python3", parent: () => new Mod("Process", { name: () => String(fact("command:ps -o comm= -p 4241", "bash")), cmdline: () => [], parent: nothing }), parents: () => [], memory_info: () => new Mod("memory", { rss: 1e8 }), username: () => kit.user(), cmdline: () => [], environ: () => environ }), cpu_count: () => Number(fact("cores", 8)), virtual_memory: () => new Mod("memory", { total: Number(fact("memory", 16e9)), available: 8e9, percent: 10 }), boot_time: () => 1767000000, users: () => [new Mod("user", { name: kit.user() })], net_if_addrs: () => new Dict(Object.entries(kit.interfaces()).map(([name, all]) => [name, all.flatMap((one) => [new Mod("address", { family: 2, address: one.address, netmask: one.netmask }), new Mod("address", { family: 17, address: one.mac, netmask: null })])])), net_if_stats: () => new Dict(Object.keys(kit.interfaces()).map((name) => [name, new Mod("stats", { isup: true, mtu: 1500 })])), pids: () => [1, 4242], disk_usage: shutil.disk_usage, cpu_percent: () => 1, AF_LINK: 17, NoSuchProcess: classes.RuntimeError, AccessDenied: classes.RuntimeError, Error: classes.RuntimeError };
  const pwd = { getpwuid: () => new Mod("pwd", { pw_name: kit.user(), pw_dir: kit.home(), pw_uid: 1000, pw_shell: "/bin/bash", pw_gecos: kit.user() }), getpwnam: () => pwd.getpwuid() };

  // ---- the network ----

  // Who tells where one is.
  const TELLS = /(^|\W|\b)(ip|ips|ipinfo|ipapi|ifconfig|geo|geoip|country|location|whereami|metadata|latest|healthz?|trace)\b|169\.254\./i;
  class Answers extends Dict {
    constructor(by) {
      super();
      this.missing = by;
    }
    has() {
      return true;
    }
    get(key) {
      const at = super.get(key);
      return at === undefined ? this.missing(key) : at;
    }
  }
  const answer = () => {
    const say = (pairs) => {
      const made = new Answers(() => dummy("reply"));
      for (const [key, value] of Object.entries(pairs)) made.set(key, value);
      return made;
    };
    const part = say({ type: "text", text: "some reply" });
    const message = say({ role: "assistant", content: "some reply", tool_calls: null });
    return say({ id: "r1", model: "m", role: "assistant", content: [part], choices: [say({ index: 0, message, delta: message, text: "some reply", finish_reason: "stop" })], output: [say({ type: "message", content: [part] })], output_text: "some reply", candidates: [say({ content: say({ parts: [part] }) })], data: [], result: "some reply", text: "some reply", message, error: null, usage: say({ input_tokens: 1, output_tokens: 1 }), response: "some reply", reply: "some reply", completion: "some reply", answer: "some reply", ok: true, status: "ok", stop_reason: "end_turn" });
  };
  kit.answer = answer;
  const response = (url, asks) => {
    const by = asks && TELLS.test(url) ? url.replace(/^\w+:\/\//, "").split("/")[0] : undefined;
    const value = () => String(fact(`answer:${by}`, ""));
    const body = () => (by ? value() : "some reply");
    const bytes = () => new Bytes(Uint8Array.from(kit.bytes(by ? value() : "{}")));
    const whole = () => (by ? new Answers(() => value()) : answer());
    const lines = () => ["data: {}", ""][Symbol.iterator]();
    const made = new Mod("response", { status_code: 200, status: 200, code: 200, ok: true, reason: "OK", is_success: true, is_error: false, headers: by ? new Answers(() => value()) : new Dict(), url, encoding: "utf-8", json: () => whole(), read: bytes, aread: bytes, iter_lines: lines, aiter_lines: lines, iter_text: lines, aiter_text: lines, iter_content: () => [bytes()][Symbol.iterator](), iter_bytes: () => [bytes()][Symbol.iterator](), raise_for_status: () => made, close: nothing, aclose: nothing, getcode: () => 200, info: () => new Dict(), getheader: () => null, geturl: () => url, getheaders: () => [], release: nothing, cookies: new Dict(), elapsed: new py.Delta(1), __enter__: () => made, __exit__: () => false, history: [] });
    Object.defineProperty(made.held, "text", { get: () => body(), enumerable: true });
    Object.defineProperty(made.held, "content", { get: bytes, enumerable: true });
    return made;
  };
  const UNSENT = new Set(["timeout", "verify", "stream", "allow_redirects", "follow_redirects", "proxies", "cert", "hooks"]);
  const plainly = (kw, ...more) => Object.assign({}, ...more, Object.fromEntries([...(kw ?? [])].filter(([key, value]) => !UNSENT.has(key) && value !== null)));
  const asking = (method, base = {}) => (args, kw) => {
    const [url, ...rest] = args;
    const whole = plainly(kw, base);
    const at = text(url ?? whole.url ?? "");
    const headers = base.headers instanceof Dict && whole.headers !== base.headers ? builtins.dict.native.make([base.headers, ...[]], new Map()) : undefined;
    if (headers && whole.headers instanceof Dict) {
      for (const [key, value] of whole.headers.pairs()) headers.set(key, value);
      whole.headers = headers;
    }
    const address_ = base.base_url && !/^\w+:/.test(at) ? `${text(base.base_url)}${at}` : at;
    send("request", [method, address_, ...rest, whole]);
    return response(address_, method === "GET" || method === "HEAD");
  };
  const VERBS = ["get", "post", "put", "patch", "delete", "head", "options"];
  const session = (base, later) => {
    const cookies = new Dict();
    cookies.held = { set: ([name, value]) => (cookies.set(name, value), null) };
    const held = { headers: new Dict(), cookies, params: new Dict(), proxies: new Dict(), auth: null, verify: true, trust_env: true, close: nothing, aclose: nothing, mount: nothing, hooks: new Dict(), closed: false };
    if (base.headers instanceof Dict) for (const [key, value] of base.headers.pairs()) held.headers.set(key, value);
    const ways = () => ({ ...base, ...(cookies.map.size ? { cookies } : {}), ...(held.headers.map.size ? { headers: held.headers } : {}), ...(held.params instanceof Dict && held.params.map.size ? { params: held.params } : {}) });
    const made = new Mod("session", held);
    const maybe = (run) => (later ? (args, kw) => Object.assign(new Coroutine(() => run(args, kw)), { context: true }) : run);
    for (const verb of VERBS) held[verb] = maybe((args, kw) => asking(verb.toUpperCase(), ways())(args, kw));
    held.request = maybe(([method, ...rest], kw) => asking(text(method ?? kw?.get("method")).toUpperCase(), ways())(rest, kw));
    held.stream = ([method, ...rest], kw) => asking(text(method).toUpperCase(), ways())(rest, kw);
    held.ws_connect = maybe((args, kw) => connection(args, kw));
    held.build_request = ([method, url], kw) => new Mod("prepared", { method, url, ...plainly(kw) });
    held.send = maybe(([prepared]) => asking(text(prepared.held.method ?? "GET"), prepared.held)([prepared.held.url]));
    held.prepare_request = ([one]) => one;
    held.__enter__ = () => made;
    held.__exit__ = () => false;
    return made;
  };
  const connection = (args, kw) => {
    send("connection", [...args, plainly(kw)]);
    const says = (more) => (send("connection", more), null);
    const made = new Mod("connection", { send: says, send_str: says, send_json: says, send_bytes: says, send_text: says, recv: () => "some reply", receive: () => dummy("reply"), close: nothing, ping: nothing, connect: nothing, __enter__: () => made, __exit__: () => false });
    made[Symbol.iterator] = () => [][Symbol.iterator]();
    return made;
  };
  const errors = (module) => {
    const base = new Cls("RequestException", [classes.OSError]);
    const all = {};
    for (const name of ["RequestException", "HTTPError", "ConnectionError", "Timeout", "ConnectTimeout", "ReadTimeout", "TimeoutException", "TransportError", "RequestError", "HTTPStatusError", "ConnectError", "InvalidURL", "ClientError", "SSLError", "TooManyRedirects", "JSONDecodeError"]) all[name] = name === "RequestException" ? base : new Cls(name, [base]);
    module.exceptions = new Mod("exceptions", all);
    return Object.assign(module, all);
  };
  const client = (later) => (args, kw) => session(plainly(kw), later);
  const web = () => {
    const made = {};
    for (const verb of VERBS) made[verb] = asking(verb.toUpperCase());
    made.request = ([method, ...rest], kw) => asking(text(method ?? kw?.get("method")).toUpperCase())(rest, kw);
    made.stream = ([method, ...rest], kw) => asking(text(method).toUpperCase())(rest, kw);
    return errors(made);
  };
  const requests = Object.assign(web(), { Session: native("Session", undefined, client(false)), session: client(false), Request: (args, kw) => new Mod("prepared", { method: args[0], url: args[1], prepare: function () { return this; }, ...plainly(kw) }), Response: classes.object, codes: new Mod("codes", { ok: 200 }), adapters: new Mod("adapters", { HTTPAdapter: classes.object }), auth: new Mod("auth", { AuthBase: classes.object }) });
  const httpx = Object.assign(web(), { Client: native("Client", undefined, client(false)), AsyncClient: native("AsyncClient", undefined, client(true)), Timeout: () => dummy("timeout"), Limits: () => dummy("limits"), Headers: ([from]) => builtins.dict.native.make(from === undefined ? [] : [from], new Map()), URL: ([value]) => value, HTTPTransport: classes.object, AsyncHTTPTransport: classes.object, BaseTransport: classes.object });
  const aiohttp = errors({ ClientSession: native("ClientSession", undefined, client(true)), ClientTimeout: () => dummy("timeout"), TCPConnector: () => dummy("connector"), request: ([method, ...rest], kw) => asking(text(method).toUpperCase())(rest, kw), FormData: () => dummy("form") });
  const prepared = (args, kw) => {
    const names = ["url", "data", "headers"];
    const held = { headers: new Dict(), data: null };
    args.forEach((value, at) => (held[names[at]] = value));
    for (const [key, value] of kw ?? []) held[key] = value;
    held.full_url = held.url;
    const made = new Mod("Request", { ...held, add_header: ([name, value]) => (made.held.headers.set(name, value), null), add_unredirected_header: ([name, value]) => (made.held.headers.set(name, value), null), get_method: () => word(kw, "method", held.data === null ? "GET" : "POST"), get_header: ([name]) => made.held.headers.get(name) ?? null, header_items: () => made.held.headers.pairs().map((pair) => tuple(pair)), set_proxy: nothing, host: "" });
    return made;
  };
  // `own` is what an opener adds to the headers of a request.
  const opening = (own, [what, data], kw) => {
    const { url, headers, data: body } = what instanceof Mod ? what.held : { url: what, headers: null, data: kw?.get("data") };
    const sent = data ?? body ?? null;
    send("request", [text(url), ...(headers === null ? [] : [headers]), ...(own.length ? [own] : []), sent]);
    return response(text(url), sent === null);
  };
  const urlopen = (args, kw) => opening([], args, kw);
  const opener = () => {
    const made = new Mod("opener", { addheaders: [] });
    made.held.open = (args, kw) => opening([...iterate(made.held.addheaders)], args, kw);
    return made;
  };
  const urllib = { urlopen, Request: native("Request", undefined, prepared), getproxies: proxies, getproxies_environment: proxies, proxy_bypass: () => false, build_opener: opener, install_opener: nothing, ProxyHandler: () => dummy("handler"), HTTPSHandler: () => dummy("handler"), HTTPHandler: () => dummy("handler"), HTTPCookieProcessor: () => dummy("handler"), BaseHandler: classes.object, urlretrieve: ([url, to]) => (send("request", [url]), tuple([to ?? "/tmp/some", null])), quote: modules["urllib.parse"].quote, unquote: modules["urllib.parse"].unquote, pathname2url: ([value]) => value };
  const wire = ([host, port]) => {
    let head = [];
    const parts = [];
    const done = (more) => {
      send("request", [host, port ?? null, ...head, more]);
      head = [];
      return null;
    };
    const made = new Mod("connection", {
      request: (args, kw) => (send("request", [host, port ?? null, ...args, ...(kw?.size ? [plainly(kw)] : [])]), null), putrequest: (args) => (head.push(args), null), putheader: (args) => (head.push(args), null), endheaders: (args, kw) => (args.length || kw?.size ? done(args[0] ?? kw.get("message_body")) : (parts.push(head), null)), send: ([value]) => done(value), getresponse: () => { if (head.length) done(null); return response(`https://${text(host)}/`, false); }, close: nothing, set_tunnel: nothing, connect: nothing, set_debuglevel: nothing, sock: null, __enter__: () => made, __exit__: () => false,
    });
    return made;
  };
  const http = { HTTPConnection: native("HTTPConnection", undefined, wire), HTTPSConnection: native("HTTPSConnection", undefined, wire), HTTPException: classes.OSError, HTTPResponse: classes.object, OK: 200 };

  // ---- things that run beside ----

  const settled = (value) => Object.assign(new Coroutine(undefined), { value });
  const gathered = (all) => new Coroutine(() => all.map((one) => awaited(one)));
  const ran = (what) => {
    const made = settled(null);
    try {
      made.value = awaited(what);
    } catch (error) {
      made.error = py.caught(error);
    }
    return made;
  };
  class Channel {
    constructor() {
      const held = [];
      const take = () => {
        if (!held.length) throw raised(empty, []);
        return held.shift();
      };
      this.parts = { put: ([value]) => (held.push(value), null), put_nowait: ([value]) => (held.push(value), null), get: take, get_nowait: take, empty: () => held.length === 0, qsize: () => held.length, full: () => false, task_done: nothing, join: nothing, close: nothing };
    }
  }
  const empty = new Cls("Empty", [classes.Exception]);
  const lock = () => {
    const made = new Mod("lock", { acquire: () => true, release: nothing, locked: () => false, wait: () => true, notify: nothing, notify_all: nothing, set: nothing, clear: nothing, is_set: () => true, __enter__: () => made, __exit__: () => false });
    return made;
  };
  const loop = () => new Mod("loop", { run_until_complete: ([what]) => awaited(what), run_forever: nothing, create_task: ([what]) => ran(what), run_in_executor: ([, run, ...args]) => ran(new Coroutine(() => call(run, args))), call_soon: ([run, ...args]) => (call(run, args), null), call_later: ([, run, ...args]) => (kit.later(() => call(run, args)), null), close: nothing, stop: nothing, is_running: () => false, time: () => kit.now() / 1000, add_signal_handler: nothing, is_closed: () => false, set_debug: nothing, create_future: () => settled(null), set_exception_handler: nothing, shutdown_asyncgens: () => settled(null) });
  const streams = () => {
    const says = ([value]) => (send("connection", [value]), null);
    return tuple([new Mod("reader", { read: () => new Bytes(new Uint8Array(0)), readline: () => new Bytes(new Uint8Array(0)), readexactly: () => new Bytes(new Uint8Array(0)), readuntil: () => new Bytes(new Uint8Array(0)) }), new Mod("writer", { write: says, writelines: says, drain: nothing, close: nothing, wait_closed: nothing, get_extra_info: nothing, is_closing: () => false, write_eof: nothing })]);
  };
  const grouping = () => {
    const made = new Mod("group", { create_task: ([what]) => ran(what), start_soon: ([run, ...args]) => (awaited(call(run, args)), null), __enter__: () => made, __exit__: () => false });
    return made;
  };
  const asyncProcess = (command, kw) => {
    const made = popen(command, kw);
    made.held.wait = () => settled(0);
    return settled(made);
  };
  const asyncio = { run: ([what]) => awaited(what), gather: (all) => gathered(all), wait: ([all]) => settled(tuple([new py.PySet([...iterate(all)].map((one) => ran(one))), new py.PySet()])), wait_for: ([what]) => what, sleep: ([, value = null]) => (rested(), settled(value)), create_task: ([what]) => ran(what), ensure_future: ([what]) => ran(what), get_event_loop: loop, get_running_loop: loop, new_event_loop: loop, set_event_loop: nothing, to_thread: ([run, ...args], kw) => ran(new Coroutine(() => call(run, args, kw))), Queue: native("Queue", undefined, () => new Channel()), LifoQueue: () => new Channel(), PriorityQueue: () => new Channel(), Lock: lock, Event: lock, Semaphore: lock, BoundedSemaphore: lock, Condition: lock, as_completed: ([all]) => [...iterate(all)], shield: ([what]) => what, timeout: lock, iscoroutinefunction: () => false, iscoroutine: ([value]) => value instanceof Coroutine, isfuture: () => false, current_task: () => settled(null), all_tasks: () => new py.PySet(), open_connection: (args) => (send("connection", args), settled(streams())), open_unix_connection: (args) => (send("connection", args), settled(streams())), start_server: () => settled(dummy("server")), create_subprocess_exec: (args, kw) => asyncProcess(args, kw), create_subprocess_shell: ([line], kw) => asyncProcess(line, kw), subprocess: new Mod("subprocess", { PIPE: -1, DEVNULL: -3, STDOUT: -2 }), TaskGroup: grouping, Future: () => settled(null), Task: classes.object, CancelledError: new Cls("CancelledError", [classes.BaseException]), TimeoutError: classes.TimeoutError, QueueEmpty: empty, InvalidStateError: classes.RuntimeError, FIRST_COMPLETED: "f", ALL_COMPLETED: "a", set_event_loop_policy: nothing, run_coroutine_threadsafe: ([what]) => ran(what) };
  const Thread = native("Thread", undefined, (args, kw) => {
    const made = new Mod("Thread", { start: () => (kw.get("target") && call(kw.get("target"), list(kw.get("args") ?? []), kw.get("kwargs") instanceof Dict ? new Map(kw.get("kwargs").pairs()) : undefined), null), join: nothing, is_alive: () => false, daemon: true, name: "Thread-1", ident: 1, setDaemon: nothing });
    return made;
  });
  Thread.extend = (cls) => {
    cls.own.set("start", Object.assign(([self]) => (find(cls, "run") ? call(find(cls, "run"), [self]) : null, null), { method: true }));
    cls.own.set("join", Object.assign(nothing, {}));
  };
  const timer = native("Timer", undefined, ([, run, args = []]) => new Mod("Timer", { start: () => (kit.later(() => call(run, list(args))), null), cancel: nothing, daemon: true, join: nothing }));
  const pool = () => {
    const submit = ([run, ...args], kw) => ran(new Coroutine(() => call(run, args, kw)));
    const made = new Mod("pool", { submit, map: ([run, ...all]) => list(builtins.map([run, ...all]))[Symbol.iterator](), apply_async: ([run, args = []]) => submit([run, ...args]), shutdown: nothing, close: nothing, join: nothing, starmap: ([run, all]) => list(all).map((args) => call(run, list(args))), __enter__: () => made, __exit__: () => false });
    return made;
  };
  const threading = { Thread, Timer: timer, Lock: lock, RLock: lock, Event: lock, Semaphore: lock, Condition: lock, local: () => new Inst(classes.object), current_thread: () => new Mod("Thread", { name: "MainThread", ident: 1 }), main_thread: () => new Mod("Thread", { name: "MainThread" }), active_count: () => 1, get_ident: () => 1 };
  const futures = { ThreadPoolExecutor: native("ThreadPoolExecutor", undefined, pool), ProcessPoolExecutor: native("ProcessPoolExecutor", undefined, pool), as_completed: ([all]) => list(all), wait: ([all]) => tuple([new py.PySet(list(all)), new py.PySet()]), Future: classes.object, TimeoutError: classes.TimeoutError };
  const contextual = ([, ...rest], kw) => {
    const made = { value: word(kw, "default", rest[0]) ?? null };
    return new Mod("ContextVar", { get: ([usual]) => made.value ?? usual ?? null, set: ([value]) => { const token = made.value; made.value = value; return token; }, reset: ([token]) => ((made.value = token ?? null), null) });
  };
  const quietly = new Mod("logger", {});
  const logs = Object.fromEntries(["debug", "info", "warning", "warn", "error", "critical", "exception", "log", "setLevel", "addHandler", "removeHandler", "basicConfig", "disable", "addFilter", "captureWarnings"].map((name) => [name, nothing]));
  Object.assign(quietly.held, logs, { getLogger: () => quietly, getChild: () => quietly, isEnabledFor: () => false, handlers: [], level: 0, hasHandlers: () => false, name: "root", propagate: false });
  const foreign = (name) => (args, kw) => dummy(name)(...args, ...(kw?.size ? [Object.fromEntries(kw)] : []));
  const logging = { ...quietly.held, getLogger: () => quietly, StreamHandler: foreign("logging"), FileHandler: foreign("logging"), NullHandler: foreign("logging"), Formatter: foreign("logging"), Handler: classes.object, Logger: classes.object, Filter: classes.object, LoggerAdapter: () => quietly, getLevelName: () => "INFO", root: quietly, DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50, NOTSET: 0, WARN: 30, FATAL: 50 };
  const parser = () => {
    const values = new Inst(classes.object);
    const made = new Mod("parser", {
      add_argument: (names, kw) => {
        const long = names.find((name) => text(name).startsWith("--")) ?? names[0];
        const action = kw?.get("action");
        const value = text(long).startsWith("-") ? (kw?.has("default") ? kw.get("default") : action === "store_true" ? false : action === "store_false" ? true : null) : kw?.get("nargs") && kw.get("nargs") !== "?" ? ["some input"] : kw?.get("choices") ? list(kw.get("choices"))[0] : "some input";
        values.own.set(text(kw?.get("dest") ?? text(long).replace(/^-+/, "").replace(/-/g, "_")), value);
        return dummy("action");
      },
      add_mutually_exclusive_group: () => made, add_argument_group: () => made, add_subparsers: () => new Mod("subparsers", { add_parser: () => made }), set_defaults: (_, kw) => { for (const [key, value] of kw ?? []) values.own.set(key, value); return null; }, parse_args: () => values, parse_known_args: () => tuple([values, []]), print_help: nothing, print_usage: nothing, error: nothing, exit: nothing, format_help: () => "", prog: "main.py",
    });
    return made;
  };
  const argparse = { ArgumentParser: native("ArgumentParser", undefined, parser), Namespace: modules.types.SimpleNamespace, ArgumentTypeError: classes.ValueError, RawDescriptionHelpFormatter: classes.object, HelpFormatter: classes.object, REMAINDER: "...", SUPPRESS: "==SUPPRESS==", BooleanOptionalAction: "store_true", ArgumentDefaultsHelpFormatter: classes.object };
  const warnings = { warn: nothing, filterwarnings: nothing, simplefilter: nothing, catch_warnings: lock };

  Object.assign(modules, {
    winreg, redis, "redis.asyncio": redis, time, "email.utils": { formatdate, parseaddr: ([one]) => tuple(["", one]), formataddr: ([one]) => String(one), make_msgid: () => "<some@machine>" }, locale, os, "os.path": ospath, posixpath: ospath, pathlib: { Path: PathClass, PurePath: PathClass, PosixPath: PathClass, PurePosixPath: PathClass }, subprocess, sys, platform, socket, uuid, shutil, tempfile, psutil, pwd, getpass: { getuser: () => kit.user(), getpass: () => "some" }, zoneinfo: { ZoneInfo, ZoneInfoNotFoundError: classes.ZoneInfoNotFoundError, available_timezones: () => new py.PySet(Object.keys(OFFSETS)) }, "backports.zoneinfo": { ZoneInfo }, tzlocal: { get_localzone: own, get_localzone_name: () => kit.zone(), reload_localzone: own }, pytz: { timezone: ([name]) => zoneOf(name), utc: new Zone(0, "UTC", "UTC"), UTC: new Zone(0, "UTC", "UTC"), all_timezones: Object.keys(OFFSETS), UnknownTimeZoneError: classes.KeyError, country_timezones: new Dict() }, "dateutil.tz": { tzlocal: own, gettz: ([name]) => (name === undefined || name === null ? own() : zoneOf(name)), tzutc: () => new Zone(0, "UTC", "UTC"), UTC: new Zone(0, "UTC", "UTC") }, requests, "requests.exceptions": requests.exceptions.held, "requests.adapters": requests.adapters.held, httpx, aiohttp, "urllib.request": urllib, "urllib.error": { URLError: new Cls("URLError", [classes.OSError]), HTTPError: new Cls("HTTPError", [classes.OSError]) }, "urllib.response": {}, urllib: {}, "http.client": http, http: { HTTPStatus: dummy("status") }, websockets: { connect: connection }, "websockets.sync.client": { connect: connection }, websocket: { create_connection: connection, WebSocket: native("WebSocket", undefined, connection), WebSocketApp: foreign("websocket") }, ssl: { create_default_context: () => dummy("context"), SSLContext: () => dummy("context"), CERT_NONE: 0, SSLError: classes.OSError, PROTOCOL_TLS_CLIENT: 16, wrap_socket: ([one]) => one }, asyncio, threading, _thread: { get_ident: () => 1, allocate_lock: lock }, "concurrent.futures": futures, queue: { Queue: native("Queue", undefined, () => new Channel()), SimpleQueue: () => new Channel(), LifoQueue: () => new Channel(), Empty: empty, Full: classes.RuntimeError }, contextvars: { ContextVar: native("ContextVar", undefined, contextual), copy_context: () => new Mod("context", { run: ([run, ...args], kw) => call(run, args, kw) }) }, logging, "logging.handlers": { RotatingFileHandler: foreign("logging") }, argparse, warnings, atexit: { register: ([run, ...args], kw) => (kit.later(() => call(run, args, kw)), run), unregister: nothing }, signal: { signal: nothing, SIGINT: 2, SIGTERM: 15, alarm: nothing }, gc: { collect: nothing, disable: nothing, enable: nothing, freeze: nothing }, traceback: { format_exc: () => "", print_exc: nothing, format_exception: () => [] }, importlib: { import_module: ([name]) => imported(text(name)), reload: ([one]) => one, util: new Mod("util", { find_spec: ([name]) => (fact(`command:which ${name}`, "") ? dummy("spec") : null) }), metadata: new Mod("metadata", { version: () => "1.0.0", distributions: () => [], PackageNotFoundError: classes.ImportError }) }, "importlib.metadata": { version: () => "1.0.0", distributions: () => [], PackageNotFoundError: classes.ImportError, entry_points: () => [] }, "importlib.util": { find_spec: ([name]) => (fact(`command:which ${name}`, "") ? dummy("spec") : null) }, multiprocessing: { cpu_count: () => Number(fact("cores", 8)), Process: Thread, Queue: () => new Channel(), Pool: pool, Lock: lock, set_start_method: nothing }, resource: { getrusage: () => dummy("usage") }, fcntl: { flock: nothing, ioctl: () => new Bytes(new Uint8Array(40)) }, weakref: { ref: ([value]) => () => value, WeakValueDictionary: classes.dict, WeakKeyDictionary: classes.dict, WeakSet: classes.set, proxy: ([value]) => value, finalize: nothing }, pprint: { pprint: nothing, pformat: ([value]) => py.repr(value) }, dis: {}, site: { getusersitepackages: () => `${kit.home()}/.local/lib`, ENABLE_USER_SITE: true }, sysconfig: { get_platform: () => "linux-x86_64", get_paths: () => new Dict() }, configparser: { ConfigParser: configuration, RawConfigParser: configuration, SafeConfigParser: configuration, Error: classes.KeyError, NoSectionError: classes.KeyError, NoOptionError: classes.KeyError }, dotenv: { load_dotenv: () => true, dotenv_values: () => new Dict(), find_dotenv: () => "" }, pkgutil: { iter_modules: () => [] }, readline: {}, select: { select: () => tuple([[], [], []]) }, termios: {}, errno: { ENOENT: 2, EACCES: 13, EEXIST: 17 }, stat: {}, glob: { glob: ([form]) => entries(pathOf(form).replace(/\/[^/]*$/, "")), iglob: ([form]) => entries(pathOf(form).replace(/\/[^/]*$/, ""))[Symbol.iterator]() }, netifaces: { interfaces: () => Object.keys(kit.interfaces()), ifaddresses: ([name]) => new Dict([[2, [new Dict([["addr", kit.interfaces()[name]?.[0]?.address ?? "192.168.7.20"]])]], [17, [new Dict([["addr", kit.interfaces()[name]?.[0]?.mac ?? ""]])]]]), AF_INET: 2, AF_LINK: 17, gateways: () => new Dict() }, distro: { id: () => text(fact("release", "debian")), name: () => "Debian", version: () => "12" }, simplejson: modules.json, ujson: modules.json, orjson: { dumps: ([value]) => new Bytes(Uint8Array.from(kit.bytes(py.json.dumps([value], new Map([["separators", [",", ":"]], ["ensure_ascii", false]]))))), loads: modules.json.loads },
  });

  // ---- imports ----

  const known = new Map();
  const module = (name) => {
    if (!known.has(name)) {
      const held = Object.hasOwn(modules, name) ? modules[name] : undefined;
      if (held === undefined) {
        const inner = Object.keys(modules).some((one) => one.startsWith(`${name}.`));
        if (!inner) return undefined;
      }
      const made = new Mod(name, held ?? {});
      made.get = (part) => {
        const whole = module(`${name}.${part}`);
        if (whole) return whole;
        return dummy(`${name}.${part}`);
      };
      known.set(name, made);
    }
    return known.get(name);
  };
  const strangers = new Map();
  const imported = (name) => {
    const made = module(name);
    if (made) return made;
    const [first, ...rest] = name.split(".");
    if (!strangers.has(first)) strangers.set(first, dummy(first));
    let at = strangers.get(first);
    for (const part of rest) at = at[part];
    return at;
  };
  py.imported = imported;
  const star = [];
  kit.printed = (value, file) => {
    if (file === undefined || file === null || file === sys.stdout) written(value);
    else if (file instanceof Mod && file.held.write) file.held.write([value]);
    return null;
  };

  // ---- what the program is written with ----

  const runtime = {
    ...py, c: py.call, m: py.invoke, g: py.get, s: py.set, i: py.item, si: py.setItem, di: py.removeItem, b: py.binary, ib: py.inPlace, u: py.unary, cmp: py.compare, ch: py.chain, t: py.truth, it: py.iterate, un: py.unpack, aw: awaited, fv: (value, conversion, spec) => py.formatted(conversion === "r" ? py.repr(value) : conversion === "s" ? text(value) : conversion === "a" ? builtins.ascii([value]) : value, spec),
    and: (value, other) => (truth(value) ? other() : value), or: (value, other) => (truth(value) ? value : other()), n: (name) => {
      if (Object.hasOwn(builtins, name)) return builtins[name];
      for (const one of star) if (one instanceof Mod && Object.hasOwn(one.held, name)) return one.held[name];
      if (star.some((one) => dummies.has(one))) return star.find((one) => dummies.has(one))[name];
      throw fail("NameError", `name '${name}' is not defined`);
    },
    da: (object, name) => void object?.own?.delete(name), list: (values) => [...values], set_: (values) => new py.PySet(values), dict: (pairs) => {
      const made = new Dict();
      for (const [key, value] of pairs) {
        if (key !== runtime.ALL) made.set(key, value);
        else if (value instanceof Dict) for (const pair of value.pairs()) made.set(...pair);
        else if (!dummies.has(value)) for (const inner of iterate(invoke(value, "keys", []))) made.set(inner, item(value, inner));
      }
      return made;
    },
    ALL: Symbol("all"), kw: (pairs) => {
      const made = new Map();
      for (const [key, value] of pairs) {
        if (key !== null) made.set(key, value);
        else if (value instanceof Dict) for (const [inner, one] of value.pairs()) made.set(inner, one);
      }
      return made;
    },
    fn: (name, wanted, defaults, body, kind) => {
      const made = py.define(name, wanted, defaults, body, kind);
      made.ours = true;
      return made;
    },
    cls: (name, bases, kw, notes, fill) => {
      return py.classOf(name, bases, kw, (parts) => {
        fill(parts);
        parts.cls.noted = notes;
      });
    },
    // A decorator that nobody knows leaves what it is given.
    deco: (by, made) => {
      if (dummies.has(by)) {
        by(made);
        return made;
      }
      const result = call(by, [made]);
      return dummies.has(result) ? made : result;
    },
    yf: function* (value) {
      if (value && typeof value.next === "function" && typeof value[Symbol.iterator] === "function") return (yield* value) ?? null;
      yield* iterate(value);
      return null;
    },
    imp: (name) => {
      imported(name);
      return imported(name.split(".")[0]);
    },
    as: imported, from: (name, part) => {
      const whole = module(`${name}.${part}`);
      if (whole && !Object.hasOwn(modules[name] ?? {}, part)) return whole;
      return py.get(imported(name), part);
    },
    star: (name) => void star.unshift(imported(name)), ctx: (what, at) => {
      if (at) py.at = at;
      if (what instanceof Coroutine && what.context) return py.entered(what.result());
      return py.entered(what);
    },
    slice: (from, to, step) => new py.Slice(from, to, step), big: (digits) => BigInt(digits), bytes: (codes) => new Bytes(Uint8Array.from(codes)),
    ms: (value, count, starAt, test) => Array.isArray(value) && (starAt < 0 ? value.length === count : value.length >= count - 1) && test(starAt < 0 ? value : [...value.slice(0, starAt), value.slice(starAt, value.length - (count - starAt - 1)), ...value.slice(value.length - (count - starAt - 1))]), mm: (value, keys, test) => value instanceof Dict && keys.every((key) => value.has(key)) && test([...keys.map((key) => value.get(key)), new Dict(value.pairs().filter(([key]) => !keys.includes(key)))]),
    mc: (value, cls, count, names, test) => {
      if (!py.isInstance(value, cls)) return false;
      const fits = find(cls, "__match_args__") ?? cls.fields ?? [];
      const all = [];
      for (let at = 0; at < count; at++) all.push(fits.length ? py.get(value, fits[at]) : value);
      for (const name of names) {
        const part = py.attributeOf(value, name);
        if (part === py.MISSING) return false;
        all.push(part);
      }
      return test(all);
    },
    eq: (a, b) => py.compare("==", a, b), sup: (cls, self) => py.superOf(cls, self),
    assert: (yes, message) => {
      if (!truth(yes)) throw fail("AssertionError", message?.() ?? "");
    },
  };

  // ---- running ----

  let left = 400;
  const guess = (name) => (/messages|history|conversation|turns/.test(name) ? [new Dict([["role", "user"], ["content", "some input"]])] : /headers|options|params|config|payload|context|extra|metadata/.test(name) ? new Dict() : /tools|files|items|args$|list|lines|paths|docs|documents|sources|rows|names/.test(name) ? ["some", "more"] : /count|limit|max|size|port|retries|n$|timeout|index/.test(name) ? 1 : "some input");
  const argumentsOf = (made, strange) => {
    const wanted = made.of?.params ?? made.params ?? [];
    const given = [];
    const words = new Map();
    wanted.slice(made.of ? 1 : 0).forEach(([name, kind]) => {
      if (kind >= 3 || Object.hasOwn(made.of?.defaults ?? made.defaults ?? {}, name)) return;
      const value = strange ? dummy("given") : guess(name);
      if (kind === 2) words.set(name, value);
      else given.push(value);
    });
    return [given, words];
  };
  const finish = (result) => {
    let value = awaited(result);
    if (value && typeof value.next === "function" && !dummies.has(value)) for (let at = 0; at < 20 && !value.next().done; at++);
    return value;
  };
  const attempt = (run) => {
    try {
      return finish(run());
    } catch (error) {
      if (error instanceof Error && error.name === "InternalError" && !/stack/i.test(error.message)) throw error;
      return undefined;
    }
  };
  // What a generator gives, as one.
  const given = (value) => {
    const parts = [];
    attempt(() => {
      for (const part of py.iterate(value)) if (parts.push(part instanceof Bytes ? kit.textOf(part.bytes) : part) >= 40) break;
    });
    return parts.length > 0 && parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
  };
  const told = (value) => (dummies.has(value) ? undefined : typeof value?.next === "function" ? given(value) : value instanceof Dict ? Object.fromEntries(value.pairs().map(([key, one]) => [String(key), one])) : Array.isArray(value) ? value.map(told) : typeof value === "string" ? value : undefined);
  const done = new Set();
  const todo = [];
  const use = (value, depth) => {
    if (left-- < 0 || depth > 3 || value === null || value === undefined || dummies.has(value)) return;
    if (typeof value === "function") {
      const made = value.of ?? value;
      if (!made.ours && !made.wrapped?.ours || done.has(made)) return;
      done.add(made);
      const before = kit.leaving();
      const name = made.called ?? "function";
      const result = attempt(() => value(...argumentsOf(value, false)));
      kit.returned(name, told(result));
      if (kit.leaving() === before) todo.push(() => void (kit.leaving() === before && kit.returned(name, told(attempt(() => value(...argumentsOf(value, true)))))));
      if (typeof result === "function" || result instanceof Inst) use(result, depth + 1);
      return;
    }
    if (value instanceof Cls) {
      if (!value.ours || done.has(value) || value.enumerates || isA(value, classes.BaseException)) return;
      done.add(value);
      const init = find(value, "__init__");
      const fields = value.fields?.filter((name) => find(value, name) === undefined) ?? [];
      const made = attempt(() => (init ? call(value, ...argumentsOf({ params: (init.params ?? []).slice(1), defaults: init.defaults ?? {} }, false)) : call(value, fields.map(guess))));
      if (made instanceof Inst) use(made, depth + 1);
      return;
    }
    if (value instanceof Inst && value.cls.ours && !done.has(value)) {
      done.add(value);
      for (const cls of value.cls.order) {
        if (!cls.ours) continue;
        for (const [name, inner] of cls.own) {
          if (/^__(?!call__|enter__|aenter__)/.test(name)) continue;
          if (inner instanceof py.Property || inner instanceof Wrapped || typeof inner === "function") {
            const one = attempt(() => py.bound(value, inner));
            if (typeof one === "function") use(one, depth + 1);
          }
        }
      }
    }
  };
  let globals = {};
  runtime.module = (names) => (globals = names);
  builtins.globals = () => new Dict(Object.entries(globals).map(([name, [read]]) => [name, read()]).filter(([, value]) => value !== undefined));
  builtins.locals = builtins.globals;
  let phase = 0;
  kit.runtime = runtime;
  kit.run = (body) => void attempt(() => (body(runtime), null));
  kit.called = (made) => attempt(() => call(made, ...argumentsOf(made, true)));
  kit.step = () => {
    const more = todo.shift();
    if (more) {
      more();
      return true;
    }
    if (phase === 0) {
      phase = 1;
      for (const [name, [read]] of Object.entries(globals)) {
        const value = read();
        if (!name.startsWith("__") && (typeof value === "function" || value instanceof Cls || value instanceof Inst)) todo.push(() => use(value, 0));
      }
      return true;
    }
    return false;
  };
  return kit;
})
