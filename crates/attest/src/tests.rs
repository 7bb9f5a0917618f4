//! A whole ceremony of our own (authority, log of certificates, log of
//! signatures, registry, time stamps), so that each link can be broken alone.

use assay_model::{AttestedState, SEAL_FILE, STAMP_FILE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PublicKeyData as _, SanType, SerialNumber,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::bundle::Bundle;
use crate::certificate::Certificate;
use crate::der::{INTEGER, OCTET_STRING, OID, SEQUENCE, SET, context, write};
use crate::{
    Key, Refusal, RegistryKey, Root, SealError, Trust, Wanted, npm_bundles, pypi_bundles,
    registry_keys, seal, sha256, signed, stamp, verify, verify_seal,
};

const NOW: u64 = 1_780_000_000;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn sign(key: &KeyPair, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        key.serialized_der(),
        &random,
    );
    key.unwrap()
        .sign(&random, message)
        .unwrap()
        .as_ref()
        .to_vec()
}

fn p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn at(offset: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW as i64 + offset).unwrap()
}

fn authority(name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = at(-days * 86400);
    params.not_after = at(days * 86400);
    params
}

fn text(value: &str) -> Vec<u8> {
    write(0x0c, value.as_bytes())
}

/// All who sign.
struct Ceremony {
    top: KeyPair,
    below: KeyPair,
    chain: Vec<Vec<u8>>,
    certificates: KeyPair,
    log: KeyPair,
    registry: KeyPair,
}

impl Ceremony {
    fn new() -> Self {
        let top = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let below = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let root = authority("root", 3000).self_signed(&top).unwrap();
        let issuer = Issuer::new(authority("root", 3000), &top);
        let middle = authority("middle", 2000)
            .signed_by(&below, &issuer)
            .unwrap();
        Self {
            chain: vec![middle.der().to_vec(), root.der().to_vec()],
            top,
            below,
            certificates: p256(),
            log: p256(),
            registry: p256(),
        }
    }

    fn log_id(key: &KeyPair) -> Vec<u8> {
        sha256(&key.subject_public_key_info())
    }

    fn root(&self) -> Value {
        let key = |key: &KeyPair| {
            json!({"baseUrl": "https://log.example/", "publicKey": {"rawBytes": b64(key.subject_public_key_info()),
                "validFor": {"start": "2020-01-01T00:00:00Z"}}, "logId": {"keyId": b64(Self::log_id(key))}})
        };
        let chain: Vec<Value> = self
            .chain
            .iter()
            .map(|one| json!({"rawBytes": b64(one)}))
            .collect();
        json!({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [key(&self.log)], "ctlogs": [key(&self.certificates)],
            "certificateAuthorities": [{"certChain": {"certificates": chain}, "validFor": {"start": "2020-01-01T00:00:00Z"}}]})
    }

    fn keys(&self) -> Vec<RegistryKey> {
        vec![RegistryKey {
            registry: "npm".to_owned(),
            id: "registry".to_owned(),
            public: b64(self.registry.subject_public_key_info()),
            from: Some("2020-01-01".to_owned()),
            until: None,
            source: String::new(),
            date: String::new(),
        }]
    }

    fn params(&self, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.serial_number = Some(SerialNumber::from(vec![7]));
        params.not_before = at(-60);
        params.not_after = at(600);
        if usage == ExtendedKeyUsagePurpose::TimeStamping {
            // It has to be critical, which rcgen never writes.
            params.custom_extensions.push(stamping(true, &[STAMPING]));
        } else {
            params.extended_key_usages = vec![usage];
        }
        params.subject_alt_names = vec![SanType::URI(
            "https://ci.example/o/r/release.yml".try_into().unwrap(),
        )];
        for (number, value) in [
            (8, "https://id.example"),
            (12, "https://ci.example/o/r"),
            (13, "abc"),
        ] {
            let oid = [1, 3, 6, 1, 4, 1, 57264, 1, number];
            params
                .custom_extensions
                .push(CustomExtension::from_oid_content(&oid, text(value)));
        }
        params
    }

