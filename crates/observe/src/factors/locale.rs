use super::Kind;

/// The language and country: `de_DE.UTF-8`.
pub(super) const KIND: Kind = Kind {
    name: "locale",
    about: "the language and country (LANG, LC_ALL)",
    levels: &["de_DE.UTF-8"],
    alone: false,
    server: false,
    sources: &["fingerprint.locale"],
    plain: |setting, _| setting.variables.get("LANG").cloned().unwrap_or_default(),
    set: |setting, _, value| {
        for name in ["LANG", "LC_ALL", "LANGUAGE"] {
            setting.variables.insert(name.to_owned(), value.to_owned());
        }
    },
    value: |text| {
        let (name, coding) = text.split_once('.').unwrap_or((text, "UTF-8"));
        let mut parts = name.split(['-', '_']);
        let language = parts.next()?.to_ascii_lowercase();
        let rest: Vec<&str> = parts.collect();
        let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
        if !(2..=3).contains(&language.len()) || !letters(&language) || rest.len() > 2 {
            return None;
        }
        let country = rest.last().copied().unwrap_or_else(|| country(&language));
        if country.len() != 2 || !letters(country) {
            return None;
        }
        Some(format!(
            "{language}_{}.{coding}",
            country.to_ascii_uppercase()
        ))
    },
    control: |value| {
        // Another country with the same language keeps the language's ways.
        let (name, coding) = value.split_once('.')?;
        let (language, country) = name.split_once('_')?;
        let other = match (language, country) {
            ("de", "AT") => "DE",
            ("de", _) => "AT",
            ("en", "GB") => "IE",
            ("en", _) => "GB",
            ("fr", "BE") => "FR",
            ("fr", _) => "BE",
            // These write numbers as Spain does, and others as English does.
            ("es", "AR") => "UY",
            ("es", _) => "AR",
            ("pt", "PT") => "BR",
            ("pt", _) => "PT",
            ("zh", "SG") => "CN",
            ("zh", _) => "SG",
            ("sv", "FI") => "SE",
            ("sv", _) => "FI",
            ("nl", "BE") => "NL",
            ("nl", _) => "BE",
            ("it", "SM") => "IT",
            ("it", _) => "SM",
            // Of no language's own ways, and of the usual form.
            (_, "US") => "GB",
            _ => "US",
        };
        Some(format!("{language}_{other}.{coding}"))
    },
};

/// The country that a language is first thought of in. Source: likely
/// subtags of the Unicode CLDR.
fn country(language: &str) -> &'static str {
    match language {
        "en" => "US",
        "zh" => "CN",
        "ja" => "JP",
        "ko" => "KR",
        "pt" => "BR",
        "uk" => "UA",
        "fa" => "IR",
        "hi" => "IN",
        "vi" => "VN",
        "he" => "IL",
        "ar" => "EG",
        "sv" => "SE",
        "da" => "DK",
        "cs" => "CZ",
        "de" => "DE",
        "fr" => "FR",
        "es" => "ES",
        "it" => "IT",
        "ru" => "RU",
        "tr" => "TR",
        "pl" => "PL",
        "nl" => "NL",
        _ => "",
    }
}
