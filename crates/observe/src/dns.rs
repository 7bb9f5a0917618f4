//! A name server that names everything: each name has an address of its own
//! in 198.18.0.0/15, the block for benchmarks (RFC 2544), so that a connection
//! tells by its address which name it was meant for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};

use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, ResourceRecord, TYPE};

/// Who answers for names, by its address.
pub(crate) const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 53);
/// The first address, as a number, and how many there are.
const FIRST: u32 = 0xc612_0100;
const MOST: u32 = 0x0001_fe00;

/// Names and the addresses that they were given.
#[derive(Debug, Default)]
pub(crate) struct Names {
    inner: Mutex<(HashMap<String, Ipv4Addr>, HashMap<Ipv4Addr, String>)>,
}

impl Names {
    /// The address of a name: always the same within a run.
    pub(crate) fn address(&self, name: &str) -> Ipv4Addr {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (by_name, by_address) = &mut *inner;
        if let Some(known) = by_name.get(name) {
            return *known;
        }
        let count = u32::try_from(by_name.len()).unwrap_or(u32::MAX);
        // Beyond the block, names share the last address.
        let address = Ipv4Addr::from(FIRST.saturating_add(count.min(MOST)));
        if count < MOST {
            by_name.insert(name.to_owned(), address);
            by_address.insert(address, name.to_owned());
        }
        address
    }

    /// The name that an address was given for.
    pub(crate) fn name(&self, address: IpAddr) -> Option<String> {
        let IpAddr::V4(address) = address else {
            return None;
        };
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.1.get(&address).cloned()
    }

    /// The answer to a query, with what was asked for: the name, the type of
    /// record, and the address that was given.
    pub(crate) fn answer(&self, query: &[u8]) -> Option<(Vec<u8>, Vec<Asked>)> {
        let query = Packet::parse(query).ok()?;
        let mut reply = Packet::new_reply(query.id());
        reply.set_flags(PacketFlag::RECURSION_AVAILABLE | PacketFlag::RECURSION_DESIRED);
        let mut asked = Vec::new();
        for question in query.questions.into_iter().take(8) {
            let name = question.qname.to_string().to_ascii_lowercase();
            let is_address = question.qtype == QTYPE::TYPE(TYPE::A);
            let address = is_address.then(|| self.address(&name));
            if let Some(address) = address {
                let data = RData::A(A {
                    address: address.into(),
                });
                reply.answers.push(ResourceRecord::new(
                    question.qname.clone(),
                    CLASS::IN,
                    60,
                    data,
                ));
            }
            asked.push(Asked {
                name,
                kind: format!("{:?}", question.qtype)
                    .trim_start_matches("TYPE(")
                    .trim_end_matches(')')
                    .to_owned(),
                address,
            });
            reply.questions.push(question);
        }
        Some((reply.build_bytes_vec().ok()?, asked))
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) address: Option<Ipv4Addr>,
}

#[cfg(test)]
mod tests {
    use simple_dns::{CLASS, Name, Packet, QCLASS, QTYPE, Question, TYPE};

    use super::Names;

    fn query(name: &str, kind: TYPE) -> Vec<u8> {
        let mut packet = Packet::new_query(7);
        packet.questions.push(Question::new(
            Name::new_unchecked(name).into_owned(),
            QTYPE::TYPE(kind),
            QCLASS::CLASS(CLASS::IN),
            false,
        ));
        packet.build_bytes_vec().unwrap()
    }

    #[test]
    fn every_name_has_an_address_of_its_own() {
        let names = Names::default();
        let (reply, asked) = names.answer(&query("API.example.com", TYPE::A)).unwrap();
        let reply = Packet::parse(&reply).unwrap();
        assert_eq!((reply.id(), reply.answers.len()), (7, 1));
        assert_eq!(asked[0].name, "api.example.com");
        let one = asked[0].address.unwrap();
        let two = names.answer(&query("other.example", TYPE::A)).unwrap().1[0].address;
        assert_ne!(Some(one), two);
        assert_eq!(names.name(one.into()).as_deref(), Some("api.example.com"));
    }

    #[test]
    fn there_is_no_address_of_version_6() {
        let names = Names::default();
        let (reply, asked) = names.answer(&query("a.example", TYPE::AAAA)).unwrap();
        assert!(Packet::parse(&reply).unwrap().answers.is_empty());
        assert_eq!((asked[0].kind.as_str(), asked[0].address), ("AAAA", None));
        assert!(names.answer(b"no query").is_none());
    }
}
