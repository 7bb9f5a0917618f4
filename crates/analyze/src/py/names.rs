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
            | "asyncio.wait_for"
            | "asyncio.shield"
            | "typing.cast"
    )
}

/// The argument that a function of [`passes_on`] gives back.
pub(crate) fn passed(name: &str) -> usize {
    usize::from(name == "typing.cast")
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
            | "rfind"
            | "rindex"
            | "isdisjoint"
            | "issubset"
            | "issuperset"
            | "__contains__"
            | "__eq__"
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

const CLIENTS: &[&str] = &[
    "requests.",
    "requests.Session().",
    "requests.session().",
    "requests.sessions.Session().",
    "httpx.",
    "httpx.Client().",
    "httpx.AsyncClient().",
    "aiohttp.ClientSession().",
    "urllib3.PoolManager().",
    "urllib3.",
    "curl_cffi.requests.",
    "niquests.",
];
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
    "ws_connect",
];

/// Whether a callee sends a request and gives the answer.
pub(crate) fn asks(name: &str) -> bool {
    CLIENTS.iter().any(|client| {
        name.strip_prefix(client)
            .is_some_and(|verb| VERBS.contains(&verb))
    }) || matches!(
        name,
        "urllib.request.urlopen"
            | "urllib.request.urlretrieve"
            | "urllib.request.build_opener().open"
            | "urllib2.urlopen"
            | "http.client.HTTPSConnection().getresponse"
            | "http.client.HTTPConnection().getresponse"
            | "websockets.connect"
            | "websocket.create_connection"
            | "socket.socket().recv"
            | "socket.create_connection().recv"
    )
}

/// Where values leave the program or become code.
pub(crate) fn sink(name: &str) -> Option<SinkKind> {
    if asks(name) {
        return Some(SinkKind::Request);
    }
    Some(match name {
        "urllib.request.Request"
        | "http.client.HTTPSConnection().request"
        | "http.client.HTTPConnection().request"
        | "http.client.HTTPSConnection().putheader"
        | "http.client.HTTPConnection().putheader"
        | "socket.socket().send"
        | "socket.socket().sendall"
        | "socket.socket().sendto"
        | "socket.create_connection().send"
        | "socket.create_connection().sendall"
        | "socket.getaddrinfo"
        | "socket.gethostbyname"
        | "websockets.connect().send"
        | "websocket.create_connection().send" => SinkKind::Request,
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
