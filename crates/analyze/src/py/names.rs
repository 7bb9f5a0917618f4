//! What names of Python's library mean to the passes.

use crate::flow::SinkKind;

/// Functions that are there without an import, as far as they matter.
const BUILTINS: &[&str] = &[
    "__build_class__",
    "__builtins__",
    "__import__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "execfile",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Whether a name is a function of the language.
pub(crate) fn is_builtin(name: &str) -> bool {
    BUILTINS.binary_search(&name).is_ok()
}

/// Functions whose result holds what the first argument holds, as it was.
pub(crate) fn passes_on(name: &str) -> bool {
    matches!(
        name,
        "builtins.dict"
            | "builtins.list"
            | "builtins.tuple"
            | "builtins.set"
            | "builtins.frozenset"
            | "builtins.sorted"
            | "builtins.reversed"
            | "builtins.iter"
            | "builtins.str"
            | "builtins.bytes"
            | "builtins.bytearray"
            | "builtins.memoryview"
            | "copy.copy"
            | "copy.deepcopy"
            | "os.fspath"
            | "os.path.abspath"
            | "os.path.expanduser"
            | "os.path.expandvars"
            | "os.path.normpath"
            | "os.path.realpath"
            | "asyncio.create_task"
            | "asyncio.ensure_future"
            | "asyncio.run"
            | "asyncio.run_coroutine_threadsafe"
            | "asyncio.wait_for"
            | "asyncio.shield"
            | "typing.cast"
    )
}

/// The argument that a function of [`passes_on`] gives back.
pub(crate) fn passed(name: &str) -> usize {
    usize::from(name == "typing.cast")
}

/// Functions that call one of their arguments with those after it: which.
pub(crate) fn calls(name: &str) -> Option<usize> {
    Some(match name {
        "asyncio.to_thread"
        | "anyio.run"
        | "anyio.to_thread.run_sync"
        | "trio.run"
        | "trio.to_thread.run_sync"
        | "asgiref.sync.async_to_sync" => 0,
        _ => return None,
    })
}

/// Functions that give nothing back.
pub(crate) fn gives_nothing(name: &str) -> bool {
    matches!(
        name,
        "builtins.print"
            | "builtins.setattr"
            | "builtins.delattr"
            | "time.sleep"
            | "asyncio.sleep"
            | "sys.stdout.write"
            | "sys.stderr.write"
            | "sys.exit"
            | "warnings.warn"
            | "random.seed"
            | "os.putenv"
    ) || name.starts_with("logging.")
        && name.rsplit('.').next().is_some_and(|last| {
            matches!(
                last,
                "debug" | "info" | "warning" | "warn" | "error" | "exception" | "critical" | "log"
            )
        })
}

/// Functions of the library that give their argument in another form, or
/// what they say of it.
pub(crate) fn is_plain(name: &str) -> bool {
    let root = name.split(['.', '(']).next().unwrap_or_default();
    matches!(
        root,
        "builtins"
            | "ast"
            | "asyncio"
            | "base64"
            | "binascii"
            | "bisect"
            | "codecs"
            | "collections"
            | "contextlib"
            | "copy"
            | "datetime"
            | "difflib"
            | "enum"
            | "fnmatch"
            | "functools"
            | "hashlib"
            | "hmac"
            | "ipaddress"
            | "itertools"
            | "json"
            | "locale"
            | "math"
            | "operator"
            | "pathlib"
            | "re"
            | "shlex"
            | "string"
            | "struct"
            | "textwrap"
            | "time"
            | "types"
            | "typing"
            | "unicodedata"
            | "zlib"
            | "zoneinfo"
    ) || name.starts_with("os.path.")
        || name.starts_with("urllib.parse.")
        || name.starts_with("string.Template")
}

/// Functions whose result has all parts of what they are given, as one.
pub(crate) fn flattens(name: &str) -> bool {
    matches!(
        name,
        "builtins.any"
            | "builtins.all"
            | "builtins.next"
            | "builtins.max"
            | "builtins.min"
            | "builtins.sum"
            | "builtins.repr"
            | "builtins.format"
            | "builtins.filter"
            | "builtins.zip"
            | "json.dumps"
            | "orjson.dumps"
            | "ujson.dumps"
            | "yaml.dump"
            | "yaml.safe_dump"
            | "pprint.pformat"
            | "textwrap.dedent"
            | "urllib.parse.urlencode"
            | "itertools.chain"
            | "itertools.chain.from_iterable"
    )
}

/// Methods of any object with that property.
pub(crate) fn method_flattens(method: &str) -> bool {
    matches!(
        method,
        "format" | "format_map" | "substitute" | "safe_substitute" | "render" | "model_dump_json"
    )
}

/// Methods that compare or look up, beside those of other languages.
pub(crate) fn is_comparison(method: &str) -> bool {
    matches!(
        method,
        "startswith"
            | "endswith"
            | "fullmatch"
            | "count"
            | "index"
            | "remove"
            | "rfind"
            | "rindex"
            | "isdisjoint"
            | "issubset"
            | "issuperset"
            | "intersection"
            | "__contains__"
            | "__eq__"
            | "__getitem__"
    )
}

/// Methods whose result is an outcome and not the data.
pub(crate) fn decides(method: &str) -> bool {
    matches!(
        method,
        "startswith"
            | "endswith"
            | "count"
            | "index"
            | "rfind"
            | "rindex"
            | "isdisjoint"
            | "issubset"
            | "issuperset"
            | "__contains__"
            | "__eq__"
    )
}

/// Methods that compare a set with the elements of another.
pub(crate) fn compares_sets(method: &str) -> bool {
    matches!(
        method,
        "isdisjoint" | "issubset" | "issuperset" | "intersection"
    )
}

/// Methods that take what stands under a name: `x.get("name")`.
pub(crate) fn takes(method: &str) -> bool {
    matches!(method, "get" | "pop" | "setdefault" | "__getitem__")
}

/// Methods that raise an exception where they do not find what they are given.
pub(crate) fn raises(method: &str) -> bool {
    matches!(
        method,
        "index" | "rindex" | "remove" | "__getitem__" | "pop"
    )
}

/// Methods of collections, beside those of other languages.
pub(crate) fn is_collection(method: &str) -> bool {
    matches!(
        method,
        "union"
            | "intersection"
            | "difference"
            | "popleft"
            | "isdisjoint"
            | "issubset"
            | "__contains__"
            | "__iter__"
            | "setdefault"
    )
}

/// Methods that put their arguments into an object.
pub(crate) fn puts(method: &str) -> bool {
    matches!(
        method,
        "extend" | "update" | "insert" | "appendleft" | "setdefault" | "extendleft"
    )
}

/// Libraries that speak to a server.
const CLIENTS: &[&str] = &[
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "curl_cffi",
    "niquests",
    "websockets",
    "websocket",
    "httplib2",
    "treq",
    "pycurl",
    "grpc",
    "socketio",
    "http.client",
    "urllib.request",
    "urllib2",
];
/// What sends and gives the answer, of their modules and objects.
const VERBS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "send",
    "stream",
    "urlopen",
    "urlretrieve",
    "open",
    "getresponse",
    "ws_connect",
    "create_connection",
    "connect",
    "recv",
];
/// What only takes what is sent.
const TAKERS: &[&str] = &[
    "Request",
    "build_request",
    "putheader",
    "endheaders",
    "sendall",
    "sendto",
    "send_str",
    "send_text",
    "send_json",
    "send_bytes",
    "send_binary",
    "emit",
    "write",
    "addheaders",
    "add_header",
];

