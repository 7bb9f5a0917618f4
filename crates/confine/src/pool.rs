use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::lockdown::{Confinement, Measure};
use crate::memory::{Store, inheritable};
use crate::protocol::{Channel, Emit, FromChild, Hello, Job, JobError, read_frame, write_frame};

type Handler = fn(&str, &str, &Store, &mut Emit<'_>) -> Result<Box<RawValue>, JobError>;

/// How children are started.
#[derive(Debug, Clone)]
pub enum Launcher {
    /// This program with these arguments, which must end up in
    /// [`serve`](crate::serve).
    Program {
        /// The executable.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// No child at all: jobs run in the calling thread, unconfined. For unit
    /// tests and fuzzing, where the bytes are our own.
    InProcess(Handler),
}

/// Starts children for one [`Store`].
#[derive(Debug, Clone)]
pub struct Pool {
    launcher: Launcher,
    measure: Measure,
    store: Arc<Store>,
    cancelled: Arc<AtomicBool>,
}

/// Why a job has no result.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The child could not be started.
    #[error("a confined process could not be started")]
    Start(#[source] io::Error),
    /// The child ended before it answered.
    #[error("the confined process {0}")]
    Died(String),
    /// The child did not answer in time and was ended.
    #[error("the confined process took longer than {} s and was ended", .0.as_secs())]
    TimedOut(Duration),
    /// The job itself reports a failure.
    #[error("{0}")]
    Failed(String),
    /// The child answered something that is not of the protocol.
    #[error("the confined process answered what cannot be read: {0}")]
    Protocol(String),
    /// The user interrupted the work.
    #[error("interrupted")]
    Cancelled,
}

/// A job's result, as JSON.
#[derive(Debug)]
pub struct Reply(Box<RawValue>);

impl Reply {
    /// The result as a type.
    ///
    /// # Errors
    /// When it is of another shape.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, PoolError> {
        serde_json::from_str(self.0.get()).map_err(|e| PoolError::Protocol(e.to_string()))
    }
}

impl Pool {
    /// A pool whose children share `store`; jobs end early once `cancelled`
    /// is set.
    #[must_use]
    pub fn new(
        launcher: Launcher,
        measure: Measure,
        store: Arc<Store>,
        cancelled: Arc<AtomicBool>,
    ) -> Self {
        Self {
            launcher,
            measure,
            store,
            cancelled,
        }
    }

    /// The shared bytes.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// A place for one child, which is started with its first job, and again
    /// after each death.
    #[must_use]
    pub fn handle(&self) -> Handle<'_> {
        Handle {
            pool: self,
            worker: None,
            confinement: None,
        }
    }
}

/// The parent of a job that runs in this thread.
struct Here<E, A> {
    event: E,
    answer: A,
}

impl<E: FnMut(&str), A: FnMut(&str) -> Box<RawValue>> Channel for Here<E, A> {
    fn send(&mut self, event: Box<RawValue>) -> io::Result<()> {
        (self.event)(event.get());
        Ok(())
    }

    fn ask(&mut self, question: Box<RawValue>) -> io::Result<Box<RawValue>> {
        Ok((self.answer)(question.get()))
    }
}

