//! The real `assay`, from its arguments to its exit status.

#[cfg(test)]
mod demo;
#[cfg(test)]
mod support;
