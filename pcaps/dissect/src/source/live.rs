//! Frames of an interface as they pass, in the octets of a pcap file: whoever reads captures needs to know no more.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind, Read};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use foldhash::fast::FixedState;
use pnet_datalink::{Channel, Config, DataLinkReceiver, NetworkInterface};

const ETHERNET: u32 = 1;
const RAW_IP: u32 = 101;
/// Octets of a frame that are kept: all of any.
const SNAP_LEN: u32 = 1 << 18;
/// Frames that can be on their way through loopback.
const UNDER_WAY: usize = 1024;
/// So long a silent interface is waited for before it is asked whether that is enough.
const LOOK_UP_EVERY: Duration = Duration::from_millis(100);
/// Magic of pcap with nanoseconds, in the byte order that is written here.
const MAGIC: u32 = 0xa1b2_3c4d;

/// An interface being listened to.
pub struct Live {
    receiver: Box<dyn DataLinkReceiver>,
    /// Octets that nobody has read yet.
    ready: Vec<u8>,
    taken: usize,
    left: Option<NonZeroU64>,
    is_over: bool,
    /// Somebody else says that it is enough.
    stop: Arc<AtomicBool>,
    /// On loopback every frame comes twice, going out and coming in: those that have gone out.
    outgoing: Option<VecDeque<u64>>,
}

impl Live {
    /// Starts to listen. With a limit, the capture ends after so many frames; it also ends soon after `stop` was set.
    ///
    /// # Errors
    /// No such interface, no right to listen to it.
    pub fn open(interface: &str, limit: Option<NonZeroU64>, stop: Arc<AtomicBool>) -> io::Result<Self> {
        let all = pnet_datalink::interfaces();
        let found = all.iter().find(|known| known.name == interface).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|known| known.name.as_str()).collect();
            let why = format!("no such interface; there are {}", names.join(", "));
            io::Error::new(ErrorKind::NotFound, why)
        })?;
        let config =
            Config { read_buffer_size: 1 << 18, read_timeout: Some(LOOK_UP_EVERY), ..Config::default() };
        match pnet_datalink::channel(found, config).map_err(not_allowed)? {
            Channel::Ethernet(_, receiver) => {
                let outgoing = found.is_loopback().then(VecDeque::new);
                Ok(Self { outgoing, ..Self::new(receiver, link_of(found), limit, stop) })
            }
            _ => Err(io::Error::new(ErrorKind::Unsupported, "an interface of a kind that is not read")),
        }
    }

    fn new(
        receiver: Box<dyn DataLinkReceiver>,
        link: u32,
        limit: Option<NonZeroU64>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let version = 2 | 4 << 16;
        let ready = [MAGIC, version, 0, 0, SNAP_LEN, link].into_iter().flat_map(u32::to_le_bytes).collect();
        Self { receiver, ready, taken: 0, left: limit, is_over: false, stop, outgoing: None }
    }

    /// Waits a while for a frame and makes a record of it; of one that came in by the way it went out, nothing is made.
    fn wait(&mut self) -> io::Result<()> {
        let frame = match self.receiver.next() {
            // Nothing passes just now.
            Err(error) if error.kind() == ErrorKind::TimedOut => return Ok(()),
            other => other?,
        };
        self.ready.clear();
        self.taken = 0;
        if self.outgoing.as_mut().is_some_and(|outgoing| has_gone_out(outgoing, frame)) {
            return Ok(());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        // The seconds of pcap have 32 bits, until 2106.
        let seconds = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        for word in [seconds, now.subsec_nanos(), len, len] {
            self.ready.extend_from_slice(&word.to_le_bytes());
        }
        self.ready.extend_from_slice(frame);
        if let Some(left) = self.left {
            self.left = NonZeroU64::new(left.get() - 1);
            self.is_over = self.left.is_none();
        }
        Ok(())
    }
}

impl Read for Live {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Every round waits for a frame.
        while self.taken == self.ready.len() {
            if self.is_over || self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            self.wait()?;
        }
        let mut rest = self.ready.get(self.taken..).unwrap_or_default();
        let read = rest.read(into)?;
        self.taken += read;
        Ok(read)
    }
}

/// What to do about a lack of rights.
fn not_allowed(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            let why = "listening takes root or CAP_NET_RAW; `sudo tcpdump -i IF -U -w - | mip6-conform dissect -` \
                       needs neither here";
            io::Error::new(ErrorKind::PermissionDenied, why)
        }
        _ => error,
    }
}

/// Remembers a frame that goes out; forgets it when it comes in.
fn has_gone_out(outgoing: &mut VecDeque<u64>, frame: &[u8]) -> bool {
    let digest = FixedState::default().hash_one(frame);
    if let Some(place) = outgoing.iter().position(|known| *known == digest) {
        outgoing.remove(place);
        return true;
    }
    if outgoing.len() == UNDER_WAY {
        outgoing.pop_front();
    }
    outgoing.push_back(digest);
    false
}

/// Without a hardware address there is no link header either; loopback has one of zeros.
fn link_of(interface: &NetworkInterface) -> u32 {
    if interface.mac.is_some() || interface.is_loopback() { ETHERNET } else { RAW_IP }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Batch, Reader, Record};

    struct Frames(u8, Vec<u8>);

    impl DataLinkReceiver for Frames {
        fn next(&mut self) -> io::Result<&[u8]> {
            self.0 += 1;
            self.1 = vec![self.0; usize::from(self.0)];
            Ok(&self.1)
        }
    }

    #[test]
    fn on_loopback_a_frame_counts_once_and_a_copy_of_it_again() {
        let mut outgoing = VecDeque::new();
        let passes = [b"a", b"b", b"a", b"a", b"b", b"a"].map(|frame| !has_gone_out(&mut outgoing, frame));
        assert_eq!(passes, [true, true, false, true, false, false]);
    }

    #[test]
    fn frames_come_out_as_they_came_in_and_no_more_than_asked_for() {
        let stop = Arc::default();
        let live = Live::new(Box::new(Frames(0, Vec::new())), RAW_IP, NonZeroU64::new(3), stop);
        let (mut reader, mut batch, mut seen) = (Reader::new(live), Batch::default(), Vec::new());
        while reader.fill(&mut batch) {
            for record in batch.records() {
                let Record::Frame(frame) = record else { panic!("{record:?}") };
                assert_eq!((frame.link, frame.is_whole()), (RAW_IP, true));
                assert!(frame.at.unwrap() > Duration::from_secs(1_700_000_000));
                seen.push(frame.octets.to_vec());
            }
        }
        assert_eq!(seen, [vec![1], vec![2; 2], vec![3; 3]]);
        assert_eq!(reader.fault(), None);
    }

    /// Says that it is enough once it has no more frames.
    struct FewFrames(u8, Arc<AtomicBool>, [u8; 4]);

    impl DataLinkReceiver for FewFrames {
        fn next(&mut self) -> io::Result<&[u8]> {
            self.0 -= 1;
            if self.0 > 0 {
                return Ok(&self.2);
            }
            self.1.store(true, Ordering::Relaxed);
            Err(ErrorKind::TimedOut.into())
        }
    }

    #[test]
    fn who_says_that_it_is_enough_gets_a_whole_capture() {
        let stop = Arc::<AtomicBool>::default();
        let frames = FewFrames(3, Arc::clone(&stop), [0x60, 0, 0, 0]);
        let mut octets = Vec::new();
        Live::new(Box::new(frames), RAW_IP, None, stop).read_to_end(&mut octets).expect("it ends");
        assert_eq!(octets.len(), 24 + 2 * (16 + 4));
    }
}
