//! In which country a host is: by a table of clouds and their regions, by what
//! the user knows, and by a database of addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use assay_analyze::is_local_host;
use assay_model::Country;
use serde::Deserialize;

use crate::claims::CaseError;

/// The table that comes with Assay.
const TABLE: &str = include_str!("../../../data/regions.toml");

/// Where hosts are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    #[serde(default, rename = "cloud")]
    clouds: Vec<Cloud>,
    #[serde(default, rename = "host")]
    hosts: Vec<Placed>,
}

/// A cloud whose host names tell the region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cloud {
    name: String,
    /// Host names with `{region}` in them, and a star in front for any labels.
    hosts: Vec<String>,
    source: String,
    date: String,
    regions: BTreeMap<String, String>,
}

/// A host of which somebody says where it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Placed {
    host: String,
    country: String,
    source: String,
    date: String,
}

impl Regions {
    /// Reads a table: `[[host]]`s and `[[cloud]]`s with source and date.
    ///
    /// # Errors
    /// With the line of the first thing that is wrong.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        let read: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            let place = error.span().map_or(0, |span| span.start);
            CaseError::at(text, place, error.message())
        })?;
        let codes = read.clouds.iter().flat_map(|cloud| cloud.regions.values());
        let codes = codes.chain(read.hosts.iter().map(|host| &host.country));
        let is_code =
            |code: &&String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if let Some(code) = codes.into_iter().find(|code| !is_code(code)) {
            let place = text.find(code.as_str()).unwrap_or(0);
            let what = "a country is two letters as DE, or EU";
            return Err(CaseError::at(text, place, what));
        }
        let entries = read.clouds.iter().map(|cloud| (&cloud.name, &cloud.date));
        let mut entries = entries.chain(read.hosts.iter().map(|host| (&host.host, &host.date)));
        if let Some((name, _)) = entries.find(|(_, date)| !assay_model::is_date(date)) {
            let place = text.find(name.as_str()).unwrap_or(0);
            return Err(CaseError::at(
                text,
                place,
                "an entry needs a date as 2026-01-31",
            ));
        }
        Ok(read)
    }

    /// The table that comes with Assay.
    ///
    /// # Errors
    /// When it is none, which a test rules out.
    pub fn shipped() -> Result<Self, CaseError> {
        Self::read(TABLE)
    }

    /// What another table says goes first.
    #[must_use]
    pub fn over(mut self, below: Self) -> Self {
        self.clouds.extend(below.clouds);
        self.hosts.extend(below.hosts);
        self
    }

    /// Where a host is. `addresses` looks an address up.
    #[must_use]
    pub fn of(&self, host: &str, addresses: Option<&dyn Fn(IpAddr) -> Option<String>>) -> Country {
        let host = plain(host);
        if is_local_host(&host) {
            return Country {
                code: None,
                from: "of this machine or its own network".to_owned(),
            };
        }
        if let Some(placed) = self.hosts.iter().find(|known| matches(&known.host, &host)) {
            return Country {
                code: Some(placed.country.clone()),
                from: format!("{} ({})", placed.source, placed.date),
            };
        }
        for cloud in &self.clouds {
            for pattern in &cloud.hosts {
                for (region, country) in &cloud.regions {
                    if matches(&pattern.replace("{region}", region), &host) {
                        return Country {
                            code: Some(country.clone()),
                            from: format!(
                                "region {region} of {}, {} ({})",
                                cloud.name, cloud.source, cloud.date
                            ),
                        };
                    }
                }
            }
        }
        if let (Ok(address), Some(look)) = (host.parse::<IpAddr>(), addresses) {
            return match look(address) {
                Some(code) => Country {
                    code: Some(code),
                    from: "the database of addresses".to_owned(),
                },
                None => Country {
                    code: None,
                    from: "the address is not in the database".to_owned(),
                },
            };
        }
        // A domain of a country tells who registered it, not where it is.
        Country {
            code: None,
            from: "nothing says where it is".to_owned(),
        }
    }
}

/// A host as runs tell it, without its port and what it was asked of.
pub(crate) fn plain(host: &str) -> String {
    let host = host.split(' ').next().unwrap_or_default();
    let host = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => match host.rsplit_once(':') {
            Some((name, port))
                if !name.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) =>
            {
                name
            }
            _ => host,
        },
    };
    host.trim_end_matches('.').to_lowercase()
}

fn matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.strip_prefix('*') {
        Some(rest) => host
            .strip_suffix(rest)
            .is_some_and(|front| !front.is_empty()),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_where_the_table_says() {
        let regions = Regions::shipped().unwrap();
        let code = |host: &str| regions.of(host, None).code;
        for (host, country) in [
            ("bedrock-runtime.eu-central-1.amazonaws.com", Some("DE")),
            ("BEDROCK-runtime.eu-central-1.amazonaws.com:443", Some("DE")),
            ("europe-west4-aiplatform.googleapis.com", Some("NL")),
            ("x.eu-central-1.amazonaws.com.example.net", None),
            ("eu-central-1.example.net", None),
            ("api.example.cn", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(code(host).as_deref(), country, "{host}");
        }
        let look =
            |address: IpAddr| (address.to_string() == "198.51.100.7").then(|| "SG".to_owned());
        let found = regions.of("198.51.100.7:443", Some(&look));
        assert_eq!(found.code.as_deref(), Some("SG"));
        assert_eq!(regions.of("203.0.113.1", Some(&look)).code, None);
        let own = "[[host]]\nhost = \"*.example.cn\"\ncountry = \"SG\"\nsource = \"contract\"\ndate = \"2026-01-31\"\n";
        let own = Regions::read(own).unwrap().over(regions);
        assert_eq!(own.of("api.example.cn", None).code.as_deref(), Some("SG"));
    }

    #[test]
    fn wrong_tables_are_named_with_their_line() {
        let wrong = |text: &str| Regions::read(text).unwrap_err().to_string();
        let host = "[[host]]\nhost = \"a.example\"\nsource = \"x\"\n";
        assert!(
            wrong(&format!(
                "{host}date = \"2026-01-31\"\ncountry = \"Germany\"\n"
            ))
            .contains("two letters")
        );
        assert!(
            wrong(&format!("{host}date = \"2026-13-31\"\ncountry = \"DE\"\n")).contains("date")
        );
        assert!(wrong("[[hosts]]\n").contains("hosts"));
    }
}
