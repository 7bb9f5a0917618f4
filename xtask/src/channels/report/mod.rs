//! The part that is opened only to report: nobody reads it who works on a
//! detector.

use super::contain::Container;
use super::encoders::Encoder;
use super::part::Texts;

pub(super) const TEXTS: Texts = Texts {
    sources: include_str!("sources.txt"),
    conditions: include_str!("conditions.txt"),
    encodings: include_str!("encodings.txt"),
    choices: include_str!("choices.txt"),
    sinks: include_str!("sinks.txt"),
    shapes: include_str!("shapes.txt"),
    open: include_str!("open.txt"),
    domains: include_str!("domains.txt"),
    harmless: include_str!("harmless.txt"),
    concealed: include_str!("concealed.txt"),
};

/// A bare file first: it holds most cases.
pub(super) const CONTAINERS: &[Container] = &[
    Container::File,
    Container::Wheel,
    Container::Sdist,
    Container::NestedZip,
    Container::BunExecutable,
    Container::NodeSea,
    Container::Bundle("npm:terser@5.44.0", "dist/bundle.min.js"),
];

pub(super) const ENCODERS: &[(&str, Encoder)] = &[];
