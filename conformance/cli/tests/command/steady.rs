//! The same target gets the same verdicts: however often it is judged, on a busy machine, over a slow link.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::delay::Delay;
use super::place::{Reference, Said};

/// Each case with its verdict, in the order of the report.
fn verdicts(said: &Said) -> Vec<(String, String)> {
    let report: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cases = report["cases"].as_array().expect("cases");
    cases.iter().map(|case| (text(&case["id"]), text(&case["verdict"]))).collect()
}

/// Judges a fresh reference so many times, in these roles; all agree with the first.
fn agree(name: &str, runs: usize, roles: &str) {
    let begun = Instant::now();
    let mut first = None;
    for run in 1..=runs {
        let said = Reference::start(name).judge(&["--role", roles, "--jobs", "8", "--report", "json=-"]);
        assert_eq!(said.exit, 0, "run {run}: {}", said.err);
        let these = verdicts(&said);
        let first = first.get_or_insert_with(|| these.clone());
        let changed: Vec<_> = first.iter().zip(&these).filter(|(one, other)| one != other).collect();
        assert!(changed.is_empty() && first.len() == these.len(), "run {run}: {changed:?}");
    }
    println!(
        "{runs} runs, {} verdicts each, all the same, {:?} a run",
        first.map_or(0, |v| v.len()),
        begun.elapsed() / runs as u32
    );
}

#[test]
fn three_runs_give_the_same_verdicts() {
    agree("three_runs", 3, "hac,ha");
}

#[test]
#[ignore = "takes minutes: cargo test --release -p mip6-conform --test command -- --ignored --nocapture"]
fn a_hundred_runs_give_the_same_verdicts() {
    agree("hundred_runs", 100, "hac");
}

#[test]
#[ignore = "takes a quarter of an hour: cargo test --release -p mip6-conform --test command -- --ignored --nocapture"]
fn a_hundred_runs_on_a_busy_machine_give_the_same_verdicts() {
    let busy = Busy::loops_per_core(4);
    agree("busy_runs", 100, "hac");
    drop(busy);
}

/// Loops that do nothing useful until it is dropped.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn loops_per_core(loops: usize) -> Self {
        let goes_on = Arc::new(AtomicBool::new(true));
        for _ in 0..loops * thread::available_parallelism().map_or(1, usize::from) {
            let goes_on = Arc::clone(&goes_on);
            thread::spawn(move || {
                while goes_on.load(Ordering::Relaxed) {
                    core::hint::spin_loop();
                }
            });
        }
        Self(goes_on)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A round trip over the slow link takes twice as long.
const ONE_WAY: Duration = Duration::from_millis(25);

#[test]
#[ignore = "prints how long it takes: cargo test --release -p mip6-conform --test command -- --ignored --nocapture"]
fn over_a_slow_link_the_verdicts_are_the_same() {
    let words = ["--role", "hac", "--jobs", "8", "--report", "json=-"];
    let reference = Reference::start("slow_link");
    let begun = Instant::now();
    let near = reference.judge(&words);
    let near_took = begun.elapsed();

    let delay = Delay::start(reference.hac(), ONE_WAY);
    let begun = Instant::now();
    let far = reference.judge_at(delay.address(), &words);
    let far_took = begun.elapsed();
    assert_eq!((near.exit, far.exit), (0, 0), "{}{}", near.err, far.err);
    assert_eq!(verdicts(&near), verdicts(&far));
    let ratio = far_took.as_secs_f64() / near_took.as_secs_f64();
    println!(
        "on loopback {near_took:.2?}, over a link of {:?} there and back {far_took:.2?}: {ratio:.1} times",
        ONE_WAY * 2
    );
}