    /// A certificate of minutes for a key, with the stamp of a log.
    fn leaf(&self, key: &KeyPair, usage: ExtendedKeyUsagePurpose) -> Vec<u8> {
        let issuer = Issuer::new(authority("middle", 2000), &self.below);
        let mut params = self.params(usage);
        let before = params.signed_by(key, &issuer).unwrap();
        let mut whole = crate::der::only(before.der(), SEQUENCE).unwrap().reader();
        let tbs = whole.next().unwrap().whole.to_vec();
        let mut message = vec![0, 0];
        let millis = (NOW * 1000).to_be_bytes();
        message.extend(millis);
        message.extend([0, 1]);
        message.extend(sha256(&self.below.subject_public_key_info()));
        message.extend(&(tbs.len() as u32).to_be_bytes()[1..]);
        message.extend(&tbs);
        message.extend([0, 0]);
        let signature = sign(&self.certificates, &message);
        let mut stamp = vec![0];
        stamp.extend(Self::log_id(&self.certificates));
        stamp.extend(millis);
        stamp.extend([0, 0, 4, 3]);
        stamp.extend((signature.len() as u16).to_be_bytes());
        stamp.extend(signature);
        let mut list = ((stamp.len() + 2) as u16).to_be_bytes().to_vec();
        list.extend((stamp.len() as u16).to_be_bytes());
        list.extend(stamp);
        let oid = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
        let content = write(OCTET_STRING, &list);
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&oid, content));
        params.signed_by(key, &issuer).unwrap().der().to_vec()
    }

    fn wanted() -> Wanted {
        Wanted {
            name: "pkg:npm/%40scope/tool@1.2.3".to_owned(),
            digest: ("sha512".to_owned(), "ab".repeat(64)),
        }
    }

    fn statement() -> Vec<u8> {
        let wanted = Self::wanted();
        json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
            "subject": [{"name": wanted.name, "digest": {wanted.digest.0: wanted.digest.1}}], "predicate": {}})
        .to_string()
        .into_bytes()
    }

    fn pae(payload: &[u8]) -> Vec<u8> {
        let mut out =
            format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len()).into_bytes();
        out.extend(payload);
        out
    }

    /// An entry of the log, the third of five.
    fn entry(&self, payload: &[u8], signature: &[u8], signer: &[u8]) -> Value {
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            b64(signer)
        );
        let body = json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
            "payloadHash": {"algorithm": "sha256", "value": hex::encode(sha256(payload))},
            "signatures": [{"signature": b64(signature), "verifier": b64(pem)}]}})
        .to_string();
        let id = Self::log_id(&self.log);
        let promise = format!(
            "{{\"body\":\"{}\",\"integratedTime\":{NOW},\"logID\":\"{}\",\"logIndex\":77}}",
            b64(&body),
            hex::encode(&id)
        );
        let leaf = |body: &[u8]| sha256(&[&[0], body].concat());
        let node = |a: &[u8], b: &[u8]| sha256(&[&[1], a, b].concat());
        let others: Vec<Vec<u8>> = (0..5_u8).map(|n| leaf(&[n])).collect();
        let left = node(&others[0], &others[1]);
        let root = node(
            &node(&left, &node(&leaf(body.as_bytes()), &others[3])),
            &others[4],
        );
        let note = format!("log.example\n5\n{}\n", b64(root));
        let mut seal = id[..4].to_vec();
        seal.extend(sign(&self.log, note.as_bytes()));
        json!({"logIndex": "77", "logId": {"keyId": b64(&id)}, "integratedTime": NOW.to_string(),
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "inclusionPromise": {"signedEntryTimestamp": b64(sign(&self.log, promise.as_bytes()))},
            "inclusionProof": {"logIndex": "2", "treeSize": "5", "rootHash": "",
                "hashes": [b64(&others[3]), b64(&left), b64(&others[4])],
                "checkpoint": {"envelope": format!("{note}\n\u{2014} log.example {}\n", b64(seal))}},
            "canonicalizedBody": b64(body)})
    }

    fn bundle(&self) -> Value {
        let key = p256();
        let leaf = self.leaf(&key, ExtendedKeyUsagePurpose::CodeSigning);
        let payload = Self::statement();
        let signature = sign(&key, &Self::pae(&payload));
        json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"certificate": {"rawBytes": b64(&leaf)},
                "tlogEntries": [self.entry(&payload, &signature, &leaf)]},
            "dsseEnvelope": {"payload": b64(&payload), "payloadType": "application/vnd.in-toto+json",
                "signatures": [{"sig": b64(&signature), "keyid": ""}]}})
    }

    fn check(&self, bundle: &Value) -> Result<assay_model::Built, Refusal> {
        let root = Root::read(&self.root().to_string()).unwrap();
        verify(
            &Bundle::read(&bundle.to_string())?,
            &root,
            &self.keys(),
            &Self::wanted(),
        )
    }
}

