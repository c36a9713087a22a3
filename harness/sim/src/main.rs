//! `mip6-sim`: every scenario with many seeds, or one of them told aloud.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use sim::promise::Surprise;
use sim::scenario::{SCENARIOS, Scenario};
use sim::story::{self, Outcome};

/// MN, HAC and HA in seeded virtual worlds. Ends with 0 if no promise was broken, with 1 otherwise.
#[derive(Parser)]
#[command(name = "mip6-sim", version)]
struct Arguments {
    /// Only this scenario.
    #[arg(long)]
    scenario: Option<String>,
    /// So many seeds in all, spread over the scenarios.
    #[arg(long, default_value_t = 10_000, value_name = "COUNT")]
    seeds: u64,
    /// Only this seed.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Tell everything that happens.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Name the scenarios.
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for Scenario { name, about, .. } in SCENARIOS {
            println!("{name:<18} {about}");
        }
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<_> = SCENARIOS.iter().filter(|one| arguments.wants(one)).collect();
    if chosen.is_empty() {
        eprintln!("mip6-sim: no such scenario; --list names them");
        return ExitCode::from(2);
    }
    let seeds = match arguments.seed {
        Some(seed) => seed..seed + 1,
        None => 0..arguments.seeds.div_ceil(chosen.len() as u64),
    };
    let mut surprises = 0;
    for scenario in chosen {
        surprises +=
            if arguments.trace { aloud(scenario, seeds.start) } else { many(scenario, seeds.clone()) };
    }
    if surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Arguments {
    fn wants(&self, scenario: &Scenario) -> bool {
        self.scenario.as_ref().is_none_or(|name| name == scenario.name)
    }
}

/// Plays one story and prints what happens. How many surprises there were.
fn aloud(scenario: &Scenario, seed: u64) -> usize {
    match caught(|| story::play_aloud(scenario, seed, &mut |line| println!("{line}"))) {
        Ok(outcome) => {
            println!("no surprise: {} datagrams, {} answers", outcome.datagrams, outcome.answers);
            0
        }
        Err(surprise) => {
            println!("SURPRISE: {surprise}");
            1
        }
    }
}

/// Plays a scenario with all these seeds on all cores. How many surprises there were; the first few are printed.
fn many(scenario: &Scenario, seeds: std::ops::Range<u64>) -> usize {
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (datagrams, answers) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |worker: u64| {
        let mut surprises = Vec::new();
        for seed in seeds.clone().filter(|seed| seed % workers == worker) {
            match caught(|| story::play(scenario, seed)) {
                Ok(outcome) => {
                    datagrams.fetch_add(outcome.datagrams, Ordering::Relaxed);
                    answers.fetch_add(outcome.answers, Ordering::Relaxed);
                }
                Err(surprise) => surprises.push((seed, surprise)),
            }
        }
        surprises
    };
    let mut surprises: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    surprises.sort_by_key(|(seed, _)| *seed);
    println!(
        "{:<18} {:>5} seeds  {:>3} surprises  {:>9} datagrams  {:>8} answers",
        scenario.name,
        seeds.end - seeds.start,
        surprises.len(),
        datagrams.into_inner(),
        answers.into_inner()
    );
    for (seed, surprise) in surprises.iter().take(3) {
        println!("  seed {seed}: {surprise}");
        println!("    cargo run --release -p mip6-sim -- --scenario {} --seed {seed} --trace", scenario.name);
    }
    surprises.len()
}

/// A panic is a surprise, too.
fn caught(play: impl FnOnce() -> Result<Outcome, Surprise>) -> Result<Outcome, Surprise> {
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Surprise::Panic(text.unwrap_or_default()))
    })
}
