//! Mutated messages through all doors, the same ones in every run.

#[path = "mutated/seeds.rs"]
mod seeds;

/// A door and what it is made for.
type Door = (&'static str, fn(&[u8]), Vec<Vec<u8>>);

const ROUNDS: usize = 5_000;

#[test]
fn seeds_are_taken_as_they_are() {
    for (name, door, seeds) in doors() {
        assert!(!seeds.is_empty(), "{name}");
        seeds.iter().for_each(|seed| door(seed));
    }
    // A corpus of messages that nobody takes would test the first line of each parser only.
    for content in seeds::messages() {
        let first = wire::container::Identifier::FIRST;
        let later = first.next().unwrap();
        let taken = wire::Response::parse(&content).is_ok()
            || wire::Request::parse(first, &content).is_ok()
            || wire::Request::parse(later, &content).is_ok();
        assert!(taken, "{}", content.escape_ascii());
    }
}

#[test]
fn mutated_octets_do_no_harm() {
    let mut random = XorShift(0x6618_6618_6618_6618);
    for (name, door, seeds) in doors() {
        for round in 0..ROUNDS {
            let seed = &seeds[round % seeds.len()];
            let octets = mutate(&mut random, seed, &seeds);
            let result = std::panic::catch_unwind(|| door(&octets));
            assert!(result.is_ok(), "{name}: {}", octets.escape_ascii());
        }
    }
}

fn doors() -> [Door; 9] {
    [
        ("container", fuzz::container, seeds::containers()),
        ("message", fuzz::message, seeds::messages()),
        ("packet", fuzz::packet, seeds::packets()),
        ("mobility", fuzz::mobility, seeds::mobility_headers()),
        ("chain", fuzz::chain, seeds::chains()),
        ("controller", fuzz::controller, seeds::containers()),
        ("mobile node", fuzz::mobile_node, [seeds::containers(), seeds::packets()].concat()),
        ("home agent", fuzz::home_agent, seeds::for_a_home_agent()),
        ("capture", fuzz::capture, seeds::captures()),
    ]
}

/// One to four changes, small ones mostly.
fn mutate(random: &mut XorShift, seed: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    const TELLING: &[u8] = b"\x00\x01\x02\x7f\x80\xff\r\n :,{}/.@\\09afO\t";
    let mut octets = seed.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(octets.len());
        let len = random.below(octets.len() - at);
        match random.below(7) {
            0 => octets.truncate(at),
            1 => octets.insert(at, random.one_of(TELLING)),
            2 => drop(octets.drain(at..at + len)),
            3 => octets.extend_from_within(at..at + len),
            4 => {
                let other = random.one_of(others);
                octets.truncate(at);
                octets.extend_from_slice(&other[random.below(other.len())..]);
            }
            kind => {
                let new = random.one_of(TELLING);
                if let Some(octet) = octets.get_mut(at) {
                    *octet = if kind == 5 { *octet ^ 1 << (at % 8) } else { new };
                }
            }
        }
    }
    octets
}

struct XorShift(u64);

impl XorShift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to `limit`, both included.
    fn below(&mut self, limit: usize) -> usize {
        let limit = limit as u64 + 1;
        usize::try_from(self.next() % limit).unwrap()
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() - 1)].clone()
    }
}