#[test]
fn the_root_that_comes_with_assay_is_the_one_that_was_looked_at() {
    let root = Root::shipped().unwrap();
    assert!(!root.authorities.is_empty() && !root.logs.is_empty() && !root.stampers.is_empty());
    assert!(root.date.as_deref().is_some_and(assay_model::is_date));
}

#[test]
fn a_statement_stands_and_says_who_built_what() {
    let ceremony = Ceremony::new();
    let built = ceremony.check(&ceremony.bundle()).unwrap();
    assert_eq!(built.states, "https://slsa.dev/provenance/v1");
    assert_eq!(built.signer, "https://ci.example/o/r/release.yml");
    assert_eq!(built.issuer, "https://id.example");
    assert_eq!(built.repository.as_deref(), Some("https://ci.example/o/r"));
    assert_eq!(built.commit.as_deref(), Some("abc"));
    assert_eq!(built.at, "2026-05-28T20:26:40Z");
}

/// Turns one character of a text of Base64.
fn turned(text: &str, at: usize) -> String {
    let mut bytes = STANDARD.decode(text).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    b64(bytes)
}

#[test]
fn whatever_is_changed_of_a_statement_is_noticed() {
    let ceremony = Ceremony::new();
    let bundle = ceremony.bundle();
    let entry = "/verificationMaterial/tlogEntries/0";
    let places = [
        "/dsseEnvelope/payload".to_owned(),
        "/dsseEnvelope/signatures/0/sig".to_owned(),
        "/verificationMaterial/certificate/rawBytes".to_owned(),
        format!("{entry}/canonicalizedBody"),
        format!("{entry}/logId/keyId"),
        format!("{entry}/inclusionPromise/signedEntryTimestamp"),
        format!("{entry}/inclusionProof/hashes/0"),
        format!("{entry}/inclusionProof/hashes/2"),
    ];
    for place in &places {
        for at in [0, 5, 40, 90, 140, 200, 333, 500] {
            let mut other = bundle.clone();
            let value = other.pointer_mut(place).unwrap();
            *value = json!(turned(value.as_str().unwrap(), at));
            assert!(ceremony.check(&other).is_err(), "{place} at {at}");
        }
    }
    let numbers = [
        (format!("{entry}/integratedTime"), "1780000001"),
        (format!("{entry}/logIndex"), "78"),
        (format!("{entry}/inclusionProof/logIndex"), "3"),
    ];
    for (place, value) in numbers {
        let mut other = bundle.clone();
        *other.pointer_mut(&place).unwrap() = json!(value);
        assert!(ceremony.check(&other).is_err(), "{place}");
    }
    let without = |path: &str, name: &str| {
        let mut other = bundle.clone();
        other
            .pointer_mut(path)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        ceremony.check(&other)
    };
    // Without the promise nobody says when.
    assert!(matches!(
        without(entry, "inclusionPromise"),
        Err(Refusal::Unknown(_))
    ));
    assert!(without("/verificationMaterial", "tlogEntries").is_err());
    assert!(without(&format!("{entry}/inclusionProof"), "checkpoint").is_err());
    assert!(without("/verificationMaterial", "certificate").is_err());
}