/// What a function or method of such a library is called, if it is one of a
/// module, of a session or of a connection, and not of an answer.
fn of_client(name: &str) -> Option<&str> {
    let rest = CLIENTS
        .iter()
        .find_map(|client| name.strip_prefix(client)?.strip_prefix('.'))?;
    let Some((before, last)) = rest.rsplit_once('.') else {
        return Some(rest);
    };
    let mut called = false;
    for part in before.split('.') {
        match part.strip_suffix("()") {
            Some(made) => {
                called = true;
                let connects = matches!(
                    made,
                    "session" | "connect" | "ws_connect" | "create_connection" | "build_opener"
                );
                if !connects && !made.starts_with(|c: char| c.is_ascii_uppercase()) {
                    return None;
                }
            }
            None if called => return None,
            None => {}
        }
    }
    Some(last)
}

/// Whether a method of a socket or of a stream of the network sends.
fn sends(name: &str) -> bool {
    let Some((object, method)) = name.rsplit_once('.') else {
        return false;
    };
    let socket = object.starts_with("socket.")
        || object.starts_with("ssl.")
        || object.starts_with("asyncio.open_connection()")
        || object.starts_with("smtplib.");
    socket
        && matches!(
            method,
            "send" | "sendall" | "sendto" | "sendmsg" | "write" | "sendmail" | "send_message"
        )
}

