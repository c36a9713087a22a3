//! Options at the end of pcapng blocks: what stands in them, and one more.

use super::Order;

const END: u16 = 0;
const COMMENT: u16 = 1;
/// Octets of code and length.
const HEAD: usize = 4;

/// Where an option starts, its code and its value. The list ends where its end is marked, or where it does not hold
/// together.
pub(super) fn options(octets: &[u8], order: Order) -> impl Iterator<Item = (usize, u16, &[u8])> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let rest = octets.get(at..).filter(|rest| rest.len() >= HEAD)?;
        let (code, len) = (order.half(rest, 0), usize::from(order.half(rest, 2)));
        let value = rest.get(HEAD..HEAD + len).filter(|_| code != END)?;
        let start = at;
        at += HEAD + len.div_ceil(4) * 4;
        Some((start, code, value))
    })
}

/// The comments among them, and where their text starts.
pub(super) fn comments(octets: &[u8], order: Order) -> impl Iterator<Item = (usize, &[u8])> {
    let comments = options(octets, order).filter(|(_, code, _)| *code == COMMENT);
    comments.map(|(at, _, text)| (at + HEAD, text))
}

/// The same options and these comments, those that are there already left out. Options that do not hold together, and
/// what follows them, are lost.
pub(super) fn with_comments(octets: &[u8], order: Order, more: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for (_, code, value) in options(octets, order) {
        push(&mut out, order, code, value);
    }
    for text in more {
        let text = text.as_bytes();
        // The length has 16 bits.
        let text = text.get(..usize::from(u16::MAX)).unwrap_or(text);
        if !comments(octets, order).any(|(_, known)| known == text) {
            push(&mut out, order, COMMENT, text);
        }
    }
    push(&mut out, order, END, &[]);
    out
}

fn push(out: &mut Vec<u8>, order: Order, code: u16, value: &[u8]) {
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    for half in [code, len] {
        out.extend_from_slice(&match order {
            Order::Big => half.to_be_bytes(),
            Order::Little => half.to_le_bytes(),
        });
    }
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_added_once_in_either_order() {
        for order in [Order::Big, Order::Little] {
            let more = ["five!".to_owned()];
            let once = with_comments(&[], order, &more);
            assert_eq!(once.len(), 4 + 8 + 4);
            assert_eq!(with_comments(&once, order, &more), once);
            let both = with_comments(&once, order, &["six".to_owned()]);
            let texts: Vec<&[u8]> = comments(&both, order).map(|(_, text)| text).collect();
            assert_eq!(texts, [&b"five!"[..], b"six"]);
        }
    }

    #[test]
    fn options_that_do_not_fit_end_the_list() {
        let octets = [1, 0, 200, 0, b'x', 0, 0, 0];
        assert_eq!(options(&octets, Order::Little).count(), 0);
        assert_eq!(options(&octets[..3], Order::Little).count(), 0);
    }
}