#[test]
fn a_statement_by_strangers_or_of_something_else_is_none() {
    let (ours, theirs) = (Ceremony::new(), Ceremony::new());
    let bundle = theirs.bundle();
    assert!(matches!(ours.check(&bundle), Err(Refusal::Unknown(_))));
    let bundle = ours.bundle();
    let root = Root::read(&ours.root().to_string()).unwrap();
    let read = Bundle::read(&bundle.to_string()).unwrap();
    for (name, digest) in [
        ("pkg:npm/%40scope/tool@1.2.4", "ab".repeat(64)),
        ("pkg:npm/%40scope/tool@1.2.3", "ac".repeat(64)),
    ] {
        let wanted = Wanted {
            name: name.to_owned(),
            digest: ("sha512".to_owned(), digest),
        };
        assert!(matches!(
            verify(&read, &root, &[], &wanted),
            Err(Refusal::Failed(_))
        ));
    }
    // An authority that is not in the root, with logs that are.
    let mut other = ours.root();
    other["certificateAuthorities"] = theirs.root()["certificateAuthorities"].clone();
    let root = Root::read(&other.to_string()).unwrap();
    assert!(matches!(
        verify(&read, &root, &[], &Ceremony::wanted()),
        Err(Refusal::Failed(_))
    ));
    let mut other = ours.root();
    other["certificateAuthorities"][0]["validFor"]["end"] = json!("2021-01-01T00:00:00Z");
    let root = Root::read(&other.to_string()).unwrap();
    assert!(verify(&read, &root, &[], &Ceremony::wanted()).is_err());
}

#[test]
fn a_certificate_for_another_use_or_without_a_log_signs_nothing() {
    let ceremony = Ceremony::new();
    let key = p256();
    let payload = Ceremony::statement();
    let signature = sign(&key, &Ceremony::pae(&payload));
    let with = |leaf: &[u8]| {
        let mut bundle = ceremony.bundle();
        bundle["verificationMaterial"]["certificate"]["rawBytes"] = json!(b64(leaf));
        bundle["verificationMaterial"]["tlogEntries"][0] =
            ceremony.entry(&payload, &signature, leaf);
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = json!(b64(&signature));
        ceremony.check(&bundle)
    };
    assert!(with(&ceremony.leaf(&key, ExtendedKeyUsagePurpose::CodeSigning)).is_ok());
    assert!(with(&ceremony.leaf(&key, ExtendedKeyUsagePurpose::TimeStamping)).is_err());
    let issuer = Issuer::new(authority("middle", 2000), &ceremony.below);
    let params = ceremony.params(ExtendedKeyUsagePurpose::CodeSigning);
    let unlogged = params.signed_by(&key, &issuer).unwrap();
    let why = with(unlogged.der()).unwrap_err().to_string();
    assert!(why.contains("no log of certificates"), "{why}");
    let issuer = Issuer::new(authority("root", 3000), &ceremony.top);
    assert!(with(params.signed_by(&key, &issuer).unwrap().der()).is_err());
}

#[test]
fn the_registry_itself_may_state() {
    let ceremony = Ceremony::new();
    let payload = Ceremony::statement();
    let signature = sign(&ceremony.registry, &Ceremony::pae(&payload));
    let mut bundle = ceremony.bundle();
    bundle["verificationMaterial"] = json!({"publicKey": {"hint": "registry"},
        "tlogEntries": [ceremony.entry(&payload, &signature, b"")]});
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = json!(b64(&signature));
    assert_eq!(ceremony.check(&bundle).unwrap().signer, "registry");
    let document = json!({"attestations": [{"predicateType": "p", "bundle": bundle}]});
    assert_eq!(npm_bundles(&document.to_string()).unwrap().len(), 1);
    bundle["verificationMaterial"]["publicKey"]["hint"] = json!("another");
    assert!(matches!(ceremony.check(&bundle), Err(Refusal::Unknown(_))));
}

#[test]
fn attestations_of_files_are_read_as_bundles() {
    let ceremony = Ceremony::new();
    let bundle = ceremony.bundle();
    let entry = bundle["verificationMaterial"]["tlogEntries"][0].clone();
    let document = json!({"version": 1, "attestation_bundles": [{"publisher": {"kind": "x"}, "attestations": [{
        "version": 1,
        "verification_material": {"certificate": bundle["verificationMaterial"]["certificate"]["rawBytes"],
            "transparency_entries": [entry]},
        "envelope": {"statement": bundle["dsseEnvelope"]["payload"], "signature": bundle["dsseEnvelope"]["signatures"][0]["sig"]}}]}]});
    let all = pypi_bundles(&document.to_string()).unwrap();
    let root = Root::read(&ceremony.root().to_string()).unwrap();
    assert!(verify(&all[0], &root, &[], &Ceremony::wanted()).is_ok());
    let mut later = document;
    later["version"] = json!(2);
    assert!(matches!(
        pypi_bundles(&later.to_string()),
        Err(Refusal::Unknown(_))
    ));
}

const STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
const SERVING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// For what a certificate is.
fn stamping(critical: bool, uses: &[&[u8]]) -> CustomExtension {
    let uses: Vec<u8> = uses.iter().flat_map(|one| write(OID, one)).collect();
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], write(SEQUENCE, &uses));
    extension.set_criticality(critical);
    extension
}

/// A time stamp of some bytes, as RFC 3161 has it.
fn stamped(ceremony: &Ceremony, of: &[u8], usage: ExtendedKeyUsagePurpose) -> Vec<u8> {
    let key = p256();
    let leaf = ceremony.leaf(&key, usage);
    stamped_by(&key, &leaf, of)
}

fn stamped_by(key: &KeyPair, leaf: &[u8], of: &[u8]) -> Vec<u8> {
    let oid = |bytes: &[u8]| write(OID, bytes);
    let seq = |parts: &[&[u8]]| write(SEQUENCE, &parts.concat());
    let digest = oid(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]);
    let info = oid(&[
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
    ]);
    let content = seq(&[
        &write(INTEGER, &[1]),
        &oid(&[0x2a, 0x03]),
        &seq(&[&seq(&[&digest]), &write(OCTET_STRING, &sha256(of))]),
        &write(INTEGER, &[9]),
        &write(0x18, b"20260528202640Z"),
    ]);
    let attribute = |last: u8, value: &[u8]| {
        let name = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, last]);
        seq(&[&name, &write(SET, value)])
    };
    let attributes = [
        attribute(3, &info),
        attribute(4, &write(OCTET_STRING, &sha256(&content))),
    ]
    .concat();
    let signature = sign(key, &write(SET, &attributes));
    let signer = seq(&[
        &write(INTEGER, &[1]),
        &seq(&[]),
        &seq(&[&digest]),
        &write(context(0), &attributes),
        &seq(&[&oid(&[0x2a])]),
        &write(OCTET_STRING, &signature),
    ]);
    let data = seq(&[
        &write(INTEGER, &[3]),
        &write(SET, &seq(&[&digest])),
        &seq(&[&info, &write(context(0), &write(OCTET_STRING, &content))]),
        &write(context(0), leaf),
        &write(SET, &signer),
    ]);
    let name = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]);
    seq(&[&name, &write(context(0), &data)])
}

#[test]
fn a_time_stamp_stands_for_its_bytes_alone() {
    let ceremony = Ceremony::new();
    let pem = |der: &[u8]| {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            b64(der)
        )
    };
    let trusted: Vec<String> = vec![ceremony.chain.iter().map(|one| pem(one)).collect()];
    let good = stamped(&ceremony, b"sealed", ExtendedKeyUsagePurpose::TimeStamping);
    assert_eq!(
        stamp(&good, b"sealed", &trusted).unwrap().at,
        "2026-05-28T20:26:40Z"
    );
    let answer = write(
        SEQUENCE,
        &[write(SEQUENCE, &write(INTEGER, &[0])), good.clone()].concat(),
    );
    assert!(stamp(&answer, b"sealed", &trusted).is_ok());
    assert!(stamp(&good, b"other", &trusted).is_err());
    let strangers: Vec<String> = vec![Ceremony::new().chain.iter().map(|one| pem(one)).collect()];
    assert!(stamp(&good, b"sealed", &strangers).is_err());
    assert!(stamp(&good, b"sealed", &[]).is_err());
    let other = stamped(&ceremony, b"sealed", ExtendedKeyUsagePurpose::CodeSigning);
    assert!(stamp(&other, b"sealed", &trusted).is_err());
    // What is neither signed nor read may be anything; nothing may panic, and
    // no other time may come of it.
    for at in 0..good.len() {
        let mut bent = good.clone();
        bent[at] ^= 1;
        if let Ok(stands) = stamp(&bent, b"sealed", &trusted) {
            assert_eq!(stands.at, "2026-05-28T20:26:40Z", "byte {at}");
        }
        assert!(stamp(&good[..at], b"sealed", &trusted).is_err());
    }
}

