//! Values side by side in memory, each at a place of its own: with 100,000 mobile nodes it is the way to what a packet
//! needs that takes the time, and an array has the shortest.

/// Values per block.
const BLOCK: usize = 512;

/// Grows by blocks and never moves a value, so that keys leave no copies behind.
pub(super) struct Slab<T> {
    blocks: Vec<Vec<Option<T>>>,
    free: Vec<Place>,
}

/// Where a value lies. Another value may lie there once it is gone: whoever keeps a place checks what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

impl<T> Slab<T> {
    /// Takes a value in, at the place that was freed last if there is one.
    pub(super) fn insert(&mut self, value: T) -> Place {
        let place = self.free.pop().unwrap_or_else(|| self.grow());
        if let Some(slot) = self.slot(place) {
            *slot = Some(value);
        }
        place
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        let (block, offset) = place.block_and_offset();
        self.blocks.get(block)?.get(offset)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        self.slot(place)?.as_mut()
    }

    /// Takes a value out and frees its place.
    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        let value = self.slot(place)?.take()?;
        self.free.push(place);
        Some(value)
    }

    fn slot(&mut self, place: Place) -> Option<&mut Option<T>> {
        let (block, offset) = place.block_and_offset();
        self.blocks.get_mut(block)?.get_mut(offset)
    }

    /// One more place. Memory ends long before the numbers do.
    fn grow(&mut self) -> Place {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let full = self.blocks.len() - 1;
        let offset = self.blocks.last_mut().map_or(0, |values| {
            values.push(None);
            values.len() - 1
        });
        Place(u32::try_from(full * BLOCK + offset).unwrap_or(u32::MAX))
    }
}

impl Place {
    fn block_and_offset(self) -> (usize, usize) {
        let number = usize::try_from(self.0).unwrap_or(usize::MAX);
        (number / BLOCK, number % BLOCK)
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), free: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Slab};

    #[test]
    fn every_value_is_found_at_its_place_until_it_is_removed() {
        let mut slab = Slab::default();
        let places: Vec<_> = (0..3 * BLOCK).map(|value| slab.insert(value)).collect();
        for (value, &place) in places.iter().enumerate() {
            assert_eq!(slab.get(place), Some(&value));
        }
        assert_eq!(slab.remove(places[BLOCK]), Some(BLOCK));
        assert_eq!(slab.get(places[BLOCK]), None);
        assert_eq!(slab.remove(places[BLOCK]), None);
        assert_eq!(slab.get(places[BLOCK + 1]), Some(&(BLOCK + 1)));
    }

    #[test]
    fn a_place_that_was_freed_is_taken_again_once() {
        let mut slab = Slab::default();
        let [first, second] = ["first", "second"].map(|value| slab.insert(value));
        slab.remove(first);
        let [third, fourth] = ["third", "fourth"].map(|value| slab.insert(value));
        assert_eq!(third, first);
        assert!(fourth != first && fourth != second);
        assert_eq!(
            [first, second, fourth].map(|place| slab.get(place)),
            [Some(&"third"), Some(&"second"), Some(&"fourth")]
        );
    }
}
