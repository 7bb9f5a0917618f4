use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What bytes go to and come from.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

pub(crate) type Stream = Box<dyn Io>;

/// What was read of a connection and not yet taken.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    bytes: Arc<Mutex<Vec<u8>>>,
    most: usize,
}

impl Seen {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            bytes: Arc::default(),
            most,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        match self.bytes.lock() {
            Ok(bytes) => bytes,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    fn note(&self, read: &[u8]) {
        let mut bytes = self.lock();
        let room = self.most.saturating_sub(bytes.len()).min(read.len());
        bytes.extend_from_slice(read.get(..room).unwrap_or_default());
    }

    /// What was read since it was cleared.
    pub(crate) fn get(&self) -> Vec<u8> {
        self.lock().clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}

/// A connection of which the first bytes were looked at, and whose further
/// bytes are noted on the way.
pub(crate) struct Watched {
    first: Bytes,
    inner: Stream,
    seen: Seen,
}

impl Watched {
    pub(crate) fn new(first: Bytes, inner: Stream, seen: Seen) -> Self {
        Self { first, inner, seen }
    }
}

/// Reads what comes first, up to `most` bytes; nothing at the end.
pub(crate) async fn first(stream: &mut Stream, most: usize) -> io::Result<Bytes> {
    let mut buffer = vec![0u8; most];
    let len = stream.read(&mut buffer).await?;
    buffer.truncate(len);
    Ok(buffer.into())
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.first.has_remaining() {
            let len = self.first.len().min(buf.remaining());
            let now = self.first.split_to(len);
            buf.put_slice(&now);
        } else {
            match Pin::new(&mut self.inner).poll_read(cx, buf) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
        self.seen
            .note(buf.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