#[test]
fn a_time_stamp_is_of_the_one_that_is_known() {
    let ceremony = Ceremony::new();
    let pem = |all: &[&[u8]]| -> String {
        all.iter()
            .map(|der| {
                format!(
                    "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                    b64(der)
                )
            })
            .collect()
    };
    let (one, other) = (p256(), p256());
    let usage = || ExtendedKeyUsagePurpose::TimeStamping;
    let (of_one, of_other) = (ceremony.leaf(&one, usage()), ceremony.leaf(&other, usage()));
    let [middle, root] = ceremony.chain.as_slice() else {
        panic!()
    };
    let with_chain = [pem(&[of_one.as_slice(), middle, root])];
    let alone = [pem(&[of_one.as_slice()])];
    for trusted in [&with_chain, &alone] {
        let stands = |key: &KeyPair, leaf: &[u8]| {
            stamp(
                &stamped_by(key, leaf, b"sealed"),
                b"sealed",
                trusted.as_slice(),
            )
            .is_ok()
        };
        assert!(stands(&one, &of_one));
        // Of the same authority, and another.
        assert!(!stands(&other, &of_other));
    }
    // What is for something else too, or need not be read, stamps nothing.
    let issuer = Issuer::new(authority("middle", 2000), &ceremony.below);
    for uses in [
        stamping(true, &[STAMPING, SERVING]),
        stamping(false, &[STAMPING]),
        stamping(true, &[SERVING]),
    ] {
        let mut params = ceremony.params(usage());
        params.custom_extensions = vec![uses];
        let leaf = params.signed_by(&one, &issuer).unwrap().der().to_vec();
        let trusted = [pem(&[middle, root])];
        assert!(stamp(&stamped_by(&one, &leaf, b"sealed"), b"sealed", &trusted).is_err());
    }
}

#[test]
fn a_digest_stands_once() {
    let wanted = Ceremony::wanted();
    let (algorithm, value) = &wanted.digest;
    for (digests, good) in [
        (format!("\"{algorithm}\":\"{value}\""), true),
        (
            format!("\"{algorithm}\":\"00\",\"{algorithm}\":\"{value}\""),
            false,
        ),
    ] {
        let name = json!(wanted.name);
        let payload = format!(
            "{{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"p\",\"subject\":[{{\"name\":{name},\"digest\":{{{digests}}}}}]}}"
        );
        let checked =
            crate::statement::check(crate::statement::PAYLOAD, payload.as_bytes(), &wanted);
        assert_eq!(checked.is_ok(), good, "{checked:?}");
    }
}

#[test]
fn broken_structures_are_errors_and_no_panics() {
    let ceremony = Ceremony::new();
    let leaf = ceremony.leaf(&p256(), ExtendedKeyUsagePurpose::CodeSigning);
    assert!(Certificate::read(&leaf).is_ok());
    for at in 0..leaf.len() {
        assert!(Certificate::read(&leaf[..at]).is_err());
        for bit in 0..8 {
            let mut bent = leaf.clone();
            bent[at] ^= 1 << bit;
            let _ = Certificate::read(&bent);
        }
    }
}