/// One child at a time.
#[derive(Debug)]
pub struct Handle<'a> {
    pool: &'a Pool,
    worker: Option<Worker>,
    confinement: Option<Confinement>,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    stdin: ChildStdin,
    frames: Receiver<io::Result<Option<Vec<u8>>>>,
    last_words: Option<std::thread::JoinHandle<String>>,
    /// The private memory that it may use, in bytes.
    memory: u64,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Handle<'_> {
    /// What holds the child; none before the first job and in process.
    #[must_use]
    pub fn confinement(&self) -> Option<Confinement> {
        self.confinement
    }

    /// The child's process id, while there is one.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.worker.as_ref().map(|worker| worker.child.id())
    }

    /// Gives the child a job and waits for its result, at most `patience`
    /// long. `event` sees what the child sends meanwhile.
    ///
    /// # Errors
    /// See [`PoolError`]; after any error but `Failed` the child is gone, and
    /// the next call starts a new one.
    pub fn call(
        &mut self,
        name: &str,
        input: &impl Serialize,
        patience: Duration,
        event: impl FnMut(&str),
    ) -> Result<Reply, PoolError> {
        self.call_answering(name, input, patience, event, |_| RawValue::NULL.to_owned())
    }

    /// Like [`Handle::call`], for a job that asks: `answer` is given each
    /// question and its result goes back to the child. The time that answers
    /// take is not the child's.
    ///
    /// # Errors
    /// As those of [`Handle::call`].
    pub fn call_answering(
        &mut self,
        name: &str,
        input: &impl Serialize,
        patience: Duration,
        mut event: impl FnMut(&str),
        mut answer: impl FnMut(&str) -> Box<RawValue>,
    ) -> Result<Reply, PoolError> {
        let input = serde_json::value::to_raw_value(input)
            .map_err(|error| PoolError::Protocol(error.to_string()))?;
        if let Launcher::InProcess(run) = self.pool.launcher {
            let mut here = Here { event, answer };
            return run(name, input.get(), &self.pool.store, &mut Emit(&mut here))
                .map(Reply)
                .map_err(|JobError(reason)| PoolError::Failed(reason));
        }
        let deadline = Instant::now() + patience;
        self.ready(deadline)?;
        let result = self.converse(name, input, deadline, patience, &mut event, &mut answer);
        if !matches!(result, Ok(_) | Err(PoolError::Failed(_))) {
            self.worker = None;
        }
        result
    }

    /// Starts the child now, in the thread that calls: a child ends with the
    /// thread that started it.
    ///
    /// # Errors
    /// When it cannot be started within `patience`.
    pub fn prepare(&mut self, patience: Duration) -> Result<(), PoolError> {
        match self.pool.launcher {
            Launcher::InProcess(_) => Ok(()),
            _ => self.ready(Instant::now() + patience),
        }
    }

    /// Sees to it that there is a living child. One that has ended since its
    /// last answer says nothing of the job at hand.
    fn ready(&mut self, deadline: Instant) -> Result<(), PoolError> {
        let lives = |worker: &mut Worker| matches!(worker.child.try_wait(), Ok(None));
        if !self.worker.as_mut().is_some_and(lives) {
            self.worker = None;
            let (worker, confinement) = self.start(deadline)?;
            self.worker = Some(worker);
            self.confinement = Some(confinement);
        }
        Ok(())
    }

    fn converse(
        &mut self,
        name: &str,
        input: Box<RawValue>,
        mut deadline: Instant,
        patience: Duration,
        event: &mut impl FnMut(&str),
        answer: &mut impl FnMut(&str) -> Box<RawValue>,
    ) -> Result<Reply, PoolError> {
        let job = Job {
            name: name.to_owned(),
            spool_len: self.pool.store.spool().len(),
            input,
        };
        let Some(worker) = &mut self.worker else {
            return Err(PoolError::Died("is gone".to_owned()));
        };
        if write_frame(&mut worker.stdin, &job).is_err() {
            return Err(PoolError::Died(worker.obituary()));
        }
        loop {
            match self.next(deadline, patience)? {
                FromChild::Event(raw) => event(raw.get()),
                FromChild::Ask(question) => {
                    let asked = Instant::now();
                    let answer = answer(question.get());
                    deadline = deadline.checked_add(asked.elapsed()).unwrap_or(deadline);
                    let Some(worker) = &mut self.worker else {
                        return Err(PoolError::Died("is gone".to_owned()));
                    };
                    if write_frame(&mut worker.stdin, &answer).is_err() {
                        return Err(PoolError::Died(worker.obituary()));
                    }
                }
                FromChild::Done(raw) => return Ok(Reply(raw)),
                FromChild::Failed(reason) => return Err(PoolError::Failed(reason)),
                FromChild::Ready(_) => {
                    return Err(PoolError::Protocol("a second greeting".to_owned()));
                }
            }
        }
    }

    fn next(&mut self, deadline: Instant, patience: Duration) -> Result<FromChild, PoolError> {
        let Some(worker) = &mut self.worker else {
            return Err(PoolError::Died("is gone".to_owned()));
        };
        worker.next(deadline, patience, &self.pool.cancelled)
    }

    fn start(&self, deadline: Instant) -> Result<(Worker, Confinement), PoolError> {
        let Launcher::Program { program, arguments } = &self.pool.launcher else {
            return Err(PoolError::Start(io::Error::other("no program")));
        };
        let (artifact, spool) = self.pool.store.files();
        let artifact = inheritable(artifact).map_err(PoolError::Start)?;
        let spool = inheritable(spool).map_err(PoolError::Start)?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(PoolError::Start)?;
        let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(PoolError::Start(io::Error::other("no pipes")));
        };
        let (sender, frames) = sync_channel(16);
        std::thread::spawn(move || {
            loop {
                let frame = read_frame(&mut stdout);
                let last = !matches!(frame, Ok(Some(_)));
                if sender.send(frame).is_err() || last {
                    break;
                }
            }
        });
        let last_words = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.take(64 << 10).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        use std::os::fd::AsRawFd;
        let hello = Hello {
            artifact: artifact.as_raw_fd(),
            spool: spool.as_raw_fd(),
            spool_len: self.pool.store.spool().len(),
            measure: self.pool.measure,
        };
        let written = write_frame(&mut stdin, &hello);
        let mut worker = Worker {
            child,
            stdin,
            frames,
            last_words: Some(last_words),
            memory: self.pool.measure.memory,
        };
        if written.is_err() {
            return Err(PoolError::Died(worker.obituary()));
        }
        match worker.next(deadline, Duration::from_secs(30), &self.pool.cancelled)? {
            FromChild::Ready(confinement) => Ok((worker, confinement)),
            _ => Err(PoolError::Protocol("no greeting".to_owned())),
        }
    }
}

