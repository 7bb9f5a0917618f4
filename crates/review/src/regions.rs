//! In which country a host is: by a table of clouds and their regions, by what
//! the user knows, and by a database of addresses.

use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use assay_analyze::is_local_host;
use assay_artifact::read_regular;
use assay_model::Country;
use serde::Deserialize;

use crate::claims::CaseError;

/// The table that comes with Assay.
const TABLE: &str = include_str!("../../../data/regions.toml");

/// How large a database of addresses may be.
const LARGEST: u64 = 1 << 30;

/// How many hosts, and patterns of hosts with a region, there may be.
const MOST: usize = 50_000;

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
        let many = read
            .clouds
            .iter()
            .map(|cloud| cloud.hosts.len() * cloud.regions.len());
        if many.sum::<usize>() + read.hosts.len() > MOST {
            let what = format!("there are more than {MOST} hosts with their regions");
            return Err(CaseError::at(text, 0, &what));
        }
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

    /// Where a host is; by its address where nothing else tells.
    #[must_use]
    pub fn of(&self, host: &str, addresses: Option<&Addresses>) -> Country {
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
        if let Some(country) = addresses.and_then(|addresses| addresses.of(&host)) {
            return country;
        }
        // A domain of a country tells who registered it, not where it is.
        Country {
            code: None,
            from: "nothing says where it is".to_owned(),
        }
    }
}

/// A database of addresses (MMDB) of the user.
#[derive(Debug)]
pub struct Addresses {
    reader: maxminddb::Reader<Vec<u8>>,
    name: String,
    resolve: bool,
}

/// Why a database of addresses cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path} is no database of addresses: {why}")]
pub struct AddressesError {
    path: PathBuf,
    why: String,
}

impl Addresses {
    /// Opens a database. With `resolve`, names are resolved by this machine,
    /// else only addresses are looked up.
    ///
    /// # Errors
    /// When it is none.
    pub fn open(path: &Path, resolve: bool) -> Result<Self, AddressesError> {
        let wrong = |why: String| AddressesError {
            path: path.to_owned(),
            why,
        };
        let bytes = read_regular(path, LARGEST).map_err(|error| wrong(error.to_string()))?;
        let reader =
            maxminddb::Reader::from_source(bytes).map_err(|error| wrong(error.to_string()))?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            reader,
            name: name.unwrap_or_default(),
            resolve,
        })
    }

    /// Where a host is; nothing where it is a name that is not resolved.
    fn of(&self, host: &str) -> Option<Country> {
        let all: Vec<IpAddr> = match host.parse() {
            Ok(address) => vec![address],
            Err(_) if self.resolve => {
                let all = (host, 443).to_socket_addrs().ok()?;
                all.map(|address| address.ip()).collect()
            }
            Err(_) => return None,
        };
        let mut codes: Vec<String> = Vec::new();
        for address in &all {
            let found = self.reader.lookup(*address).ok()?;
            let country = found
                .decode::<maxminddb::geoip2::Country<'_>>()
                .ok()
                .flatten();
            let code = country.and_then(|known| known.country.iso_code.map(str::to_owned));
            // All of them must be in the same country.
            codes.push(code?);
        }
        codes.sort();
        codes.dedup();
        let addresses: Vec<String> = all.iter().map(ToString::to_string).collect();
        let from = format!("{}, {}", self.name, addresses.join(", "));
        Some(match codes.as_slice() {
            [one] => Country {
                code: Some(one.clone()),
                from,
            },
            _ => Country {
                code: None,
                from: format!("in several countries ({}): {from}", codes.join(", ")),
            },
        })
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
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), database()).unwrap();
        let addresses = Addresses::open(file.path(), false).unwrap();
        // The lower half of all addresses is in one country there.
        let found = regions.of("98.51.100.7:443", Some(&addresses));
        assert_eq!(found.code.as_deref(), Some("SG"), "{found:?}");
        assert_eq!(regions.of("203.0.113.1", Some(&addresses)).code, None);
        assert_eq!(regions.of("name.example", Some(&addresses)).code, None);
        std::fs::write(file.path(), "no database").unwrap();
        assert!(Addresses::open(file.path(), false).is_err());
        let own = "[[host]]\nhost = \"*.example.cn\"\ncountry = \"SG\"\nsource = \"contract\"\ndate = \"2026-01-31\"\n";
        let own = Regions::read(own).unwrap().over(regions);
        assert_eq!(own.of("api.example.cn", None).code.as_deref(), Some("SG"));
    }

    /// A database with one node: of each address the first bit is looked at.
    /// Source: MaxMind DB File Format Specification, version 2.0.
    fn database() -> Vec<u8> {
        let text = |text: &str| -> Vec<u8> {
            let len = u8::try_from(text.len()).unwrap();
            [&[0x40 | len], text.as_bytes()].concat()
        };
        let number = |value: u8| vec![0xa1, value];
        // The left record is the first entry of the data, behind the node and
        // sixteen zeros; the right one says that there is nothing.
        let mut out = vec![0, 0, 17, 0, 0, 1];
        out.extend([0; 16]);
        out.extend(
            [
                &[0xe1][..],
                &text("country"),
                &[0xe1],
                &text("iso_code"),
                &text("SG"),
            ]
            .concat(),
        );
        out.extend(b"\xab\xcd\xefMaxMind.com");
        out.push(0xe0 | 9);
        for (key, value) in [
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", vec![0x01, 0x02, 1]),
            ("database_type", text("Test-Country")),
            ("description", vec![0xe0]),
            ("ip_version", number(4)),
            ("languages", vec![0x00, 0x04]),
            ("node_count", vec![0xc1, 1]),
            ("record_size", number(24)),
        ] {
            out.extend(text(key));
            out.extend(value);
        }
        out
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
