//! Numbers in decimal, for lists of millions of lines. Eight digits are made side by side in one word; a number that
//! is little more than the one before changes one digit of that.

use crate::ink::{Ink, Piece};

/// The character 0 in every octet.
const ZEROS: u64 = 0x3030_3030_3030_3030;
/// What eight digits count up to.
const EIGHT_DIGITS: u64 = 100_000_000;

/// A number in one place of every line.
#[derive(Clone, Debug)]
pub(crate) struct Numeral {
    number: u64,
    /// What stands before its last eight digits.
    front: Piece<16>,
    /// Its last eight digits, the first of them in the lowest octet, without zeros in front of the number.
    word: u64,
    /// How many digits the word has.
    len: usize,
    /// How much it can grow without a carry.
    left: u64,
}

impl Default for Numeral {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Numeral {
    /// Appends a number.
    #[inline]
    pub(crate) fn write(&mut self, ink: &mut Ink<'_>, number: u64) {
        match number.checked_sub(self.number) {
            Some(step) if step <= self.left => {
                self.number = number;
                self.left -= step;
                self.word += step << (8 * (self.len - 1));
            }
            _ => *self = Self::of(number),
        }
        if number >= EIGHT_DIGITS {
            ink.piece(&self.front);
        }
        ink.put(&self.word.to_le_bytes(), self.len);
    }

    fn of(number: u64) -> Self {
        let digits = digits(number % EIGHT_DIGITS);
        let (front, zeros) = match number / EIGHT_DIGITS {
            // The last digit stays, whatever it is.
            0 => (Piece::default(), (digits.trailing_zeros() / 8).min(7)),
            front => (Piece::of(&front.to_string()), 0),
        };
        Self {
            number,
            front,
            word: (digits | ZEROS) >> (8 * zeros),
            len: 8 - zeros as usize,
            left: 9 - number % 10,
        }
    }
}

/// A point and the six digits of microseconds, below a second; an octet of room behind them.
pub(crate) fn microseconds(microseconds: u32) -> [u8; 8] {
    // Two zeros stand in front.
    let word = (digits(microseconds.into()) | ZEROS) >> 8;
    (word & !0xff | u64::from(b'.')).to_le_bytes()
}

/// The eight digits of a number below [`EIGHT_DIGITS`], the first one in the lowest octet.
///
/// Halves are parted by multiplying with what is a little more than their reciprocal: 10486 / 2^20 for a hundredth of
/// up to 9999, 103 / 2^10 for a tenth of up to 99.
const fn digits(number: u64) -> u64 {
    let fours = (number / 10_000) | (number % 10_000) << 32;
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = (twos * 103) >> 10 & 0x000f_000f_000f_000f;
    tens | (twos - tens * 10) << 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ink::LINE;

    fn written(numeral: &mut Numeral, number: u64) -> String {
        let mut room = [0; LINE];
        let mut ink = Ink::new(&mut room);
        numeral.write(&mut ink, number);
        String::from_utf8_lossy(ink.text()).into_owned()
    }

    #[test]
    fn numbers_are_written_as_they_are_elsewhere() {
        let numeral = &mut Numeral::default();
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let near = powers.flat_map(|power| [power - 1, power, power + 1, power.wrapping_mul(7)]);
        // All halves, and with them all pairs of digits.
        let halves = (0..10_000).flat_map(|half| [half, half * 10_000 + 9_999 - half]);
        for number in near.chain(halves).chain([u64::MAX, 0]) {
            assert_eq!(written(numeral, number), number.to_string());
        }
    }

    #[test]
    fn numbers_that_count_are_written_as_they_are_elsewhere() {
        for (first, step) in [(0, 1), (99_999_900, 1), (7, 3), (9_999_999_900, 7), (5, 0)] {
            let numeral = &mut Numeral::default();
            for number in (0..1000).map(|nth| first + nth * step) {
                assert_eq!(written(numeral, number), number.to_string());
            }
        }
    }

    #[test]
    fn microseconds_keep_their_zeros() {
        for number in [0, 1, 10, 99_999, 100_000, 999_999] {
            let text = microseconds(number);
            assert_eq!(String::from_utf8_lossy(&text[..7]), format!(".{number:06}"));
        }
    }

    proptest! {
        #[test]
        fn any_numbers_are_written_as_elsewhere(numbers in proptest::collection::vec((0_u64.., 0_u32..64), 1..20)) {
            let numeral = &mut Numeral::default();
            for (number, fewer) in numbers {
                prop_assert_eq!(written(numeral, number >> fewer), (number >> fewer).to_string());
            }
        }
    }
}
