use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.proxy",
    title: "reads the proxy settings",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The host's proxy settings are read, from environment variables or from the settings of the system.",
    why: "The name of a proxy often names the organisation. Compared with constants or sent along, it tells whose network a request comes from.",
    not: "Every program that honours a proxy reads these settings. By itself this says nothing; see whether the value does more than open connections.",
    example: "const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;",
    reference: "https://www.gnu.org/software/wget/manual/html_node/Proxies.html",
    source: Some(Fact::of("proxy settings", Nature::Somebody)),
    calls: &[
        "urllib.request.getproxies()",
        "proxy-from-env.getProxyForUrl()",
        "?.getProxyForUrl()",
        "?.resolveProxy()",
        "urllib.request.getproxies_environment()",
        "requests.utils.getproxies()",
        "requests.utils.get_environ_proxies()",
        "system::WinHttpGetIEProxyConfigForCurrentUser()",
        "system::WinHttpGetProxyForUrl()",
        "system::CFNetworkCopySystemProxySettings()",
        "system::SCDynamicStoreCopyProxies()",
        "go::net/http.ProxyFromEnvironment()",
    ],
    variables: &[
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "FTP_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "ftp_proxy",
        "npm_config_proxy",
        "npm_config_https_proxy",
        "npm_config_noproxy",
    ],
    texts: &[
        "scutil --proxy*",
        "networksetup -getwebproxy*",
        "networksetup -getsecurewebproxy*",
        "gsettings get org.gnome.system.proxy*",
        "netsh winhttp show proxy*",
        "*CurrentVersion\\Internet Settings*",
    ],
    hosts: &[],
    told_by: &["proxy"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy; dial(proxy);",
        ),
        Example::js("var{HTTP_PROXY:a,NO_PROXY:b}=process.env;go(a,b)"),
        Example::file(
            "example.mjs",
            "import p from 'node:process'; export const via = () => p.env['ALL_PROXY'];",
        ),
        Example::js("require('child_process').exec('scutil --proxy', (error, out) => use(out));"),
        Example::file(
            "example.sh",
            "#!/bin/sh\nif [ -n \"$https_proxy\" ]; then echo \"through $https_proxy\"; fi\n",
        ),
        Example::file(
            "example.py",
            "import urllib.request\n\nprint(urllib.request.getproxies())\n",
        ),
        Example::file(
            "example.py",
            "import os\n\nfor name in ('https_proxy',):\n    print(os.environ.get(name))\nvia = os.getenv('ALL_PROXY')\n",
        ),
    ],
    negative: &[
        Example::js(
            "const view = new Proxy(target, { get: (object, key) => object[key] }); use(view.HTTP);",
        ),
        Example::js("process.env.HTTPS_PROXY = options.proxy; start();"),
        Example::js(
            "const help = 'Set HTTPS_PROXY to send requests through a proxy.'; print(help);",
        ),
        Example::file(
            "example.py",
            "import os\n\nos.environ['HTTPS_PROXY'] = options.proxy\nstart()\n",
        ),
    ],
};
