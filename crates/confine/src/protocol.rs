use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::lockdown::{self, Confinement, Measure};
use crate::memory::{Store, inherited};

/// The largest message that either side takes, so that a child that was taken
/// over cannot exhaust its parent.
const LARGEST_FRAME: u32 = 512 << 20;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) artifact: i32,
    pub(crate) spool: i32,
    pub(crate) spool_len: u64,
    pub(crate) measure: Measure,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) spool_len: u64,
    pub(crate) input: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FromChild {
    Ready(Confinement),
    Event(Box<RawValue>),
    /// The job waits for one frame with the answer.
    Ask(Box<RawValue>),
    Done(Box<RawValue>),
    Failed(String),
}

/// Why a job failed, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JobError(pub String);

impl From<serde_json::Error> for JobError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<io::Error> for JobError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What a running job may say to its parent.
pub(crate) trait Channel {
    fn send(&mut self, event: Box<RawValue>) -> io::Result<()>;
    fn ask(&mut self, question: Box<RawValue>) -> io::Result<Box<RawValue>>;
}

/// The child's way to speak to its parent while a job runs.
#[expect(
    missing_debug_implementations,
    reason = "it is a channel and nothing else"
)]
pub struct Emit<'a>(pub(crate) &'a mut dyn Channel);

impl Emit<'_> {
    /// Sends one event.
    ///
    /// # Errors
    /// When it cannot be written as JSON, or the parent is gone.
    pub fn send<T: Serialize>(&mut self, event: &T) -> Result<(), JobError> {
        let raw = serde_json::value::to_raw_value(event)?;
        self.0.send(raw)?;
        Ok(())
    }

    /// Asks the parent and waits for its answer; none when it answers no
    /// questions of this job.
    ///
    /// # Errors
    /// When the parent is gone, or answers what is not of type `A`.
    pub fn ask<Q: Serialize, A: DeserializeOwned>(
        &mut self,
        question: &Q,
    ) -> Result<Option<A>, JobError> {
        let raw = serde_json::value::to_raw_value(question)?;
        let answer = self.0.ask(raw)?;
        Ok(serde_json::from_str(answer.get())?)
    }
}

/// The parent over the pipes.
struct Pipes<'p, R, W> {
    input: &'p mut R,
    output: &'p mut W,
}

impl<R: Read, W: Write> Channel for Pipes<'_, R, W> {
    fn send(&mut self, event: Box<RawValue>) -> io::Result<()> {
        write_frame(self.output, &FromChild::Event(event))
    }

    fn ask(&mut self, question: Box<RawValue>) -> io::Result<Box<RawValue>> {
        write_frame(self.output, &FromChild::Ask(question))?;
        let answer =
            read_frame(self.input)?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

pub(crate) fn write_frame(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let len = u32::try_from(bytes.len())
        .ok()
        .filter(|len| *len <= LARGEST_FRAME)
        .ok_or_else(|| io::Error::other("a message is larger than the protocol allows"))?;
    out.write_all(&len.to_le_bytes())?;
    out.write_all(&bytes)?;
    out.flush()
}

/// Reads one message; `None` at a clean end.
pub(crate) fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0u8; 4];
    let mut got = 0;
    while let Some(rest) = len.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let len = u32::from_le_bytes(len);
    if len > LARGEST_FRAME {
        return Err(io::Error::other(
            "a message is larger than the protocol allows",
        ));
    }
    // Grown while reading, so that an announced length alone costs nothing.
    let mut bytes = Vec::new();
    input.take(u64::from(len)).read_to_end(&mut bytes)?;
    if bytes.len() != len as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

/// The child's side: confines this process, then answers jobs from standard
/// input until it ends. `run` gets the job's name, its input as JSON, the
/// shared bytes, and a way to speak to the parent.
///
/// # Errors
/// When the parent speaks another protocol or is gone.
pub fn serve(
    run: impl Fn(&str, &str, &Store, &mut Emit<'_>) -> Result<Box<RawValue>, JobError>,
) -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let Some(hello) = read_frame(&mut input)? else {
        return Ok(());
    };
    let hello: Hello = serde_json::from_slice(&hello)?;
    let store = Store::attach(
        inherited(hello.artifact)?,
        inherited(hello.spool)?,
        hello.spool_len,
    )?;
    let confinement = lockdown::enter(&hello.measure)?;
    write_frame(&mut output, &FromChild::Ready(confinement))?;
    while let Some(job) = read_frame(&mut input)? {
        let job: Job = serde_json::from_slice(&job)?;
        store.spool().advance(job.spool_len);
        let mut pipes = Pipes {
            input: &mut input,
            output: &mut output,
        };
        let result = run(&job.name, job.input.get(), &store, &mut Emit(&mut pipes));
        let reply = match result {
            Ok(value) => FromChild::Done(value),
            Err(JobError(reason)) => FromChild::Failed(reason),
        };
        write_frame(&mut output, &reply)?;
    }
    Ok(())
}