/// Whether a callee sends a request and gives the answer.
pub(crate) fn asks(name: &str) -> bool {
    of_client(name).is_some_and(|last| VERBS.contains(&last))
        || matches!(
            name,
            "socket.socket().recv" | "socket.create_connection().recv"
        )
}

/// Where values leave the program or become code.
pub(crate) fn sink(name: &str) -> Option<SinkKind> {
    if asks(name) || of_client(name).is_some_and(|last| TAKERS.contains(&last)) || sends(name) {
        return Some(SinkKind::Request);
    }
    Some(match name {
        "socket.getaddrinfo" | "socket.gethostbyname" => SinkKind::Request,
        "builtins.exec"
        | "builtins.eval"
        | "builtins.compile"
        | "builtins.__import__"
        | "importlib.import_module"
        | "runpy.run_path"
        | "marshal.loads"
        | "pickle.loads"
        | "pickle.load"
        | "dill.loads"
        | "cloudpickle.loads"
        | "types.FunctionType"
        | "os.system"
        | "os.popen"
        | "os.execv"
        | "os.execvp"
        | "os.spawnv"
        | "pty.spawn"
        | "subprocess.run"
        | "subprocess.Popen"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "asyncio.create_subprocess_exec"
        | "asyncio.create_subprocess_shell" => SinkKind::Execution,
        "builtins.open().write"
        | "io.open().write"
        | "pathlib.Path().write_text"
        | "pathlib.Path().write_bytes" => SinkKind::File,
        _ => return None,
    })
}

/// Whether a callee starts a program.
pub(crate) fn starts(name: &str) -> bool {
    name.starts_with("subprocess.")
        || matches!(
            name,
            "os.system()"
                | "os.popen()"
                | "pty.spawn()"
                | "asyncio.create_subprocess_exec()"
                | "asyncio.create_subprocess_shell()"
        )
        || name.starts_with("os.exec")
        || name.starts_with("os.spawn")
}

/// Whether a callee runs a text as code.
pub(crate) fn runs(name: &str) -> bool {
    matches!(
        name,
        "builtins.exec" | "builtins.eval" | "builtins.compile" | "marshal.loads"
    )
}

/// Functions whose first argument is the path of a file.
pub(crate) fn opens(name: &str) -> bool {
    matches!(
        name,
        "builtins.open()"
            | "io.open()"
            | "codecs.open()"
            | "os.open()"
            | "os.listdir()"
            | "os.scandir()"
            | "os.walk()"
            | "os.stat()"
            | "os.remove()"
            | "os.unlink()"
            | "os.readlink()"
            | "os.path.exists()"
            | "os.path.isfile()"
            | "os.path.isdir()"
            | "os.path.getmtime()"
            | "glob.glob()"
            | "glob.iglob()"
            | "shutil.copy()"
            | "shutil.copyfile()"
            | "shutil.copytree()"
            | "shutil.rmtree()"
            | "sqlite3.connect()"
            | "aiofiles.open()"
    )
}

/// Names of methods of a path that look at the file.
pub(crate) fn path_method(name: &str) -> bool {
    matches!(
        name,
        "read_text"
            | "read_bytes"
            | "write_text"
            | "write_bytes"
            | "open"
            | "exists"
            | "is_file"
            | "is_dir"
            | "iterdir"
            | "glob"
            | "rglob"
            | "stat"
            | "unlink"
    )
}

/// Methods of a path that look at the file.
pub(crate) fn path_opens(name: &str) -> bool {
    [
        "pathlib.Path()",
        "pathlib.Path().expanduser()",
        "pathlib.Path.home()",
    ]
    .iter()
    .any(|front| {
        name.strip_prefix(front)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix("()"))
            .is_some_and(path_method)
    })
}
