//! A capture from source to output on several cores: each takes the next batch of records through all steps.
//!
//! Reading, what depends on earlier packets, and writing happen batch by batch in the order of the capture; looking at
//! headers, opening packets and making text happen at the same time for as many batches as there are cores.

use core::hint;
use core::num::NonZeroUsize;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use bumpalo::{Bump, collections};

use crate::engine::{Dissection, Event, Listener, Options, Reading, Summary};
use crate::format::{Batch, Reader};
use crate::packet::Packet;
use crate::sight::{Known, survey};

/// Octets of a batch: so many that cores seldom wait for their turns.
const PIECE: usize = 256 << 10;

/// Looks at whose turn it is before a core goes to sleep: some tens of microseconds.
const PATIENCE: u32 = 1 << 12;

/// Makes octets of events. Every core has a clone.
pub trait Render: Clone + Send {
    /// Appends what is to be written for a packet.
    fn packet(&mut self, packet: &Packet<'_>, out: &mut Vec<u8>);

    /// Appends what is to be written for any event.
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>);
}

/// Reads a capture to its end and writes what is rendered of its events, in their order.
///
/// # Errors
/// Of the output, which ends the reading. What is wrong with the capture is in the summary.
pub fn print<R: Read + Send, W: Write + Send>(
    capture: R,
    options: Options,
    cores: NonZeroUsize,
    render: &impl Render,
    output: W,
) -> io::Result<Summary> {
    if cores.get() == 1 {
        return alone(capture, options, render.clone(), output);
    }
    let line = Line {
        reader: Mutex::new(Numbered { reader: Reader::in_pieces(capture, PIECE), next: 0 }),
        dissection: Turn::new(Dissection::new(options)),
        output: Turn::new(Output { to: output, failed: None }),
        is_stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        for _ in 1..cores.get() {
            let render = render.clone();
            scope.spawn(|| line.work(render));
        }
        line.work(render.clone());
    });
    let Line { reader, dissection, output, .. } = line;
    let (mut dissection, mut output) = (dissection.into_inner(), output.into_inner());
    if let Some(error) = output.failed.take() {
        return Err(error);
    }
    let (mut render, mut text) = (render.clone(), Vec::new());
    dissection.finish(&mut |event| render.event(&event, &mut text));
    output.to.write_all(&text)?;
    output.to.flush()?;
    let fault = reader.into_inner().unwrap_or_else(PoisonError::into_inner).reader.fault();
    Ok(Summary { fault, ..dissection.summary() })
}

/// One core has no turns to wait for, and tells each packet before it looks at the next.
fn alone<R: Read, W: Write>(
    capture: R,
    options: Options,
    render: impl Render,
    mut output: W,
) -> io::Result<Summary> {
    let mut reading = Reading::new(capture, options);
    let mut rendered = Rendered { render, text: Vec::new() };
    while reading.heard(&mut rendered) {
        output.write_all(&rendered.text)?;
        rendered.text.clear();
    }
    let summary = reading.end(&mut |event| rendered.event(event));
    output.write_all(&rendered.text)?;
    output.flush()?;
    Ok(summary)
}

/// What was told, as text.
struct Rendered<R> {
    render: R,
    text: Vec<u8>,
}

impl<'b, R: Render> Listener<'b> for Rendered<R> {
    fn packet(&mut self, packet: Packet<'b>) {
        self.render.packet(&packet, &mut self.text);
    }

    fn event(&mut self, event: Event<'_>) {
        self.render.event(&event, &mut self.text);
    }
}

/// What was told, packets still as they are: to make text of them needs no turn.
struct Kept<'b, 'r, R> {
    render: &'r mut R,
    told: collections::Vec<'b, Told<'b>>,
}

impl<'b, R: Render> Listener<'b> for Kept<'b, '_, R> {
    fn packet(&mut self, packet: Packet<'b>) {
        self.told.push(Told::Packet(packet));
    }

    fn event(&mut self, event: Event<'_>) {
        let mut text = Vec::new();
        self.render.event(&event, &mut text);
        self.told.push(Told::Text(text));
    }
}

/// What one core works with. Its memory is used again: a list of a batch is so long that the allocator would hand it
/// back to the system each time.
struct Desk<R> {
    batch: Batch,
    room: Bump,
    text: Vec<u8>,
    render: R,
}

