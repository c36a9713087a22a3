//! One scenario with one seed: builds the world, plays the script, keeps watch.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::keys::Psk;
use proto::eap::Method;
use proto::ha::{self, Ha};
use proto::hac::{Hac, Policy};
use proto::mn::{self, Authentication, Mn, Retransmission};
use proto::{Timestamp, correspondent};
use wire::value::{Ciphersuite, Nai, Prefix4};

use crate::promise::{Question, Surprise, Watch};
use crate::scenario::{Happening, Inside, LIFETIME, SETTLED_AFTER, START, Scenario, Traffic};
use crate::{Home, Link, MobileNode, SeededRandom, World};

const LINK: u128 = 0x2001_0db8_6618 << 80;
const AGENT: Ipv6Addr = Ipv6Addr::from_bits(LINK + 1);
const CORRESPONDENT: Ipv6Addr = Ipv6Addr::from_bits(LINK + 0xffff);
const LINK4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 0);
const CORRESPONDENT4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const ABROAD: u128 = 0x2001_0db8_00c0 << 80;

/// Between the questions of one host.
const PAUSE: Duration = Duration::from_millis(500);

/// More than any part of a story takes.
const STEPS: usize = 1_000_000;

/// The questions of the end, all of which have to be answered.
const LAST: u32 = 1_000_000;
const LAST_QUESTIONS: u32 = 5;

/// How long the owner of a mobile node waits before it starts it again after a failure.
const OWNER_WAITS: Duration = Duration::from_secs(3);

/// What a story came to, if nothing surprising happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Datagrams that were sent.
    pub datagrams: usize,
    /// Questions that were answered.
    pub answers: usize,
}

/// Plays a scenario.
///
/// # Errors
/// The first broken promise.
pub fn play(scenario: &Scenario, seed: u64) -> Result<Outcome, Surprise> {
    play_aloud(scenario, seed, &mut |_| ())
}

/// The same, and tells everything that happens.
///
/// # Errors
/// The first broken promise.
pub fn play_aloud(scenario: &Scenario, seed: u64, tell: &mut dyn FnMut(String)) -> Result<Outcome, Surprise> {
    let mut story = Story::new(scenario, seed, tell);
    let calm = START + Duration::from_secs(scenario.end);
    story.run_to(calm)?;
    (story.tell)(format!("{} the weather ends", clock(calm)));
    story.world.link = Link::perfect();
    let settled = calm + Duration::from_secs(SETTLED_AFTER);
    for number in 0..LAST_QUESTIONS {
        for node in 0..scenario.nodes {
            let at = settled + PAUSE * number;
            story.plan(at, Act::Ask(node, LAST + number));
        }
    }
    story.run_to(settled)?;
    story.check_bindings()?;
    story.run_to(settled + PAUSE * (LAST_QUESTIONS + 2))?;
    story.check_end()
}

/// The time since the start, for people.
fn clock(at: Timestamp) -> String {
    format!("{:>8.3}", at.since(START).as_secs_f64())
}

#[derive(Clone, Copy)]
enum Act {
    Happen(Happening),
    Start(usize),
    Ask(usize, u32),
}

/// What has been seen of a mobile node.
#[derive(Clone, Copy, Default)]
struct Seen {
    events: usize,
    delivered: usize,
    associations: usize,
    home: Option<Ipv6Addr>,
    /// Where its host sends from.
    host: Option<IpAddr>,
}

struct Story<'a> {
    scenario: &'a Scenario,
    suite: Ciphersuite,
    authentication: Authentication,
    random: SeededRandom,
    seed: u64,
    streams: u64,
    places: u16,
    world: World,
    watch: Watch,
    acts: BTreeMap<(Timestamp, u64), Act>,
    planned: u64,
    seen: Vec<Seen>,
    datagrams: usize,
    tell: &'a mut dyn FnMut(String),
}

/// Building.
impl<'a> Story<'a> {
    fn new(scenario: &'a Scenario, seed: u64, tell: &'a mut dyn FnMut(String)) -> Self {
        let mut random = SeededRandom::new(seed, 0);
        let nth = usize::try_from(random.below(5)).unwrap_or_default();
        let suite = Ciphersuite::ALL[nth];
        let authentication = match random.below(4) {
            0 => Authentication::Eap(Method::Gpsk),
            _ => Authentication::Psk,
        };
        let link = Link::drawn(&mut random);
        tell(format!("{} {authentication:?} {link:?}", suite.name()));
        let mut streams = 1;
        let home = home(scenario, seed, &mut streams, START);
        let world = World::new(seed, link, home, Vec::new());
        let mut story = Self {
            scenario,
            suite,
            authentication,
            random,
            seed,
            streams,
            places: 0,
            world,
            watch: Watch::new(suite, scenario.scope),
            acts: BTreeMap::new(),
            planned: 0,
            seen: vec![Seen::default(); scenario.nodes],
            datagrams: 0,
            tell,
        };
        for node in 0..scenario.nodes {
            story.settle_in(node);
        }
        for &(at, happening) in scenario.script {
            story.plan(START + Duration::from_secs(at), Act::Happen(happening));
        }
        story
    }

