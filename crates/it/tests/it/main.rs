//! The real `assay`, from its arguments to its exit status.

#[cfg(test)]
mod archives;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod confinement;
#[cfg(test)]
mod decide;
#[cfg(test)]
mod declared;
#[cfg(test)]
mod decode;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod diff;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod monsters;
#[cfg(test)]
mod observe;
#[cfg(test)]
mod output;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod reproduce;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod stable;
#[cfg(test)]
mod support;
#[cfg(test)]
mod words;
#[cfg(test)]
mod yara;
