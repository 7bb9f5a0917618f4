//! A network of its own in which every address is this machine's.
//!
//! Source: rtnetlink(7), netdevice(7).

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use socket2::{Domain, Socket, Type};

use super::sys::checked;

/// Brings up the loopback device, and routes every address to it: nothing
/// gets out, and every connection reaches the recorder.
pub(super) fn make_every_address_local() -> io::Result<()> {
    up(c"lo")?;
    route(libc::AF_INET, 4)?;
    // A kernel without IPv6 has nothing to route.
    let _ = route(libc::AF_INET6, 16);
    Ok(())
}

fn socket(family: libc::c_int, kind: libc::c_int, protocol: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: takes integers.
    let fd = checked(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) })?;
    // SAFETY: the kernel has just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A socket that does not block, bound to an address, which every address of
/// this network is: of version 6 the kernel is told so.
pub(super) fn bound(to: SocketAddr, kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), kind.nonblocking().cloexec(), None)?;
    if to.is_ipv6() {
        // The same port of version 4 is another's.
        socket.set_only_v6(true)?;
        socket.set_freebind_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&to.into())?;
    Ok(socket)
}

/// The number of a device.
pub(super) fn device(name: &std::ffi::CStr) -> io::Result<libc::c_int> {
    // SAFETY: the name ends in zero.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    match libc::c_int::try_from(index) {
        Ok(index) if index > 0 => Ok(index),
        _ => Err(io::Error::last_os_error()),
    }
}

fn up(name: &std::ffi::CStr) -> io::Result<()> {
    let socket = socket(libc::AF_INET, libc::SOCK_DGRAM, 0)?;
    // SAFETY: all of it may be zero.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.to_bytes()) {
        *to = from.cast_signed();
    }
    let flags = libc::IFF_UP | libc::IFF_RUNNING;
    request.ifr_ifru.ifru_flags = i16::try_from(flags).unwrap_or(0);
    // SAFETY: the request outlives the call and is what this call takes.
    checked(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) })?;
    Ok(())
}

/// `ip route add local default dev lo`.
fn route(family: libc::c_int, address: usize) -> io::Result<()> {
    const TABLE_LOCAL: u8 = 255;
    const PROTOCOL_BOOT: u8 = 3;
    const SCOPE_HOST: u8 = 254;
    let netlink = socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE)?;
    let lo = device(c"lo")?;
    let mut body: Vec<u8> = vec![
        u8::try_from(family).unwrap_or(0),
        0, // length of the destination: all of it
        0,
        0,
        TABLE_LOCAL,
        PROTOCOL_BOOT,
        SCOPE_HOST,
        libc::RTN_LOCAL,
        0,
        0,
        0,
        0,
    ];
    let mut attribute = |kind: u16, value: &[u8]| {
        let len = u16::try_from(value.len().saturating_add(4)).unwrap_or(0);
        body.extend(len.to_ne_bytes());
        body.extend(kind.to_ne_bytes());
        body.extend(value);
    };
    attribute(libc::RTA_DST, &vec![0; address]);
    attribute(libc::RTA_OIF, &lo.to_ne_bytes());
    let len = u32::try_from(body.len().saturating_add(16)).unwrap_or(0);
    let flags = libc::NLM_F_REQUEST | libc::NLM_F_ACK | libc::NLM_F_CREATE | libc::NLM_F_REPLACE;
    let mut message = Vec::new();
    message.extend(len.to_ne_bytes());
    message.extend(libc::RTM_NEWROUTE.to_ne_bytes());
    message.extend(u16::try_from(flags).unwrap_or(0).to_ne_bytes());
    message.extend([0; 8]); // sequence, port
    message.extend(body);
    // SAFETY: the buffer is as long as is said.
    let sent = unsafe {
        libc::send(
            netlink.as_raw_fd(),
            message.as_ptr().cast(),
            message.len(),
            0,
        )
    };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    let mut answer = [0u8; 4096];
    // SAFETY: the buffer is as long as is said.
    let len = unsafe {
        libc::recv(
            netlink.as_raw_fd(),
            answer.as_mut_ptr().cast(),
            answer.len(),
            0,
        )
    };
    if len < 0 {
        return Err(io::Error::last_os_error());
    }
    // struct nlmsghdr, then struct nlmsgerr, whose first field is the error.
    let error = answer.get(16..20).and_then(|b| b.try_into().ok());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(error.saturating_neg())),
        None => Err(io::Error::other("the kernel's answer is too short")),
    }
}

/// A socket that is given every packet of the device `lo`.
pub(super) fn packets() -> io::Result<OwnedFd> {
    let every = u16::try_from(libc::ETH_P_ALL).unwrap_or(3).to_be();
    let socket = socket(libc::AF_PACKET, libc::SOCK_RAW, i32::from(every))?;
    // SAFETY: all of it may be zero.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or(0);
    address.sll_protocol = every;
    address.sll_ifindex = device(c"lo")?;
    let len = libc::socklen_t::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or(0);
    // SAFETY: the address outlives the call and is as long as is said.
    checked(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), len) })?;
    Ok(socket)
}

/// The next packet, and whether it went out: on this device each passes
/// twice.
pub(super) fn packet(socket: &OwnedFd, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
    const OUTGOING: u8 = 4;
    // SAFETY: all of it may be zero.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    let mut len = libc::socklen_t::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or(0);
    // SAFETY: the buffer and the address are as long as is said.
    let read = unsafe {
        libc::recvfrom(
            socket.as_raw_fd(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            0,
            (&raw mut address).cast(),
            &raw mut len,
        )
    };
    match usize::try_from(read) {
        Ok(read) => Ok((read, address.sll_pkttype == OUTGOING)),
        Err(_) => Err(io::Error::last_os_error()),
    }
}