    /// A new mobile node, which starts at once and whose host begins to ask.
    fn settle_in(&mut self, node: usize) {
        let address = self.another_address();
        let mn = self.machine(node, address.ip());
        self.world.nodes.push(MobileNode::new(mn, address));
        self.plan(START, Act::Start(node));
        self.plan(START + PAUSE, Act::Ask(node, 0));
    }

    fn machine(&mut self, node: usize, care_of: IpAddr) -> Mn {
        let config = mn::Config {
            authentication: self.authentication,
            suites: vec![self.suite],
            scope: self.scenario.scope,
            lifetime: Duration::from_secs(LIFETIME),
            retransmission: Retransmission { most: Duration::from_secs(8), ..Retransmission::default() },
            renew_before: Duration::from_secs(self.scenario.renewal),
            ..mn::Config::new(identity(node), key(node), care_of)
        };
        Mn::new(config, stream(self.seed, &mut self.streams))
    }

    fn another_address(&mut self) -> SocketAddr {
        self.places += 1;
        (Ipv6Addr::from_bits(ABROAD + u128::from(self.places)), 40_000).into()
    }

    fn plan(&mut self, at: Timestamp, act: Act) {
        self.planned += 1;
        self.acts.insert((at, self.planned), act);
    }
}

fn home(scenario: &Scenario, seed: u64, streams: &mut u64, now: Timestamp) -> Home<Hac, Ha> {
    let mut policy = Policy { sa_lifetime: Duration::from_secs(scenario.validity), ..Policy::default() };
    if scenario.inside == Inside::Ip4 {
        policy.network.prefix4 = Prefix4::new(LINK4, 24);
    }
    let known = (0..scenario.nodes).map(|node| (identity(node), key(node))).collect();
    let config = ha::Config {
        reinit_time: Duration::from_secs(scenario.renewal / 2),
        reinit_numbers: (1 << 32) - scenario.numbers,
        ..ha::Config::new(AGENT)
    };
    let hac = Hac::new(policy, known, stream(seed, streams));
    Home::new(
        hac,
        Ha::new(config, stream(seed, streams)),
        vec![CORRESPONDENT.into(), CORRESPONDENT4.into()],
        now,
    )
}

fn stream(seed: u64, streams: &mut u64) -> Box<SeededRandom> {
    *streams += 1;
    Box::new(SeededRandom::new(seed, *streams))
}

fn identity(node: usize) -> Nai {
    let text = format!("mn{node}@example.com");
    let Ok(name) = Nai::parse(text.as_bytes()) else { unreachable!("letters, digits and a realm") };
    name
}

fn key(node: usize) -> Psk {
    let octet = u8::try_from(node).unwrap_or(u8::MAX);
    let Ok(key) = Psk::new(vec![octet; 32]) else { unreachable!("32 octets") };
    key
}

/// Playing.
impl Story<'_> {
    /// Lets the world run to `end`, and everything be done whose time comes.
    fn run_to(&mut self, end: Timestamp) -> Result<(), Surprise> {
        for _ in 0..STEPS {
            let due = self.acts.first_key_value().map(|(&(at, _), _)| at).filter(|&at| at <= end);
            if !self.world.step_before(due.unwrap_or(end)) {
                let Some(_) = due else { return self.look() };
                if let Some((_, act)) = self.acts.pop_first() {
                    self.carry_out(act);
                }
            }
            self.look()?;
        }
        panic!("a world that never comes to rest");
    }

    fn carry_out(&mut self, act: Act) {
        match act {
            Act::Start(node) => self.world.mobile_node(node, mn::Input::Start),
            Act::Ask(node, number) => self.ask(node, number),
            Act::Happen(happening) => {
                (self.tell)(format!("{} {happening:?}", clock(self.world.now())));
                self.happen(happening);
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Move(node) => {
                let address = self.another_address();
                self.world.nodes[node].address = address;
                self.world.mobile_node(node, mn::Input::Move { care_of: address.ip() });
            }
            Happening::Rebind(node) => {
                let port = self.world.nodes[node].address.port();
                self.world.nodes[node].address.set_port(port + 1);
            }
            Happening::Reinit(node) => {
                let bindings = self.world.home.ha().bindings(self.world.now());
                let spis: Vec<u32> = bindings
                    .filter(|binding| Some(binding.home) == self.seen[node].home)
                    .map(|binding| binding.spi)
                    .collect();
                for spi in spis.into_iter().filter_map(wire::value::Spi::new) {
                    self.world.home.reinit(spi);
                }
            }
            Happening::RestartNode(node) => {
                let mn = self.machine(node, self.world.nodes[node].address.ip());
                self.world.restart_node(node, mn);
                self.world.mobile_node(node, mn::Input::Start);
            }
            Happening::RestartHome => {
                let now = self.world.now();
                let home = home(self.scenario, self.seed, &mut self.streams, now);
                self.watch.home_restarted();
                self.world.restart_home(home);
            }
            Happening::LeaveAndReturn(node) => {
                self.world.mobile_node(node, mn::Input::Deregister);
                let back = Duration::from_secs(1 + self.random.below(4));
                self.plan(self.world.now() + back, Act::Start(node));
            }
        }
    }

    fn ask(&mut self, node: usize, number: u32) {
        if number < LAST && self.world.now() < START + Duration::from_secs(self.scenario.end) {
            self.plan(self.world.now() + PAUSE, Act::Ask(node, number + 1));
        }
        let to = match (self.scenario.traffic, self.scenario.inside) {
            (Traffic::ToCorrespondent, Inside::Ip6) => Some(CORRESPONDENT.into()),
            (Traffic::ToCorrespondent, Inside::Ip4) => Some(CORRESPONDENT4.into()),
            (Traffic::ToNeighbour, _) => self.seen[(node + 1) % self.scenario.nodes].host,
        };
        let (Some(from), Some(to)) = (self.seen[node].host, to) else { return };
        let question = Question { node: u8::try_from(node).unwrap_or(u8::MAX), number };
        let packet = correspondent::echo_request(from, to, 1, 1, &question.to_octets());
        self.world.mobile_node(node, mn::Input::FromHost(packet.into_iter().collect()));
    }
}