impl Worker {
    fn next(
        &mut self,
        deadline: Instant,
        patience: Duration,
        cancelled: &AtomicBool,
    ) -> Result<FromChild, PoolError> {
        let frame = loop {
            if cancelled.load(Ordering::Relaxed) {
                return Err(PoolError::Cancelled);
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return Err(PoolError::TimedOut(patience));
            };
            // Woken now and then to notice an interruption, and a child that
            // takes too much. The limit on address space that the child has
            // put on itself is the last resort only: it has to leave room for
            // stacks that are hardly ever used.
            match self
                .frames
                .recv_timeout(left.min(Duration::from_millis(50)))
            {
                Ok(frame) => break frame,
                Err(RecvTimeoutError::Timeout) => {
                    if private_memory(self.child.id()).is_some_and(|used| used > self.memory) {
                        let _ = self.child.kill();
                        let _ = self.child.wait();
                        return Err(PoolError::Died("ran out of its memory limit".to_owned()));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PoolError::Died(self.obituary()));
                }
            }
        };
        match frame {
            Ok(Some(bytes)) => serde_json::from_slice(&bytes)
                .map_err(|error| PoolError::Protocol(error.to_string())),
            Ok(None) | Err(_) => Err(PoolError::Died(self.obituary())),
        }
    }

    /// What the child died of, in words for a coverage entry.
    fn obituary(&mut self) -> String {
        let _ = self.child.kill();
        let status = self.child.wait();
        let words = self
            .last_words
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        cause_of_death(status.ok(), &words)
    }
}

/// The private memory of a process in bytes, where the system tells.
fn private_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn cause_of_death(status: Option<ExitStatus>, words: &str) -> String {
    use std::os::unix::process::ExitStatusExt;
    if words.contains("overflowed its stack") {
        return "ran out of stack (nesting too deep)".to_owned();
    }
    if words.contains("memory allocation of") || words.contains("capacity overflow") {
        return "ran out of its memory limit".to_owned();
    }
    let panicked = words
        .lines()
        .find(|line| line.contains("panicked at"))
        .map(|line| {
            line.chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect::<String>()
        });
    if let Some(line) = panicked {
        return format!("stopped on an internal error: {line}");
    }
    match status.map(|status| (status.signal(), status.code())) {
        Some((Some(libc::SIGXCPU | libc::SIGKILL), _)) => {
            "was ended by the system (processor time or memory)".to_owned()
        }
        Some((Some(libc::SIGBUS), _)) => {
            "read beyond the end of the file (it was changed meanwhile)".to_owned()
        }
        Some((Some(signal), _)) => format!("was ended by signal {signal}"),
        Some((None, Some(code))) => format!("ended early with status {code}"),
        _ => "ended early".to_owned(),
    }
}
