//! `vectors/rfc6618/sequence.json`: the replay window of RFC 6618 section 9.3, step by step.

use proto::sequence::ReplayWindow;
use vectors::Outcome;
use vectors::rows::Verdict;

#[test]
fn packets_are_taken_or_dropped() {
    let (mut taken, mut dropped) = (0, 0);
    for test in vectors::sequence().tests {
        // Windows may have other sizes; ours has one.
        if test.row.window != ReplayWindow::SIZE {
            continue;
        }
        assert!(test.result == Outcome::Valid || test.ours == Some(Outcome::Valid), "{}", test.id);
        let mut window = ReplayWindow::new();
        for (number, step) in (1..).zip(&test.row.steps) {
            let fresh = window.check(step.sequence_number);
            let expected = step.verdict == Verdict::Accept;
            assert_eq!(fresh.is_ok(), expected, "{} step {number}", test.id);
            match fresh {
                Ok(fresh) => {
                    window.accept(fresh);
                    taken += 1;
                }
                Err(_) => dropped += 1,
            }
        }
    }
    assert!(taken > 50 && dropped > 30, "{taken} taken, {dropped} dropped");
}
