//! What a capture amounts to: the exit status, and what could not be judged, with what would help.

use core::fmt;

use dissect::Summary;
use suite::verdict::Exit;

/// Something that keeps a capture from showing that all is well.
struct Gap {
    how_often: fn(&Summary) -> u64,
    one: &'static str,
    many: &'static str,
    help: &'static str,
}

/// Whatever stands here must not end in a green exit status.
const GAPS: [Gap; 6] = [
    Gap {
        how_often: |summary| u64::from(is_empty(summary)),
        one: "capture that holds nothing between MN, HAC and HA",
        many: "captures that hold nothing between MN, HAC and HA",
        help: "--port for an HA at another UDP port than 7872, --keylog for TLS that cannot be read",
    },
    Gap {
        how_often: |summary| summary.counts.without_keys,
        one: "packet without keys",
        many: "packets without keys",
        help: "--sa gives SAs, --keylog opens the exchange that hands them out",
    },
    Gap {
        how_often: |summary| summary.counts.not_observable,
        one: "matter between MN and HAC that is not observable",
        many: "matters between MN and HAC that are not observable",
        help: "each line with ? says why; --psk and --msk give keys, --keylog opens TLS",
    },
    Gap {
        how_often: |summary| summary.counts.cut,
        one: "packet that the capture cut",
        many: "packets that the capture cut",
        help: "capture whole packets, as by tcpdump -s 0",
    },
    Gap {
        how_often: |summary| summary.counts.unknown_links,
        one: "frame of a link type that is not read",
        many: "frames of link types that are not read",
        help: "capture where the link is Ethernet, or on the interface `any` of Linux",
    },
    Gap {
        how_often: |summary| summary.counts.broken,
        one: "frame or record that cannot be read",
        many: "frames or records that cannot be read",
        help: "the findings say where",
    },
];

const fn is_empty(summary: &Summary) -> bool {
    summary.counts.packets + summary.talks.messages == 0
}

/// A broken requirement is a failure; a capture that cannot be read to its end, or in which something could not be
/// judged, does not prove that there is none.
pub(super) fn exit(summary: &Summary) -> Exit {
    if summary.fault.is_some() {
        Exit::Incomplete
    } else if summary.counts.violations > 0 {
        Exit::Failed
    } else if unjudged(summary).next().is_some() {
        Exit::Incomplete
    } else {
        Exit::Conformant
    }
}

/// What is not known weighs more than what is wrong, as in a run of the suite.
pub(super) fn worse(one: Exit, other: Exit) -> Exit {
    let order = [Exit::Incomplete, Exit::Failed];
    order.into_iter().find(|exit| [one, other].contains(exit)).unwrap_or(Exit::Conformant)
}

/// A line for each thing that could not be judged.
pub(super) fn unjudged(summary: &Summary) -> impl Iterator<Item = String> {
    GAPS.iter().filter_map(|gap| {
        let Gap { how_often, one, many, help } = gap;
        match how_often(summary) {
            0 => None,
            1 => Some(format!("1 {one}: {help}")),
            often => Some(format!("{often} {many}: {help}")),
        }
    })
}

/// The same below a heading; nothing if all could be judged.
pub(super) struct Unjudged<'a>(pub(super) &'a Summary);

impl fmt::Display for Unjudged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = unjudged(self.0).peekable();
        if lines.peek().is_some() {
            let is_all = exit(self.0) == Exit::Incomplete;
            f.write_str(if is_all { "Incomplete (exit status 6). " } else { "" })?;
            f.write_str("Not judged:\n")?;
        }
        lines.try_for_each(|line| writeln!(f, "  {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One packet, opened, and nothing wrong.
    fn good() -> Summary {
        let mut summary = Summary::default();
        (summary.counts.packets, summary.counts.opened) = (1, 1);
        summary
    }

    #[test]
    fn what_was_not_judged_is_not_green() {
        assert_eq!(exit(&good()), Exit::Conformant);
        let spoil: [fn(&mut Summary); 6] = [
            |summary| summary.counts.packets = 0,
            |summary| summary.counts.without_keys = 1,
            |summary| summary.counts.not_observable = 1,
            |summary| summary.counts.cut = 1,
            |summary| summary.counts.unknown_links = 1,
            |summary| summary.counts.broken = 1,
        ];
        for (place, spoil) in spoil.iter().enumerate() {
            let mut summary = good();
            spoil(&mut summary);
            assert_eq!((exit(&summary), unjudged(&summary).count()), (Exit::Incomplete, 1), "row {place}");
            summary.counts.violations = 1;
            assert_eq!(exit(&summary), Exit::Failed, "row {place}");
        }
    }
}
