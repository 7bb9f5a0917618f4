use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.certificates",
    title: "reads which certificate authorities are trusted",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The authorities that the host trusts beyond the usual ones are read, or the certificate that a server showed.",
    why: "Who adds an authority of his own most often inspects the traffic: it tells of a company's network, and of somebody who looks at what is sent.",
    not: "A client has to trust a company's authority to work there at all. By itself this says nothing; see whether the value does more than open connections.",
    example: "const extra = process.env.NODE_EXTRA_CA_CERTS;",
    reference: "https://nodejs.org/api/cli.html#node_extra_ca_certsfile",
    source: Some(Fact::of("trusted authorities", Nature::Somebody)),
    calls: &[
        "?.getPeerCertificate()",
        "?.getPeerX509Certificate()",
        "?.getpeercert()",
        "tls.getCACertificates()",
        "ssl.get_default_verify_paths()",
        "?.get_ca_certs()",
        "win-ca()",
        "mac-ca.get()",
    ],
    variables: &[
        "NODE_EXTRA_CA_CERTS",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "AWS_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "npm_config_cafile",
        "PIP_CERT",
    ],
    texts: &[
        "/etc/ssl/certs*",
        "/usr/local/share/ca-certificates*",
        "/etc/pki/ca-trust*",
        "security find-certificate*",
        "certutil -store*",
        "*Cert:\\LocalMachine*",
        "npm config get cafile*",
    ],
    hosts: &[],
    told_by: &["certificate authority", "ca certificates"],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const extra = process.env.NODE_EXTRA_CA_CERTS; use(extra);"),
        Example::js("socket.on('secureConnect', () => use(socket.getPeerCertificate().issuer));"),
        Example::file(
            "example.py",
            "import ssl\n\nprint(ssl.get_default_verify_paths())\n",
        ),
        Example::file(
            "example.py",
            "import os\n\nprint(os.environ.get('REQUESTS_CA_BUNDLE'))\n",
        ),
    ],
    negative: &[
        Example::js("process.env.NODE_EXTRA_CA_CERTS = options.ca; start();"),
        Example::js("const agent = new (require('https').Agent)({ ca: text }); use(agent);"),
    ],
};