/// What the cores share.
struct Line<R, W> {
    reader: Mutex<Numbered<R>>,
    dissection: Turn<Dissection>,
    output: Turn<Output<W>>,
    is_stopped: AtomicBool,
}

struct Numbered<R> {
    reader: Reader<R>,
    next: u64,
}

struct Output<W> {
    to: W,
    failed: Option<io::Error>,
}

/// What is still to be written.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all of them are packets, and a box for each costs more"
)]
enum Told<'b> {
    Packet(Packet<'b>),
    Text(Vec<u8>),
}

impl<R: Read, W: Write> Line<R, W> {
    fn work(&self, render: impl Render) {
        let _guard = StopAll(self);
        let mut desk = Desk { batch: Batch::default(), room: Bump::new(), text: Vec::new(), render };
        let mut known = lock(&self.dissection.state).value.known();
        // Every round takes records, and the source ends.
        while let Some(turn) = self.next(&mut desk.batch) {
            if let Some(newer) = self.round(turn, &known, &mut desk) {
                known = newer;
            }
        }
    }

    /// One batch through all steps. Says what is known behind it, if that is more than was known before.
    fn round(&self, turn: u64, known: &Known, desk: &mut Desk<impl Render>) -> Option<Known> {
        let Desk { batch, room, text, render } = desk;
        room.reset();
        let room = &*room;
        let surveyed = survey(batch, known, room);
        let mut kept = Kept { told: collections::Vec::with_capacity_in(surveyed.len(), room), render };
        let mut newer = None;
        self.dissection.in_turn(turn, |dissection| {
            dissection.sights(&surveyed, room, &mut kept);
            newer = dissection.newer_than(known);
        });
        let Kept { told, render } = kept;
        text.clear();
        for told in told {
            match told {
                Told::Packet(packet) => render.packet(&packet, text),
                Told::Text(early) => text.extend_from_slice(&early),
            }
        }
        self.output.in_turn(turn, |output| self.write(output, text));
        newer
    }

    fn next(&self, batch: &mut Batch) -> Option<u64> {
        let mut numbered = lock(&self.reader);
        if self.is_stopped.load(Ordering::Relaxed) || !numbered.reader.fill(batch) {
            return None;
        }
        numbered.next += 1;
        Some(numbered.next - 1)
    }

    fn write(&self, output: &mut Output<W>, text: &[u8]) {
        if output.failed.is_some() {
            return;
        }
        if let Err(error) = output.to.write_all(text) {
            output.failed = Some(error);
            self.is_stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// Something that batches have in the order of the capture.
struct Turn<T> {
    state: Mutex<Turned<T>>,
    /// Whose turn it is. It changes while the state is locked; to look at it takes no lock.
    turn: AtomicU64,
    moved: Condvar,
}

struct Turned<T> {
    value: T,
    /// A thread has died, and its turn will never end.
    is_abandoned: bool,
}

impl<T> Turn<T> {
    const fn new(value: T) -> Self {
        let state = Mutex::new(Turned { value, is_abandoned: false });
        Self { state, turn: AtomicU64::new(0), moved: Condvar::new() }
    }

    fn in_turn(&self, turn: u64, act: impl FnOnce(&mut T)) {
        let is_ours = || self.turn.load(Ordering::Acquire) == turn;
        // A turn is shorter than it takes to be put to sleep and woken.
        for _ in 0..PATIENCE {
            if is_ours() {
                break;
            }
            hint::spin_loop();
        }
        let waiting = |state: &mut Turned<T>| !is_ours() && !state.is_abandoned;
        let state = self.moved.wait_while(lock(&self.state), waiting);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if !state.is_abandoned {
            act(&mut state.value);
        }
        self.turn.fetch_add(1, Ordering::Release);
        drop(state);
        self.moved.notify_all();
    }

    fn abandon(&self) {
        lock(&self.state).is_abandoned = true;
        self.moved.notify_all();
    }

    fn into_inner(self) -> T {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).value
    }
}

/// When a thread dies, those that wait for it must not wait for ever.
struct StopAll<'a, R, W>(&'a Line<R, W>);

impl<R, W> Drop for StopAll<'_, R, W> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.is_stopped.store(true, Ordering::Relaxed);
            self.0.dissection.abandon();
            self.0.output.abandon();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
