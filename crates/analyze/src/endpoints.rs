//! Hosts and URLs in texts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use assay_model::{Confidence, Severity};

use crate::decode::is_host;
use crate::patterns::patterns;
use crate::raw::{Notes, Place};
use crate::resolve::HOLE;
use crate::tld;

/// Where a URL or host was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// A constant of code that is a URL or host as a whole.
    Whole,
    /// Inside a longer text.
    Mentioned,
}

/// Last labels that are also usual endings of file names.
const FILE_ENDINGS: &[&str] = &[
    "md", "py", "sh", "rs", "so", "pl", "zip", "ps", "cc", "pm", "in", "id", "is", "am", "my",
    "name", "to", "do", "as", "at", "be", "by", "it", "no", "so", "us", "new", "one", "top", "run",
    "info", "page", "pro", "works", "style", "link", "live", "today", "call", "app", "dev", "host",
    "pub", "foo", "bar", "map", "tools", "work", "test", "local", "internal", "sc", "gs", "tf",
    "go", "ml", "rest", "stream", "store", "hosting", "id", "ref", "lock", "min", "cat", "fm",
];

/// Last labels that dotted keys and versions of files have as well.
const KEY_ENDINGS: &[&str] = &[
    "name", "id", "call", "new", "md", "py", "sh", "rs", "map", "to", "do", "in", "is", "at", "by",
    "so", "run", "info", "host", "page", "link", "lock", "min", "ref", "style", "test", "local",
    "internal", "one", "top", "live", "today", "work", "works", "pro", "store", "stream",
];

/// Hosts in the names of vocabularies; nothing is ever fetched from there.
const NAMESPACES: &[&str] = &[
    "www.w3.org",
    "w3.org",
    "schemas.xmlsoap.org",
    "schemas.microsoft.com",
    "schemas.openxmlformats.org",
    "ns.adobe.com",
    "purl.org",
    "xmlns.com",
    "schemas.android.com",
    "www.inkscape.org",
    "sodipodi.sourceforge.net",
];

/// Notes the hosts in a text. `place` makes the evidence.
pub(crate) fn note(
    text: &str,
    context: Context,
    notes: &mut Notes,
    mut place: impl FnMut(&str) -> Place,
) {
    // As those do who parse it.
    let text = text.trim();
    let mut at = 0;
    let mut urls = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("://")) {
        let colon = at.saturating_add(found);
        at = colon.saturating_add(3);
        let scheme_start = text
            .get(..colon)
            .unwrap_or_default()
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+')
            .map_or(0, |i| i.saturating_add(1));
        let scheme = text.get(scheme_start..colon).unwrap_or_default();
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(
            scheme.as_str(),
            "http" | "https" | "ws" | "wss" | "grpc" | "grpcs" | "tcp"
        ) {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let end = rest
            .find(|c: char| {
                !(c.is_ascii_alphanumeric()
                    || matches!(c, '.' | '-' | '_' | ':' | '@' | HOLE | '[' | ']'))
            })
            .unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let whole = context == Context::Whole && scheme_start == 0 && !text.contains(' ');
        if let Some(host) = host_of(authority)
            && !NAMESPACES.contains(&host.as_str())
        {
            let path_end = rest
                .find(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | '\\')
                })
                .unwrap_or(rest.len());
            let url = format!(
                "{scheme}://{}",
                rest.get(..path_end.min(200)).unwrap_or(authority)
            );
            note_host(&host, &url.replace(HOLE, "{…}"), whole, notes, &mut place);
            urls += 1;
        }
        if urls > 64 {
            return;
        }
    }
    if urls == 0 && context == Context::Whole && text.len() <= 253 {
        let bare = text.split_once(':').map_or(text, |(host, _)| host);
        let last = bare.rsplit('.').next().unwrap_or_default();
        let telling = !FILE_ENDINGS.contains(&last)
            || bare.matches('.').count() >= 2 && !KEY_ENDINGS.contains(&last);
        if is_host(bare)
            && tld::is_known(bare)
            && telling
            && bare.bytes().all(|b| !b.is_ascii_uppercase())
        {
            note_host(bare, bare, false, notes, &mut place);
        }
    }
}