#[test]
fn signatures_of_the_registry_stand_or_fail() {
    let keys = registry_keys(None).unwrap();
    // Public facts of the registry: what it signed of one version.
    let integrity = "sha512-qecREauMWXHplkpjqsuDuUv4ww+NprMl71k9sMuLkZU7qwjLMkTPxRBjuKvZWWMrAPvZWdGZE9LljUTfCQ1lWQ==";
    let id = "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U";
    let by = "MEQCIGvolW/eLJuocfuN94cinl0Vz9arMrshmIhulXk/9JEBAiAW18CskQ+uEkWf90x4Dc0TqDoRBQ7lmCAXhpXpqbEJDA==";
    let state = |version: &str, integrity: Option<&str>, signatures: &[(&str, &str)]| {
        let all: Vec<(String, String)> = signatures
            .iter()
            .map(|(id, by)| ((*id).to_owned(), (*by).to_owned()))
            .collect();
        let name = "@anthropic-ai/claude-code";
        signed(name, version, integrity, &all, None, &keys).state
    };
    let own = [(id, by)];
    assert_eq!(
        state("2.1.98", Some(integrity), &own),
        AttestedState::Verified
    );
    assert_eq!(
        state("2.1.98", Some("sha512-x"), &own),
        AttestedState::Failed
    );
    assert_eq!(state("2.1.98", None, &own), AttestedState::Unavailable);
    assert_eq!(
        state("2.1.99", Some(integrity), &own),
        AttestedState::Failed
    );
    assert_eq!(
        state("2.1.98", Some(integrity), &[("other", by)]),
        AttestedState::Unavailable
    );
    assert_eq!(
        state("2.1.98", Some(integrity), &[(id, "AAAA")]),
        AttestedState::Failed
    );
    assert_eq!(state("2.1.98", Some(integrity), &[]), AttestedState::None);
    // A key signs on its days, and for its registry.
    let all = [(id.to_owned(), by.to_owned())];
    let with = |change: fn(&mut RegistryKey), published: Option<&str>| {
        let mut keys = keys.clone();
        keys.iter_mut().for_each(change);
        let name = "@anthropic-ai/claude-code";
        signed(name, "2.1.98", Some(integrity), &all, published, &keys).state
    };
    let ended: fn(&mut RegistryKey) = |key| key.until = Some("2025-01-29".to_owned());
    let day = Some("2026-06-01T00:00:00Z");
    assert_eq!(with(ended, day), AttestedState::Unavailable);
    assert_eq!(with(ended, None), AttestedState::Unavailable);
    let before = Some("2025-01-29T10:00:00Z");
    assert_eq!(with(ended, before), AttestedState::Verified);
    let other: fn(&mut RegistryKey) = |key| key.registry = "other".to_owned();
    assert_eq!(with(other, day), AttestedState::Unavailable);
    assert!(
        registry_keys(Some(
            "[[key]]\nregistry='npm'\nid='x'\npublic='AAAA'\nsource='s'\ndate='d'\n"
        ))
        .is_err()
    );
}

#[test]
fn a_time_stamp_takes_the_word_of_the_signer_to_where_it_is_shown() {
    let ceremony = Ceremony::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dossier.json"), "{}").unwrap();
    let key = Key::new().unwrap();
    let at = "2026-05-28T20:26:00Z";
    seal(folder.path(), &key, "pkg:npm/x@1", "0.1.0", at, false).unwrap();
    assert!(matches!(
        seal(folder.path(), &key, "pkg:npm/x@1", "0.1.0", at, false),
        Err(SealError::Sealed(_))
    ));
    let bytes = std::fs::read(folder.path().join(SEAL_FILE)).unwrap();
    let stamp = |bytes: &[u8]| {
        let stamp = stamped(&ceremony, bytes, ExtendedKeyUsagePurpose::TimeStamping);
        std::fs::write(folder.path().join(STAMP_FILE), stamp).unwrap();
    };
    let trust = |more: &str| {
        let public = key.public().unwrap();
        let text = format!(
            "[[key]]\nname = \"Review\"\npublic = \"\"\"\n{public}\"\"\"\nuntil = \"2026-06-01\"\n{more}"
        );
        Trust::read(&text).unwrap()
    };
    let chain: String = ceremony
        .chain
        .iter()
        .map(|one| {
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                b64(one)
            )
        })
        .collect();
    let stampers = format!("[[stamper]]\nname = \"A\"\ncertificate = \"\"\"\n{chain}\"\"\"\n");
    let check = |trust: &Trust| verify_seal(folder.path(), trust, "2026-11-23T12:00:00Z").unwrap();
    // The key is over, and nothing shows that it was not when it sealed.
    assert!(!check(&trust(&stampers)).stands());
    stamp(&bytes);
    assert!(!check(&trust("")).stands());
    let checked = check(&trust(&stampers));
    assert!(checked.stands(), "{:?}", checked.wrong);
    assert_eq!(checked.stamped.as_deref(), Some("2026-05-28T20:26:40Z"));
    stamp(b"something else");
    let wrong = check(&trust(&stampers)).wrong;
    assert!(wrong[0].contains("of other bytes"), "{wrong:?}");
    stamp(&bytes);
    let early = "2026-05-28T20:26:30Z";
    let early = verify_seal(folder.path(), &trust(&stampers), early).unwrap();
    assert!(early.wrong[0].contains("clock"), "{:?}", early.wrong);
    seal(folder.path(), &key, "pkg:npm/x@1", "0.1.0", at, true).unwrap();
    assert!(!folder.path().join(STAMP_FILE).exists());
}
