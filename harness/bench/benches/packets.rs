//! Sealing and opening by suite, in octets of payload a second, one by one and in a batch.

use bench::{BATCH, PAYLOAD, Setup};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::value::Ciphersuite;

criterion_group!(packets, seal, open);
criterion_main!(packets);

fn seal(criterion: &mut Criterion) {
    for setup in setups() {
        let batch = setup.batch();
        let mut group = criterion.benchmark_group(format!("seal {}", setup.suite.name()));
        group.throughput(Throughput::Bytes((BATCH * PAYLOAD) as u64));
        group.bench_function("one by one", |bencher| {
            bencher.iter(|| {
                batch
                    .iter()
                    .map(|packet| setup.sealer.seal(std::slice::from_ref(packet)).len())
                    .sum::<usize>()
            });
        });
        group.bench_function("batch", |bencher| bencher.iter(|| setup.sealer.seal(&batch)));
    }
}

fn open(criterion: &mut Criterion) {
    for setup in setups() {
        let batch = setup.received();
        let mut group = criterion.benchmark_group(format!("open {}", setup.suite.name()));
        group.throughput(Throughput::Bytes((BATCH * PAYLOAD) as u64));
        group.bench_function("one by one", |bencher| {
            bencher.iter(|| {
                batch
                    .iter()
                    .map(|octets| setup.opener.open(std::slice::from_ref(octets)).len())
                    .sum::<usize>()
            });
        });
        group.bench_function("batch", |bencher| bencher.iter(|| setup.opener.open(&batch)));
    }
}

/// One for each suite.
fn setups() -> impl Iterator<Item = Setup> {
    Ciphersuite::ALL.into_iter().filter_map(|suite| Setup::new(suite).ok())
}
