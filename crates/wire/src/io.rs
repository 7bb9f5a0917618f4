use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use crate::framing::Framing;

/// What bytes go to and come from.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

pub(crate) type Stream = Box<dyn Io>;

/// A connection of which the first bytes were looked at, and of which all
/// bytes are followed on the way.
pub(crate) struct Watched {
    first: Bytes,
    /// Gone only when this is.
    inner: Option<Stream>,
    framing: Framing,
    back: Option<oneshot::Sender<(Bytes, Stream)>>,
}

impl Watched {
    pub(crate) fn new(first: Bytes, inner: Stream, framing: Framing) -> Self {
        Self {
            first,
            inner: Some(inner),
            framing,
            back: None,
        }
    }

    /// The same, and where the connection comes back to when this is dropped,
    /// with what of the first bytes nobody has read.
    pub(crate) fn lent(
        first: Bytes,
        inner: Stream,
        framing: Framing,
    ) -> (Self, oneshot::Receiver<(Bytes, Stream)>) {
        let (back, receiver) = oneshot::channel();
        let mut out = Self::new(first, inner, framing);
        out.back = Some(back);
        (out, receiver)
    }

    fn with<T>(
        &mut self,
        poll: impl FnOnce(Pin<&mut Stream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.inner {
            Some(inner) => poll(Pin::new(inner)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(back), Some(inner)) = (self.back.take(), self.inner.take()) {
            // Nobody may wait for it.
            let _ = back.send((std::mem::take(&mut self.first), inner));
        }
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
            match self.with(|inner| inner.poll_read(cx, buf)) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
        self.framing
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
        self.with(|inner| inner.poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|inner| inner.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|inner| inner.poll_shutdown(cx))
    }
}
