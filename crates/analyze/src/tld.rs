//! Top-level domains, enough of them to tell a host from a dotted name.

/// Generic and infrastructure domains in wide use, and the reserved ones.
/// Source: the IANA root zone database; a selection.
const GENERIC: &[&str] = &[
    "academy", "agency", "app", "art", "bank", "bar", "bio", "biz", "blog", "build", "business",
    "cafe", "care", "cash", "center", "chat", "city", "cloud", "club", "codes", "college", "com",
    "community", "company", "computer", "cool", "corp", "delivery", "design", "dev", "digital",
    "direct", "domains", "download", "edu", "education", "email", "energy", "engineering",
    "enterprises", "example", "exchange", "expert", "express", "finance", "fm", "foundation", "fun",
    "fund", "games", "global", "gov", "group", "guide", "guru", "health", "help", "host",
    "hosting", "info", "ink", "institute", "int", "internal", "invalid", "io", "jobs", "land",
    "lan", "law", "legal", "life", "link", "live", "local", "localhost", "lol", "ltd", "market",
    "media", "mil", "mobi", "money", "monster", "museum", "name", "net", "network", "news", "ninja",
    "one", "onion", "online", "org", "page", "partners", "party", "photo", "plus", "press", "pro",
    "pub", "quest", "rest", "review", "rocks", "run", "sale", "school", "science", "services",
    "shop", "site", "social", "software", "solutions", "space", "storage", "store", "stream",
    "studio", "support", "systems", "team", "tech", "technology", "test", "today", "tools", "top",
    "town", "trade", "training", "travel", "video", "vip", "watch", "web", "website", "wiki",
    "win", "work", "works", "world", "wtf", "xyz", "zip", "zone", "arpa", "goog", "google",
    "microsoft", "amazon", "aws", "azure", "page", "new", "ing", "foo", "tel", "asia", "cat",
];

/// Country codes. Source: ISO 3166-1 alpha-2 as used in the root zone.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi \
bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm \
do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy \
hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb \
lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc \
ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb \
sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv \
tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Whether the last label of a host is a domain that exists or is reserved
/// for examples.
pub(crate) fn is_known(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.starts_with("xn--")
        || GENERIC.contains(&last)
        || (last.len() == 2 && COUNTRIES.split(' ').any(|code| code == last))
}