/// The host of an authority; parts that are not constant become `*`.
fn host_of(authority: &str) -> Option<String> {
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(inside) = authority.strip_prefix('[') {
        let address = inside.split(']').next()?;
        return address.parse::<Ipv6Addr>().ok().map(|a| a.to_string());
    }
    let host = authority.split(':').next().unwrap_or(authority);
    let host = host.trim_end_matches(['.', '-']).to_ascii_lowercase();
    if host.parse::<Ipv4Addr>().is_ok() {
        return Some(host);
    }
    if host.contains(HOLE) {
        let starred = host.replace(HOLE, "*");
        let fixed = starred.rsplit('*').next().unwrap_or_default();
        let fixed = fixed.strip_prefix('.')?;
        return (is_host(fixed) && tld::is_known(fixed)).then(|| format!("*.{fixed}"));
    }
    (is_host(&host) && tld::is_known(&host)).then_some(host)
}

fn note_host(
    host: &str,
    url: &str,
    whole: bool,
    notes: &mut Notes,
    place: &mut dyn FnMut(&str) -> Place,
) {
    let confidence = if whole {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        note_address(address, url, whole, notes, place);
        return;
    }
    notes.add(
        "egress.endpoint",
        host,
        &format!("names the host {host}"),
        (Severity::Info, confidence),
        || place(url),
    );
    for behaviour in patterns().host(host.trim_start_matches("*.")) {
        if behaviour.id != "egress.endpoint" {
            notes.add(
                behaviour.id,
                host,
                &format!("names {host} ({})", behaviour.title),
                (
                    if whole {
                        behaviour.severity
                    } else {
                        Severity::Info
                    },
                    confidence,
                ),
                || place(url),
            );
        }
    }
}

/// Whether a finding's key is a host: a name with a dot, with a star for what
/// is not known of it, or an address.
#[must_use]
pub fn is_host_name(key: &str) -> bool {
    key.contains(['.', ':'])
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || ".-*:".contains(c))
}

/// Whether a host is this one, or of its own network.
#[must_use]
pub fn is_local_host(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) => reach(address) != Reach::Public,
        Err(_) => host == "localhost" || !host.contains('.'),
    }
}

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To this host, to those on its link, or nowhere.
    Here,
    /// To a network of its own.
    Private,
    Public,
}

fn reach(address: IpAddr) -> Reach {
    let (private, linked) = match address {
        IpAddr::V4(v4) => (
            v4.is_private(),
            v4.is_link_local() || v4.is_broadcast() || v4.octets().first() == Some(&0),
        ),
        IpAddr::V6(v6) => (v6.is_unique_local(), v6.is_unicast_link_local()),
    };
    if address.is_loopback() || address.is_unspecified() || address.is_multicast() || linked {
        Reach::Here
    } else if private {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// Notes an address that is not of this host or its own network.
pub(crate) fn note_address(
    address: IpAddr,
    url: &str,
    whole: bool,
    notes: &mut Notes,
    place: &mut dyn FnMut(&str) -> Place,
) {
    let address = address.to_canonical();
    let reach = reach(address);
    if reach == Reach::Here {
        return;
    }
    let host = address.to_string();
    let confidence = if whole {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    if reach == Reach::Private {
        // Of a whole address of a request; lists of networks have them too.
        if whole {
            notes.add(
                "egress.endpoint",
                &host,
                &format!("names the private address {host}"),
                (Severity::Info, confidence),
                || place(url),
            );
        }
        return;
    }
    notes.add(
        "egress.raw-address",
        &host,
        &format!("names the address {host}"),
        (
            if whole { Severity::Low } else { Severity::Info },
            confidence,
        ),
        || place(url),
    );
}