/// Watching.
impl Story<'_> {
    fn look(&mut self) -> Result<(), Surprise> {
        for packet in self.world.home.take_delivered() {
            self.world.agent(ha::Input::FromHome(vec![packet]));
        }
        for node in 0..self.scenario.nodes {
            self.look_at_events(node);
            self.look_at_delivered(node)?;
        }
        for departure in self.world.take_departed() {
            self.datagrams += 1;
            if let [first, .., last] = departure.octets.as_slice() {
                let at = clock(departure.at);
                let (from, octets) = (departure.from, departure.octets.len());
                (self.tell)(format!("{at} {from} sends PType {}, {octets} octets, …{last:02x}", first >> 4));
            }
            self.watch.departed(&departure)?;
        }
        self.watch.count(&mut self.world)
    }

    fn look_at_events(&mut self, node: usize) {
        let events = self.world.nodes[node].events()[self.seen[node].events..].to_vec();
        self.seen[node].events += events.len();
        for event in events {
            (self.tell)(format!("{} mobile node {node}: {event:?}", clock(self.world.now())));
            match event {
                mn::Event::Bootstrapped { home, .. } => {
                    self.seen[node].associations += 1;
                    self.seen[node].home = home.ip6;
                    self.seen[node].host = match self.scenario.inside {
                        Inside::Ip6 => home.ip6.map(IpAddr::V6),
                        Inside::Ip4 => home.ip4.map(IpAddr::V4),
                    };
                }
                mn::Event::Failed(_) | mn::Event::Refused(_) => {
                    self.plan(self.world.now() + OWNER_WAITS, Act::Start(node));
                }
                mn::Event::Registered { .. } | mn::Event::Deregistered | mn::Event::ReinitRequested => {}
            }
        }
    }

    fn look_at_delivered(&mut self, node: usize) -> Result<(), Surprise> {
        let packets = self.world.nodes[node].delivered()[self.seen[node].delivered..].to_vec();
        self.seen[node].delivered += packets.len();
        for packet in packets {
            let Some(question) = Question::inside(&packet) else { continue };
            match correspondent::answer(&packet) {
                Some(answer) => {
                    let asker = (node + self.scenario.nodes - 1) % self.scenario.nodes;
                    self.watch.asked(node, asker, question)?;
                    self.world.mobile_node(node, mn::Input::FromHost(vec![answer]));
                }
                None => self.watch.answered(node, question)?,
            }
        }
        Ok(())
    }

    /// The home agent has one binding of each mobile node, and it leads to where that is.
    fn check_bindings(&self) -> Result<(), Surprise> {
        let bindings: Vec<_> = self.world.home.ha().bindings(self.world.now()).collect();
        for (number, node) in self.world.nodes.iter().enumerate() {
            let mut own = bindings.iter().filter(|binding| Some(binding.home) == self.seen[number].home);
            let agree = |binding: &&&ha::Binding| {
                binding.return_to == node.address
                    && binding.care_of.map(IpAddr::V6) == Some(node.address.ip())
            };
            if own.next().filter(agree).is_none() || own.next().is_some() {
                return Err(Surprise::BindingsDisagree(number));
            }
        }
        Ok(())
    }

    fn check_end(&self) -> Result<Outcome, Surprise> {
        for node in 0..self.scenario.nodes {
            let had = self.seen[node].associations;
            if had < self.scenario.associations {
                return Err(Surprise::TooQuiet(node, had));
            }
            let question = |number| Question { node: u8::try_from(node).unwrap_or(u8::MAX), number };
            let open = (LAST..LAST + LAST_QUESTIONS).map(question).find(|&one| !self.watch.has_answer(one));
            if let Some(open) = open {
                return Err(Surprise::Unanswered(open));
            }
        }
        Ok(Outcome { datagrams: self.datagrams, answers: self.watch.answers() })
    }
}
