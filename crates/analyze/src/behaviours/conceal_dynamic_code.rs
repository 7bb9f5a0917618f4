use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.dynamic-code",
    title: "runs code that is made at run time",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "A text is run as code: `eval`, `new Function`, the `vm` module, or what another language has for it.",
    why: "What runs is not in the file that was examined. Where the text comes from decides what it can do.",
    not: "Template engines, validators and module loaders generate code from what they hold themselves. See where the text comes from.",
    example: "new Function(\"input\", body)(input);",
    reference: "https://cwe.mitre.org/data/definitions/95.html",
    source: None,
    calls: &[
        "eval()",
        "Function()",
        "new Function()",
        "vm.runInThisContext()",
        "vm.runInNewContext()",
        "vm.runInContext()",
        "vm.compileFunction()",
        "new vm.Script()",
        "new vm.SourceTextModule()",
        "?._compile()",
        "marshal.loads()",
        "types.FunctionType()",
        "builtins.eval()",
        "builtins.exec()",
        "builtins.execfile()",
        "builtins.compile()",
        "builtins.__import__()",
        "importlib.import_module()",
        "runpy.run_path()",
        "pickle.loads()",
        "pickle.load()",
        "dill.loads()",
        "cloudpickle.loads()",
    ],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["dynamic code"],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const made = new Function('input', body); made(value);"),
        Example::js("var r=(0,eval)(s+'\\n//# sourceURL=x');r()"),
        Example::file(
            "example.mjs",
            "import { runInThisContext as run } from 'node:vm'; export const load = (text) => run(text);",
        ),
        Example::file(
            "example.ts",
            "import vm from 'vm';\nexport const script = (text: string) => new vm.Script(text).runInNewContext({});",
        ),
        Example::js(
            "const Module = require('module'); const made = new Module('made'); made._compile(text, 'made.js');",
        ),
        Example::file(
            "example.py",
            "import marshal\n\nexec(marshal.loads(blob))\n",
        ),
        Example::file(
            "example.py",
            "code = compile(text, 'made', 'exec')\nexec(code, {})\n",
        ),
        Example::file(
            "example.py",
            "import builtins\n\nrun = getattr(builtins, 'ev' 'al')\nrun(text)\n",
        ),
        Example::file(
            "example.py",
            "import importlib\n\nmodule = importlib.import_module(name)\nmodule.start()\n",
        ),
    ],
    negative: &[
        Example::js("const found = /a+b/.exec(text); use(found);"),
        Example::js(
            "const help = 'do not use eval() or new Function() here'; if (value instanceof Function) print(help);",
        ),
        Example::js("const tree = { eval(node) { return node.value; } }; tree.eval(root);"),
        Example::file(
            "example.py",
            "import re\n\nfound = re.compile('a+b').search(text)\nuse(found)\n",
        ),
        Example::file(
            "example.py",
            "import importlib\n\njson = importlib.import_module('json')\nprint(json.dumps({}))\n",
        ),
    ],
};
