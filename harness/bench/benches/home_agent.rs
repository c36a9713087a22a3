//! A home agent with 1,000 mobile nodes and one with 100,000: memory for each, and time for a packet, in turns.

use std::time::Duration;

use bench::{Population, median};
use crypto::KeyError;
use peak_alloc::PeakAlloc;
use wire::value::Ciphersuite;

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;

/// In each, both home agents take as many packets, each from another mobile node. Every batch is timed by itself: one
/// that another process interrupted does not count.
const ROUNDS: usize = 101;
const PACKETS: usize = 960;

const SUITES: [Ciphersuite; 2] = [Ciphersuite::Aes128Sha, Ciphersuite::Aes128Sha256];

/// Octets of data: the smallest packet, where finding its association counts most, and a full one.
const PAYLOADS: [usize; 2] = [0, 1_300];
const BATCHES: [usize; 2] = [1, 32];

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() -> Result<(), KeyError> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("skipped: measured by `cargo bench` only");
        return Ok(());
    }
    println!(
        "medians of batches, {ROUNDS} rounds in turns, {PACKETS} packets a round, each of another mobile node"
    );
    for suite in SUITES {
        let (few, few_octets) = weighed(FEW, suite)?;
        let (many, many_octets) = weighed(MANY, suite)?;
        println!(
            "\n{}: {few_octets} octets of heap a mobile node with {FEW}, {many_octets} with {MANY}",
            suite.name()
        );
        println!("way  data  batch  ns with {FEW:>6}  ns with {MANY:>6}  ratio  packets/s with {MANY}");
        compare(few, many);
    }
    Ok(())
}

/// A population, and the octets of heap that it takes for each mobile node.
fn weighed(count: u32, suite: Ciphersuite) -> Result<(Population, usize), KeyError> {
    let before = HEAP.current_usage();
    let population = Population::new(count, suite)?;
    Ok((population, HEAP.current_usage().saturating_sub(before) / count as usize))
}

fn compare(mut few: Population, mut many: Population) {
    for payload in PAYLOADS {
        for batch in BATCHES {
            show("in ", payload, batch, || {
                (take_in(&mut few, payload, batch), take_in(&mut many, payload, batch))
            });
            show("out", payload, batch, || {
                (send_out(&mut few, payload, batch), send_out(&mut many, payload, batch))
            });
        }
    }
}

fn take_in(population: &mut Population, payload: usize, batch: usize) -> Vec<Duration> {
    let datagrams = population.datagrams(PACKETS, payload);
    population.take_in(datagrams, batch)
}

fn send_out(population: &mut Population, payload: usize, batch: usize) -> Vec<Duration> {
    let packets = population.packets(PACKETS, payload);
    population.send_out(&packets, batch)
}

fn show(way: &str, payload: usize, batch: usize, mut round: impl FnMut() -> (Vec<Duration>, Vec<Duration>)) {
    let (few, many): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| round()).unzip();
    let each = |times: Vec<Vec<Duration>>| median(times.concat()).as_secs_f64() * 1e9 / batch as f64;
    let (few, many) = (each(few), each(many));
    let (ratio, rate) = (many / few, 1e9 / many);
    println!("{way}  {payload:>4}  {batch:>5}  {few:>14.0}  {many:>14.0}  {ratio:>5.2}  {rate:>12.0}");
}
