//! A batch of 8 packets against the same packets one by one, as ratios on standard output.

use std::hint::black_box;

use bench::{BATCH, PAYLOAD, Setup, ratio};
use crypto::KeyError;
use wire::value::Ciphersuite;

const ROUNDS: usize = 21;
const CALLS: usize = 101;

fn main() -> Result<(), KeyError> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("skipped: measured by `cargo bench` only");
        return Ok(());
    }
    println!("{BATCH} packets of {PAYLOAD} octets side by side: times faster than one by one");
    println!(
        "median of {ROUNDS} rounds (lowest to highest), in each the medians of {CALLS} alternating calls\n"
    );
    for suite in Ciphersuite::ALL {
        let setup = Setup::new(suite)?;
        println!("seal  {:20} {}", suite.name(), seal(&setup));
        println!("open  {:20} {}", suite.name(), open(&setup));
    }
    Ok(())
}

fn seal(setup: &Setup) -> bench::Ratio {
    let batch = setup.batch();
    let one_by_one = || {
        for packet in &batch {
            black_box(setup.sealer.seal(black_box(std::slice::from_ref(packet))));
        }
    };
    let side_by_side = || {
        black_box(setup.sealer.seal(black_box(&batch)));
    };
    ratio(ROUNDS, CALLS, one_by_one, side_by_side)
}

fn open(setup: &Setup) -> bench::Ratio {
    let batch = setup.received();
    let one_by_one = || {
        for octets in &batch {
            black_box(setup.opener.open(black_box(std::slice::from_ref(octets))));
        }
    };
    let side_by_side = || {
        black_box(setup.opener.open(black_box(&batch)));
    };
    ratio(ROUNDS, CALLS, one_by_one, side_by_side)
}
