//! What happens in a world, as a table. Weather and machines are drawn from the seed, the script is not.

use proto::Timestamp;
use wire::value::Scope;

/// One story with its surroundings. Times are in seconds.
#[derive(Debug)]
pub struct Scenario {
    /// How it is asked for.
    pub name: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// How many mobile nodes.
    pub nodes: usize,
    /// What the associations protect.
    pub scope: Scope,
    /// Who talks to whom.
    pub traffic: Traffic,
    /// The family of the packets inside the tunnel.
    pub inside: Inside,
    /// How long an association is valid.
    pub validity: u64,
    /// How long before the end of an association both ends want another one.
    pub renewal: u64,
    /// After so many packets the home agent wants another association. 2^32 is all that there are.
    pub numbers: u64,
    /// What happens, and when.
    pub script: &'static [(u64, Happening)],
    /// When the weather ends.
    pub end: u64,
    /// Associations that every mobile node has had in the end, at least: the story did take place.
    pub associations: usize,
}

/// The packets that hosts send all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Every mobile node asks the correspondent for echoes.
    ToCorrespondent,
    /// Every mobile node asks the next one for echoes.
    ToNeighbour,
}

/// What hosts speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// IPv6.
    Ip6,
    /// IPv4: mobile nodes are handed out a second home address.
    Ip4,
}

/// One event. Numbers are those of mobile nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A new care-of address, and the mobile node knows.
    Move(usize),
    /// The NAT before it gives it another port, and it does not know.
    Rebind(usize),
    /// The home agent is told to want a new association of it.
    Reinit(usize),
    /// It loses all that it knew, and starts.
    RestartNode(usize),
    /// HAC and HA lose all that they knew.
    RestartHome,
    /// It gives its binding up, and starts again.
    LeaveAndReturn(usize),
}

/// The longest registration in all scenarios, in seconds.
pub const LIFETIME: u64 = 40;

/// How long no story takes to settle once there is no weather: a refresh that is due, all its repetitions, and a
/// bootstrap with a registration.
pub const SETTLED_AFTER: u64 = 120;

/// When all worlds begin.
pub const START: Timestamp = Timestamp(std::time::Duration::from_secs(1_800_000_000));

use Happening::{LeaveAndReturn, Move, Rebind, Reinit, RestartHome, RestartNode};

const DAY: u64 = 86_400;

/// A story without any incident, to vary.
const QUIET: Scenario = Scenario {
    name: "",
    about: "",
    nodes: 1,
    scope: Scope::AllTraffic,
    traffic: Traffic::ToCorrespondent,
    inside: Inside::Ip6,
    validity: DAY,
    renewal: 30,
    numbers: 1 << 32,
    script: &[],
    end: 20,
    associations: 1,
};

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "lossy-bootstrap", about: "registration and data through a storm", ..QUIET },
    Scenario {
        name: "signalling-only",
        about: "data in the clear, as agreed, and a move",
        scope: Scope::SignalingOnly,
        script: &[(10, Move(0))],
        ..QUIET
    },
    Scenario {
        name: "handover",
        about: "three moves, two of them in a hurry",
        script: &[(10, Move(0)), (11, Move(0)), (20, Move(0))],
        end: 30,
        ..QUIET
    },
    Scenario {
        name: "nat-rebinding",
        about: "the NAT gives other ports, nobody is told",
        script: &[(8, Rebind(0)), (12, Rebind(0))],
        ..QUIET
    },
    Scenario {
        name: "expiry",
        about: "associations end before anybody cares",
        validity: 25,
        renewal: 0,
        end: 60,
        associations: 3,
        ..QUIET
    },
    Scenario {
        name: "rekey",
        about: "associations are renewed while traffic flows",
        validity: 30,
        renewal: 10,
        end: 70,
        associations: 3,
        ..QUIET
    },
    Scenario {
        name: "reinit",
        about: "the home agent answers 176, twice",
        script: &[(8, Reinit(0)), (9, Move(0)), (20, Reinit(0)), (21, Move(0))],
        end: 35,
        associations: 2,
        ..QUIET
    },
    Scenario {
        name: "numbers-run-out",
        about: "the home agent finds too few Sequence Numbers left",
        numbers: 20,
        script: &[(20, Move(0)), (40, Move(0))],
        end: 50,
        associations: 2,
        ..QUIET
    },
    Scenario {
        name: "node-restart",
        about: "the mobile node forgets everything, twice",
        script: &[(8, RestartNode(0)), (14, RestartNode(0))],
        associations: 2,
        ..QUIET
    },
    Scenario {
        name: "home-restart",
        about: "HAC and HA forget everything",
        script: &[(10, RestartHome)],
        associations: 2,
        ..QUIET
    },
    Scenario {
        name: "leave-and-return",
        about: "a binding is given up and made again",
        script: &[(8, LeaveAndReturn(0)), (16, LeaveAndReturn(0))],
        associations: 1,
        ..QUIET
    },
    Scenario {
        name: "two-nodes",
        about: "two mobile nodes talk to each other, both move, one restarts",
        nodes: 2,
        traffic: Traffic::ToNeighbour,
        script: &[(8, Move(0)), (9, Move(1)), (14, RestartNode(1)), (16, Rebind(0))],
        ..QUIET
    },
    Scenario {
        name: "ip4-inside",
        about: "two mobile nodes talk IPv4 to each other, both move, the associations are renewed",
        nodes: 2,
        traffic: Traffic::ToNeighbour,
        inside: Inside::Ip4,
        validity: 30,
        renewal: 10,
        script: &[(8, Move(0)), (9, Move(1)), (16, Rebind(0))],
        end: 50,
        associations: 2,
        ..QUIET
    },
    Scenario {
        name: "everything",
        about: "three mobile nodes, and all of the above at once",
        nodes: 3,
        validity: 40,
        renewal: 10,
        script: &[
            (6, Move(0)),
            (7, Rebind(1)),
            (8, Reinit(2)),
            (9, RestartNode(0)),
            (14, LeaveAndReturn(1)),
            (15, Move(2)),
            (20, RestartHome),
            (21, Move(1)),
        ],
        end: 40,
        associations: 2,
        ..QUIET
    },
];
